"""Votes become shares of the expressions a model knows."""

from __future__ import annotations

import numpy as np

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.inference.recognize.votes import vote_shares, votes_in_words

# neutral, happy, surprise, sad, angry, disgust, fear, contempt, unknown, not a face
VOTES = np.array([1, 6, 1, 0, 0, 0, 0, 1, 1, 0], np.float32)


def test_shares_are_of_all_votes_in_the_models_order() -> None:
    np.testing.assert_allclose(vote_shares(VOTES, BASIC), [0, 0, 0, 0.6, 0, 0.1, 0.1], rtol=1e-6)
    np.testing.assert_allclose(vote_shares(VOTES, WITH_CONTEMPT)[-1], 0.1, rtol=1e-6)


def test_votes_for_nothing_the_model_knows_are_counted_in_words() -> None:
    assert votes_in_words(VOTES, BASIC).endswith("10 people saw in this face. 2 of them named none of these.")
    assert votes_in_words(np.array([10] + [0] * 9), BASIC).endswith("saw in this face.")


def test_a_face_nobody_voted_on_has_no_shares() -> None:
    assert vote_shares(np.zeros(10), BASIC) is None
    assert votes_in_words(np.zeros(10), BASIC) == ""
