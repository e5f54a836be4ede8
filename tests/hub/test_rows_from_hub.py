"""Datasets streamed from a Hub that answers as the real one: nested folders, parts of files, refusals, breakdowns."""

from __future__ import annotations

import io
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.hub_rows import HubRows
from fer_demo.data.opened_set import OpenedSet
from fer_demo.errors import DataError
from tests.hub.conftest import Put
from tests.hub.loopback_hub import LoopbackHub

REPO = "someone/faces"


def png(level: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (16, 16), level).save(buffer, "PNG")
    return buffer.getvalue()


def parquet(labels: list[str], **columns: list[object]) -> bytes:
    """Grey pictures whose level is ten times their row, two rows in a group."""
    pictures = [{"bytes": png(10 * row % 250), "path": f"{row}.png"} for row in range(len(labels))]
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": pictures, "label": labels, **columns}), buffer, row_group_size=2)
    return buffer.getvalue()


def opened(asked: str = REPO) -> OpenedSet:
    rows = HubRows(asked)
    rows.advance()
    return rows.result()


def test_parquet_in_nested_folders_is_read_in_parts(put: Put) -> None:
    put({"a/b/train.parquet": parquet(["joy", "sad"] * 40), "a/b/test.parquet": parquet(["anger"] * 2)})
    rows = HubRows(REPO)
    rows.advance(seconds=0)
    assert 0 < rows.done < 80
    rows.advance()
    found = rows.result()
    assert found.source.column("split") == ["train"] * 80 + ["test"] * 2
    assert found.source.column("expression")[:2] == ["happy", "sad"]
    assert found.source.picture(7)[0, 0] == 70


def test_each_split_is_read_by_its_own_class_names(put: Put) -> None:
    def named(classes: list[str], labels: list[int]) -> bytes:
        features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=classes)})
        pictures = [{"bytes": png(10), "path": None} for _ in labels]
        datasets.Dataset.from_dict({"image": pictures, "label": labels}, features).to_parquet(buffer := io.BytesIO())
        return buffer.getvalue()

    files = {"train": named(["happy", "sad", "fear"], [0, 1, 2]), "test": named(["fear", "happy", "sad"], [0, 1, 2])}
    put({f"data/{name}-00000-of-00001.parquet": content for name, content in files.items()})
    found = opened().source
    assert found.column("split") == ["train"] * 3 + ["test"] * 3
    assert found.column("expression") == ["happy", "sad", "fear", "fear", "happy", "sad"]


def test_a_folder_of_pictures_is_fetched_file_by_file(put: Put) -> None:
    levels = {"train/happy/one.png": 40, "train/sad/two.png": 50, "test/happy/three.png": 60, "test/sad/four.png": 70}
    put({f"data/{name}": png(level) for name, level in levels.items()})
    found = opened()
    assert found.source.column("split") == ["train"] * 2 + ["test"] * 2
    assert found.source.column("expression") == ["happy", "sad"] * 2
    assert [found.source.picture(row)[0, 0] for row in range(4)] == list(levels.values())


def test_paths_that_lead_out_of_the_dataset_are_not_followed(put: Put, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(1))
    home = f"hf://datasets/{REPO}@main"
    paths = [str(secret), f"file://{secret}", "http://127.0.0.1:9/one.png", "hf://datasets/someone/else@main/one.png"]
    paths += [f"file://{secret}::{home}/one.png", f"simplecache::file://{secret}::{home}/one.png"]
    paths += [f"{home}/../../else/one.png", f"{home}/not-there.png"]
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": None, "path": path} for path in paths]}), buffer)
    put({"train.parquet": buffer.getvalue()})
    source = opened().source
    for row in range(len(paths)):
        with pytest.raises(DataError, match="has no picture"):
            source.picture_file(row)


def test_one_configuration_of_several_is_read_and_the_others_are_named(put: Put) -> None:
    card = "---\nconfigs:\n- config_name: a\n  data_files: a.parquet\n- config_name: b\n  data_files: b.parquet\n---\n"
    put({"README.md": card.encode(), "a.parquet": parquet(["joy"] * 3), "b.parquet": parquet(["sad"])})
    first = opened()
    assert len(first.source) == 3
    assert first.notes == (f"It has several configurations; this is “a”. Ask for another as {REPO}:b.",)
    assert opened(f"{REPO}:b").source.column("expression") == ["sad"]
    with pytest.raises(DataError, match=r"could not be opened: .*'c' not found"):
        opened(f"{REPO}:c")


