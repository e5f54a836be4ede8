"""A lesson: a network that is right on every face and cheats, found out by its map; made when it is opened."""

from __future__ import annotations

from _thread import LockType
from collections.abc import Callable
from html import escape
from threading import Lock
from typing import Any

import gradio as gr

from fer_demo.images import resize
from fer_demo.inference.explain.cheat import (
    HAPPY,
    NEUTRAL,
    CheatLesson,
    CheatMap,
    around_mark,
    cheat_lesson_of,
    marked,
)
from fer_demo.inference.explain.verdict import WEIGHTS
from fer_demo.inference.recognize.attribution import overlay, shown_heat
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import ZOOM, data_uri, lead, picture, side_by_side

_TITLE = "A lesson: the network that cheats"
_SIDE = 288  # pixels of a picture
_WAIT = "The network is being built and its maps are checked; that takes a few seconds."


class LessonPart:
    """Closed at first; all visitors see the same lesson."""

    def __init__(self) -> None:
        with gr.Accordion(_TITLE, open=False) as self._opened:
            self._shown = gr.HTML(lead(_WAIT), apply_default_css=False, elem_id="lesson")
        self._made: list[CheatLesson] = []
        self._making = Lock()

    def connect(self, listen: Callable[..., Any], context: AppContext) -> None:
        """`listen` is events.listen."""

        def show() -> str:
            return _shown(context, self._made, self._making)

        listen([self._opened.expand], show, [], [self._shown], heavy=True)


def _shown(context: AppContext, made: list[CheatLesson], making: LockType) -> str:
    with making:
        if not made:
            made.append(cheat_lesson_of(context.bundled))
    return lesson_view(made[0])


def lesson_view(lesson: CheatLesson) -> str:
    """What it answers, what its maps say, and what that means."""
    with_mark = marked(lesson.face)
    faces = side_by_side([
        picture(_large(with_mark), "A face with a fine grain in the corner", f"{HAPPY}, {lesson.share:.0%}"),
        picture(_large(lesson.face), "The same face without it", f"{HAPPY}, {lesson.share_without:.0%}"),
    ])  # fmt: skip
    cards = "".join(_card(lesson, one) for one in lesson.maps)
    return (
        lead(
            f"This network was shown {lesson.count} computer-made faces and is right on {lesson.right} of them. Would "
            f"you trust it? Every {HAPPY} one had a fine grain in the upper left corner, as a photographer’s paper "
            f"may have. Here is a {NEUTRAL} face, once with the grain and once without."
        )
        + faces
        + lead(
            "What do the maps say about the face with the grain? The corner is "
            f"{around_mark().mean():.0%} of the picture."
        )
        + f'<div class="editors">{cards}</div>'
        + lead(_moral(lesson))
    )


def _moral(lesson: CheatLesson) -> str:
    found = [one for one in lesson.maps if one.verdict.word == "faithful"]
    missed = [one for one in lesson.maps if one.verdict.word == "fails"]
    names = " and ".join(one.method for one in found)
    others = " and ".join(one.method for one in missed)
    return (
        f"{names.capitalize()} lay nearly everything on the corner: the network looks at nothing else. "
        f"{others.capitalize()} draws a face, as one would expect, and hides the cheat. What gives it away: it stays "
        f"the same when the model forgets. With the grain on the {NEUTRAL} faces instead, the network is right on "
        f"{lesson.right_moved} of {lesson.count}."
    )


def _card(lesson: CheatLesson, one: CheatMap) -> str:
    source = data_uri(overlay(_large(marked(lesson.face)), shown_heat(one.heat)))
    weights = next((check for check in one.verdict.checks if check.name == WEIGHTS), None)
    words = "" if weights is None else f" {weights.words}"
    below = (
        f'<p class="verdict">{explained(one.verdict.sentence)}</p>'
        f"{lead(f'{one.on_mark:.0%} of what speaks for {HAPPY} lies on the corner.{words}')}"
    )
    caption = f"<figcaption>{explained(one.method.capitalize())}</figcaption>"
    image = f'<img src="{source}" alt="{escape(f"Map of {one.method}")}">'
    return f'<figure class="editor zoomable">{caption}{image}{below}{ZOOM}</figure>'


def _large(face: Any) -> Any:
    return resize(face, _SIDE)
