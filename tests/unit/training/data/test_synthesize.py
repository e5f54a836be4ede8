"""The synthesize command: its settings, its shards and what it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from training.data import synthesize as command
from training.data.synthesize import SynthesizeSettings, face_of, synthesize


class SameProcess:
    """Stands in for a pool of processes."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> SameProcess:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def imap(self, function: Any, jobs: list[Any]) -> Iterator[Any]:
        return map(function, jobs)


@pytest.fixture(autouse=True)
def _same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    context = type("Context", (), {"Pool": SameProcess})
    monkeypatch.setattr(command.multiprocessing, "get_context", lambda method: context)


def small(out: Path, **changes: Any) -> SynthesizeSettings:
    return SynthesizeSettings(**{"identities": 1, "per_expression": 1, "size": 32, "out": out, **changes})


def rows(out: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(out.glob("faces-*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_every_person_shows_every_expression(tmp_path: Path) -> None:
    out = synthesize(small(tmp_path / "faces", identities=2, first_identity=7))
    found = [(row["person"], row["expression"]) for row in rows(out)]
    assert found == [(person, expression) for person in ("00007", "00008") for expression in BASIC]


def test_a_row_holds_the_picture_and_its_ground_truth(tmp_path: Path) -> None:
    row = rows(synthesize(small(tmp_path, expressions=8)))[3]
    image = Image.open(io.BytesIO(row["image"]["bytes"]))
    assert image.size == (32, 32)
    assert image.mode == "RGB"
    assert row["key"] == "00000-happy-0"
    assert np.array(row["landmarks"]).shape == (68, 2)
    assert len(row["head_pose"]) == 3
    assert len(row["units"]) == 52
    assert 0.1 <= row["intensity"] <= 1


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    first, second, other = (
        rows(synthesize(small(tmp_path / name, seed=seed))) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert first == second
    assert first[0]["image"] != other[0]["image"]


def test_finished_shards_are_kept_and_missing_ones_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_PERSONS_PER_SHARD", 1)
    settings = small(tmp_path, identities=2)
    complete = rows(synthesize(settings))
    kept, lost = sorted(tmp_path.glob("faces-*.parquet"))
    before = kept.stat().st_mtime_ns
    lost.unlink()
    assert rows(synthesize(settings)) == complete
    assert kept.stat().st_mtime_ns == before
    assert not list(tmp_path.glob("*.partial"))


def test_a_folder_keeps_to_the_settings_it_was_made_with(tmp_path: Path) -> None:
    synthesize(small(tmp_path))
    with pytest.raises(DataError, match="other settings"):
        synthesize(small(tmp_path, seed=1))
    assert json.loads((tmp_path / "settings.json").read_text())["seed"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"identities": 0},
        {"per_expression": 0},
        {"size": 4},
        {"size": 4096},
        {"expressions": 6},
        {"seed": -1},
        {"quality": 101},
        {"workers": 0},
    ],
)
def test_impossible_settings_are_refused(tmp_path: Path, changes: dict[str, int]) -> None:
    with pytest.raises(DataError):
        small(tmp_path, **changes)


def test_a_full_disk_is_noticed_before_anything_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(command.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DataError, match="free"):
        synthesize(small(tmp_path))


def test_a_folder_that_cannot_be_made_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="another folder"):
        synthesize(small(tmp_path / "file" / "faces"))


def test_hair_clothing_and_background_do_not_depend_on_the_person(tmp_path: Path) -> None:
    faces = [face_of(small(tmp_path), 0, expression, 0) for expression in WITH_CONTEMPT]
    assert len({face.identity for face in faces}) == 1
    assert len({face.hair for face in faces}) > 1
    assert len({face.clothing for face in faces}) > 1
    assert len({face.background for face in faces}) > 1


def test_hair_can_be_kept_with_the_person(tmp_path: Path) -> None:
    settings = small(tmp_path, hair_with_person=True)
    assert len({face_of(settings, 0, expression, 0).hair for expression in BASIC}) == 1
    assert face_of(settings, 0, "sad", 0).hair != face_of(settings, 1, "sad", 0).hair


def test_vivid_sets_have_half_of_their_intensities_above_six_tenths(tmp_path: Path) -> None:
    settings = small(tmp_path, vivid=True)
    intensities = np.array([face_of(settings, person, "fear", 0).expression.intensity for person in range(60)])
    assert (intensities > 0.6).mean() >= 0.5
    assert intensities.min() < 0.35
