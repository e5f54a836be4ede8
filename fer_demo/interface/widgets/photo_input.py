"""A photo field that hands over the bytes as they came and deletes the uploaded file at once."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from fer_demo.interface.widgets.uploads import taken

_NOT_SENT = (
    "The photo was not sent: a path or an address alone is not a photo. Send the file: handle_file(“photo.jpg”) of "
    "gradio_client does it, other programs post it to /gradio_api/upload first."
)


class _SentPhoto(ImageData):
    """What a page or a program sends; Gradio's own has no words for a program that sends something else."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> _SentPhoto:
        try:
            return super().model_validate(obj, **options)
        except ValueError:
            raise gr.Error(_NOT_SENT, print_exception=False) from None


class PhotoInput(gr.Image):
    """Upload, paste or webcam; the value a handler gets is the file's bytes, or None if there is no file.

    Gradio's own field opens the picture before our code runs, and an unreadable file then shows the visitor nothing.
    """

    data_model = _SentPhoto

    async def async_move_resource_to_block_cache(self, url_or_file_path: Any) -> str | None:
        """Gradio would fetch an address that a program names; the app calls nobody."""
        if str(url_or_file_path).startswith(("http:", "https:")):
            raise gr.Error(_NOT_SENT, print_exception=False)
        return await super().async_move_resource_to_block_cache(url_or_file_path)

    def preprocess(self, payload: Any) -> bytes | None:  # type: ignore[override]
        return taken(payload, self.GRADIO_CACHE)

    def get_block_name(self) -> str:
        return "image"
