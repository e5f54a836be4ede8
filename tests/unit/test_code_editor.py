"""What an edit is: the painted face, or the face with the change that is painted."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.capabilities import FactorCodes
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.errors import CheckpointError


class Dimmed(CodeEditor):
    """The left half is the person, the right half the expression; what is painted has a tenth of the contrast."""

    def encode(self, faces: Tensor) -> FactorCodes:
        return FactorCodes(faces[..., :4].flatten(1), faces[..., 4:].flatten(1))

    def decode(self, codes: FactorCodes) -> Tensor:
        return 0.1 * torch.cat([code.reshape(-1, 1, 8, 4) for code in codes], dim=3)


def faces(count: int) -> Tensor:
    return torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(0)) - 0.5


def test_a_whole_result_is_what_is_painted_and_an_added_one_keeps_what_the_decoder_loses() -> None:
    people, wanted = faces(2), torch.ones(2, 32)
    painted = Dimmed(CodeEditorConfig(size=8)).edit_to_code(people, wanted)
    torch.testing.assert_close(painted, 0.1 * torch.cat([people[..., :4], torch.ones(2, 1, 8, 4)], dim=3))
    added = Dimmed(CodeEditorConfig(size=8, result="added")).edit_to_code(people, wanted)
    torch.testing.assert_close(added[..., :4], people[..., :4])
    torch.testing.assert_close(added[..., 4:], people[..., 4:] + 0.1 * (1 - people[..., 4:]))


def test_their_own_code_leaves_people_as_they_are_and_one_person_takes_many_codes() -> None:
    model, person = Dimmed(CodeEditorConfig(size=8, result="added")), faces(1)
    torch.testing.assert_close(model.edit_to_code(person, model.encode(person).expression), person)
    assert model.edit_to_code(person, torch.zeros(5, 32)).shape == (5, 1, 8, 8)


def test_a_result_that_nobody_knows_is_refused() -> None:
    with pytest.raises(CheckpointError, match="one of: whole, added"):
        CodeEditorConfig(result="mixed")
