"""What an edit of a network with two codes is here, and was in the papers."""

from __future__ import annotations

from fer_demo.published.differences import Difference

EDITED_FACE = Difference(
    "edited face",
    "what the decoder paints",
    "the photograph, to which is added how two painted faces differ: with the wanted expression code and its own",
)
