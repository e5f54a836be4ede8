"""Many files packed one after the other into one ZIP, with a bar that shows how far it is, and then handed over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from fer_demo.interface.widgets.downloads import SAVE, Made, as_message
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.outputs import zipped

Files = Mapping[str, bytes | str]  # by their names in the ZIP
Part = Callable[[], Files]


class Packing:
    """The files of a ZIP on their way: each part makes some, `finish` those that need to know all of them."""

    def __init__(self, name: str, parts: Sequence[Part], finish: Callable[[], Files] = dict) -> None:
        self._name, self._parts, self._finish = name, list(parts), finish
        self._files: dict[str, bytes | str] = {}
        self.total, self.done = len(self._parts), 0

    def advance(self, seconds: float) -> None:
        """Make parts for so long, at least one."""
        end = time.monotonic() + seconds
        while self.done < self.total:
            self._files.update(self._parts[self.done]())
            self.done += 1
            if time.monotonic() >= end:
                return

    def file(self) -> Made:
        """What was made so far."""
        return self._name, "application/zip", zipped({**self._files, **self._finish()})


class PackedDownload:
    """A button that begins a packing, its bar, and the file that is saved when it is done."""

    def __init__(self, label: str, what: str, name: str) -> None:
        self._work = LongWork(label, what, name)
        self._made, self._file = gr.State(None), gr.JSON(visible="hidden")

    def connect(
        self, listen: Callable[..., Any], begin: Callable[..., Packing], inputs: Sequence[Any], notice: Any
    ) -> None:
        """`begin(*inputs)` says what is to be packed; `listen` is events.listen."""

        def finish(_: Any, packing: Any) -> Made | None:
            return packing.file() if packing.done == packing.total else None  # a stopped one is worth nothing

        def hand_over(made: Made | None) -> dict[str, str] | None:
            return None if made is None else as_message(made)

        self._work.connect(listen, begin, list(inputs), finish, self._made, notice, about=lambda _: None)
        handed = listen([self._made.change], hand_over, [self._made], [self._file], notice=notice)
        handed.then(None, inputs=[self._file], js=SAVE, show_progress="hidden", api_visibility="private")
