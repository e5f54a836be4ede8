"""Cells of equal mass, counted by hand."""

from __future__ import annotations

import numpy as np

from fer_demo.metrics.levels import equal_mass_levels, named_levels


def test_different_numbers_are_shared_out_evenly_and_in_order() -> None:
    levels = equal_mass_levels(np.array([9.0, 1, 4, 2, 7, 3, 8, 5, 6]), 3)
    assert levels.tolist() == [2, 0, 1, 0, 2, 0, 2, 1, 1]


def test_equal_numbers_stay_together_even_if_a_cell_is_lost() -> None:
    assert equal_mass_levels(np.array([0, 0, 0, 0, 1, 2]), 3).tolist() == [0, 0, 0, 0, 1, 1]


def test_names_are_numbered_in_their_order() -> None:
    assert named_levels(np.array(["b", "a", "b", "c"])).tolist() == [1, 0, 1, 2]
