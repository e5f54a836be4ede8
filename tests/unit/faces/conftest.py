"""A drawn face with known points: no photograph is needed to test finding and aligning faces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

# Eyes, nose tip and mouth corners of the drawing, in fractions of its side.
DRAWN_POINTS = np.array([(0.38, 0.43), (0.62, 0.43), (0.50, 0.57), (0.41, 0.70), (0.59, 0.70)])


def draw_face(side: int) -> np.ndarray:
    big = 4 * side
    picture = Image.new("RGB", (big, big), (120, 130, 140))
    pen = ImageDraw.Draw(picture)

    def ellipse(x: float, y: float, across: float, down: float, colour: tuple[int, int, int]) -> None:
        pen.ellipse([(x - across) * big, (y - down) * big, (x + across) * big, (y + down) * big], fill=colour)

    ellipse(0.5, 0.42, 0.34, 0.38, (60, 40, 30))  # hair
    ellipse(0.5, 0.50, 0.29, 0.38, (225, 180, 150))
    for x in (0.38, 0.62):
        ellipse(x, 0.43, 0.060, 0.028, (245, 245, 245))
        ellipse(x, 0.43, 0.026, 0.027, (50, 35, 30))
        brow = [(x - 0.07, 0.37), (x, 0.352), (x + 0.07, 0.37)]
        pen.line([(a * big, b * big) for a, b in brow], fill=(70, 45, 35), width=max(1, big // 45))
    ellipse(0.5, 0.56, 0.045, 0.03, (200, 150, 125))
    for x in (0.48, 0.52):
        ellipse(x, 0.575, 0.012, 0.008, (120, 80, 70))
    ellipse(0.5, 0.70, 0.10, 0.03, (170, 80, 80))
    pen.line([(0.4 * big, 0.7 * big), (0.6 * big, 0.7 * big)], fill=(110, 40, 45), width=max(1, big // 100))
    drawing = picture.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(drawing.filter(ImageFilter.GaussianBlur(side / 150)))


@pytest.fixture(scope="session")
def drawn_points() -> np.ndarray:
    return DRAWN_POINTS


@pytest.fixture(scope="session")
def drawn_face() -> Callable[[int], np.ndarray]:
    return draw_face