def test_a_missing_and_a_private_dataset_are_refused_alike(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put({"train.parquet": parquet(["joy"])}).private = True
    for repo in (REPO, "someone/gone"):
        with pytest.raises(DataError, match=rf"no dataset {repo} on the Hub that you may read; .*`hf auth login`"):
            HubRows(repo, login=True)
    monkeypatch.setenv("HF_TOKEN", "hf_of_a_member")
    rows = HubRows(REPO, login=True)
    rows.advance()
    assert len(rows.result().source) == 1


def test_visitors_see_what_everybody_may_see_and_not_what_the_operator_may(
    hub: LoopbackHub, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_operator")
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": None, "path": f"hf://datasets/{REPO}@main/one.png"}]}), buffer)
    repository = put({"README.md": b"# Faces\n", "train.parquet": buffer.getvalue(), "one.png": png(50)})
    repository.private = True
    with pytest.raises(DataError, match=rf"no dataset {REPO} on the Hub that everybody may read"):
        opened()
    repository.private = False
    assert opened().source.picture(0)[0, 0] == 50
    assert hub.tokens == set()


@pytest.mark.parametrize("token", [None, "hf_of_a_stranger"])  # refused with 401 and with 403
def test_a_gated_dataset_is_refused(token: str | None, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put({"train.parquet": parquet(["joy"])}).gated = True
    if token is not None:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(DataError, match="if it is private or gated, log in"):
        HubRows(REPO, login=True)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"README.md": b"# Faces\n"}, f"{REPO} holds no files with rows or pictures"),
        ({"faces.csv": b"age,name\n1,a\n"}, "no column of pictures; its columns are age, name"),
        ({"train.parquet": b"PAR1 rubbish PAR1"}, f"{REPO} could not be opened: Parquet file size is 17 bytes"),
        ({"faces.py": b"import datasets\n"}, "scripts are no longer supported"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(files: dict[str, bytes], sentence: str, put: Put) -> None:
    put(files)
    with pytest.raises(DataError, match=sentence):
        opened()


def test_a_split_without_rows_costs_the_others_nothing(put: Put) -> None:
    empty = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(parquet(["joy"]))).slice(0, 0), empty)
    put({"train.parquet": empty.getvalue()})
    with pytest.raises(DataError, match="holds no rows"):
        opened()
    put({"train.parquet": empty.getvalue(), "test.parquet": parquet(["joy"] * 3)})
    found = opened()
    assert found.source.column("split") == ["test"] * 3
    assert found.notes == ()


def test_one_row_and_a_column_of_nested_things_are_welcome(put: Put) -> None:
    put({"train.parquet": parquet(["joy"], about=[{"marks": [1, 2], "by": {"whom": "x"}}])})
    found = opened()
    assert found.source[0].attributes["about"] == {"marks": [1, 2], "by": {"whom": "x"}}


def test_a_hub_that_goes_away_leaves_the_rows_that_came(hub: LoopbackHub, put: Put) -> None:
    put({"train.parquet": parquet(["joy"] * 64), "test.parquet": parquet(["sad"] * 64)})
    rows = HubRows(REPO, patience=2.0)
    rows.advance(seconds=0)
    hub.stop()
    rows.advance()  # comes to an end
    found = rows.result()
    assert 32 <= rows.done == rows.total == len(found.source) < 128
    assert found.notes[-1] == "The Hub stopped answering, so the rest of the rows is missing."
    with pytest.raises(DataError, match=rf"The Hub \({hub.url}\) cannot be reached; connect to the network"):
        HubRows(REPO)


def test_a_hub_that_is_out_of_order_is_away(hub: LoopbackHub, put: Put) -> None:
    hub.out_of_order = True
    with pytest.raises(DataError, match="cannot be reached"):
        HubRows(REPO)
