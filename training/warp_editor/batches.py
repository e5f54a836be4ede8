"""Batches for the warp editor: rendered pairs with exact answer and flow, real people to edit, and drivers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.expressions import BASIC
from training.data.edit_scenes import EditScenes
from training.warp_editor.closed_mouths import open_mouths
from training.warp_editor.faces import EditorFaces, UnitFaces
from training.warp_editor.landmark_motion import LandmarkBatch, LandmarkMotion
from training.warp_editor.views import Views, ViewSettings, draw_views


@dataclass(frozen=True)
class EditPairs:
    """Two pictures of one person in one scene that differ in the expression alone."""

    source: Float[Tensor, "batch 1 size size"]
    target: Float[Tensor, "batch 1 size size"]
    source_units: Float[Tensor, "batch 52"]
    target_units: Float[Tensor, "batch 52"]
    flow: Float[Tensor, "batch 2 cells cells"]  # exact, from the target's cells to the source; the picture is 2 wide
    visible: Float[Tensor, "batch 1 cells cells"]  # 1 where the same surface shows in both


@dataclass(frozen=True)
class UnitBatch:
    """Faces with units, each weighted by how far it is trusted."""

    pictures: Float[Tensor, "batch 1 size size"]
    units: Float[Tensor, "batch 52"]
    trust: Float[Tensor, "batch 52"]
    shares: Float[Tensor, "batch 7"]  # of each expression; zeros where there is no label


class PeopleBatch(NamedTuple):
    """Pictures of real people with their landmarks."""

    pictures: Float[Tensor, "batch 1 size size"]
    landmarks: LandmarkBatch


@dataclass(frozen=True)
class EditorBatch:
    """A quarter drivers of every expression, real people, and for the rest rendered pairs."""

    pairs: EditPairs
    people: UnitBatch
    landmarks: LandmarkBatch  # of the people
    drivers: UnitBatch
    mouths: PeopleBatch | None  # people with open mouths

    @property
    def faces(self) -> UnitBatch:
        """All faces that teach the expression encoder; of a pair only the source."""
        pairs = self.pairs
        certain = torch.ones_like(pairs.source_units)
        return UnitBatch(
            torch.cat([pairs.source, self.people.pictures, self.drivers.pictures]),
            torch.cat([pairs.source_units, self.people.units, self.drivers.units]),
            torch.cat([certain, self.people.trust, self.drivers.trust]),
            torch.cat([certain.new_zeros(len(certain), len(BASIC)), self.people.shares, self.drivers.shares]),
        )


class EditorBatches:
    """Draws batches with replacement; drivers show every expression equally often."""

    def __init__(self, faces: EditorFaces, size: int, views: ViewSettings) -> None:
        self.faces, self.size, self.views = faces, size, views
        labels = faces.drivers.faces.expression.cpu().numpy()
        classes = [np.flatnonzero(labels == label) for label in range(len(BASIC))]
        self.of_class = [members for members in classes if len(members)]

    @cached_property
    def motion(self) -> LandmarkMotion:
        """Of the real people; worked out on first use, because the encoder stages do not need it."""
        return LandmarkMotion(self.faces.people.faces, self.faces.people.units)

    def draw(
        self,
        count: int,
        rng: np.random.Generator,
        generator: torch.Generator,
        people_share: float,
        mouths: bool,
    ) -> EditorBatch:
        """`count` faces, a pair counting as one; a `people_share` of real people, and as many open mouths on demand."""
        people = max(round(count * people_share), 1)
        drivers = max(count // 4, 1)
        pairs = self._pairs(max(count - people - drivers, 1), rng, generator)
        chosen = self._some(self.faces.people, people, rng)
        views = draw_views(people, self.views, generator)
        return EditorBatch(
            pairs=pairs,
            people=self._view(self.faces.people, chosen, views),
            landmarks=self.motion.in_views(chosen, views.placement),
            drivers=self.draw_drivers(drivers, rng, generator),
            mouths=self._mouths(torch.from_numpy(rng.choice(self.open_mouths, people)), generator) if mouths else None,
        )

    @cached_property
    def open_mouths(self) -> np.ndarray:
        """Indices of the real people with open mouths."""
        return open_mouths(self.faces.people.faces.landmarks)

    def draw_scene_faces(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> UnitBatch:
        """Two pictures of each of `count` scenes, all first ones before the second, each in its own random view."""
        scenes = self.faces.scenes
        pictures = scenes.crops.shape[1]
        first = rng.integers(pictures, size=count)
        other = (first + rng.integers(1, pictures, size=count)) % pictures
        drawn = np.tile(rng.integers(len(scenes), size=count), 2), np.concatenate([first, other])
        s, a = (torch.from_numpy(index).to(scenes.crops.device) for index in drawn)
        views = draw_views(2 * count, self.views, generator)
        units = views.units(scenes.units[s, a])
        no_labels = units.new_zeros(len(units), len(BASIC))
        return UnitBatch(views.pictures(scenes.crops[s, a], self.size), units, torch.ones_like(units), no_labels)

    def draw_people(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> UnitBatch:
        """Real people with units scored by a machine."""
        chosen = self._some(self.faces.people, count, rng)
        return self._view(self.faces.people, chosen, draw_views(count, self.views, generator))

    def draw_drivers(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> UnitBatch:
        """Labelled real faces, every expression equally often."""
        classes = [self.of_class[label] for label in rng.integers(len(self.of_class), size=count)]
        chosen = torch.tensor([rng.choice(members) for members in classes], device=self.faces.drivers.units.device)
        return self._view(self.faces.drivers, chosen, draw_views(count, self.views, generator))

    def _pairs(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> EditPairs:
        scenes = self.faces.scenes
        pictures = scenes.crops.shape[1]
        source = rng.integers(pictures, size=count)
        target = (source + rng.integers(1, pictures, size=count)) % pictures  # another one
        drawn = (rng.integers(len(scenes), size=count), source, target)
        s, a, b = (torch.from_numpy(index).to(scenes.crops.device) for index in drawn)
        return pairs_in_views(scenes, s, a, b, draw_views(count, self.views, generator), self.size)

    def _mouths(self, chosen: Tensor, generator: torch.Generator) -> PeopleBatch:
        views = draw_views(len(chosen), self.views, generator)
        crops = self.faces.people.faces.crops
        pictures = views.pictures(crops[chosen.to(crops.device)], self.size)
        return PeopleBatch(pictures, self.motion.in_views(chosen.to(crops.device), views.placement))

    def _some(self, known: UnitFaces, count: int, rng: np.random.Generator) -> Tensor:
        return torch.from_numpy(rng.integers(len(known), size=count)).to(known.units.device)

    def _view(self, known: UnitFaces, chosen: Tensor, views: Views) -> UnitBatch:
        pictures = views.pictures(known.faces.crops[chosen], self.size)
        units, trust = views.units(known.units[chosen]), views.units(known.trust[chosen])
        return UnitBatch(pictures, units, trust, known.shares[chosen])


def pairs_in_views(scenes: EditScenes, s: Tensor, a: Tensor, b: Tensor, views: Views, size: int) -> EditPairs:
    """Picture b of each scene as the answer to picture a, both in the same random view."""
    flow, visible = views.flow(*scenes.exact_flow(s, a, b), cells=size // 2)
    return EditPairs(
        source=views.pictures(scenes.crops[s, a], size),
        target=views.pictures(scenes.crops[s, b], size),
        source_units=views.units(scenes.units[s, a]),
        target_units=views.units(scenes.units[s, b]),
        flow=flow,
        visible=visible,
    )
