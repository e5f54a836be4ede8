"""Fields for files that hand over their names and bytes; an uploaded file is deleted at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from fer_demo.interface.widgets.uploads import taken


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
