"""A photo field that hands over the bytes as they came and deletes the uploaded file at once."""

from __future__ import annotations

from typing import Any

import gradio as gr

from fer_demo.interface.widgets.uploads import taken


class PhotoInput(gr.Image):
    """Upload, paste or webcam; the value a handler gets is the file's bytes, or None if there is no file.

    Gradio's own field opens the picture before our code runs, and an unreadable file then shows the visitor nothing.
    """

    def preprocess(self, payload: Any) -> bytes | None:  # type: ignore[override]
        return taken(payload, self.GRADIO_CACHE)

    def get_block_name(self) -> str:
        return "image"
