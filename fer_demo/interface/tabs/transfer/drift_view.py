"""The drift of a strip as small cards: a number, a line over the frames, and what it means in one sentence."""

from __future__ import annotations

from html import escape

import numpy as np

from fer_demo.inference.transfer.frame_drift import Drift
from fer_demo.interface.widgets.glossary import explained

_WIDTH, _HEIGHT = 200, 36  # of a line, in the units of its drawing


def drift_cards(drift: Drift, expression: str, along: str, embedder: str) -> str:
    """Four cards; `embedder` is the name of the network whose feature maps measure the steps."""
    cards = [_steps(drift, embedder), _stray(drift, expression, along), _pose(drift), _brightness(drift)]
    return f'<div class="cards">{"".join(cards)}</div>'


def _steps(drift: Drift, embedder: str) -> str:
    title = "Is the change even?"
    if drift.steps is None:
        return _card(title, "–", "", "Not measured: the identity embedder, which it needs, is not loaded.")
    largest = drift.largest_step
    shown = "no steps" if largest is None else f"{largest:.1f}×"
    sentence = (
        "The largest change from one frame to the next, beside the average one (1: all alike). It is measured as a "
        f"perceptual distance by the {embedder}, {drift.steps.mean():.4f} on average."
    )
    return _card(title, shown, _bars(drift.steps), sentence)


def _stray(drift: Drift, expression: str, along: str) -> str:
    asked = f"{expression}, which should stay" if along == "identity" else expression
    sentence = f"How much of the probability went to expressions that nobody asked for: all but {asked}."
    return _card("Other expressions", f"{drift.stray.max():.0%} at most", _line(drift.stray, 1.0), sentence)


def _pose(drift: Drift) -> str:
    title, missing = "Head pose", int(np.isnan(drift.pose).sum())
    if missing == len(drift.pose):
        return _card(title, "–", "", "Not measured: no face was found in the first frame.")
    sentence = "How far the head turns or leans from where it was in the first frame, to within a degree or two."
    sentence += " Nodding is left out: a moving mouth looks like it."
    if missing:
        sentence += f" No face was found in {missing} frames."
    return _card(title, f"{np.nanmax(drift.pose):.1f}° at most", _line(drift.pose, 10.0), sentence)


def _brightness(drift: Drift) -> str:
    sentence = "How much lighter or darker the picture becomes, of 255 steps from black to white."
    return _card("Brightness", f"{drift.brightness.max():.1f} at most", _line(drift.brightness, 10.0), sentence)


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
