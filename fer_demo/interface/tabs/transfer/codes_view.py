"""How a model with two codes, or with two networks that share, came to its edit: pictures and bars on request."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.inference.transfer.rebuilding import Rebuilding, Rebuilt
from fer_demo.interface.widgets.markup import lead, picture, side_by_side


def rebuilding_view(rebuilt: Rebuilding) -> str:
    """Both donors of the edited face beside what its codes make of them, with the error of each picture."""
    parts = [
        lead(
            "Are the two codes kept apart? Each code is read again from the edited face. With it, the model should "
            "paint the face it came from as well as with that face’s own code. A model that only copies the face "
            "passes too, so look at the result as well. Errors are in grey levels of 255."
        ),
        _row(rebuilt.person, "The face", "who it is, read from the edited face"),
    ]
    if rebuilt.driver is not None:
        parts.append(_row(rebuilt.driver, "The second face", "its expression, read from the edited face"))
    return "".join(parts)


def sharing_view(borrowed: Float[np.ndarray, "2 levels"]) -> str:
    """A bar for each level and direction: how much of its features a network took from the other, 0 to 1."""
    names = ("recognition takes from synthesis", "synthesis takes from recognition")
    rows = "".join(
        f'<li><span>Level {level + 1}: {name}</span><span class="track"><i style="width:{share:.1%}"></i></span>'
        f"<b>{share:.0%}</b></li>"
        for level, shares in enumerate(borrowed.T)
        for name, share in zip(names, shares, strict=True)
    )
    explained = lead(
        "Two networks look at the face side by side: one recognizes, one paints. After each level a gate decides how "
        "much each takes from the other."
    )
    return f'{explained}<ul class="sharing" aria-label="What the two networks took from each other">{rows}</ul>'


def _row(rebuilt: Rebuilt, title: str, changed: str) -> str:
    own = f"both codes its own: error {rebuilt.own_error:.1f}"
    again = f"{changed}: error {rebuilt.error:.1f}"
    return side_by_side(
        [
            picture(rebuilt.face, f"{title} as the model sees it", title),
            picture(rebuilt.own, f"{title} painted from its own codes", own, synthetic=True),
            picture(rebuilt.again, f"{title} painted with {changed}", again, synthetic=True),
        ]
    )
