"""The course of a strip as small cards: a number, a line over the frames, and what it means in one sentence."""

from __future__ import annotations

from html import escape

import numpy as np

from fer_demo.inference.transfer.frame_drift import Course
from fer_demo.interface.widgets.glossary import explained

_WIDTH, _HEIGHT = 200, 36  # of a line, in the units of its drawing


def course_cards(course: Course, expression: str, along: str, embedder: str) -> str:
    """Four cards; `embedder` is the name of the network whose feature maps measure the steps."""
    cards = [_steps(course, embedder), _stray(course, expression, along), _pose(course), _brightness(course)]
    return f'<div class="cards">{"".join(cards)}</div>'


def _steps(course: Course, embedder: str) -> str:
    title = "Is the change even?"
    if course.steps is None:
        return _card(title, "–", "", "Not measured: the identity embedder, which it needs, is not loaded.")
    largest = course.largest_step
    shown = "no steps" if largest is None else f"{largest:.1f}×"
    said = (
        "The largest change from one frame to the next, beside the average one (1: all alike). It is measured as a "
        f"perceptual distance by the {embedder}, {course.steps.mean():.4f} on average."
    )
    return _card(title, shown, _bars(course.steps), said)


def _stray(course: Course, expression: str, along: str) -> str:
    asked = f"{expression}, which should stay" if along == "identity" else expression
    said = f"How much of the probability went to expressions that nobody asked for: all but {asked}."
    return _card("Other expressions", f"{course.stray.max():.0%} at most", _line(course.stray, 1.0), said)


def _pose(course: Course) -> str:
    title, missing = "Head pose", int(np.isnan(course.pose).sum())
    if missing == len(course.pose):
        return _card(title, "–", "", "Not measured: no face was found in the first frame.")
    said = "How far the head turns or leans from where it was in the first frame, to within a degree or two."
    said += " Nodding is left out: a moving mouth looks like it."
    if missing:
        said += f" No face was found in {missing} frames."
    return _card(title, f"{np.nanmax(course.pose):.1f}° at most", _line(course.pose, 10.0), said)


def _brightness(course: Course) -> str:
    said = "How much lighter or darker the picture becomes, of 255 steps from black to white."
    return _card("Brightness", f"{course.brightness.max():.1f} at most", _line(course.brightness, 10.0), said)


def _card(title: str, number: str, drawing: str, sentence: str) -> str:
    text = f"<p>{explained(sentence)}</p>"
    return f'<section class="card"><h4>{escape(title)}</h4><b>{escape(number)}</b>{drawing}{text}</section>'


def _line(values: np.ndarray, full: float) -> str:
    """Values over the frames; the top is `full`, or the largest value if that is more."""
    top, last = max(full, float(np.nanmax(values))), max(len(values) - 1, 1)
    points = [
        f"{_WIDTH * place / last:.1f},{_HEIGHT * (1 - value / top):.1f}"
        for place, value in enumerate(values)
        if not np.isnan(value)
    ]
    return _drawing(f'<polyline points="{" ".join(points)}"/>')


def _bars(values: np.ndarray) -> str:
    top, width = max(float(values.max()), 1e-9), _WIDTH / len(values)
    bars = "".join(
        f'<rect x="{width * (place + 0.12):.1f}" width="{width * 0.76:.1f}" '
        f'y="{_HEIGHT * (1 - value / top):.1f}" height="{_HEIGHT * value / top:.1f}"/>'
        for place, value in enumerate(values)
    )
    return _drawing(bars)


def _drawing(content: str) -> str:
    box = f"0 -2 {_WIDTH} {_HEIGHT + 4}"
    return f'<svg viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">{content}</svg>'
