"""What the tests of training share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.training_data import validate_on_few


@pytest.fixture(scope="session", autouse=True)
def few_faces() -> Iterator[None]:
    """To validate two codes with."""
    with pytest.MonkeyPatch.context() as patched:
        validate_on_few(patched)
        yield
