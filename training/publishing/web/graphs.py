"""Networks as ONNX graphs for onnxruntime-web: what the page asks of each, with weights as small as stored."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import copy

import numpy as np
import onnx
import torch
from jaxtyping import Float
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from fer_demo.errors import CheckpointError
from fer_demo.inference.recognize.probabilities import VOTES, logits_of
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.published.model import PublishedModel
from training.publishing.web.solving import OPSET, TRANSLATIONS, WithoutLinalg

_SMALL = 64  # values; smaller tensors stay as they are


def votes_graph(model: PublishedModel) -> onnx.ModelProto:
    """`face` (1, C, S, S) in [-1, 1] to `logits` (1, 8) of the votes: the mean of the face's and its mirror image's.

    Raises: CheckpointError if the model recognizes no expressions, or knows no votes.
    """
    given, _, logits_of_views = logits_of(model, VOTES)
    if given != VOTES:
        raise CheckpointError(f"{type(model).__name__} does not know what people would say; choose another recognizer.")

    def logits(face: Float[Tensor, "1 c size size"]) -> Float[Tensor, "1 8"]:
        return logits_of_views(torch.cat([face, face.flip(3)])).mean(dim=0, keepdim=True)

    return _graph(model, logits, {"face": _blank(model)}, ["logits"])


def reader_graph(model: LandmarkEditor) -> onnx.ModelProto:
    """`face` (1, 1, S, S) in [-1, 1] to `landmarks` (1, 68, 2) and the `own` code (1, 52)."""

    def read(face: Float[Tensor, "1 1 size size"]) -> tuple[Tensor, Tensor]:
        landmarks, units = model.read(face)
        return landmarks, model.code_of(landmarks, units)

    return _graph(model, read, {"face": _blank(model)}, ["landmarks", "own"])


def editor_graph(model: LandmarkEditor) -> onnx.ModelProto:
    """`face`, its `landmarks` and `own` code, and a `target` code to the parts of an Edit but its result."""
    editor = copy(model)
    # A graph has no branches: every mouth is painted, and paint that is not needed is masked out.
    editor.paint_where = lambda rows, patches, hidden, lips: model.paint_mouths(patches, hidden, lips)  # type: ignore

    def edit(face: Tensor, landmarks: Tensor, own: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        editor.read = lambda faces: (landmarks, own)  # type: ignore[method-assign]
        made = editor.edit(face, target, own)
        return made.flow, made.shading, made.mask, made.paint, made.inside

    face = _blank(model)
    with torch.inference_mode():
        landmarks, own = model.read(face)
    inputs = {"face": face, "landmarks": landmarks.clone(), "own": own.clone(), "target": own.clone()}
    return _graph(model, edit, inputs, ["flow", "shading", "mask", "paint", "inside"])


def _blank(model: PublishedModel) -> Float[Tensor, "1 c size size"]:
    size = model.config.size
    return torch.linspace(-1, 1, model.config.channels * size * size).reshape(1, -1, size, size)


class _Function(nn.Module):
    """A function of a network as a network of its own, which the exporter asks for."""

    def __init__(self, network: nn.Module, function: Callable[..., Tensor | tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.network, self.function = network, function

    def forward(self, *given: Tensor) -> Tensor | tuple[Tensor, ...]:
        with WithoutLinalg():
            return self.function(*given)


def _graph(
    network: nn.Module,
    function: Callable[..., Tensor | tuple[Tensor, ...]],
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
) -> onnx.ModelProto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about its own parts
        program = torch.onnx.export(
            _Function(network, function),
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=True,
            optimize=False,  # it would fold norms into convolutions, whose weights then need four bytes each
            custom_translation_table=dict(TRANSLATIONS),
            verbose=False,
        )
    assert program is not None
    return _as_stored(_plain(program.model_proto))


def _plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without notes about where each node comes from, which are a third of a small graph."""
    for node in _nodes(model.graph):
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.graph.value_info[:], model.metadata_props[:], model.graph.metadata_props[:]
    return model


def _nodes(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    inner = [part.g for node in graph.node for part in node.attribute if part.type == onnx.AttributeProto.GRAPH]
    return [*graph.node, *(node for one in inner for node in _nodes(one))]


def _as_stored(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights in half precision, cast when the page loads them; only those that lose nothing by it."""
    casts = []
    for weights in model.graph.initializer:
        values = numpy_helper.to_array(weights)
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16)
        if values.dtype != np.float32 or values.size < _SMALL or not (halves.astype(np.float32) == values).all():
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(halves, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model
