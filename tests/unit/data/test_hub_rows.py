"""A dataset on the Hub is streamed: its first rows come at once, and what goes wrong is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import datasets
import pytest

from fer_demo.data import hub_access
from fer_demo.data.hub_rows import HubRows
from fer_demo.errors import DataError

REPO = "someone/faces"
FEATURES = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["joy", "smirk"])})


@pytest.fixture(autouse=True)
def hub_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_access, "_hub_answers", lambda endpoint: True)
    monkeypatch.setattr(hub_access, "_stated_files", lambda repo, revision, token: iter(()))


def put(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def load_dataset_builder(repo: str, configuration: str | None, token: object) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(config=SimpleNamespace(data_files=None), as_streaming_dataset=lambda: answer)

    monkeypatch.setattr(datasets, "load_dataset_builder", load_dataset_builder)


def faces(pictures: list[dict[str, object]], times: int) -> datasets.IterableDataset:
    labels = [0, 1] * (len(pictures) * times // 2)
    return datasets.Dataset.from_dict({"image": pictures * times, "label": labels}, FEATURES).to_iterable_dataset()


def test_the_first_rows_are_there_before_the_last(
    monkeypatch: pytest.MonkeyPatch, pictures: list[dict[str, object]]
) -> None:
    put(monkeypatch, {"train": faces(pictures, 20), "test": faces(pictures, 20)})
    rows = HubRows(REPO, most_rows=120)
    rows.advance(seconds=0)
    assert 0 < len(rows.result().source) < 60
    rows.advance()
    whole = rows.result()
    assert rows.done == rows.total == len(whole.source) == 120
    assert whole.source.column("split") == ["train"] * 60 + ["test"] * 60
    assert whole.labels == {"joy": "happy", "smirk": None}
    assert whole.source[3].image[0, 0] == 30


def test_rows_that_came_before_a_breakdown_are_kept(
    monkeypatch: pytest.MonkeyPatch, pictures: list[dict[str, object]]
) -> None:
    def rows_until_it_breaks() -> Iterator[dict[str, object]]:
        for row in range(40):
            yield {"image": pictures[row % 6], "label": 0}
        raise OSError("the line is dead\nmore")

    broken = datasets.IterableDataset.from_generator(rows_until_it_breaks, features=FEATURES)
    put(monkeypatch, {"train": broken})
    rows = HubRows(REPO)
    rows.advance()
    opened = rows.result()
    assert len(opened.source) == 32
    assert "could not be read" in opened.notes[-1]
    assert "\n" not in opened.notes[-1]


def test_what_the_hub_refuses_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, datasets.exceptions.DatasetNotFoundError("404"))
    with pytest.raises(DataError, match=r"no dataset someone/gone on the Hub that everybody may read.*Private"):
        HubRows("someone/gone")
    with pytest.raises(DataError, match="owner/name"):
        HubRows("no such id")


def test_a_set_without_pictures_or_rows_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, pictures: list[dict[str, object]]
) -> None:
    put(monkeypatch, {"train": datasets.Dataset.from_dict({"age": [1, 2]}).to_iterable_dataset()})
    rows = HubRows(REPO)
    rows.advance()
    with pytest.raises(DataError, match="no column of pictures; its columns are age"):
        rows.result()
    put(monkeypatch, {"train": faces(pictures, 1).skip(6)})
    rows = HubRows(REPO)
    rows.advance()
    with pytest.raises(DataError, match="holds no rows"):
        rows.result()
