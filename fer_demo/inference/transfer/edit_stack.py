"""The edit stack: layers of edits on one face, each with what its result looks like to independent networks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import face_tensor
from fer_demo.inference.recognize.probabilities import Recognition, recognize_aligned
from fer_demo.inference.transfer.editing import EditedFace, EditLayer, as_photo_editor, edit_face, edit_further
from fer_demo.inference.transfer.identity_kept import IdentityKept, identity_kept
from fer_demo.published.model import PublishedModel

MOST_LAYERS = 12


@dataclass(frozen=True, eq=False)
class ScoredEdit:
    """The face after all layers up to this one."""

    layer: EditLayer
    edited: EditedFace
    judged: Recognition
    kept: IdentityKept | None  # to the photo as it came; None without an embedder
    response: float | None  # share of the asked change that is there; None where nothing was asked for
    purity: float | None  # -1..1, likewise


@dataclass(frozen=True, eq=False)
class EditStack:
    """The layers that were kept on one face, the lowest first."""

    source: FaceCrop
    edits: tuple[ScoredEdit, ...] = ()

    @property
    def layers(self) -> tuple[EditLayer, ...]:
        return tuple(edit.layer for edit in self.edits)

    def with_edit(self, edit: ScoredEdit) -> EditStack:
        """Raises: SettingsError if the stack is full."""
        if len(self.edits) >= MOST_LAYERS:
            raise SettingsError(f"A stack holds {MOST_LAYERS} layers at most; undo one first.")
        return replace(self, edits=(*self.edits, edit))

    def undone(self) -> EditStack:
        """The same stack without its last layer."""
        return replace(self, edits=self.edits[:-1])


@torch.inference_mode()
def score_edit(
    editor: PublishedModel,
    judge: PublishedModel,
    embedder: PublishedModel | None,
    stack: EditStack,
    layer: EditLayer,
) -> ScoredEdit:
    """The face with one more layer, and what it looks like.

    Both compare the change of units that all layers ask for with the one that the editor's own encoder reads from the
    result: response is how much of it is there, and purity the cosine between the two, 1 = nothing else changed.
    """
    if stack.edits:
        edited = edit_further(editor, stack.source, stack.edits[-1].edited, layer)
    else:
        edited = edit_face(editor, stack.source, [layer])
    picture = edited.pixels[np.newaxis]
    seen = as_photo_editor(editor).expression_code(face_tensor(editor, picture))[0].float().cpu().numpy()
    asked, shown = edited.wanted - edited.own, seen - edited.own
    along, length = float(asked @ shown), float(asked @ asked)
    lengths = float(np.linalg.norm(asked) * np.linalg.norm(shown))
    return ScoredEdit(
        layer=layer,
        edited=edited,
        judged=recognize_aligned(judge, picture)[0],
        kept=None if embedder is None else identity_kept(embedder, picture, stack.source),
        response=along / length if length > 1e-6 else None,
        purity=along / lengths if lengths > 1e-6 else None,
    )
