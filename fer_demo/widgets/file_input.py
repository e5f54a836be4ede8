"""Fields for files that hand over their names and bytes, and how every field deletes an upload at once."""

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


class FilesInput(gr.File):
    """Made with file_count="multiple"; the value a handler gets is a list of (name, content), empty without files."""

    def preprocess(self, payload: Any) -> list[tuple[str, bytes]]:  # type: ignore[override]
        files = [] if payload is None else list(payload.root)
        contents = [(file.orig_name or Path(file.path).name, taken(file, self.GRADIO_CACHE)) for file in files]
        return [(name, content) for name, content in contents if content is not None]

    def get_block_name(self) -> str:
        return "file"
