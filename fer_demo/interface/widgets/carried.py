"""Faces carried from one tab to another: the tabs do not know each other, but they stand on one page."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import gradio as gr
from gradio.blocks import Block
from gradio.context import Context

from fer_demo.faces.crops import FaceCrop


class Carried(NamedTuple):
    """Faces of a map that somebody selected."""

    map_name: str
    keys: tuple[str, ...]
    turn: int  # counts, so that the same faces carried again are news


class CarriedFace(NamedTuple):
    """A face of a photo, and what is asked about it."""

    crops: tuple[FaceCrop, ...]
    face: int  # which of them is meant
    model: str
    expression: str
    turn: int  # counts, so that the same face carried again is news


class _Carried(gr.State):
    """What was carried last, None at first; its `change` is for the tab that receives."""

    def get_block_name(self) -> str:
        return "state"


_Kind = TypeVar("_Kind", bound=_Carried)


class CarriedFaces(_Carried):
    """Holds a Carried."""


class CarriedQuestion(_Carried):
    """Holds a CarriedFace."""


def carried_faces() -> CarriedFaces:
    """The one of the page that is being built; whichever tab asks first makes it."""
    return _of_page(CarriedFaces)


def carried_face() -> CarriedQuestion:
    """The same for one face."""
    return _of_page(CarriedQuestion)


class PageTabs(gr.Tabs):
    """The page's row of tabs, which knows from the start which ones it will have."""

    def __init__(self, names: tuple[str, ...], **options: Any) -> None:
        self.names = names
        super().__init__(**options)

    def get_block_name(self) -> str:
        return "tabs"

    def get_config(self, cls: type[Block] | None = None) -> dict[str, Any]:
        return super().get_config(gr.Tabs)  # Gradio reads the names of options from a class's own signature


def tabs_with(name: str) -> list[PageTabs]:
    """The page's row of tabs if this one is in it, to open it with `gr.update(selected=name)`."""
    return [part for part in _page() if isinstance(part, PageTabs) and name in part.names]


def _of_page(kind: type[_Kind]) -> _Kind:
    return next((part for part in _page() if isinstance(part, kind)), None) or kind(None)


def _page() -> list[Any]:
    return [] if Context.root_block is None else list(Context.root_block.blocks.values())
