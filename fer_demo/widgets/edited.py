"""An edited face as HTML: alone and in its photo, with what the judge and the identity embedder say about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from fer_demo.inference.metering import IdentityKept
from fer_demo.inference.recognition import Recognition
from fer_demo.widgets.markup import picture, sentences, side_by_side


def edited_face(
    face: np.ndarray,
    judged: Recognition,
    alpha: float,
    photo: np.ndarray | None,
    kept: IdentityKept | None,
    doubts: Sequence[str],
) -> str:
    """A face (S, S, 3), its photo (H, W, 3) if it went back into one, and how far it is from the source if measured.

    doubts: what about the photos it was made of may have spoilt it, in sentences.
    """
    said = f"{judged.top} {judged.probabilities.max():.0%}"
    pictures = [picture(face, f"The new face at alpha {alpha:.2f}; the judge sees {said}", f"Judge: {said}")]
    if photo is not None:
        pictures.append(picture(photo, "The new face in its photo", "Back in the photo"))
    return side_by_side(pictures) + ("" if kept is None else person_kept(kept)) + sentences(doubts)


def person_kept(kept: IdentityKept) -> str:
    """The distance of the first face from its source, and what it means."""
    distance = float(kept.distances[0])
    classes = "lead" if kept.inside[0] else "lead outside"
    return f'<p class="{classes}">Identity distance {distance:.2f}. {escape(kept.band.sentence(distance))}</p>'
