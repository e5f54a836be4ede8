"""Dataset: look through the bundled faces, narrow them down by label, and see one with everything known about it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from fer_demo.context import AppContext
from fer_demo.data.records import FaceRecord
from fer_demo.events import listen, picked
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.figures.charts import class_balance
from fer_demo.widgets.markup import Thumbnail, data_uri, facts, message, picture, thumbnails
from fer_demo.widgets.notice import Notice
from fer_demo.widgets.pick import Pick
from fer_demo.widgets.plots import Plots

TITLE = "Dataset"

PAGE = 28  # a multiple of the seven expressions
ALL = "all"


class _Shown(NamedTuple):
    """What the tab shows; the same names hold its components and their values."""

    page: Any
    count: Any
    faces: Any
    balance: Any
    place: Any
    face: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with all faces shown and the first one enlarged."""
    if context.faces is None:
        gr.HTML(message("The bundled faces are missing; install fer_demo again."), apply_default_css=False)
        return
    values = _show(context, ALL, ALL, 0)
    with gr.Row():
        expression = gr.Dropdown([ALL, *_expressions(context)], value=ALL, label="Expression", elem_id="expression")
        person = gr.Dropdown([ALL, *_people(context)], value=ALL, label="Person", elem_id="person")
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=7, min_width=320):
            count = gr.HTML(values.count, apply_default_css=False, elem_id="count")
            faces = Pick(values.faces, elem_id="faces", min_height=340)
            with gr.Row(elem_classes="pager"):
                back = gr.Button("Previous", size="sm", min_width=90)
                place = gr.HTML(values.place, apply_default_css=False, min_width=110)
                forward = gr.Button("Next", size="sm", min_width=90)
            notice = Notice()
        with gr.Column(scale=4, min_width=300):
            face = gr.HTML(values.face, apply_default_css=False, elem_id="face", min_height=420)
    gr.HTML("<h3>Faces of each expression in this choice</h3>", apply_default_css=False)
    balance = Plots(values.balance, labels=["Number of faces of each expression"], height=280, elem_id="balance")
    page = gr.State(0)
    shown = _Shown(page, count, faces, balance, place, face)
    _connect(context, [expression, person], (back, forward), shown, notice)


def _connect(context: AppContext, choice: list[Any], turns: tuple[Any, Any], shown: _Shown, notice: Any) -> None:
    def choose(expression: str, person: str) -> _Shown:
        return _show(context, expression, person, 0)

    def turn_back(expression: str, person: str, page: int) -> _Shown:
        return _show(context, expression, person, page - 1)

    def turn_on(expression: str, person: str, page: int) -> _Shown:
        return _show(context, expression, person, page + 1)

    def enlarge(expression: str, person: str, page: int, event: gr.EventData) -> tuple[str, str]:
        rows = _page(_rows(context, expression, person), page)
        index = picked(event, len(rows))
        return _thumbnails(context, rows, index), _face(context.bundled[rows[index]])

    listen([part.input for part in choice], choose, choice, shown, notice=notice)
    listen([turns[0].click], turn_back, [*choice, shown.page], shown, notice=notice)
    listen([turns[1].click], turn_on, [*choice, shown.page], shown, notice=notice)
    listen([shown.faces.select], enlarge, [*choice, shown.page], [shown.faces, shown.face], notice=notice)


def _show(context: AppContext, expression: str, person: str, page: int) -> _Shown:
    rows = _rows(context, expression, person)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 0), pages - 1)
    person_of = context.bundled.column("person")
    people = {person_of[row] for row in rows}
    shown = _page(rows, page)
    return _Shown(
        page=page,
        count=f'<p class="lead">{len(rows):,} faces of {len(people):,} people</p>',
        faces=_thumbnails(context, shown, 0) if len(shown) else message("No face has both labels; change one of them."),
        balance=[class_balance(_balance(context, rows))],
        place=f'<p class="lead place">Page {page + 1} of {pages}</p>',
        face=_face(context.bundled[shown[0]]) if len(shown) else "",
    )


def _rows(context: AppContext, expression: str, person: str) -> np.ndarray:
    """Rows of the faces with both labels; of many people in an order that mixes them, always the same one."""
    kept = np.ones(len(context.bundled), dtype=bool)
    for column, wanted in (("expression", expression), ("person", person)):
        if wanted != ALL:
            kept &= np.array([value == wanted for value in context.bundled.column(column)])
    rows = np.flatnonzero(kept)
    return np.random.default_rng(0).permutation(rows) if person == ALL else rows


def _page(rows: np.ndarray, page: int) -> list[int]:
    return [int(row) for row in rows[page * PAGE : (page + 1) * PAGE]]


def _balance(context: AppContext, rows: np.ndarray) -> dict[str, int]:
    values = context.bundled.column("expression")
    counts = Counter(values[row] for row in rows)
    return {name: counts[name] for name in _expressions(context)}


def _expressions(context: AppContext) -> list[str]:
    present = set(context.bundled.column("expression"))
    return [name for name in WITH_CONTEMPT if name in present]


def _people(context: AppContext) -> list[str]:
    return sorted({person for person in context.bundled.column("person") if person is not None})


def _thumbnails(context: AppContext, rows: list[int], chosen: int) -> str:
    records = [context.bundled[row] for row in rows]
    items = [Thumbnail(data_uri(record.image, 96), _words(record), record.expression or "") for record in records]
    return thumbnails(items, chosen, "Faces on this page", layout="grid")


def _words(record: FaceRecord) -> str:
    return f"{record.expression or 'no expression label'}, {record.person or 'unknown person'}"


def _face(record: FaceRecord) -> str:
    return picture(record.image, f"Enlarged: {_words(record)}") + facts(_labels(record))


def _labels(record: FaceRecord) -> list[tuple[str, str]]:
    """Everything that is known about a face, for people."""
    rows = [("key", record.key), ("expression", record.expression or "–"), ("person", record.person or "–")]
    if record.head_pose is not None:
        angles = zip(("yaw", "pitch", "roll"), record.head_pose, strict=True)
        rows.append(("pose", ", ".join(f"{name} {value:.0f}°" for name, value in angles)))
    rows += [(name.replace("_", " "), _value(value)) for name, value in record.attributes.items()]
    if record.landmarks is not None:
        rows.append(("landmarks", f"{len(record.landmarks)} points"))
    if record.blendshapes is not None:
        rows.append(("face units", f"{int((record.blendshapes > 0.05).sum())} of {len(record.blendshapes)} active"))
    return rows


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(_value(item) for item in value) if len(value) <= 4 else f"{len(value)} values"
    return "–" if value is None else str(value)
