"""What frozen trunks already know of expressions: a linear layer on their features, taught the votes of FER+."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_fer2013
from fer_demo.errors import SettingsError
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.models.efficientnet_lite import EfficientNetLite
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.face_resnet import FaceResNet
from training.data.augmentation import plain_views
from training.data.expression_faces import expression_faces
from training.data.face_set import FaceSet, build_face_set
from training.data.posed_faces import POSED_SETS, posed_faces
from training.engine.ema import evaluating
from training.engine.precision import has_bfloat16
from training.recipes.efficientnet_lite import EfficientNetLiteRecipe
from training.recipes.face_resnet import FaceResNetRecipe

DIMENSIONS = 400  # principal components that are kept
DECAYS = (1e-4, 1e-3, 1e-2)  # of the linear layer's weights
STEPS = 200  # of its fitting
BATCH = 128


class Trunk(NamedTuple):
    """A network and those of its modules, at three sizes of the maps, whose outputs are read."""

    model: FaceResNet | EfficientNetLite | ExpressionClassifier
    read: Sequence[nn.Module]


def _told_people_apart() -> Trunk:
    model = FaceResNetRecipe().network()
    return Trunk(model, list(model.stages[-3:]))


def _told_things_apart() -> Trunk:
    model = EfficientNetLiteRecipe().network()
    return Trunk(model, [model.blocks[4], model.blocks[10], model.last])


def _learnt_expressions() -> Trunk:
    model = load_model("expression_classifier")
    assert isinstance(model, ExpressionClassifier)
    return Trunk(model, [model.trunk[0], model.trunk[2], model.back_in_place])


TRUNKS = {
    "dlib's, which told people apart": _told_people_apart,
    "EfficientNet-Lite0, which told things apart": _told_things_apart,
    "expression_classifier, bundled": _learnt_expressions,
}


@dataclass(frozen=True)
class TrunkSettings:
    """Compare the trunks that a recognizer can start from, frozen."""

    data: Path  # folder with fer2013/ and pairs/
    out: Path = Path("runs/trunks.json")
    rows: int | None = None  # of each part of FER2013, for a quick look

    def __post_init__(self) -> None:
        if self.rows is not None and self.rows < 100:
            raise SettingsError("Give --rows 100 or more.")


@dataclass(frozen=True)
class TrunkFigures:
    """How often the linear layer names what most people named, or what was posed, of eight expressions."""

    trunk: str
    parameters: int
    side: int  # of the faces it is shown, pixels
    faces_per_second: float  # through the frozen trunk
    seconds: float  # in all, fitting included
    accuracy: dict[str, float]  # of each set of faces; the validation cut has chosen the decay


def compare_trunks(settings: TrunkSettings) -> Path:
    """Measure every trunk and write the figures as JSON."""
    rows = []
    for name, make in TRUNKS.items():
        rows.append(asdict(trunk_figures(name, make(), settings.data, settings.rows)))
        print(json.dumps(rows[-1]))
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    settings.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return settings.out


def trunk_figures(name: str, trunk: Trunk, data: Path, rows: int | None = None) -> TrunkFigures:
    """Fit on the training cut of FER2013, choose on its validation cut, measure on PublicTest and posed strangers."""
    size, detector = trunk.model.config.size, RetinaFaceDetector(threads=torch.get_num_threads())
    faces = expression_faces(data, size, torch.device("cpu"), synthetic=False)
    sets = {"training": faces.real, "validation": faces.validation}
    sets["public_test"] = build_face_set(load_fer2013(data, "public_test"), size)
    sets = {name: _first(_agreed(part), rows) for name, part in sets.items()}
    sets |= {name: posed_faces(data, name, size, detector, teaching=False) for name in POSED_SETS}
    begun = time.perf_counter()
    features = {"training": pooled(trunk, sets["training"])}
    speed = len(features["training"]) / (time.perf_counter() - begun)
    features |= {name: pooled(trunk, part) for name, part in sets.items() if name != "training"}
    reduced = make_pipeline(StandardScaler(), PCA(min(DIMENSIONS, *features["training"].shape), random_state=0))
    reduced.fit(features["training"].numpy())
    ready = {name: _reduced(reduced, part) for name, part in features.items()}
    layers = [fitted(ready["training"], sets["training"].votes, decay) for decay in DECAYS]
    layer = max(layers, key=lambda one: _accuracy(one, ready["validation"], sets["validation"]))
    return TrunkFigures(
        name,
        sum(parameter.numel() for parameter in trunk.model.parameters()),
        size,
        speed,
        time.perf_counter() - begun,
        {name: _accuracy(layer, ready[name], part) for name, part in sets.items()},
    )


def pooled(trunk: Trunk, faces: FaceSet) -> Float[Tensor, "faces width"]:
    """What the trunk makes of the faces: the maps that are read, averaged over the picture and side by side."""
    maps: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, inputs: object, output: Tensor) -> None:
        maps[module] = output.float().mean(dim=(2, 3))

    hooks = [module.register_forward_hook(keep) for module in trunk.read]
    size, found = trunk.model.config.size, []
    try:
        with evaluating(trunk.model), torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(faces.crops.device)):
            for crops in tqdm(faces.crops.split(BATCH), leave=False):
                trunk.model.features(plain_views(crops, size).contiguous(memory_format=torch.channels_last))
                found.append(torch.cat([maps[module] for module in trunk.read], dim=1))
    finally:
        for hook in hooks:
            hook.remove()
    return torch.cat(found)


def fitted(features: Float[Tensor, "faces width"], shares: Float[Tensor, "faces classes"], decay: float) -> nn.Linear:
    """The linear layer whose softmax is nearest to the shares by cross-entropy, with a decay of its weights."""
    layer = nn.Linear(features.shape[1], shares.shape[1])
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = cross_entropy(layer(features), shares) + decay * layer.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return layer


def _agreed(faces: FaceSet) -> FaceSet:
    """Those on which more than half of the voters agree."""
    return faces.select(faces.votes.amax(dim=1) > 0.5)


def _first(faces: FaceSet, rows: int | None) -> FaceSet:
    return faces.select(torch.arange(min(len(faces), rows or len(faces))))


def _reduced(reduction: Pipeline, features: Tensor) -> Tensor:
    return torch.from_numpy(reduction.transform(features.numpy())).float()


def _accuracy(layer: nn.Linear, features: Tensor, faces: FaceSet) -> float:
    with torch.inference_mode():
        return float((layer(features).argmax(dim=1) == faces.votes.argmax(dim=1)).float().mean())
