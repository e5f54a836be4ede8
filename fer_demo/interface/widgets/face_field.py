"""A field for one face: examples, upload, paste and webcam; the photo with its faces; which of them is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.faces.crops import FaceCrop
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.markup import Thumbnail, message, photo_with_faces, thumbnails
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.interface.widgets.pick import Pick

Crops = tuple[FaceCrop, ...]


# Compared by identity: Gradio asks whether a state changed, and arrays have no single truth value.
@dataclass(frozen=True, eq=False)
class ChosenFace:
    """The faces of the photo in a field, and which of them is meant."""

    crops: Crops
    index: int = 0
    example: int | None = None  # which example it is; None for a visitor's photo

    @classmethod
    def largest(cls, crops: Crops, example: int | None = None) -> ChosenFace:
        """The first of `crops`, all of them numbered from left to right."""
        in_order = sorted(crops, key=lambda crop: 0.0 if crop.face is None else crop.face.box[0])
        return cls(tuple(in_order), next(index for index, crop in enumerate(in_order) if crop is crops[0]), example)

    @property
    def crop(self) -> FaceCrop:
        return self.crops[self.index]


class _View(NamedTuple):
    """What a field shows; the same names hold its components and their values."""

    state: ChosenFace | None
    stage: str
    examples: str


class FaceField:
    """The field's components; `state` holds a ChosenFace (or None) and changes whenever another face is meant."""

    def __init__(
        self,
        label: str,
        examples: Sequence[Thumbnail],
        load_example: Callable[[int], Crops],
        read: Callable[[bytes], Crops],
        chosen: ChosenFace | None,
        name: str,
    ) -> None:
        self._label, self._examples, self._load_example, self._read = label, examples, load_example, read
        self.state = gr.State(chosen)
        with gr.Column(elem_classes="face-field", elem_id=name):
            gr.HTML(f"<h3>{label}</h3>", apply_default_css=False)
            self.photo = PhotoInput(
                label=f"Your own photo: {label.lower()}",
                sources=["upload", "webcam", "clipboard"],
                height=96,
                show_label=False,
                placeholder="Drop, paste or choose a photo",
                elem_classes="dropzone",
                buttons=[],
            )
            self.notice = Notice()
            self.stage = Pick(self._stage(chosen), elem_classes="stage-holder")
            self.examples = Pick(self._thumbnails(chosen), visible=bool(examples))

    @property
    def parts(self) -> Any:
        """The components that change with the chosen face."""
        return components(_View, self.state, self.stage, self.examples)

    def connect(self, listen: Callable[..., Any], picked: Callable[[gr.EventData, int], int], queue: str) -> None:
        """Listen to the field's own events, with events.listen and events.picked; `queue` is that of photos."""

        def take_photo(content: bytes | None) -> _View:
            if content is None:  # the field was only cleared, or switched to the camera
                return _View(*(gr.skip() for _ in _View._fields))
            return self.show(ChosenFace.largest(self._read(content)))

        def take_example(event: gr.EventData) -> _View:
            index = picked(event, len(self._examples))
            return self.show(ChosenFace.largest(self._load_example(index), index))

        def take_face(chosen: ChosenFace | None, event: gr.EventData) -> _View:
            index = picked(event, 0 if chosen is None else len(chosen.crops))
            assert chosen is not None  # `picked` has refused any index into nothing
            return self.show(ChosenFace(chosen.crops, index, chosen.example))

        parts = self.parts
        taken = listen(
            [self.photo.input],
            take_photo,
            [self.photo],
            parts,
            notice=self.notice,
            queue=queue,
            busy=[self.stage],
            failed=_View(None, self._stage(None), self._thumbnails(None)),  # the old face does not belong to this photo
            latest=True,  # switching to the camera is such an event too, and must not swallow its picture
        )
        # Ready for the next photo, whether this one could be read or not.
        taken.then(None, outputs=[self.photo], js="() => null", show_progress="hidden", api_visibility="private")
        listen([self.examples.select], take_example, [], parts, notice=self.notice, queue=queue, busy=[self.stage])
        listen([self.stage.select], take_face, [self.state], parts, notice=self.notice)

    def show(self, chosen: ChosenFace) -> _View:
        """What `parts` show with this face chosen."""
        return _View(chosen, self._stage(chosen), self._thumbnails(chosen))

    def _stage(self, chosen: ChosenFace | None) -> str:
        if chosen is None:
            return f'<div class="stage">{message("No face yet: choose a photo above or an example below.")}</div>'
        about = "an example" if chosen.example is not None else "your photo"
        faces = [crop.face for crop in chosen.crops]
        return photo_with_faces(chosen.crop.photo, faces, chosen.index, f"{self._label}: {about}")

    def _thumbnails(self, chosen: ChosenFace | None) -> str:
        return thumbnails(self._examples, None if chosen is None else chosen.example, f"{self._label}: examples")
