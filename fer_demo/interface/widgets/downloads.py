"""Buttons that make a file when they are pressed and hand it over inside the page: none is left on the server."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

Made = tuple[str, str, bytes]  # file name, media type, content

SAVE = """(file) => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.content;
  link.download = file.name;
  link.click();
}"""


class Downloads:
    """One button for each kind of file."""

    def __init__(self, kinds: Sequence[str], name: str) -> None:
        with gr.Row(elem_id=name, elem_classes="downloads"):
            self._buttons = {kind: gr.Button(f"Download {kind}", size="md", min_width=130) for kind in kinds}
            self._file = gr.JSON(visible="hidden")

    def connect(
        self,
        listen: Callable[..., Any],
        make: Callable[..., Made],
        sources: Sequence[Any],
        notice: Any,
        heavy: Sequence[str] = (),
        busy: Sequence[Any] = (),
    ) -> None:
        """Make the file of a kind from the values of `sources`; `listen` is events.listen.

        heavy: the kinds that run a network; meanwhile the components of `busy` show the passing time.
        """
        for kind, button in self._buttons.items():
            waits = {"heavy": True, "busy": busy} if kind in heavy else {}
            made = listen([button.click], _handler(kind, make), sources, [self._file], notice=notice, **waits)
            made.then(None, inputs=[self._file], js=SAVE, show_progress="hidden", api_visibility="private")


def _handler(kind: str, make: Callable[..., Made]) -> Callable[..., dict[str, str]]:
    def handle(*values: Any) -> dict[str, str]:
        return as_message(make(kind, *values))

    return handle


def as_message(made: Made) -> dict[str, str]:
    """A file as the page's script takes it."""
    name, media_type, content = made
    return {"name": name, "content": f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"}
