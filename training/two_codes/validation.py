"""What a model with two codes is watched by while it learns: figures and a sheet on faces it never sees."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from fer_demo.code_editor import CodeEditor
from fer_demo.expressions import BASIC
from fer_demo.images import to_uint8
from fer_demo.inference.preparation import as_encoder
from fer_demo.models.tdgan import TDGAN
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import FaceSet
from training.data.factorial_faces import FactorialFaces
from training.data.transfer_faces import TransferFaces
from training.engine.ema import evaluating
from training.losses.code_distance import code_distance, spread
from training.recognition.validation import recognition_figures

PROTOTYPE_FACES = 100  # of each expression
RENDERED_PAIRS = 256  # of a person and a driver


def transfer_figures(model: TDGAN, faces: TransferFaces) -> dict[str, float]:
    """Accuracy of the expression branch, error of rebuilding strangers, and error against rendered truth.

    `score` is the share of the truth's change that was painted (1 = exact, 0 = as far off as the untouched source)
    where rendered people are known, else the accuracy.
    """
    figures = recognition_figures(model, faces.validation) | painting_figures(model, faces)
    gain = figures.pop("rendered_gain", None)
    return figures if gain is None else figures | {"score": gain}


def painting_figures(model: CodeEditor, faces: TransferFaces) -> dict[str, float]:
    """Error of rebuilding strangers, and, where rendered people are known, of transfers beside the truth.

    Errors are mean absolute differences on [-1, 1]; the gain is 1 for the truth, 0 for the untouched source.
    """
    strangers = plain_views(faces.strangers.crops, model.config.size)
    with evaluating(model):
        rebuilt = model.decode(model.encode(strangers))
        figures = {"rebuilding_error": float((rebuilt - strangers).abs().mean())}
        if faces.factorial_strangers is not None:
            error, copying = counterfactual_errors(model, faces.factorial_strangers)
            figures |= {"counterfactual_error": error, "copying_error": copying, "rendered_gain": 1 - error / copying}
    return figures


def counterfactual_errors(model: CodeEditor, people: FactorialFaces) -> tuple[float, float]:
    """Mean absolute error, on [-1, 1], of transfers between rendered people and of the untouched sources."""
    rng = np.random.default_rng(0)
    persons, instances = people.crops.shape[:2]
    p, q = rng.integers(persons, size=RENDERED_PAIRS), rng.integers(persons, size=RENDERED_PAIRS)
    a, b = rng.integers(instances, size=RENDERED_PAIRS), rng.integers(instances, size=RENDERED_PAIRS)
    source, driver, truth = (
        plain_views(people.crops[who, shows], model.config.size) for who, shows in ((p, a), (q, b), (p, b))
    )
    edited = model.edit_to_code(source, model.encode(driver).expression)
    return float((edited - truth).abs().mean()), float((source - truth).abs().mean())


def code_distances(model: TDGAN, faces: TransferFaces) -> dict[str, float]:
    """How far the codes of generated faces are from those of their donors, strangers and the validation cut's faces.

    0: the same codes; 1: as far apart as the codes of any two donors, which is the spread.
    """
    size, count = model.config.size, min(len(faces.strangers), len(faces.validation), 256)
    people, shows = (plain_views(part.crops[:count], size) for part in (faces.strangers, faces.validation))
    with evaluating(model):
        donors = model.encode(people)._replace(expression=model.encode(shows).expression)
        found = model.encode(model.decode(donors))
        return {
            "expression_code_distance": float(code_distance(found.expression, donors.expression)),
            "identity_code_distance": float(code_distance(found.identity, donors.identity)),
            "expression_code_spread": float(spread(donors.expression)),
            "identity_code_spread": float(spread(donors.identity)),
        }


def prototypes(model: PublishedModel, faces: FaceSet) -> Float[Tensor, "7 dims"]:
    """Mean expression code of each basic expression over the first faces that show it."""
    encoder = as_encoder(model)
    with evaluating(model):
        codes = []
        for label in range(len(BASIC)):
            crops = faces.crops[faces.expression == label][:PROTOTYPE_FACES]
            codes.append(encoder.encode(plain_views(crops, model.config.size)).expression.mean(dim=0))
    return torch.stack(codes)


def transfer_sheet(model: CodeEditor, faces: TransferFaces, rows: int = 7) -> UInt8[np.ndarray, "height width"]:
    """Uncurated grid: drivers of the seven expressions along the top; each row a stranger, rebuilt, then edited.

    The rows are real people, then rendered ones.
    """
    size = model.config.size
    drivers = torch.cat([faces.validation.crops[faces.validation.expression == label][:1] for label in range(7)])
    people = faces.strangers.crops[:rows]
    if faces.factorial_strangers is not None:
        people = torch.cat([people, faces.factorial_strangers.crops[:3, 0]])
    sources, tops = plain_views(people, size), plain_views(drivers, size)
    with evaluating(model):
        shows = model.encode(tops).expression
        corner = torch.full_like(tops[:1], 1.0)
        lines = [torch.cat([corner, corner, tops])]
        for source in sources[:, None]:
            lines.append(torch.cat([source, model.decode(model.encode(source)), model.edit_to_code(source, shows)]))
    return np.concatenate([np.concatenate(list(to_uint8(line)), axis=1) for line in lines], axis=0)
