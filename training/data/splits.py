"""Who is kept out of training: decided by a person's name alone, so that every recipe agrees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

STRANGER_SHARE = 0.05  # of LFW's people are never trained on
HELD_OUT_SHARE = 0.1  # of the rendered people, the last of them, are never trained on
TEACHING_SHARE = 0.5  # of the people of the true pairs may teach; the others only validate


def is_stranger(name: str) -> bool:
    """Whether this person of LFW is kept out of training."""
    return _place(name) < STRANGER_SHARE


def teaches(name: str) -> bool:
    """Whether this person of the true pairs (London, CK+) may teach; everybody else there validates."""
    return _place(name) < TEACHING_SHARE


def teachers_among(people: int) -> int:
    """How many of so many rendered people may teach; the others, the last ones, are kept out."""
    return round(people * (1 - HELD_OUT_SHARE))


def rendered_teachers(names: Iterable[str]) -> list[str]:
    """The rendered people who may teach, in order."""
    everybody = sorted(set(names))
    return everybody[: teachers_among(len(everybody))]


def rendered_strangers(names: Iterable[str]) -> list[str]:
    """The rendered people who are kept out, in order."""
    everybody = sorted(set(names))
    return everybody[len(rendered_teachers(everybody)) :]


def _place(name: str) -> float:
    """Where a name falls between 0 and 1."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
