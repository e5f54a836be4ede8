"""Validation of a warp editor during training: figures and a sample sheet on people and drivers kept apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from fer_demo.capabilities import Edit
from fer_demo.expressions import BASIC
from fer_demo.images import to_uint8
from fer_demo.models.warp_editor import WarpEditor
from training.data.augmentation import plain_views
from training.data.edit_scenes import EditScenes
from training.engine.ema import evaluating
from training.losses.pixel_error import change_weight
from training.warp_editor.batches import EditPairs, pairs_in_views
from training.warp_editor.faces import EditorFaces, UnitFaces
from training.warp_editor.views import PLAIN, draw_views

PAIRS = 192
READ = 1024
EDITED = 140  # strangers, twenty with each driver's expression
STILL = 0.46  # distance from the middle, in sides, beyond which nothing should change


def editor_figures(model: WarpEditor, faces: EditorFaces) -> dict[str, float]:
    """Errors against rendered truth, correlation of encoded units, and what edits of strangers reach and disturb.

    `score` is the share of the true change that was made (1 = exact, 0 = as far off as the untouched source), with
    both codes encoded from pictures and the error weighted by the region that changes.
    """
    with evaluating(model):
        truth = _truth_figures(model, faces.unseen_scenes)
        return truth | _reading_figures(model, faces) | _stranger_figures(model, faces)


def _truth_figures(model: WarpEditor, scenes: EditScenes) -> dict[str, float]:
    pairs = validation_pairs(scenes, model.config.size)
    weight = change_weight(pairs.target, pairs.source)

    def error(result: Tensor) -> float:
        return float(((result - pairs.target).abs() * weight).mean())

    exact = model.edit(pairs.source, pairs.target_units, pairs.source_units)
    encoded = model.edit(pairs.source, model.expression_code(pairs.target))
    copying = error(pairs.source)
    moved = pairs.flow.square().sum(dim=1, keepdim=True).sqrt() * pairs.visible
    missed = (exact.flow - pairs.flow).square().sum(dim=1, keepdim=True).sqrt() * moved
    return {
        "score": 1 - error(encoded.result) / copying,
        "edit_error": error(exact.result),
        "edit_error_read": error(encoded.result),
        "copying_error": copying,
        # Relative to the true motion: 1 = as far off as no motion.
        "flow_error": float(missed.sum() / moved.square().sum()),
        "painted": float(exact.mask.mean()),
    }


def _reading_figures(model: WarpEditor, faces: EditorFaces) -> dict[str, float]:
    rng = np.random.default_rng(0)
    return {
        f"read_{name}": correlation(model, known, rng)
        for name, known in (("rendered", faces.rendered), ("real", faces.unseen_drivers), ("people", faces.strangers))
    }


def correlation(model: WarpEditor, known: UnitFaces, rng: np.random.Generator) -> float:
    """Mean correlation of encoded and known units, over units that vary and are trusted by at least half."""
    chosen = torch.from_numpy(rng.permutation(len(known))[:READ]).to(known.units.device)
    pictures = plain_views(known.faces.crops[chosen], model.config.size)
    read = torch.cat([model.expression_code(part) for part in pictures.split(128)])
    truth, trust = known.units[chosen], known.trust[chosen]
    certain = trust.amax(dim=1) >= 0.5
    read, truth, trust = read[certain], truth[certain], trust[certain]
    counts = (trust.amin(dim=0) >= 0.5) & (truth.std(dim=0) > 0.03)
    a, b = (values[:, counts] - values[:, counts].mean(dim=0) for values in (read, truth))
    return float(((a * b).sum(dim=0) / (a.norm(dim=0) * b.norm(dim=0)).clamp_min(1e-6)).mean())


def _stranger_figures(model: WarpEditor, faces: EditorFaces) -> dict[str, float]:
    """Edits of strangers towards drivers: the units the encoder finds afterwards, and what else changed."""
    edits = stranger_edits(model, faces)
    left = (model.expression_code(edits.edit.result) - edits.wanted).abs().sum(dim=1)
    size = model.config.size
    axis = (torch.arange(size, device=left.device) + 0.5) / size - 0.5
    still = torch.hypot(axis[None], axis[:, None] - 0.02) > STILL
    return {
        "units_reached": 1 - float(left.sum() / (edits.own - edits.wanted).abs().sum()),  # by its own encoder
        "disturbed": float((edits.edit.result - edits.people).abs()[..., still].mean()) / 2,  # outside, of full scale
        "moved": float(edits.edit.flow.square().sum(dim=1).sqrt().mean()),
    }


class StrangerEdits(NamedTuple):
    """Strangers edited towards one driver each."""

    people: Float[Tensor, "edits 1 size size"]
    own: Float[Tensor, "edits 52"]
    wanted: Float[Tensor, "edits 52"]
    edit: Edit
    shown: Int[Tensor, " edits"]  # the drivers' labels


def stranger_edits(model: WarpEditor, faces: EditorFaces) -> StrangerEdits:
    """The same strangers and drivers every time, as many drivers of each expression."""
    chosen = rows_of_each_expression(faces.unseen_drivers, EDITED // len(BASIC))
    drivers = plain_views(faces.unseen_drivers.faces.crops[chosen], model.config.size)
    people = plain_views(faces.strangers.faces.crops, model.config.size)
    people = people[torch.arange(len(drivers), device=people.device) % len(people)]
    own, wanted = model.expression_code(people), model.driver_code(drivers, people)
    shown = faces.unseen_drivers.faces.expression[chosen]
    return StrangerEdits(people, own, wanted, model.edit(people, wanted, own), shown)


def validation_pairs(scenes: EditScenes, size: int) -> EditPairs:
    """The same pairs of unseen people every time, without random views."""
    rng = np.random.default_rng(0)
    pictures = scenes.crops.shape[1]
    source = rng.integers(pictures, size=PAIRS)
    drawn = (rng.integers(len(scenes), size=PAIRS), source, (source + rng.integers(1, pictures, size=PAIRS)) % pictures)
    device = scenes.crops.device
    s, a, b = (torch.from_numpy(index).to(device) for index in drawn)
    return pairs_in_views(scenes, s, a, b, draw_views(PAIRS, PLAIN, torch.Generator(device)), size)


def rows_of_each_expression(drivers: UnitFaces, count: int) -> Int[Tensor, " rows"]:
    """The first `count` faces of every expression, one expression after the other."""
    labels = drivers.faces.expression
    return torch.cat([(labels == label).nonzero().flatten()[:count] for label in range(len(BASIC))])


def editor_sheet(model: WarpEditor, faces: EditorFaces, rows: int = 8) -> UInt8[np.ndarray, "height width"]:
    """Uncurated grid: unseen people in rows, rendered ones last; one driver of each expression in columns."""
    size = model.config.size
    drivers = faces.unseen_drivers
    tops = plain_views(drivers.faces.crops[rows_of_each_expression(drivers, 1)], size)
    people = torch.cat([faces.strangers.faces.crops[:rows], faces.unseen_scenes.crops[:3, 0]])
    with evaluating(model):
        lines = [torch.cat([torch.ones_like(tops[:1]), tops])]
        for source in plain_views(people, size):
            person = source.expand(len(tops), -1, -1, -1)
            lines.append(torch.cat([source[None], model.edit(person, model.driver_code(tops, person)).result]))
    return np.concatenate([np.concatenate(list(to_uint8(line)), axis=1) for line in lines], axis=0)
