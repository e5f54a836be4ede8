"""The drift of a strip: what changes from frame to frame besides the wanted expression or face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fer_demo import images
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import Detector
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.metrics.brightness import brightness_drift
from fer_demo.metrics.head_pose import head_pose
from fer_demo.metrics.perceptual import perceptual_distance
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.published.model import PublishedModel

_DETECTED_SIDE = 192  # pixels; the detector takes a picture of this size for a crop, and needs one look at it


@dataclass(frozen=True, eq=False)
class Drift:
    """What is measured on every frame against the first one, or against the frame before it."""

    steps: np.ndarray | None  # (T - 1,) float32, perceptual distance to the frame before; None without an embedder
    pose: np.ndarray  # (T,) float32, degrees of yaw or roll since the first frame; NaN where no face was found
    brightness: np.ndarray  # (T,) float32, change of the mean brightness since the first frame, of 255
    stray: np.ndarray  # (T,) float32, 0..1: probability gained by expressions other than the wanted one

    @property
    def largest_step(self) -> float | None:
        """The largest step in units of the mean one: 1 = even steps; None if there are no steps at all."""
        if self.steps is None or not self.steps.any():
            return None
        return float(self.steps.max() / self.steps.mean())


@torch.inference_mode()
def strip_drift(strip: Strip, expression: str, detector: Detector, embedder: PublishedModel | None) -> Drift:
    """Measure a strip; `expression` is the one it should reach or, along identity, keep.

    Steps are measured in the feature maps of the identity embedder (they are not LPIPS), pose from five points found in
    each frame, and stray probability by the judge: what expressions other than the wanted one have gained since
    the first frame. Pitch is left out of the pose: a moving mouth moves the points as a nod would.
    """
    frames = images.to_tensor(strip.frames, 3)
    gained = np.clip(strip.probabilities - strip.probabilities[0], 0, None)
    return Drift(
        steps=_steps(strip.frames, embedder) if isinstance(embedder, IdentityEmbedder) else None,
        pose=_turned(strip.frames, detector),
        brightness=brightness_drift(frames, frames[:1].expand_as(frames)).numpy(),
        stray=np.delete(gained, BASIC.index(expression), axis=1).sum(axis=1),
    )


def _steps(frames: np.ndarray, embedder: IdentityEmbedder) -> np.ndarray:
    chips = embedder.chips(images.to_tensor(frames, 3).to(embedder.device))
    maps = embedder.feature_maps(chips)
    sides = iter(([stage[:-1] for stage in maps], [stage[1:] for stage in maps]))  # each frame's maps serve twice
    return perceptual_distance(chips[:-1], chips[1:], lambda _: next(sides)).float().cpu().numpy()


def _turned(frames: np.ndarray, detector: Detector) -> np.ndarray:
    poses = []
    for frame in frames:
        found = detector.detect(images.resize(frame, min(_DETECTED_SIDE, frame.shape[0])))
        poses.append(head_pose(found[0].points) if found else np.full(3, np.nan))
    change = (np.stack(poses) - poses[0] + 180) % 360 - 180
    return np.abs(change[:, [0, 2]]).max(axis=1).astype(np.float32)
