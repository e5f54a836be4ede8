"""Tables for people: the faces of photos, models side by side, and what was measured about one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import VOTES, Recognition
from fer_demo.inference.recognize.wording import lead_in, promise, set_in_words, verdict
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import data_uri, lead
from fer_demo.published.evaluation_file import Confusion, CoverageRow

FACE_COLUMNS = ("Face", "Answer", "May be", "Notes")
_FACE_SIDE = 48  # pixels


def table(kind: str, caption: str, columns: Sequence[str], body: str) -> str:
    """A table in a box that scrolls by itself; `kind` is its class, `body` its rows in HTML."""
    head = "".join(f'<th scope="col">{explained(column)}</th>' for column in columns)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="data {kind}">'
        f"<caption>{explained(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def face_row(name: str, crop: FaceCrop, answer: Recognition, coverage: float) -> str:
    """One face: what it looks like, the answer, the prediction set and the doubts about it."""
    may_be = answer.prediction_set(coverage)
    cells = (verdict(answer, crop.notes), set_in_words(may_be) if may_be else "", " ".join(crop.notes))
    face = f'<img src="{data_uri(crop.pixels(_FACE_SIDE))}" alt="">'
    body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{face}<bdi>{escape(name)}</bdi></th>{body}</tr>'


def faces_table(crops: Sequence[FaceCrop], answers: Sequence[Recognition], coverage: float) -> str:
    """All faces of one photo, numbered as on it."""
    numbered = enumerate(zip(crops, answers, strict=True), start=1)
    body = "".join(face_row(str(number), crop, answer, coverage) for number, (crop, answer) in numbered)
    return table("faces", "All faces in this photo", FACE_COLUMNS, body)


def doubt(answer: Recognition, coverage: float, notes: Sequence[str]) -> str:
    """The prediction set in words, and what it is worth."""
    may_be = answer.prediction_set(coverage)
    first = f'<p class="may-be">{lead_in(answer)} <b>{escape(set_in_words(may_be))}</b></p>' if may_be else ""
    return f"{first}{lead(promise(answer, coverage, notes))}"


def failed_file_row(name: str, sentence: str) -> str:
    """A file that could not be used."""
    file = f'<th scope="row"><bdi>{escape(name)}</bdi></th>'
    return f'<tr class="failed">{file}<td colspan="3">{escape(sentence)}</td></tr>'


def comparison(answers: Mapping[str, Recognition]) -> str:
    """What every model, by its title, says about one face: expressions down, models across."""
    expressions = list(dict.fromkeys(name for answer in answers.values() for name in answer.expressions))
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(_share_cell(answer, name) for answer in answers.values())}</tr>'
        for name in expressions
    )
    whose = "".join(
        f"<td>{explained('ten people' if answer.answer == VOTES else 'label')}</td>" for answer in answers.values()
    )
    body += f'<tr class="quiet"><th scope="row">answers for</th>{whose}</tr>'
    kinds = (answer.calibration is not None for answer in answers.values())
    words = "".join(f"<td>{explained('calibrated' if calibrated else 'not calibrated')}</td>" for calibrated in kinds)
    body += f'<tr class="quiet"><th scope="row">percentages</th>{words}</tr>'
    return lead(_agreement(answers)) + table("models", "What each model says about this face", ("", *answers), body)


def _share_cell(answer: Recognition, name: str) -> str:
    if name not in answer.expressions:
        return "<td>–</td>"
    share = float(answer.probabilities[answer.expressions.index(name)])
    top = ' class="top"' if name == answer.top else ""
    return f'<td{top}>{share:.0%}<i class="track"><i style="width:{share:.0%}"></i></i></td>'


def _agreement(answers: Mapping[str, Recognition]) -> str:
    """How many models give the most frequent answer, and what the others say."""
    tops = [answer.top for answer in answers.values()]
    most = max(tops, key=tops.count)  # of equally frequent ones the first model's
    agreeing = tops.count(most)
    if agreeing == len(tops):
        everyone = {1: "The only model says", 2: "Both models say"}.get(len(tops), f"All {len(tops)} models say")
        return f"{everyone} {most}."
    others = [f"{title} says {answer.top}" for title, answer in answers.items() if agreeing == 1 or answer.top != most]
    first = "No two models agree" if agreeing == 1 else f"{agreeing} of {len(tops)} models say {most}"
    return f"{first}: {', '.join(others)}."


def confusion_table(confusion: Confusion) -> str:
    """True expressions down, answers across, in per cent of the true ones; the darker, the more."""
    body = ""
    for name, counts in zip(confusion.expressions, confusion.rows, strict=True):
        total = max(sum(counts), 1)
        cells = "".join(
            f'<td style="--share:{count / total:.3f}" title="{count:,} of {total:,}">{100 * count / total:.0f}</td>'
            for count in counts
        )
        body += f'<tr><th scope="row">{name}</th>{cells}</tr>'
    return table(
        "confusion",
        "Of 100 faces of each expression (rows), how many got each answer",
        ("", *confusion.expressions),
        body,
    )


def coverage_table(rows: Sequence[CoverageRow]) -> str:
    """How prediction sets kept their promise."""
    body = "".join(
        f"<tr><td>{row.asked:.0%}</td><td>{row.measured:.1%}</td><td>{row.mean_size:.2f}</td></tr>" for row in rows
    )
    return table("coverage", "Prediction sets", ("Promised", "Kept", "Expressions in a set"), body)
