"""What the motion stage holds against the truth, on landmarks whose motion is known."""

from __future__ import annotations

import torch

from fer_demo.expressions import BASIC
from training.landmark_editor.motion_stage import relative_error
from training.landmark_editor.true_motion import Couples, ReadFaces, chances, couples_of, to_and_from_neutral
from training.landmark_editor.unit_basis import unit_basis

NEUTRAL, HAPPY = BASIC.index("neutral"), BASIC.index("happy")


def read(person: list[int], expression: list[int]) -> ReadFaces:
    count = len(person)
    return ReadFaces(torch.zeros(count, 68, 2), torch.zeros(count, 52), torch.tensor(person), torch.tensor(expression))


def test_no_motion_costs_nearly_one_and_the_true_one_nothing() -> None:
    before = torch.zeros(1, 68, 2)
    after = before.clone()
    after[..., 0] = 1.0
    assert 0.97 < relative_error(before, before, after).item() < 1
    assert relative_error(after, before, after).item() == 0


def test_too_much_on_a_faint_smile_costs_more_than_too_little_on_a_broad_one() -> None:
    before, faint, broad = torch.zeros(1, 68, 2), torch.full((1, 68, 2), 0.05), torch.full((1, 68, 2), 0.2)
    assert relative_error(broad, before, faint) > relative_error(faint, before, broad)


def test_pairs_are_of_one_person_and_one_of_them_is_at_rest() -> None:
    faces = read([0, 0, 0, 1, 1], [NEUTRAL, HAPPY, HAPPY, HAPPY, NEUTRAL])
    assert len(couples_of(faces)) == 3 * 2 + 2
    pairs = to_and_from_neutral(faces)
    found = sorted(zip(pairs.source.tolist(), pairs.truth.tolist(), strict=True))
    assert found == [(0, 1), (0, 2), (1, 0), (2, 0), (3, 4), (4, 3)]


def test_every_person_is_drawn_as_often_as_any_other() -> None:
    faces = read([0, 0, 0, 1, 1], [NEUTRAL, HAPPY, HAPPY, HAPPY, NEUTRAL])
    pairs = to_and_from_neutral(faces)
    often = chances(faces, pairs)
    assert often[pairs.source < 3].sum() == often[pairs.source >= 3].sum()


def test_the_basis_lies_between_the_head_model_and_what_pairs_show() -> None:
    generator = torch.Generator().manual_seed(0)
    true = torch.randn(136, 52, generator=generator) * 0.1
    units = torch.rand(400, 52, generator=generator)
    units[:, 0] = 0.5  # nobody varies it
    nobody = torch.zeros(400).long()
    half = torch.arange(200)
    pairs = Couples(half, half + 200)
    found = unit_basis(ReadFaces((units @ true.T).unflatten(1, (68, 2)), units, nobody, nobody), pairs)
    still = unit_basis(ReadFaces(torch.zeros(400, 68, 2), torch.full_like(units, 0.5), nobody, nobody), pairs)
    torch.testing.assert_close(found[:, 0], still[:, 0])
    apart = (still - true)[:, 1:].norm()
    assert (found - true)[:, 1:].norm() < 0.7 * apart
    assert (found - still)[:, 1:].norm() < 0.7 * apart
