"""An edited face as HTML: alone and in its photo, with what the judge and the identity embedder say about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np
from gradio import processing_utils
from gradio.data_classes import ImageData

from fer_demo.figures.strips import marked
from fer_demo.inference.recognize.probabilities import Recognition
from fer_demo.inference.study.run import RecognizedExpression
from fer_demo.inference.study.synthetic_files import jpeg_bytes, png_bytes
from fer_demo.inference.transfer.identity_kept import IdentityKept
from fer_demo.inference.transfer.true_pairs import NaturalSize
from fer_demo.interface.widgets.downloads import Made
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import lead, picture, sentences, side_by_side

ANOTHER = "perhaps another person"  # shown beside a face outside the same-person band
LARGEST_PNG = 3_000_000  # pixels of a photo that goes away without loss; a phone's would be 30 MB


def edited_face(
    face: np.ndarray,
    judged: Recognition,
    amount: float,
    photo: np.ndarray | None,
    kept: IdentityKept | None,
    warnings: Sequence[str],
    size: NaturalSize | None = None,
) -> str:
    """A face (S, S, 3), its photo (H, W, 3) if it went back into one, how far it is from the source, and how large.

    warnings: what about the photos it was made of may have spoilt it, in sentences.
    """
    words = f"Read as {judged.top}, {judged.probabilities.max():.0%}"
    pictures = [picture(face, f"The new face at amount {amount:.2f}. {words}", words, synthetic=True)]
    if photo is not None:
        pictures.append(picture(photo, "The new face in its photo", "Back in the photo", synthetic=True))
    measured = ("" if kept is None else person_kept(kept)) + ("" if size is None else size_words(size))
    return side_by_side(pictures) + measured + sentences(warnings)


def size_words(size: NaturalSize) -> str:
    """How large the expression is beside that of real people."""
    return f'<p class="lead">{explained(size.words)}</p>'


def person_kept(kept: IdentityKept) -> str:
    """The distance of the first face from its source, and what it means."""
    distance = float(kept.distances[0])
    classes = "lead" if kept.inside[0] else "lead outside"
    return f'<p class="{classes}">{explained(f"{kept.band.sentence(distance)} Identity distance {distance:.2f}.")}</p>'


def reading_words(reading: RecognizedExpression, label: str, kept: bool) -> str:
    """The expression that the judge recognized, and the one used instead where the visitor corrected it.

    kept: it is the first face's own, which stays.
    """
    whose = "The first face, whose expression stays," if kept else "The second face"
    words = f"{whose} was read as {reading.expression} ({reading.probability:.0%})."
    if label and label != reading.expression:
        return lead(f"{words} You said that it shows {label}, so {label} is asked for and measured.")
    return lead(f"{words} If that is wrong, choose what it shows.")


def photo_file(photo: np.ndarray, name: str, visible_mark: bool) -> Made:
    """An edited photo (H, W, 3) as a file at its own size, marked as synthetic; `name` is without its ending."""
    shown = marked(photo[np.newaxis])[0] if visible_mark else photo
    if photo.shape[0] * photo.shape[1] <= LARGEST_PNG:
        return f"{name}.png", "image/png", png_bytes(shown)
    return f"{name}.jpg", "image/jpeg", jpeg_bytes(shown)


class EditedPicture(gr.Image):
    """Hands an edited picture (H, W, 3) over as a PNG file that says in its metadata that it is synthetic."""

    def postprocess(self, value: np.ndarray | None) -> Any:  # type: ignore[override]
        if value is None:
            return None
        path = processing_utils.save_bytes_to_cache(png_bytes(value), "edited.png", self.GRADIO_CACHE)
        return ImageData(path=path, orig_name="edited.png")

    def get_block_name(self) -> str:
        return "image"
