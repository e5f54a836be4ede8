"""Faces carried from one tab to another: the tabs do not know each other, but they stand on one page."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr
from gradio.context import Context


class Carried(NamedTuple):
    """Faces of a map that somebody selected."""

    map_name: str
    keys: tuple[str, ...]
    turn: int  # counts, so that the same faces carried again are news


class CarriedFaces(gr.State):
    """What was carried last, None at first; its `change` is for the tab that receives."""

    def get_block_name(self) -> str:
        return "state"


def carried_faces() -> CarriedFaces:
    """The one of the page that is being built; whichever tab asks first makes it."""
    return next((part for part in _page() if isinstance(part, CarriedFaces)), None) or CarriedFaces(None)


def page_tabs() -> list[Any]:
    """The page's row of tabs, to open one with `gr.update(selected=...)`; none where a tab is built by itself."""
    return [part for part in _page() if isinstance(part, gr.Tabs)][:1]


def _page() -> list[Any]:
    return [] if Context.root_block is None else list(Context.root_block.blocks.values())
