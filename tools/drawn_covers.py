"""Things before mouths, drawn into photographs: hands, fists, microphones, cups, masks, scarves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 256  # of the square that a cover is drawn in; the mouth is in its middle, its corners are MOUTH apart
MOUTH = 72.0
Cover = tuple[Image.Image, Image.Image]  # colours, and where they are (L)
HELD_OUT = ("cup", "scarf")  # nothing learns from these
Colour = tuple[int, ...]
_MIDDLE = SIDE / 2


def hand(rng: np.random.Generator, skin: Colour) -> Cover:
    """Fingers side by side across the mouth, rounded by light, with dark gaps; sometimes the palm's edge below them."""
    picture, where = _blank(skin)
    pen, mask = ImageDraw.Draw(picture), ImageDraw.Draw(where)
    wide, angle, count = rng.uniform(20, 34), rng.uniform(-1.2, 1.2) + rng.choice([0, np.pi]), int(rng.integers(3, 5))
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    tip = rng.uniform(20, 60)
    for number in range(count):
        off = (number - (count - 1) / 2) * wide * rng.uniform(0.95, 1.08)
        end = _MIDDLE + across * off + along * (tip + rng.uniform(-14, 14) - 10 * abs(number - 1))
        start = end - along * 300
        _finger(pen, mask, start, end, wide, skin, rng)
    return _lit(picture, rng), where


def fist(rng: np.random.Generator, skin: Colour) -> Cover:
    """A closed hand or a palm: a rounded shape with a few creases."""
    picture, where = _blank(skin)
    pen, mask = ImageDraw.Draw(picture), ImageDraw.Draw(where)
    high, wide = rng.uniform(36, 62), rng.uniform(55, 90)
    x, y = _MIDDLE + rng.normal(0, 10), _MIDDLE + rng.uniform(-2, 25)
    mask.rounded_rectangle([x - wide, y - high, x + wide, y + high], radius=0.8 * high, fill=255)
    mask.rectangle([x - 0.7 * wide, y, x + 0.7 * wide, SIDE], fill=255)
    for _ in range(int(rng.integers(2, 5))):
        at, turn = x + rng.uniform(-0.8, 0.8) * wide, rng.normal(0, 10)
        pen.line(
            [at, y - high * rng.uniform(0.4, 1), at + turn, y + high],
            fill=_times(skin, rng.uniform(0.55, 0.8)),
            width=4,
        )
    return _lit(picture, rng), where


def microphone(rng: np.random.Generator, skin: Colour) -> Cover:
    """A ball of mesh or foam on a stick that comes from below."""
    dark = tuple(int(v) for v in rng.uniform(15, 110) * np.ones(3))
    picture, where = _blank(dark)
    pen, mask = ImageDraw.Draw(picture), ImageDraw.Draw(where)
    radius, x, y = rng.uniform(38, 62), _MIDDLE + rng.normal(0, 8), _MIDDLE + rng.uniform(-5, 18)
    mask.ellipse([x - radius, y - radius, x + radius, y + 1.15 * radius], fill=255)
    slant = rng.uniform(-60, 60)
    mask.line([x, y, x + slant, SIDE + 20], fill=255, width=int(rng.uniform(24, 44)))
    for step in range(-12, 13):
        pen.line([x + 9 * step, 0, x + 9 * step, SIDE], fill=_times(dark, 1.5), width=2)
        pen.line([0, y + 9 * step, SIDE, y + 9 * step], fill=_times(dark, 1.5), width=2)
    shine = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(shine).ellipse([x - radius / 2, y - radius / 1.5, x, y], fill=120)
    picture.paste((200, 200, 205), mask=shine.filter(ImageFilter.GaussianBlur(12)))
    return _lit(picture, rng), where


def cup(rng: np.random.Generator, skin: Colour) -> Cover:
    """A cup, a glass or a telephone: straight sides, one colour, a rim and a stripe of light."""
    picture, where = _blank(_any_colour(rng))
    pen, mask = ImageDraw.Draw(picture), ImageDraw.Draw(where)
    half, top = rng.uniform(48, 80), _MIDDLE - rng.uniform(25, 45)
    low = 0.75 * half
    mask.polygon([(_MIDDLE - half, top), (_MIDDLE + half, top), (_MIDDLE + low, SIDE), (_MIDDLE - low, SIDE)], fill=255)
    pen.ellipse([_MIDDLE - half, top - 8, _MIDDLE + half, top + 12], fill=_any_colour(rng))
    shine = _MIDDLE + rng.uniform(-0.7, 0.7) * half
    pen.rectangle([shine - 6, top, shine + 6, SIDE], fill=(225, 225, 225))
    return _lit(picture.filter(ImageFilter.GaussianBlur(2)), rng), where


def mask(rng: np.random.Generator, skin: Colour) -> Cover:
    """A face mask from the nose to the chin, with or without folds."""
    colour = _any_colour(rng)
    picture, where = _blank(colour)
    top, wide = _MIDDLE - rng.uniform(55, 75), rng.uniform(90, 115)
    shape = [(_MIDDLE - wide, top + 15), (_MIDDLE, top - 10), (_MIDDLE + wide, top + 15)]
    shape += [(_MIDDLE + 0.8 * wide, _MIDDLE + 50), (_MIDDLE, _MIDDLE + 95), (_MIDDLE - 0.8 * wide, _MIDDLE + 50)]
    ImageDraw.Draw(where).polygon(shape, fill=255)
    pen = ImageDraw.Draw(picture)
    for y in range(int(top), SIDE, int(rng.uniform(12, 24))) if rng.random() < 0.6 else ():
        pen.line([0, y, SIDE, y + rng.normal(0, 6)], fill=_times(colour, 0.85), width=3)
    return _lit(picture, rng), where


