"""What the bundled checkpoints answer about three bundled faces stays what it was, whatever moves around them.

After new weights were bundled: `python -m tests.contract.test_bundled_outputs` writes the answers anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.capabilities import EditsByLabel, EditsPhoto, EmbedsIdentity, EncodesFactors, RecognizesExpression
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.data.loading import load_bundled
from fer_demo.images import resize, to_tensor
from fer_demo.published.model import PublishedModel

RECORDED = Path(__file__).with_name("bundled_outputs.json")
BUNDLED = sorted(name for name in MODELS if (BUNDLED_FOLDER / name / "model.safetensors").is_file())
FACES = (3, 700, 1500)  # rows of the bundled set
KEPT = 12  # numbers of each answer
TOLERANCE = 2e-3  # between processors; on one machine the numbers are equal


def faces_for(model: PublishedModel) -> Tensor:
    source = load_bundled()
    size = model.config.size
    return to_tensor(np.stack([resize(source[row].image, size) for row in FACES]), model.config.channels)


@torch.inference_mode()
def answers(name: str) -> dict[str, list[float]]:
    """Some numbers of everything a model says about the faces."""
    model = load_model(name)
    faces, found = faces_for(model), {}
    if isinstance(model, RecognizesExpression):
        found["logits"] = model.expression_logits(faces)
    if isinstance(model, EncodesFactors):
        codes = model.encode(faces)
        found |= {"identity": codes.identity, "expression": codes.expression, "prototypes": model.prototypes()}
    if isinstance(model, EditsPhoto):
        code = model.expression_code(faces)
        edit = model.edit(faces, code.flip(0))
        found |= {"code": code, "edited": edit.result, "flow": edit.flow}
    if isinstance(model, EditsByLabel):
        found["edited"] = model.edit_to_label(faces, torch.arange(len(faces)), torch.ones(len(faces)))
    if isinstance(model, EmbedsIdentity):
        found["descriptor"] = model.embed(faces)
    return {answer: _some(values) for answer, values in found.items()}


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
