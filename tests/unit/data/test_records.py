"""A record says what is known about one face, and nothing more."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fer_demo.data.records import FaceRecord


def test_unknown_labels_are_none_and_records_do_not_change() -> None:
    record = FaceRecord(image=np.zeros((48, 48), np.uint8), source="mine", key="1")
    assert record.expression is None
    assert record.votes is None
    assert dict(record.attributes) == {}
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.key = "2"  # type: ignore[misc]
    assert record != FaceRecord(image=record.image, source="mine", key="1")
