"""What an edit of a network with two codes is here, what teaches it, and what it was in the papers."""

from __future__ import annotations

from fer_demo.published.differences import Difference

EDITED_FACE = Difference(
    "edited face",
    "what the decoder paints",
    "the photograph, to which is added how two painted faces differ: with the wanted expression code and its own",
)
TAUGHT_EDITS = Difference(
    "loss: true pictures",
    "none",
    "in a last stage, the error of edited faces against the true picture of that person with that expression: people "
    "of CK+ and London who posed, and rendered people",
)
