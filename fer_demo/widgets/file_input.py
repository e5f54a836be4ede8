"""A field for one file that hands over its name and bytes, and how every field deletes an upload at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr


def taken(payload: Any, cache: str) -> bytes | None:
    """The bytes of an uploaded file, which is then deleted; None if there is none within Gradio's cache."""
    if payload is None or payload.path is None:
        return None
    path = Path(payload.path).resolve()
    if not path.is_relative_to(Path(cache).resolve()) or not path.is_file():
        return None
    content = path.read_bytes()
    path.unlink(missing_ok=True)  # nothing that a visitor uploads is kept
    return content


class FileInput(gr.File):
    """The value a handler gets is (name, content), or None if there is no file."""

    def preprocess(self, payload: Any) -> tuple[str, bytes] | None:  # type: ignore[override]
        content = taken(payload, self.GRADIO_CACHE)
        return None if content is None else (payload.orig_name or Path(payload.path).name, content)

    def get_block_name(self) -> str:
        return "file"
