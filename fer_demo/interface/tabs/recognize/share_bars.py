"""Bars of how likely each expression is: rows of a list, each a button that asks for its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from jaxtyping import Float

from fer_demo.figures.palette import EXPRESSION_COLOURS

LABEL = "Share of each expression in the answer"
NO_BARS = f'<ul class="share-bars" aria-label="{LABEL}"></ul>'  # which keeps their place


def share_bars(
    expressions: Sequence[str],
    shares: Float[np.ndarray, " expressions"],
    people: Float[np.ndarray, " expressions"] | None = None,
) -> str:
    """Markup for a `Pick`: one row per expression, always in the given order, so that two faces compare at a glance.

    people: the share of people who chose each expression, drawn as an outline around the model's bar.
    """
    most = int(np.argmax(shares))
    outlines = [""] * len(shares) if people is None else [_outline(float(share)) for share in people]
    rows = zip(expressions, shares, outlines, strict=True)
    return (
        f'<ul class="share-bars" aria-label="{LABEL}">'
        + "".join(_row(place, *row, strongest=place == most) for place, row in enumerate(rows))
        + "</ul>"
    )


def _row(place: int, expression: str, share: float, outline: str, strongest: bool) -> str:
    bar = f'<i style="width:{share:.1%};background:{EXPRESSION_COLOURS[expression]}"></i>'
    return (
        f'<li><button type="button" data-pick="{place}"{" class=most" if strongest else ""} title="Show the evidence '
        f'for {escape(expression)}"><span>{escape(expression)}</span><i class="track">{bar}{outline}</i>'
        f"<b>{share:.0%}</b></button></li>"
    )


def _outline(share: float) -> str:
    return f'<s style="width:{share:.0%}" title="people: {share:.0%}"></s>' if share > 0 else ""
