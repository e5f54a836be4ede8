"""Sets named for a run: prepared once in its own data folder, with what else --data holds beside them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.loading import load_bundled, load_fer2013, load_lfw
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from training.data.own_sets import own_data

_CODES = ("AN", "DI", "FE", "HA", "SA", "SU", "NE")


@pytest.fixture(scope="module")
def jaffe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, each with every expression, called as the pictures of JAFFE are."""
    folder = tmp_path_factory.mktemp("jaffe")
    source = load_bundled()
    shown = np.array(source.column("expression"))
    for place, code in enumerate(_CODES):
        for number, row in enumerate(np.flatnonzero(shown == BASIC[place])[:2]):
            person = ("KA", "KL")[number]
            picture = Image.fromarray(source.picture(int(row))).resize((64, 64))
            picture.save(folder / f"{person}.{code}1.{10 * place + number}.tiff")
    return folder


def test_a_set_is_prepared_once_and_by_its_name(jaffe: Path, tmp_path: Path) -> None:
    folder = own_data(tmp_path, None, f"jaffe:{jaffe}", f"jaffe:{jaffe}")
    assert folder == tmp_path / "data"
    train, test = (load_fer2013(folder, split) for split in ("train", "public_test"))
    labels = train.column("expression") + test.column("expression")
    assert {name: labels.count(name) for name in BASIC} == dict.fromkeys(BASIC, 2)
    assert set(train.column("person")).isdisjoint(test.column("person"))
    assert set(load_lfw(folder).column("person")) == {"KA", "KL"}
    before = (folder / "fer2013" / "train.parquet").stat().st_mtime_ns
    assert own_data(tmp_path, None, f"jaffe:{jaffe}", None) == folder
    assert (folder / "fer2013" / "train.parquet").stat().st_mtime_ns == before
    with pytest.raises(DataError, match="made with other settings"):
        own_data(tmp_path, None, str(jaffe), None)


def test_the_rest_of_the_data_stands_beside_it(tmp_path: Path) -> None:
    data = tmp_path / "all"
    for name in ("fer2013", "lfw", "synthetic"):
        (data / name).mkdir(parents=True)
        (data / name / "it").touch()
    run = tmp_path / "run"
    table = pa.table({"image": [_file(row) for row in range(6)], "person": ["Ann", "Ben"] * 3})
    pq.write_table(table, tmp_path / "mine.parquet")
    folder = own_data(run, data, None, str(tmp_path / "mine.parquet"))
    assert folder is not None
    assert (folder / "fer2013" / "it").exists()
    assert (folder / "synthetic" / "it").exists()
    assert not (folder / "lfw" / "it").exists()
    assert own_data(tmp_path / "another", data, None, None) == data
    with pytest.raises(DataError, match="name them again with --expressions and --people"):
        own_data(run, data, None, None)
    with pytest.raises(DataError, match="There is no folder"):
        own_data(run, tmp_path / "nothing", "jaffe:x", None)


def _file(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (48, 48), 40 * value).save(buffer, "PNG")
    return buffer.getvalue()
