"""The line about an opened set stays a line, whatever its columns hold."""

from __future__ import annotations

import pyarrow as pa

from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.sources import FaceSource
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.tabs.dataset.opening import show


def test_of_many_splits_the_first_are_named_and_the_others_counted() -> None:
    splits = [f"part {number} {'x' * 1000}" for number in range(20_000)]
    table = pa.table({"image": pa.array([b""] * 20_000), "split": splits})
    lead = show(Exploration(OpenedSet(FaceSource("mine", table), {}))).lead
    assert "20,000 pictures" in lead
    assert "and 19,988 other splits" in lead
    assert len(lead) < 1_000
    assert (
        len(show(Exploration(OpenedSet(FaceSource("mine", table.rename_columns(["image", "person"])), {}))).lead)
        < 1_000
    )
    few = pa.table({"image": pa.array([b""] * 3), "split": ["train", "test", "train"]})
    assert "3 pictures, 2 train and 1 test" in show(Exploration(OpenedSet(FaceSource("mine", few), {}))).lead
