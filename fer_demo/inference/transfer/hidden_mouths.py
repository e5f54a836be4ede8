"""A mouth that something hides stays as it is: a warp would bend the hand before it, and paint would lie upon it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from fer_demo.capabilities import Edit
from fer_demo.faces.crops import FaceCrop

# Of the alignment template's height: above, an edit is whole, and below there is none. The tip of the nose is at 0.58.
_WHOLE, _NONE = 0.46, 0.6


def leave_hidden_mouths(edit: Edit, crops: Sequence[FaceCrop]) -> Edit:
    """The edit of these faces, or of the only one, kept off the lower half of those whose mouth is hidden.

    `result` is not made anew; `apply_edit` makes pictures of what is left.
    """
    hidden = torch.tensor([crop.mouth_hidden for crop in crops], device=edit.flow.device)[:, None, None, None]
    if not hidden.any():
        return edit

    def upper(field: Tensor) -> Tensor:
        rows = field.shape[2]
        share = _share((torch.arange(rows, device=field.device) + 0.5) / rows)[:, None]
        return torch.where(hidden, share * field, field)

    moved = edit.aims - edit.landmarks
    kept = edit.landmarks + _share((edit.landmarks[..., 1:] + 1) / 2) * moved
    return edit._replace(
        flow=upper(edit.flow),
        mask=edit.mask * ~hidden,
        shading=upper(edit.shading),
        aims=torch.where(hidden[..., 0], kept, edit.aims),
    )


def _share(down: Tensor) -> Tensor:
    """How much of an edit is left at these heights, in parts of the face from its top."""
    return ((_NONE - down) / (_NONE - _WHOLE)).clamp(0, 1)
