"""Encoding, on a model whose codes are the halves of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import CheckpointError
from fer_demo.inference.encoding import encode


def test_codes_are_the_models_own_and_in_order(editor, halves):
    codes = encode(editor, [halves(255, 0)] * 65 + [halves(0, 255)])
    assert codes.identity.shape == codes.expression.shape == (66, 32)
    assert codes.identity.dtype == codes.expression.dtype == np.float32
    assert (codes.identity[:65] == 1).all()
    assert (codes.identity[65] == -1).all()
    assert (codes.expression == -codes.identity).all()


def test_a_recognizer_has_no_codes(recognizer, halves):
    with pytest.raises(CheckpointError, match="such as tdgan"):
        encode(recognizer, [halves(0, 0)])
