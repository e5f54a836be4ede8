"""One click from a heat map to the tab that explains it further, with the same face and question."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.errors import DataError
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.recognize.map_verdict import ShownMap
from fer_demo.interface.widgets.carried import CarriedFace, carried_face, tabs_with
from fer_demo.interface.widgets.components import Update
from fer_demo.interface.widgets.face_field import ChosenFace

_EXPLAINED_BY = "explain"  # the tab


def lay_out_carry(face: Any, shown_map: Any, notice: Any) -> None:
    """The button; `face` holds a ChosenFace and `shown_map` a ShownMap."""
    question, tabs = carried_face(), tabs_with(_EXPLAINED_BY)
    there = bool(tabs)
    button = gr.Button("More ways to explain it", size="md", min_width=190, elem_id="to-explain-tab", visible=there)

    def carry(
        chosen: ChosenFace | None, shown: ShownMap | None, before: CarriedFace | None
    ) -> tuple[CarriedFace, *tuple[Update, ...]]:
        if chosen is None or shown is None:
            raise DataError("There is no face yet; choose a photo first.")
        turn = 0 if before is None else before.turn + 1
        sent = CarriedFace(chosen.crops, chosen.index, shown.model, shown.expression, turn)
        return (sent, *(gr.update(selected=_EXPLAINED_BY) for _ in tabs))

    listen([button.click], carry, [face, shown_map, question], [question, *tabs], notice=notice)
