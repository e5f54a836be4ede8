"""Interpolation, on a model whose codes are the halves of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.transfer.interpolation import interpolate


def test_a_strip_walks_in_equal_steps_and_holds_the_person(editor, recognizer, halves):
    strip = interpolate(editor, recognizer, halves(30, 0), halves(0, 100), halves(0, 140), steps=5)
    np.testing.assert_allclose(strip.alphas, [0, 0.25, 0.5, 0.75, 1])
    assert strip.frames.shape == (5, 8, 8, 3)
    assert strip.frames.dtype == np.uint8
    assert strip.along == "expression"
    np.testing.assert_allclose(strip.frames[:, -1, 0, 0].astype(int), [100, 110, 120, 130, 140], atol=1)
    np.testing.assert_allclose(strip.frames[:, 0, 0, 0].astype(int), 30, atol=1)
    np.testing.assert_allclose(strip.identity_similarity, 1, rtol=1e-5)


def test_without_a_start_the_walk_begins_at_the_source(editor, recognizer, halves):
    strip = interpolate(editor, recognizer, halves(30, 60), None, halves(0, 200))
    assert len(strip.frames) == 11
    assert abs(int(strip.frames[0, -1, 0, 0]) - 60) <= 1
    assert abs(int(strip.frames[-1, -1, 0, 0]) - 200) <= 1


def test_expressions_can_be_named(editor, recognizer, halves):
    strip = interpolate(editor, recognizer, halves(30, 60), "angry", "neutral", steps=3)
    np.testing.assert_allclose(strip.frames[:, -1, 0, 0].astype(int), [0, 128, 255], atol=1)


def test_along_identity_the_expression_is_held(editor, recognizer, halves):
    strip = interpolate(editor, recognizer, halves(255, 77), None, halves(0, 200), steps=3, along="identity")
    np.testing.assert_allclose(strip.frames[:, 0, 0, 0].astype(int), [255, 128, 0], atol=1)
    np.testing.assert_allclose(strip.frames[:, -1, 0, 0].astype(int), 77, atol=1)
    # The codes run from all 1 to all -1, so the cosine to the first person turns round.
    np.testing.assert_allclose(strip.identity_similarity[[0, 2]], [1, -1], rtol=1e-5)


def test_along_identity_a_start_takes_the_sources_place(editor, recognizer, halves):
    strip = interpolate(editor, recognizer, halves(1, 77), halves(50, 9), halves(90, 9), steps=3, along="identity")
    np.testing.assert_allclose(strip.frames[:, 0, 0, 0].astype(int), [50, 70, 90], atol=1)
    assert strip.identity_similarity[0] == pytest.approx(1)


def test_the_judge_sees_every_frame(editor, recognizer, column, halves):
    strip = interpolate(editor, recognizer, column(2), None, column(2), steps=4)
    assert strip.probabilities.shape == (4, 7)
    np.testing.assert_allclose(strip.probabilities.sum(axis=1), 1, rtol=1e-5)
    # The judge averages with the mirror image: columns 2 and 5.
    np.testing.assert_allclose(strip.probabilities[:, [2, 5]], 0.5, atol=1e-3)


def test_the_chroma_turns_from_one_person_to_the_other(editor, recognizer):
    red = FaceCrop(np.full((8, 8, 3), (180, 90, 90), dtype=np.uint8), None, ())
    blue = FaceCrop(np.full((8, 8, 3), (90, 90, 180), dtype=np.uint8), None, ())
    strip = interpolate(editor, recognizer, red, None, blue, steps=3, along="identity")
    warmth = strip.frames[:, 0, 0, 0].astype(int) - strip.frames[:, 0, 0, 2]
    assert warmth[0] > 70
    assert abs(warmth[1]) < 15
    assert warmth[2] < -70


def test_a_colour_models_frames_are_left_as_painted(colour_editor, recognizer):
    red = FaceCrop(np.full((8, 8, 3), (180, 90, 80), dtype=np.uint8), None, ())
    strip = interpolate(colour_editor, recognizer, red, None, red, steps=2)
    assert (strip.frames == (180, 90, 80)).all()


@pytest.mark.parametrize("steps", [1, 0, -3, 102])
def test_a_number_of_steps_out_of_range_is_refused(editor, recognizer, halves, steps):
    with pytest.raises(SettingsError, match="number of steps"):
        interpolate(editor, recognizer, halves(0, 0), None, "happy", steps=steps)


def test_an_expression_is_not_a_person(editor, recognizer, halves):
    with pytest.raises(SettingsError, match="both ends must be faces"):
        interpolate(editor, recognizer, halves(0, 0), None, "happy", along="identity")


def test_a_photo_editors_strip_begins_with_the_photo_itself(photo_editor, recognizer, halves):
    person = halves(30, 200)
    strip = interpolate(photo_editor, recognizer, person, None, "happy", steps=18)
    assert strip.frames.shape == (18, 256, 256, 3)
    assert np.array_equal(strip.frames[0], person.pixels(256))
    assert not np.array_equal(strip.frames[-1], strip.frames[0])
    assert strip.identity_similarity is None
    assert strip.outside is None


def test_a_photo_editor_cannot_change_the_person_and_names_the_model_that_can(photo_editor, recognizer, halves):
    with pytest.raises(SettingsError, match="choose TDGAN"):
        interpolate(photo_editor, recognizer, halves(0, 0), None, halves(9, 9), along="identity")


def test_an_embedder_measures_every_frame_from_the_first_person(editor, recognizer, embedder, halves):
    # The mean turns from 0 by up to half of the range [-1, 1], in each of three channels.
    strip = interpolate(editor, recognizer, halves(0, 0), None, halves(0, 255), steps=3, embedder=embedder)
    np.testing.assert_allclose(strip.identity.distances, np.array([0, 0.5, 1]) * np.sqrt(3), atol=0.01)
    assert strip.outside.tolist() == [False, True, True]


def test_where_the_person_is_to_change_no_frame_is_outside(editor, recognizer, embedder, halves):
    strip = interpolate(editor, recognizer, halves(0, 0), None, halves(255, 0), 3, "identity", embedder)
    assert strip.identity.distances[-1] > 1
    assert strip.outside is None
