"""A photo field that hands over the bytes as they came and deletes the uploaded file at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr


class PhotoInput(gr.Image):
    """Upload, paste or webcam; the value a handler gets is the file's bytes, or None if there is no file.

    Gradio's own field opens the picture before our code runs, and an unreadable file then shows the visitor nothing.
    """

    def preprocess(self, payload: Any) -> bytes | None:  # type: ignore[override]
        if payload is None or payload.path is None:
            return None
        path = Path(payload.path).resolve()
        if not path.is_relative_to(Path(self.GRADIO_CACHE).resolve()) or not path.is_file():
            return None
        content = path.read_bytes()
        path.unlink(missing_ok=True)  # nothing that a visitor uploads is kept
        return content

    def get_block_name(self) -> str:
        return "image"