def scarf(rng: np.random.Generator, skin: Colour) -> Cover:
    """A patterned cloth over the lower face: noise, stripes or checks."""
    colour, other = np.array(_any_colour(rng)), np.array(_any_colour(rng))
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    turn, period = rng.uniform(0, np.pi), rng.uniform(8, 40)
    stripes = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / period) > 0
    if rng.random() < 0.5:
        stripes ^= np.sin((y * np.cos(turn) - x * np.sin(turn)) * 2 * np.pi / period) > 0
    grain = rng.normal(0, rng.uniform(5, 30), (SIDE, SIDE, 1))
    pixels = np.where(stripes[..., None], colour, other) + grain
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(rng.uniform(0.5, 3))
    )
    where = Image.new("L", (SIDE, SIDE), 0)
    top = _MIDDLE - rng.uniform(30, 70)
    ImageDraw.Draw(where).polygon(
        [(0, top + rng.normal(0, 12)), (SIDE, top + rng.normal(0, 12)), (SIDE, SIDE), (0, SIDE)], fill=255
    )
    return _lit(picture, rng), where


COVERS: dict[str, Callable[[np.random.Generator, Colour], Cover]] = {
    "hand": hand,
    "fist": fist,
    "microphone": microphone,
    "cup": cup,
    "mask": mask,
    "scarf": scarf,
}


def covered(photo: np.ndarray, points: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The photo with a cover before the mouth of the face with these five points, in the face's own skin and blur."""
    corners, eyes = points[3:], points[:2]
    across = eyes[1] - eyes[0]
    scale = 0.5 * (float(np.hypot(*across)) * 0.85 + float(np.hypot(*(corners[1] - corners[0])))) / MOUTH
    cheek = ((eyes.mean(axis=0) + corners.mean(axis=0)) / 2 + across * 0.45).round().astype(int)
    height, width = photo.shape[:2]
    x, y = min(max(cheek[0], 2), width - 3), min(max(cheek[1], 2), height - 3)
    skin = tuple(
        int(v)
        for v in (np.median(photo[y - 2 : y + 3, x - 2 : x + 3], axis=(0, 1)) * rng.uniform(0.85, 1.15)).clip(0, 255)
    )
    picture, where = COVERS[kind](rng, skin)
    side = max(int(SIDE * scale), 4)
    degrees = -np.degrees(np.arctan2(across[1], across[0]))
    look = (picture.rotate(degrees, Image.Resampling.BICUBIC), where.rotate(degrees, Image.Resampling.BICUBIC))
    picture, where = (one.resize((side, side), Image.Resampling.LANCZOS) for one in look)
    soft = where.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    result = Image.fromarray(photo)
    left, top = (corners.mean(axis=0) - side / 2).round().astype(int)
    shade = soft.point(lambda v: int(0.35 * v)).filter(ImageFilter.GaussianBlur(3))
    result.paste((0, 0, 0), (int(left) + 2, int(top) + 2), shade)
    result.paste(picture, (int(left), int(top)), soft)
    return np.asarray(result)


def _blank(colour: Colour) -> Cover:
    return Image.new("RGB", (SIDE, SIDE), colour), Image.new("L", (SIDE, SIDE), 0)


def _any_colour(rng: np.random.Generator) -> Colour:
    return tuple(int(v) for v in (rng.uniform(20, 245) + rng.normal(0, 25, 3)).clip(0, 255))


def _times(colour: Colour, factor: float) -> Colour:
    return tuple(min(int(v * factor), 255) for v in colour)


def _finger(
    pen: ImageDraw.ImageDraw,
    mask: ImageDraw.ImageDraw,
    start: np.ndarray,
    end: np.ndarray,
    wide: float,
    skin: Colour,
    rng: np.random.Generator,
) -> None:
    """One finger, from its dark edges to its light middle, with a nail or a crease."""
    mask.line([*start, *end], fill=255, width=int(wide))
    mask.ellipse([*(end - wide / 2), *(end + wide / 2)], fill=255)
    darkest = rng.uniform(0.45, 0.75)
    for part in np.linspace(1, 0.1, 9):
        colour = _times(skin, darkest + (1.05 - darkest) * np.sqrt(1 - part**2))
        pen.line([*start, *end], fill=colour, width=max(int(wide * part), 1))
        pen.ellipse([*(end - wide * part / 2), *(end + wide * part / 2)], fill=colour)
    along = (end - start) / np.hypot(*(end - start))
    if rng.random() < 0.5:
        nail = end - along * 0.1 * wide
        pen.ellipse([*(nail - wide * 0.28), *(nail + wide * 0.28)], fill=_times(skin, rng.uniform(1.05, 1.25)))
    for knuckle in (0.9, 2.0):
        at, side = end - along * wide * knuckle, np.array([-along[1], along[0]]) * wide * 0.3
        pen.line([*(at - side), *(at + side)], fill=_times(skin, rng.uniform(0.75, 0.95)), width=2)


def _lit(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Softened, with light that falls off to one side and a grain."""
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(rng.uniform(1, 3)))).astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    light = 1 + rng.uniform(0, 0.35) * (x * np.cos(turn) + y * np.sin(turn))
    pixels = pixels * light[..., None] + rng.normal(0, rng.uniform(1, 5), pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
