"""IPD-FER: which codes reach which picture, and what its config refuses."""

from __future__ import annotations

import pytest
import torch

from fer_demo.capabilities import EditsExpression, FactorCodes, PaintsNeutralFaces, RecognizesExpression
from fer_demo.errors import CheckpointError
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig

SMALL = IPDFERConfig(
    widths=(8, 8, 8, 8), identity_dims=6, pose_dims=3, expression_dims=5, decoder_widths=(8, 8, 8, 8, 8)
)


def test_it_recognizes_edits_and_paints_people_at_rest() -> None:
    assert isinstance(IPDFER(SMALL), RecognizesExpression | EditsExpression)
    assert isinstance(IPDFER(SMALL), PaintsNeutralFaces)


def test_the_default_has_as_many_values_as_it_says() -> None:
    assert IPDFER(IPDFERConfig()).parameter_count() == pytest.approx(6.7e6, rel=0.01)


def test_a_face_at_rest_does_not_depend_on_the_expression_encoder() -> None:
    torch.manual_seed(0)
    model, faces = IPDFER(SMALL).eval(), torch.rand(2, 1, 64, 64) * 2 - 1
    model.neutral_faces(faces).sum().backward()
    assert all(weights.grad is None for weights in model.expression_encoder.parameters())
    assert all(weights.grad is not None for weights in model.identity_encoder.parameters())
    assert all(weights.grad is not None for weights in model.pose_encoder.parameters())


def test_the_identity_code_is_the_person_and_then_the_pose() -> None:
    model, faces = IPDFER(SMALL).eval(), torch.rand(2, 1, 64, 64) * 2 - 1
    codes = model.encode(faces)
    assert codes.identity.shape == (2, 6 + 3)
    assert codes.expression.shape == (2, 5)
    torch.testing.assert_close(codes.identity[:, :6], model.identity_encoder(faces))
    torch.testing.assert_close(model.pose_head(codes.identity[:, 6:]), model.pose(faces))
    at_rest = model.decode(FactorCodes(codes.identity, torch.zeros(2, 5)))
    torch.testing.assert_close(model.neutral_faces(faces), at_rest)


def test_each_face_of_a_batch_is_treated_alone_while_faces_are_learnt() -> None:
    model, faces = IPDFER(SMALL).train(), torch.rand(3, 1, 64, 64) * 2 - 1
    model.identity_encoder.eval()
    torch.testing.assert_close(model.neutral_faces(faces)[1:2], model.neutral_faces(faces[1:2]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": (12,)}, "multiples of 8"),
        ({"decoder_widths": (8, 8)}, "each doubling up to 64 px"),
        ({"pose_dims": 0}, "at least one number"),
        ({"widths": (8,) * 7}, "64 px cannot be halved so often"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        IPDFERConfig(**settings)  # type: ignore[arg-type]
