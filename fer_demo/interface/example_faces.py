"""The bundled faces that photo fields offer, a face to an example; shared by the tabs."""

from __future__ import annotations

from fer_demo.faces.crops import FaceCrop
from fer_demo.interface.context import AppContext
from fer_demo.interface.widgets.markup import Thumbnail, data_uri


def face_thumbnails(context: AppContext) -> list[Thumbnail]:
    """The examples as a photo field shows them."""
    faces = [context.bundled[row] for row in context.example_rows]
    return [Thumbnail(data_uri(face.image, 96), f"Synthetic face, {face.expression}") for face in faces]


def face_of_example(context: AppContext, index: int) -> tuple[FaceCrop, ...]:
    """The face of one of them."""
    return (context.crop_of_row(context.example_rows[index]),)
