"""Semantic content: the generated face looks to the face discriminator like the face it came from (Eq. 8)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import mse_loss

from training.tdgan.discriminators import Discriminator


def semantic_content(
    face_discriminator: Discriminator,
    generated_features: Float[Tensor, "batch 128 8 8"],
    identity_face: Float[Tensor, "batch c size size"],
) -> Float[Tensor, ""]:
    """MSE(phi(I_g), sg phi(I_f)) in the face discriminator's trunk.

    The authors' text names the generator's face encoder; their code and these weights use the discriminator's trunk.
    """
    return mse_loss(generated_features.float(), face_discriminator.features(identity_face).detach().float())
