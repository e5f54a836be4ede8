"""What the bundled checkpoints answer about three bundled faces stays what it was, whatever moves around them.

After new weights were bundled: `python -m tests.contract.test_bundled_outputs` writes the answers anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from training.publishing.answers import answers_of

RECORDED = Path(__file__).with_name("bundled_outputs.json")
BUNDLED = sorted(name for name in MODELS if (BUNDLED_FOLDER / name / "model.safetensors").is_file())
KEPT = 12  # numbers of each answer
TOLERANCE = 2e-3  # between processors; on one machine the numbers are equal


def answers(name: str) -> dict[str, list[float]]:
    """Some numbers of everything a model says about the faces."""
    return {answer: _some(values) for answer, values in answers_of(load_model(name)).items()}


def _some(values: Tensor) -> list[float]:
    flat = values.flatten()
    places = torch.linspace(0, len(flat) - 1, KEPT).long()
    return [round(float(value), 6) for value in [*flat[places], flat.mean(), flat.std()]]


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_model_answers_as_it_did(name: str) -> None:
    recorded = json.loads(RECORDED.read_text())[name]
    found = answers(name)
    assert set(found) == set(recorded)
    for answer, values in found.items():
        assert values == pytest.approx(recorded[answer], abs=TOLERANCE), answer


if __name__ == "__main__":
    RECORDED.write_text(json.dumps({name: answers(name) for name in BUNDLED}, indent=1) + "\n")
