"""What the tests of training share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from training.two_codes import validation


@pytest.fixture(scope="session", autouse=True)
def few_pairs() -> Iterator[None]:
    """To validate two codes with: the encoders take most of a minute for all of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(validation, "RENDERED_PAIRS", 8)
        patched.setattr(validation, "PROTOTYPE_FACES", 2)
        yield
