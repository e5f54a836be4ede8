"""Which training faces taught an answer: TracInCP (Pruthi et al. 2020) on a recognizer's last layer.

The layer is taught anew, from nothing, on faces that are known one by one; what the network reads off a face stays as
it was learnt. So the faces in question did teach the layer that answers, and nothing else did.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError
from fer_demo.inference.preparation import BATCH_SIZE, aligned_record, as_recognizer, face_tensor
from fer_demo.published.model import PublishedModel

INFLUENCE_TABLE = "influence"  # the part of an evaluation file, and its table
SHOWN = 6  # faces of either kind
CHECKPOINTS = (10, 30, 100, 300)  # steps of gradient descent after which the layer is looked at
_RATE = 2.0  # for features whose mean square length is 1, where the loss bends by at most a half


class HeadReader:
    """What the last layer of a recognizer reads off faces."""

    def __init__(self, model: PublishedModel) -> None:
        """Raise CheckpointError for a model that recognizes nothing, or whose answer is no linear layer's."""
        # Hooks must not see what others ask of the model meanwhile; weights are shared.
        self._model = copy.deepcopy(model, {id(one): one for one in (*model.parameters(), *model.buffers())})
        self._recognizer = as_recognizer(self._model)
        self._calls: dict[nn.Module, tuple[Tensor, Tensor]] = {}
        for layer in self._model.modules():
            if isinstance(layer, nn.Linear):
                layer.register_forward_hook(self._keep)
        channels, size = model.config.channels, model.config.size
        self(torch.zeros(1, channels, size, size, device=model.device))

    def __call__(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """One vector for each face."""
        self._calls.clear()
        with torch.inference_mode():
            logits = self._recognizer.expression_logits(faces)
        for read, answered in self._calls.values():
            if answered is logits:
                return read.float().cpu()
        raise CheckpointError(
            f"The answer of {type(self._model).__name__} does not come out of a linear layer, so it cannot be said "
            "which faces taught it; choose another recognizer."
        )

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._calls[layer] = (inputs[0], output)


class TaughtFaces:
    """The labelled faces of a source that can be aligned, read one batch after the other."""

    def __init__(self, model: PublishedModel, source: FaceSource) -> None:
        self.reader = HeadReader(model)
        self.rows: list[int] = []  # of the source, one for each face that was read
        self.labels: list[int] = []  # indices into the model's expressions
        self._read: list[Tensor] = []
        self._model, self._source = model, source
        self._place = {name: index for index, name in enumerate(model.config.expressions)}

    def batches(self) -> Iterator[None]:
        """Read on, at most BATCH_SIZE faces a step."""
        for start in range(0, len(self._source), BATCH_SIZE):
            self._batch(range(start, min(start + BATCH_SIZE, len(self._source))))
            yield

    @property
    def features(self) -> Float[Tensor, "faces width"]:
        """What the last layer reads off each of them.

        Raises: DataError if there is none.
        """
        if not self._read:
            raise DataError("None of these faces has both a label that the model knows and landmarks.")
        return torch.cat(self._read)

    def _batch(self, rows: range) -> None:
        faces = []
        for row in rows:
            record = self._source[row]
            face = aligned_face(self._model, record)
            if face is None or record.expression not in self._place:
                continue
            faces.append(face)
            self.rows.append(row)
            self.labels.append(self._place[record.expression])
        if faces:
            self._read.append(self.reader(torch.cat(faces)))


def aligned_face(model: PublishedModel, record: FaceRecord) -> Float[Tensor, "1 channels size size"] | None:
    """A face as the model reads it, by the points that come with it; None if it has none."""
    pixels = aligned_record(record, model.config.size)
    return None if pixels is None else face_tensor(model, pixels[None])


@dataclass(frozen=True, eq=False)
class TaughtHead:
    """A last layer taught on known faces, as it was at each of CHECKPOINTS."""

    features: Float[Tensor, "faces width"]  # brought to a mean square length of 1
    labels: Int[Tensor, " faces"]
    checkpoints: tuple[dict[str, Tensor], ...]
    middle: Float[Tensor, " width"]
    length: float

    def as_read(self, features: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Other features in the same measure."""
        return (features - self.middle) / self.length

    def probabilities(self, features: Float[Tensor, "batch width"]) -> Float[Tensor, "batch expressions"]:
        """What the layer says at last."""
        last = self.checkpoints[-1]
        return (self.as_read(features) @ last["weight"].T + last["bias"]).softmax(1)

    def influences(
        self, features: Float[Tensor, "batch width"], labels: Sequence[int]
    ) -> Float[np.ndarray, "batch faces"]:
        """How far each face took the layer towards these labels of these features; negative: away from them."""
        asked = (self.as_read(features), torch.tensor(labels))
        values: Tensor = self._tracing().influence(asked, k=None)
        return values.detach().numpy()

    def self_influences(self) -> Float[np.ndarray, " faces"]:
        """How far each face took the layer towards its own label; a wrong label needs a lot of teaching."""
        values: Tensor = self._tracing().self_influence()
        return values.detach().numpy()

    def _tracing(self) -> Any:
        from captum.influence import TracInCPFast

        layer = nn.Linear(self.features.shape[1], len(self.checkpoints[0]["bias"]))

        def load(head: nn.Linear, checkpoint: dict[str, Tensor]) -> float:
            head.load_state_dict(checkpoint)
            return _RATE

        return TracInCPFast(
            _Head(layer),
            final_fc_layer="layer",
            train_dataset=torch.utils.data.TensorDataset(self.features, self.labels),
            checkpoints=self.checkpoints,
            checkpoints_load_func=lambda head, checkpoint: load(head.layer, checkpoint),
            loss_fn=nn.CrossEntropyLoss(reduction="sum"),
            batch_size=4096,
        )


class _Head(nn.Module):
    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, features: Tensor) -> Tensor:
        return self.layer(features)


def teach_head(
    features: Float[Tensor, "faces width"], labels: Int[Tensor, " faces"] | Sequence[int], expressions: int
) -> TaughtHead:
    """A layer taught from nothing by gradient descent on all faces at once; the same faces teach the same layer."""
    middle = features.mean(dim=0)
    length = float((features - middle).square().sum(dim=1).mean().sqrt().clamp_min(1e-12))
    read, wanted = (features - middle) / length, torch.as_tensor(labels)
    weight = torch.zeros(expressions, read.shape[1], requires_grad=True)
    bias = torch.zeros(expressions, requires_grad=True)
    kept = []
    with torch.enable_grad():
        for step in range(1, CHECKPOINTS[-1] + 1):
            loss = cross_entropy(read @ weight.T + bias, wanted)
            gradients = torch.autograd.grad(loss, (weight, bias))
            with torch.no_grad():
                weight -= _RATE * gradients[0]
                bias -= _RATE * gradients[1]
            if step in CHECKPOINTS:
                kept.append({"weight": weight.detach().clone(), "bias": bias.detach().clone()})
    return TaughtHead(read, wanted, tuple(kept), middle, length)


def most_helpful(influences: Float[np.ndarray, " faces"], count: int) -> list[int]:
    """The faces that took the layer farthest towards the answer, the first one most; fewer if there are fewer."""
    return [int(face) for face in np.argsort(-influences, kind="stable")[:count] if influences[face] > 0]


def most_harmful(influences: Float[np.ndarray, " faces"], count: int) -> list[int]:
    """Those that took it farthest away."""
    return [int(face) for face in np.argsort(influences, kind="stable")[:count] if influences[face] < 0]
