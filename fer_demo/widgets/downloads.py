"""Buttons that make a file when they are pressed and hand it over inside the page: none is left on the server."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

Made = tuple[str, str, bytes]  # file name, media type, content

_SAVE = """(file) => {
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

    def connect(self, listen: Callable[..., Any], make: Callable[[str, Any], Made], source: Any, notice: Any) -> None:
        """Make the file of a kind from the value of `source`; `listen` is events.listen."""
        for kind, button in self._buttons.items():
            made = listen([button.click], _handler(kind, make), [source], [self._file], notice=notice)
            made.then(None, inputs=[self._file], js=_SAVE, show_progress="hidden", api_visibility="private")


def _handler(kind: str, make: Callable[[str, Any], Made]) -> Callable[[Any], dict[str, str]]:
    def handle(value: Any) -> dict[str, str]:
        name, media_type, content = make(kind, value)
        return {"name": name, "content": f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"}

    return handle
