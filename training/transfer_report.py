"""How well a model carries expressions over to strangers, read by a judge it never met, without curating."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from fer_demo.capabilities import EditsExpression, FactorCodes, RecognizesExpression
from fer_demo.data.loading import load_fer2013, load_lfw
from fer_demo.expressions import BASIC
from fer_demo.published_model import PublishedModel
from training.augmentation import plain_views
from training.face_set import build_face_set
from training.model_card import Figure
from training.recognition_report import bootstrap_interval
from training.transfer_faces import is_stranger

STRANGERS = 100  # LFW people never trained on, the first of them
DRIVERS = 20  # of each expression, the first of PublicTest


def transfer_report(model: PublishedModel, judge: PublishedModel, data: Path, seed: int) -> list[Figure]:
    """Rebuilding error, and how often the judge reads the driver's expression from the transferred face."""
    assert isinstance(model, EditsExpression)
    rng = np.random.default_rng(seed)
    lfw, fer = load_lfw(data), load_fer2013(data, "public_test")
    chosen = [index for index, name in enumerate(lfw.column("person")) if is_stranger(name)][:STRANGERS]
    strangers = plain_views(build_face_set(lfw.select(chosen), model.config.size).crops, model.config.size)
    labels = fer.column("expression")
    rows = [index for name in BASIC for index in [i for i, label in enumerate(labels) if label == name][:DRIVERS]]
    drivers = build_face_set(fer.select(rows), model.config.size)
    driver_views = plain_views(drivers.crops, model.config.size)
    own = model.encode(strangers)
    rebuilt = float((model.decode(own) - strangers).abs().mean()) * 127.5
    pairs = torch.from_numpy(rng.integers(len(strangers), size=(len(drivers), 5)))
    shown = model.encode(driver_views).expression.repeat_interleave(5, dim=0)
    painted = model.decode(FactorCodes(own.identity[pairs.flatten()], shown))
    truth = drivers.expression.repeat_interleave(5).numpy()
    reached = _read(judge, painted) == truth
    low, high = bootstrap_interval(reached, seed)
    ceiling = _read(judge, driver_views) == drivers.expression.numpy()
    copied = _read(judge, strangers[pairs.flatten()]) == truth
    where = f"{len(strangers)} LFW strangers x FER2013 PublicTest drivers, classes balanced"
    return [
        Figure("expression reached, read by the recognizer", float(reached.mean()), where, len(reached)),
        Figure("expression reached, lower end of the 95 % interval", low, where, len(reached)),
        Figure("expression reached, upper end of the 95 % interval", high, where, len(reached)),
        Figure("the same for the untouched strangers (floor)", float(copied.mean()), where, len(copied)),
        Figure("the same for the drivers themselves (ceiling)", float(ceiling.mean()), where, len(ceiling)),
        Figure("mean absolute error of rebuilding", rebuilt, "LFW strangers, grey levels of 255", len(strangers)),
    ]


def _read(judge: PublishedModel, faces: Tensor) -> np.ndarray:
    """The judge's answers, as indices into BASIC."""
    assert isinstance(judge, RecognizesExpression)
    side = judge.config.size
    resized = interpolate(faces, size=(side, side), mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
    order = [judge.config.expressions.index(name) for name in BASIC]
    return judge.expression_logits(resized)[:, order].argmax(dim=1).numpy()
