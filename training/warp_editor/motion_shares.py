"""How far a unit moves the landmarks of photographs, as a share of how far it moves those of the head model.

Units of photographs are emphasized, so that edits are clearly visible: most move landmarks half as far as the model
says. Undone in full, a broad grin would shrink to a mouth that is too small, and half-closed eyes would stare.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.synthetic.units import UNITS, stem_of

SHARE = 0.5  # of most units, and so the value for units that hardly anybody shows
_FACES = 1_000  # the fewest that shares are estimated from
_STIFFNESS = 0.004  # ridge penalty per face, which holds shares at SHARE
# Of the landmarks behind the contour: the eyes, the tip of the nose and the corners of the mouth, which align a face.
_ALIGNING = ((*range(19, 25),), (*range(25, 31),), (13,), (31,), (37,))


def motion_shares(
    places: Float[Tensor, "faces 51 2"], units: Float[Tensor, "faces 52"], motion: Float[Tensor, "51 2 52"]
) -> Float[Tensor, " units"]:
    """The share of each unit, 0 to 1, by ridge regression; left and right units share one value.

    Args:
        places: landmarks of aligned faces that look ahead.
        units: their measured units.
        motion: how far each unit at weight 1 moves each landmark, in the unit of `places`.
    """
    if len(places) < _FACES:
        return units.new_full((len(UNITS),), SHARE)
    stems = [stem_of(name) for name in UNITS]
    sides = units.new_tensor([[name == stem for stem in dict.fromkeys(stems)] for name in stems])
    moved = _aligned_again(places.mean(dim=0)) @ motion.flatten(0, 1)
    shown, seen = units - units.mean(dim=0), (places - places.mean(dim=0)).flatten(1)
    among = sides.T @ ((shown.T @ shown) * (moved.T @ moved)) @ sides
    along = sides.T @ (shown * (seen @ moved)).sum(dim=0)
    held = _STIFFNESS * len(places)
    shares = torch.linalg.solve(among + held * torch.eye(len(among)).to(among), along + held * SHARE)
    return (sides @ shares).clamp(0, 1)


def _aligned_again(face: Float[Tensor, "51 2"]) -> Float[Tensor, "102 102"]:
    """What remains of a small motion of the landmarks after the face is aligned to the template again."""
    x, y = face.unbind(dim=1)
    one, none = torch.ones_like(x), torch.zeros_like(x)
    # Shift, scale and rotation, as motions of the landmarks.
    similar = torch.stack([one, none, none, one, x, y, -y, x], dim=1).reshape(-1, 4, 2).transpose(1, 2)
    mean = face.new_zeros(len(_ALIGNING), len(face))
    for row, members in enumerate(_ALIGNING):
        mean[row, list(members)] = 1 / len(members)
    along_both = torch.kron(mean, torch.eye(2).to(mean))
    fitted = torch.linalg.pinv(torch.einsum("pl,ldk->pdk", mean, similar).flatten(0, 1)) @ along_both
    return torch.eye(2 * len(face)).to(face) - similar.flatten(0, 1) @ fitted
