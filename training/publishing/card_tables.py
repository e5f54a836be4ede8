"""The tables of an evaluation file and the calibration beside it, as text for the model card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fer_demo.expressions import BASIC
from fer_demo.published.calibration import Calibration
from fer_demo.published.human_line import HUMAN_TABLE, human_line
from training.engine.operations import NOT_COUNTED
from training.evaluation.disentanglement.table import disentanglement_text
from training.evaluation.explanations.text import counterfactuals_text, explanations_text, influence_text, regions_text
from training.evaluation.pairs.text import pairs_text
from training.evaluation.sliders.table import slider_text
from training.evaluation.transfer.table import transfer_text


def calibration_text(calibration: Calibration) -> str:
    """What the probabilities and prediction sets of the app rest on."""
    rows = [(f"{asked:.0%}", f"{1 - limit:.4f}") for asked, limit in sorted(calibration.thresholds.items())]
    of_label = (
        f"### Calibration\n\nLogits are divided by {calibration.temperature:.4f}. A prediction set holds every "
        f"expression that is at least so probable; both were fitted on {calibration.count:,} faces: "
        f"{calibration.fitted_on}.\n\n{text_table(('coverage asked', 'least probability'), rows)}"
    )
    return of_label if calibration.votes is None else f"{of_label}\n\n{_votes_text(calibration.votes)}"


def _votes_text(votes: Calibration) -> str:
    rows = [(f"{asked:.0%}", f"{1 - limit:.4f}") for asked, limit in sorted(votes.thresholds.items())]
    habit = [(name, f"{share:.3f}") for name, share in zip(votes.expressions, votes.habit, strict=False)]
    named = (
        f"Where one name is needed, shares are first divided by how readily people name each expression whatever they "
        f"see, which is a power of how often they did in training:\n\n{text_table(('expression', 'divided by'), habit)}"
        if habit
        else "Where one name is needed, it is that of the largest share."
    )
    return (
        f"### Calibration of votes\n\nLogits of the votes are divided by {votes.temperature:.4f}. A set of names holds "
        f"every expression that at least such a share of people would say; all was fitted on {votes.count:,} faces: "
        f"{votes.fitted_on}.\n\n{text_table(('share of what people say', 'least share of a name'), rows)}\n\n{named}"
    )


def chain_text(chain: Sequence[Mapping[str, Any]]) -> str:
    """The stages of a training with the weights each ended in; nothing for a run without stages."""
    if not chain:
        return ""
    rows = [
        (
            one["stage"],
            f"{one['images']:,}",
            f"{one['minutes']:,.1f}",
            f"{one['flop']:.2e}" if one.get("flop") else NOT_COUNTED,
            f"`{one['sha256'][:16]}`",
        )
        for one in chain
    ]
    table = text_table(("stage", "images", "minutes", "FLOP", "weights begin with sha256"), rows)
    settings = {one["stage"]: one["settings"] for one in chain[:-1]}
    earlier = (
        f"Settings of the earlier stages:\n\n```json\n{json.dumps(settings, indent=2)}\n```\n\n" if settings else ""
    )
    return f"Each stage stands on the best weights of the one before it.\n\n{table}\n\n{earlier}"


def tables_text(tables: Mapping[str, Any]) -> str:
    """Every known table as a section, empty where an evaluation has none."""
    there = [(*_SECTIONS[name], tables[name]) for name in _SECTIONS if name in tables]
    return "\n\n".join(f"### {title}\n\n{section(values)}" for title, section, values in there)


def _people(values: Mapping[str, Any]) -> str:
    line = human_line({HUMAN_TABLE: values})
    assert line is not None
    rows = [(str(people), f"{reached:.3f}") for people, reached in enumerate(line.majority_of, 1)]
    return f"{line.explanation}\n\n{text_table(('people', 'their majority is that of the ten'), rows)}"


def _reliability(values: Mapping[str, Any]) -> str:
    rows = [(f"{confidence:.3f}", f"{accuracy:.3f}", str(count)) for confidence, accuracy, count in values["bins"]]
    table = text_table(("confidence", "accuracy", "faces"), rows)
    return (
        f"Expected calibration error {values['ece']:.4f} over bins of equal mass, as reported, and "
        f"{values['ece_equal_width']:.4f} over bins of equal width; {values['data']}.\n\n{table}"
    )


def _confusion(values: Mapping[str, Any]) -> str:
    rows = [(f"**{name}**", *map(str, row)) for name, row in zip(BASIC, values["rows"], strict=True)]
    return f"Rows are the label, columns the answer; {values['data']}.\n\n{text_table(('', *BASIC), rows)}"


def _votes(values: Mapping[str, Any]) -> str:
    names = values["expressions"]
    rows = [(f"**{name}**", *map(str, row)) for name, row in zip(names, values["confusion"]["rows"], strict=True)]
    sets = [(f"{asked:.0%}", f"{kept:.3f}", f"{size:.2f}") for asked, kept, size in values["coverage"]]
    shares = [(f"{said:.3f}", f"{found:.3f}", str(count)) for said, found, count in values["reliability"]["bins"]]
    return (
        f"Rows are what most people named, columns the one name; {values['confusion']['data']}.\n\n"
        f"{text_table(('', *names), rows)}\n\nSets of names; {values['reliability']['data']}.\n\n"
        f"{text_table(('share of what people say asked', 'measured', 'expressions in a set'), sets)}\n\n"
        f"The largest share; the same faces.\n\n{text_table(('expected', 'what people said', 'faces'), shares)}"
    )


def _posed(values: Mapping[str, Any]) -> str:
    ways = [way for way, _ in values["expressions"][0][3]]
    read = [
        (name, expression, str(count), *(f"{share:.2f}" for _, share in shares))
        for name, expression, count, shares in values["expressions"]
    ]
    framings = [(name, f"{share:.3f}", str(count)) for name, share, count in values["framings"]]
    groups = [
        (
            kind,
            name,
            str(people),
            "too few to tell" if share is None else f"{share:.2f} ({within[0]:.2f} to {within[1]:.2f})",
        )
        for kind, name, people, share, within in values["groups"]
    ]
    return (
        "Pictures of people who never teach, end to end. How much of each expression is read as it, by how it is asked:"
        f"\n\n{text_table(('set', 'posed', 'faces', *ways), read)}\n\n{ways[-1].capitalize()}, by how tight the "
        f"picture was cut around the face.\n\n"
        f"{text_table(('framing', 'accuracy', 'faces'), framings)}\n\nThe same by the groups to which the people of "
        f"London say that they belong, 95 % intervals.\n\n{text_table(('', 'group', 'people', 'accuracy'), groups)}"
    )


def _prediction_sets(rows: Sequence[Sequence[Any]]) -> str:
    shown = [
        (f"{asked:.0%}", f"{measured:.3f}", f"{worst:.3f}", f"{size:.2f}", data)
        for data, asked, measured, size, worst in rows
    ]
    head = ("coverage asked", "measured", "lowest of an expression", "expressions in a set", "measured on")
    return text_table(head, shown)


def _robustness(rows: Sequence[Sequence[Any]]) -> str:
    shown = [(kind, level, f"{accuracy:.3f}", f"{count:,}") for kind, level, accuracy, count in rows]
    return text_table(("change", "level", "accuracy", "faces"), shown)


def _runs(values: Mapping[str, Any]) -> str:
    shown = [
        (name, f"{mean:.4f}", f"{deviation:.4f}", f"{least:.4f}", f"{most:.4f}", data)
        for name, data, mean, deviation, least, most in values["rows"]
    ]
    table = text_table(("figure", "mean", "standard deviation", "least", "most", "measured on"), shown)
    return f"The same recipe with the seeds {', '.join(map(str, values['seeds']))}.\n\n{table}"


def _selection_bias(values: Mapping[str, Any]) -> str:
    shown = [(f"{images:,}", f"{chosen_by:.4f}", f"{test:.4f}") for images, chosen_by, test in values["rows"]]
    table = text_table(("images seen", "score on the validation cut", "accuracy on the test split"), shown)
    return (
        f"Choosing the checkpoint by the test split instead would have shown {values['gain']:+.4f}; "
        f"{values['data']}.\n\n{table}"
    )


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_SECTIONS: dict[str, tuple[str, Callable[[Any], str]]] = {
    HUMAN_TABLE: ("What people reach", _people),
    "prediction_sets": ("Prediction sets on faces that fitted nothing", _prediction_sets),
    "reliability": ("Reliability", _reliability),
    "confusion": ("Confusion", _confusion),
    "votes": ("What ten people would say", _votes),
    "posed": ("Posed faces of strangers", _posed),
    "robustness": ("Robustness", _robustness),
    "runs": ("Several seeds", _runs),
    "inflation": ("Test-set selection bias", _selection_bias),
    "pairs": ("Beside the true picture of the same person", pairs_text),
    "transfer": ("Transfer beside baselines", transfer_text),
    "sliders": ("Sliders against the rendered truth", slider_text),
    "explanations": ("Explanations that are checked", explanations_text),
    "regions": ("Which part of the face carries the answer", regions_text),
    "counterfactuals": ("What would change the answer", counterfactuals_text),
    "influence": ("Which faces taught an answer", influence_text),
    "influence, FER2013": ("Which faces taught an answer, FER2013", influence_text),
    "disentanglement": ("Disentanglement and leakage", disentanglement_text),
    "disentanglement, factorial": ("Disentanglement and leakage, factorial faces", disentanglement_text),
}
