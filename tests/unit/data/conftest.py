"""Tiny generated pictures in place of datasets."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """Makes the PNG of a one-coloured picture, 16 pixels a side."""

    def make(value: int | tuple[int, int, int] = 100) -> bytes:
        buffer = io.BytesIO()
        Image.new("L" if isinstance(value, int) else "RGB", (16, 16), value).save(buffer, "PNG")
        return buffer.getvalue()

    return make


@pytest.fixture
def pictures(png: Callable[..., bytes]) -> list[dict[str, object]]:
    """Six grey pictures as `datasets` stores them; their grey level is ten times their row."""
    return [{"bytes": png(10 * row), "path": None} for row in range(6)]


@pytest.fixture(scope="session")
def landmarks() -> np.ndarray:
    return np.arange(136, dtype=np.float32).reshape(68, 2)
