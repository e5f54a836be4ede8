"""Browse: the faces page by page, narrowed down by label, and one of them with everything known about it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from plotly.graph_objects import Figure

from fer_demo.data.records import FaceRecord
from fer_demo.errors import FerDemoError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.figures.class_balance import class_balance
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen, picked
from fer_demo.interface.tabs.dataset.face_thumbnails import face_thumbnails, words_about
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.markup import facts, message, picture
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.pick import Pick
from fer_demo.interface.widgets.plots import Plots

TITLE = "Browse"
PAGE = 28  # a multiple of the seven expressions
ALL = "all"
_MOST_PEOPLE = 1000  # in the list of people


class _Shown(NamedTuple):
    """What is shown; the same names hold the components and their values."""

    page: int
    summary: str
    faces: str
    balance: list[Figure]
    place: str
    face: str


class Parts(NamedTuple):
    """The fields, and all that shows the faces that they choose."""

    fields: list[Any]  # expression and person
    shown: Any


def build(context: AppContext, bundled: Exploration, state: Any) -> Parts:
    """All faces, and the first one enlarged."""
    values = show(bundled, ALL, ALL, 0)
    with gr.Row():
        expression = gr.Dropdown([ALL, *_expressions(bundled)], value=ALL, label="Expression", elem_id="expression")
        person = gr.Dropdown([ALL, *_people(bundled)], value=ALL, label="Person", elem_id="person")
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=7, min_width=320):
            count = gr.HTML(values.summary, apply_default_css=False, elem_id="count")
            faces = Pick(values.faces, elem_id="faces", min_height=340)
            with gr.Row(elem_classes="pager"):
                back = gr.Button("Previous", size="sm", min_width=90)
                place = gr.HTML(values.place, apply_default_css=False, min_width=110)
                forward = gr.Button("Next", size="sm", min_width=90)
            notice = Notice()
        with gr.Column(scale=4, min_width=300):
            face = gr.HTML(values.face, apply_default_css=False, elem_id="face", min_height=420)
    gr.HTML("<h3>How many of these faces show each expression</h3>", apply_default_css=False)
    balance = Plots(values.balance, labels=["Number of faces of each expression"], height=280, elem_id="balance")
    shown = components(_Shown, gr.State(0), count, faces, balance, place, face)
    _connect(state, [expression, person], (back, forward), shown, notice)
    return Parts([expression, person], shown)


def known(exploration: Exploration, expression: str, person: str) -> tuple[str, str]:
    """Both choices if the set has them, else all of it."""
    there = (expression in _expressions(exploration), person in _people(exploration))
    return expression if there[0] else ALL, person if there[1] else ALL


def _connect(state: Any, choice: list[Any], turns: tuple[Any, Any], shown: Any, notice: Any) -> None:
    def renew(exploration: Exploration) -> tuple[Any, ...]:
        lists = (_expressions(exploration), _people(exploration))
        return (*(gr.update(choices=[ALL, *names], value=ALL) for names in lists), *show(exploration, ALL, ALL, 0))

    def choose(exploration: Exploration, expression: str, person: str) -> _Shown:
        return show(exploration, expression, person, 0)

    def turn_back(exploration: Exploration, expression: str, person: str, page: int) -> _Shown:
        return show(exploration, expression, person, page - 1)

    def turn_on(exploration: Exploration, expression: str, person: str, page: int) -> _Shown:
        return show(exploration, expression, person, page + 1)

    def enlarge(
        exploration: Exploration, expression: str, person: str, page: int, event: gr.EventData
    ) -> tuple[str, str]:
        rows = _page(_rows(exploration, expression, person), page)
        index = picked(event, len(rows))
        return face_thumbnails(exploration.source, rows, "Faces on this page", index), _face(exploration, rows[index])

    inputs = [state, *choice]
    listen([part.input for part in choice], choose, inputs, shown, notice=notice)
    listen([turns[0].click], turn_back, [*inputs, shown.page], shown, notice=notice)
    listen([turns[1].click], turn_on, [*inputs, shown.page], shown, notice=notice)
    listen([shown.faces.select], enlarge, [*inputs, shown.page], [shown.faces, shown.face], notice=notice)
    listen([state.change], renew, [state], [*choice, *shown], notice=notice)


def show(exploration: Exploration, expression: str, person: str, page: int) -> _Shown:
    """One page of the faces that were chosen, the first of them enlarged."""
    rows = _rows(exploration, expression, person)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = _page(rows, page)
    empty = message("No face fits both choices; change one of them.")
    return _Shown(
        page=page,
        summary=f'<p class="lead">{_counted(exploration, rows)}</p>',
        faces=face_thumbnails(exploration.source, shown, "Faces on this page", 0) if shown else empty,
        balance=[class_balance(_balance(exploration, rows))],
        place=f'<p class="lead place">Page {page + 1:,} of {pages:,}</p>',
        face=_face(exploration, shown[0]) if shown else "",
    )


def _counted(exploration: Exploration, rows: np.ndarray) -> str:
    person_of = exploration.source.column("person")
    people = {person_of[row] for row in rows} - {None}
    chosen = "" if exploration.chosen is None else ", chosen by your query"
    return f"{len(rows):,} faces{f' of {len(people):,} people' if people else ''}{chosen}"


def _rows(exploration: Exploration, expression: str, person: str) -> np.ndarray:
    """Rows with both labels; of many people in an order that mixes them, always the same one; a query has its own."""
    rows = exploration.rows(*(None if wanted == ALL else wanted for wanted in (expression, person)))
    mixed = person == ALL and exploration.chosen is None
    return np.random.default_rng(0).permutation(rows) if mixed else rows


def _page(rows: np.ndarray, page: int) -> list[int]:
    return [int(row) for row in rows[page * PAGE : (page + 1) * PAGE]]


def _balance(exploration: Exploration, rows: np.ndarray) -> dict[str, int]:
    values = exploration.source.column("expression")
    counts = Counter(values[row] for row in rows)
    names = _expressions(exploration)
    return {name: counts[name] for name in names} if names else {"no label": len(rows)}


def _expressions(exploration: Exploration) -> list[str]:
    present = set(exploration.source.column("expression"))
    return [name for name in WITH_CONTEMPT if name in present]


def _people(exploration: Exploration) -> list[str]:
    return sorted({person for person in exploration.source.column("person") if person is not None})[:_MOST_PEOPLE]


def _face(exploration: Exploration, row: int) -> str:
    try:
        record = exploration.source[row]
    except FerDemoError as error:
        return message(str(error))
    found = [(one.problem, one.reason) for one in exploration.findings if one.row == row]
    return picture(record.image, f"Enlarged: {words_about(record)}") + facts(_labels(record) + found)


def _labels(record: FaceRecord) -> list[tuple[str, str]]:
    """Everything that is known about a face, for people."""
    rows = [("name in the set", record.key), ("expression", record.expression or "–"), ("person", record.person or "–")]
    if record.votes is not None:
        rows.append(("votes", _value(record.votes.astype(int).tolist())))
    if record.head_pose is not None:
        angles = zip(("turned", "raised", "tilted"), record.head_pose, strict=True)
        rows.append(("head", ", ".join(f"{name} {round(float(value))}°" for name, value in angles)))
    rows += [(name.replace("_", " "), _value(value)) for name, value in record.attributes.items()]
    if record.landmarks is not None:
        rows.append(("points on the face", f"{len(record.landmarks)}"))
    if record.units is not None:
        rows.append(("face movements", f"{int((record.units > 0.05).sum())} of {len(record.units)} active"))
    return rows


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(_value(item) for item in value) if len(value) <= 4 else f"{len(value)} values"
    return "–" if value is None else str(value)[:200]
