"""Problems: copies, look-alikes across splits, labels in doubt, blank and faceless pictures, each with its faces."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.data.cleaning import CONFLICT, COPY, LABEL, LEAK, PROBLEMS, counts
from fer_demo.errors import DataError
from fer_demo.inference.dataset.audit import LeakEffect, copies_across_splits, leak_effect
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.inference.dataset.label_issues import CAVEAT
from fer_demo.inference.dataset.people import EVIDENCE
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen, picked
from fer_demo.interface.tabs.dataset.face_thumbnails import face_thumbnails
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.markup import facts, lead, message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.pick import Pick
from fer_demo.interface.widgets.tables import table
from fer_demo.metrics.slices import SMALLEST

TITLE = "Problems"
PAGE = 28
_ALONE = {
    # docs/fer2013.md says how it was measured.
    LEAK: "In trials, 84 to 98 % of the rendered faces listed here were right, and 75 to 81 % of the photographs: look "
    "at them before you believe them.",
    LABEL: f"Below each face is what the recognizer sees. {CAVEAT}",
    COPY: "Copies lie side by side. A copy that was cropped is not found.",
}


class _Shown(NamedTuple):
    """What is shown; the same names hold the components and their values."""

    overview: str
    kind: Update
    page: int
    lead: str
    faces: str
    place: str
    about: str
    evidence: Update


def build(context: AppContext, bundled: Exploration, state: Any) -> None:
    """All problems with their counts, and the faces that have the chosen one."""
    overview = gr.HTML(_overview(bundled), apply_default_css=False, elem_id="problems")
    with gr.Row():
        kind = gr.Dropdown(list(PROBLEMS), value=COPY, label="Problem", elem_id="problem-kind")
        evidence = gr.Slider(
            -8,
            8,
            EVIDENCE,
            step=1,
            label="How sure it must be that two faces show one person",
            info="0 is the setting that was tested; lower values list more faces.",
            visible=False,
        )
    lead = gr.HTML("", apply_default_css=False)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=7, min_width=320):
            faces = Pick(_none(bundled, COPY), elem_id="problem-faces", min_height=160)
            with gr.Row(elem_classes="pager"):
                back = gr.Button("Previous", size="sm", min_width=90)
                place = gr.HTML("", apply_default_css=False, min_width=110)
                forward = gr.Button("Next", size="sm", min_width=90)
            notice = Notice()
        with gr.Column(scale=4, min_width=300):
            about = gr.HTML("", apply_default_css=False, elem_id="problem-about")
    shown = components(_Shown, overview, kind, gr.State(0), lead, faces, place, about, evidence)
    inputs = [state, kind]

    def renew(exploration: Exploration, problem: str) -> _Shown:
        return show(exploration, problem, 0)

    def turn_back(exploration: Exploration, problem: str, page: int) -> _Shown:
        return show(exploration, problem, page - 1)

    def turn_on(exploration: Exploration, problem: str, page: int) -> _Shown:
        return show(exploration, problem, page + 1)

    def show_reason(exploration: Exploration, problem: str, page: int, event: gr.EventData) -> str:
        rows = _rows(exploration, problem)[page * PAGE : (page + 1) * PAGE]
        return _about(exploration, rows[picked(event, len(rows))])

    listen([state.change, kind.input], renew, inputs, shown, notice=notice)
    listen([back.click], turn_back, [*inputs, shown.page], shown, notice=notice)
    listen([forward.click], turn_on, [*inputs, shown.page], shown, notice=notice)
    listen([faces.select], show_reason, [*inputs, shown.page], [about], notice=notice)
    listen([evidence.release], Exploration.with_people, [state, evidence], [state], notice=notice, busy=[overview])


def show(exploration: Exploration, problem: str, page: int) -> _Shown:
    """One page of the faces with a problem."""
    if problem not in PROBLEMS:
        raise DataError("Choose one of the problems in the list.")
    rows = _rows(exploration, problem)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = rows[page * PAGE : (page + 1) * PAGE]
    captions = {row: _caption(exploration, row, problem) for row in shown}
    grid = face_thumbnails(exploration.source, shown, f"Faces: {problem}", None, captions)
    words = [PROBLEMS[problem].capitalize() + ".", _ALONE.get(problem, ""), _effect(exploration, problem)]
    return _Shown(
        overview=_overview(exploration),
        kind=gr.skip(),
        page=page,
        lead=lead(" ".join(word for word in words if word)),
        faces=grid if shown else _none(exploration, problem),
        place=f'<p class="lead place">Page {page + 1} of {pages}</p>',
        about="",
        evidence=gr.update(visible=problem == LEAK and exploration.people is not None),
    )


def _rows(exploration: Exploration, problem: str) -> list[int]:
    """Rows with a problem; copies and look-alikes group by group, labels the most doubtful first."""
    if problem in (COPY, CONFLICT):
        flagged = {one.row for one in exploration.of_pictures if one.problem == CONFLICT}
        groups = [g.rows for g in exploration.groups if problem == COPY or flagged.issuperset(g.rows)]
        return [row for rows in groups for row in rows]
    if problem == LEAK and exploration.people is not None:
        groups_of = exploration.people.groups
        rows = np.flatnonzero(exploration.people.leaking(exploration.splits[: len(groups_of)]))
        return [int(row) for row in rows[np.argsort(groups_of[rows], kind="stable")]]
    return [one.row for one in exploration.findings if one.problem == problem]


def _caption(exploration: Exploration, row: int, problem: str) -> str:
    if problem == LABEL:
        issue = next(one for one in exploration.issues if one.row == row)
        return f"→ {issue.suggested}"
    label, split = exploration.labels[row] or "–", exploration.splits[row]
    return f"{split}: {label}" if split else label


def _about(exploration: Exploration, row: int) -> str:
    """One face in words."""
    source = exploration.source
    said = [("name in the set", source.column("key")[row]), ("label", exploration.labels[row] or "–")]
    if exploration.splits[row]:
        said.append(("split", str(exploration.splits[row])))
    said += [(one.problem, one.reason) for one in exploration.findings if one.row == row]
    issue = next((one for one in exploration.issues if one.row == row), None)
    if issue is not None and issue.votes_for_label is not None and issue.votes_for_suggested is not None:
        label, suggested = f"{issue.votes_for_label:.0%}", f"{issue.votes_for_suggested:.0%}"
        said.append(("votes", f"{label} for {issue.label}, {suggested} for {issue.suggested}"))
    return facts(said)


def _effect(exploration: Exploration, problem: str) -> str:
    """What the problem does to a measured accuracy, where that can be said."""
    if exploration.faces is None or problem not in (COPY, LEAK):
        return ""
    rows, correct = exploration.correct()
    if problem == COPY:
        leaking = copies_across_splits(exploration.groups, exploration.splits)
    elif exploration.people is not None:
        leaking = np.zeros(len(exploration.source), bool)
        found = exploration.people.leaking(exploration.splits[: len(exploration.faces)])
        leaking[: len(found)] = found
    else:
        return ""
    effect = leak_effect(leaking[rows], correct, [exploration.splits[row] for row in rows])
    return "" if effect is None else effect_in_words(effect)


def effect_in_words(effect: LeakEffect) -> str:
    """What doubles gain a model, or that there are too few faces to tell."""
    if min(effect.leaking, effect.others) < SMALLEST:
        return (
            f"Outside training there are {effect.leaking:,} faces with a double and {effect.others:,} others. That is "
            f"too few to say whether doubles make the recognizer look better ({SMALLEST} of each are needed)."
        )
    points = 100 * (effect.accuracy_leaking - effect.accuracy_others)
    return (
        f"Outside training the recognizer is right on {effect.accuracy_leaking:.1%} of the {effect.leaking:,} faces "
        f"with a double, and on {effect.accuracy_others:.1%} of the {effect.others:,} others. The difference is "
        f"{points:+.1f} percentage points (95 % interval {100 * effect.low:+.1f} to {100 * effect.high:+.1f})."
    )


def _overview(exploration: Exploration) -> str:
    found = counts(exploration.findings)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_count(exploration, name, found)}</td>'
        f"<td>{escape(meaning)}</td></tr>"
        for name, meaning in PROBLEMS.items()
    )
    return table("problems", "What was found in this set", ("Problem", "Faces", "Meaning"), rows)


def _count(exploration: Exploration, problem: str, found: dict[str, int]) -> str:
    return f"{found.get(problem, 0):,}" if _was_looked_for(exploration, problem) else "–"


def _was_looked_for(exploration: Exploration, problem: str) -> bool:
    by_faces = list(PROBLEMS).index(problem) > list(PROBLEMS).index(CONFLICT)
    return (exploration.faces if by_faces else exploration.pictures) is not None


def _none(exploration: Exploration, problem: str) -> str:
    if _was_looked_for(exploration, problem):
        return message("No face of this set has this problem.")
    by_faces = list(PROBLEMS).index(problem) > list(PROBLEMS).index(CONFLICT)
    return message(f"Press “Check the {'faces' if by_faces else 'pictures'}” above to look for it.")
