"""From a SyntheticFace to a picture with its ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_demo.synthetic.background import paint_background
from fer_demo.synthetic.camera import Camera, rotation
from fer_demo.synthetic.factors import SyntheticFace
from fer_demo.synthetic.hair import hair_textures
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.head_shape import FaceMesh, face_mesh, neutral_head, shown_units
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES, face_box
from fer_demo.synthetic.lighting import exposure_gain, set_up_lamps
from fer_demo.synthetic.materials import Paint
from fer_demo.synthetic.rasterizer import rasterize
from fer_demo.synthetic.shading import Surface, shade
from fer_demo.synthetic.skin import paint_skin

SUPERSAMPLING = 3  # odd, so that one sub-pixel lies in the middle of each pixel


@dataclass(frozen=True, eq=False)
class Rendering:
    """A picture and everything that is known about it."""

    image: np.ndarray  # (S, S, 3) uint8 RGB
    landmarks68: np.ndarray  # (68, 2) float32 pixels, iBUG order
    box: tuple[float, float, float, float]  # left, top, right, bottom in pixels
    head_pose: tuple[float, float, float]  # yaw, pitch, roll in degrees, see Pose
    units: np.ndarray  # (52,) float32 in the order of UNITS
    segmentation: np.ndarray  # (S, S) uint8, values of Segment


def render(head: HeadModel, face: SyntheticFace, size: int = 128) -> Rendering:
    """Draw a face; the same face gives the same pixels."""
    mesh = face_mesh(head, face)
    neutral = neutral_head(head, face.identity)
    camera = Camera(rotation(face.pose), neutral.centre, neutral.unit, face.pose.scale, face.pose.shift)
    surface = _surface(mesh, camera)
    scalp, opacity, strands = hair_textures(head, face.hair)
    fine = size * SUPERSAMPLING
    seen = rasterize(
        camera.project(surface.points, fine), surface.triangles, surface.uv, surface.material, opacity, fine
    )
    lamps = set_up_lamps(face.light, exposure_gain(face.light, face.identity), surface, opacity)
    linear = paint_background(face.background, size).repeat(SUPERSAMPLING, 0).repeat(SUPERSAMPLING, 1)
    segments = np.zeros((fine, fine), np.uint8)
    shade(seen, surface, _paint(head, face, scalp, strands), lamps, linear, segments)
    landmarks = camera.project(surface.points, size)[LANDMARK_VERTICES, :2]
    middle = slice(SUPERSAMPLING // 2, None, SUPERSAMPLING)
    return Rendering(
        image=_developed(linear),
        landmarks68=landmarks,
        box=face_box(landmarks),
        head_pose=(face.pose.yaw, face.pose.pitch, face.pose.roll),
        units=shown_units(face),
        segmentation=np.ascontiguousarray(segments[middle, middle]),
    )


def _surface(mesh: FaceMesh, camera: Camera) -> Surface:
    return Surface(
        points=camera.turned(mesh.points),
        normals=(mesh.normals @ camera.turn.T).astype(np.float32),
        triangles=mesh.triangles,
        uv=mesh.uv,
        material=mesh.material,
        occlusion=mesh.occlusion,
        crease=mesh.crease,
        space=mesh.space,
    )


def _paint(head: HeadModel, face: SyntheticFace, scalp: np.ndarray, strands: np.ndarray) -> Paint:
    """Colours of all materials; hair stains the scalp with its colour, and a bald scalp is a little darker."""
    bald = face.hair.style == "bald"
    colour = np.asarray(face.hair.colour, np.float32)
    frame = face.glasses.colour if face.glasses else (0.0, 0.0, 0.0)
    return Paint(
        skin=paint_skin(head, face.identity),
        scalp=scalp[..., None],
        stain=np.zeros(3, np.float32) if bald else 0.7 * colour,
        hair_shade=strands,
        hair=colour,
        iris=np.asarray(face.identity.iris, np.float32),
        clothing=np.asarray(face.clothing.colour, np.float32),
        trim=np.asarray(face.clothing.trim, np.float32),
        frame=np.asarray(frame, np.float32),
        iris_radius=face.identity.iris_radius,
        pupil=face.pose.pupil,
        shine=face.identity.shine,
        stain_cover=0.15 if bald else 0.85,
        collar=face.clothing.collar,
        neckline=face.clothing.neckline,
    )


def _developed(linear: np.ndarray) -> np.ndarray:
    """Average the sub-pixels, roll off the highlights and encode with a gamma of 2.2."""
    steps = range(SUPERSAMPLING)
    image = sum(linear[i::SUPERSAMPLING, j::SUPERSAMPLING] for i in steps for j in steps) / SUPERSAMPLING**2
    image = np.where(image > 0.6, 0.6 + 0.4 * np.tanh((image - 0.6) / 0.4), image)
    return (np.clip(image, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
