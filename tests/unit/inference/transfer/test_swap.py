"""Swaps in bulk, on a model whose codes are the halves of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.inference.identity import IdentityBand
from fer_demo.inference.transfer.identity_kept import IdentityKept
from fer_demo.inference.transfer.swap import SHOWN_SIDE, SwapMatrix, SwapRow, drawn_people, swap_row, two_way_grid

BAND = IdentityBand(64, (0.0,) * 21, (1.0,) * 21, 0.6, 0.98, 0.98, 0.9, 500, "photographs")


def test_a_row_shows_one_person_with_every_expression(editor, recognizer, embedder, halves):
    row = swap_row(editor, recognizer, embedder, halves(30, 0))
    assert row.pictures.shape == (7, SHOWN_SIDE, SHOWN_SIDE, 3)
    assert row.probabilities.shape == (7, 7)
    assert row.kept is not None
    assert row.kept.distances.shape == (7,)
    lower = row.pictures[:, -1, 0, 0].astype(int)
    assert (np.diff(lower) > 20).all()  # the prototypes go from black to white
    assert np.ptp(row.pictures[:, 0, 0, 0].astype(int)) == 0


def test_the_worst_cells_come_first(halves):
    person = halves(0, 0)
    pictures = np.zeros((2, 8, 8, 3), np.uint8)
    read = np.zeros((2, 7), np.float32)
    read[0, BASIC.index("happy")] = 0.9
    read[1, BASIC.index("sad")], read[1, BASIC.index("fear")] = 0.3, 0.7
    near, far = (IdentityKept(np.array(values, np.float32), BAND) for values in ([0.1, 0.2], [0.9, 0.2]))
    matrix = SwapMatrix(
        ("happy", "sad"), (SwapRow(person, pictures, read, near), SwapRow(person, pictures, read, far)), (None, None)
    )
    assert matrix.reached.tolist() == [[True, False], [True, False]]
    assert matrix.same is not None
    assert matrix.same.tolist() == [[True, True], [False, True]]
    assert matrix.chances()[0].tolist() == pytest.approx([0.9, 0.3])
    assert matrix.worst() == [(1, 0), (0, 1), (1, 1)]


def test_without_an_embedder_nobody_is_called_the_same(halves):
    row = SwapRow(halves(0, 0), np.zeros((1, 8, 8, 3), np.uint8), np.eye(7, dtype=np.float32)[[3]], None)
    assert SwapMatrix(("happy",), (row,), (None,)).same is None
    assert SwapMatrix(("happy",), (row,), (None,)).worst() == []


def test_a_seed_draws_the_same_different_people_every_time():
    source = load_bundled()
    drawn = drawn_people(source, 5, seed=3)
    people = [source.column("person")[row] for row in drawn]
    assert len(set(people)) == 5
    assert drawn == drawn_people(source, 5, seed=3)
    assert drawn != drawn_people(source, 5, seed=4)


def test_a_grid_goes_both_ways(editor, recognizer, embedder, halves):
    grid = two_way_grid(editor, recognizer, embedder, halves(0, 0), halves(200, 0), halves(0, 100), side=3)
    assert grid.pictures.shape == (3, 3, 8, 8, 3)
    np.testing.assert_allclose(grid.pictures[:, 0, 0, 0, 0], [0, 100, 200], atol=1)
    np.testing.assert_allclose(grid.pictures[0, :, -1, 0, 0], [0, 50, 100], atol=1)
    assert grid.to_first is not None
    assert grid.to_second is not None
    assert grid.to_first[0].distances[0] == pytest.approx(0, abs=1e-6)
    assert grid.to_second[2].distances[0] == pytest.approx(0, abs=1e-6)


def test_a_photo_editor_has_no_grid_between_people(photo_editor, recognizer, halves):
    with pytest.raises(SettingsError, match="choose TDGAN"):
        two_way_grid(photo_editor, recognizer, None, halves(0, 0), halves(9, 9), "happy")
