"""An edit drawn on the photo it was made of: where its landmarks go, where pixels moved, where they were painted."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from fer_demo.images import resize

SIDE = 512  # pixels of the drawing
LONGER = 3  # times as long as the motion are its arrows
_STEP = 24  # pixels between arrows
_LEAST = 0.004  # of the face's width: shorter motions are left out
_HEAD = 0.35  # of an arrow, at most 6 pixels
BEFORE, MOVED, PAINTED = (110, 110, 110), (0, 105, 148), (230, 120, 0)  # colours, which the legend names
_PALE = 0.45  # how much of the photo's contrast is left under the drawing
_FINER = 2  # times as large are lines drawn, so that they are smooth
# The outlines that the 68 iBUG landmarks make; those that are closed end where they begin.
_OUTLINES = (
    range(17), range(17, 22), range(22, 27), range(27, 31), range(31, 36),
    (*range(36, 42), 36), (*range(42, 48), 42), (*range(48, 60), 48), (*range(60, 68), 60),
)  # fmt: skip


def trace_picture(before: np.ndarray, moved: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """The face (S, S, 3) pale, with what an edit did to it: (SIDE, SIDE, 3) uint8.

    moved: (F, F, 2) flow, where the face is 2 wide: what is at p in the edit came from p + flow. painted: (M, M), 0..1.
    """
    pale = _pale(before, SIDE)
    share = 0.8 * _enlarged(painted)[..., np.newaxis]
    paper = Image.fromarray((pale + share * (np.array(PAINTED) - pale)).round().astype(np.uint8))
    draw = ImageDraw.Draw(paper)
    across, down = (_enlarged(moved[..., axis]) * SIDE / 2 for axis in (0, 1))
    for y in range(_STEP // 2, SIDE, _STEP):
        for x in range(_STEP // 2, SIDE, _STEP):
            came_from = np.array([across[y, x], down[y, x]])
            if np.hypot(*came_from) >= _LEAST * SIDE:
                # Begins where the pixel was.
                begin = np.array([x, y]) + came_from
                _arrow(draw, begin, begin - LONGER * came_from)
    return np.asarray(paper)


def landmarks_picture(before: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The face (S, S, 3) pale, with the outlines of its landmarks and of where they go: (SIDE, SIDE, 3) uint8.

    landmarks: (2, 68, 2) before and after, in iBUG order, in parts of the side.
    """
    side = _FINER * SIDE
    paper = Image.fromarray(_pale(before, side).round().astype(np.uint8))
    draw = ImageDraw.Draw(paper)
    for points, colour, width in zip(landmarks * side, (BEFORE, MOVED), (2 * _FINER, 3 * _FINER), strict=True):
        for outline in _OUTLINES:
            draw.line([tuple(points[row]) for row in outline], fill=colour, width=width, joint="curve")
    return np.asarray(paper.resize((SIDE, SIDE), Image.Resampling.BOX))


def farthest(moved: np.ndarray) -> float:
    """The longest motion in parts of the face's width."""
    return float(np.hypot(moved[..., 0], moved[..., 1]).max() / 2)


def _pale(face: np.ndarray, side: int) -> np.ndarray:
    """The face in grey, with little contrast."""
    grey = resize(face, side).mean(axis=2, keepdims=True)
    return np.broadcast_to(255 - _PALE * (255 - grey), (side, side, 3))


def _enlarged(field: np.ndarray) -> np.ndarray:
    """A field (R, R) at the size of the drawing."""
    picture = Image.fromarray(field.astype(np.float32))
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def _arrow(draw: ImageDraw.ImageDraw, begin: np.ndarray, end: np.ndarray) -> None:
    along = end - begin
    head = min(_HEAD, 6 / float(np.hypot(*along))) * along
    aside = np.array([-head[1], head[0]]) / 2
    draw.line([tuple(begin), tuple(end)], fill=MOVED, width=2)
    draw.polygon([tuple(end), tuple(end - head + aside), tuple(end - head - aside)], fill=MOVED)
