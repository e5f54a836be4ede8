"""A Hub id is only ever a Hub id, and a dataset there has no files but its own."""

from __future__ import annotations

import io
import json
import socket
import tarfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.hub_rows import HubRows
from fer_demo.data.loading import load_hub
from fer_demo.errors import DataError
from tests.hub.conftest import Put

REPO = "someone/faces"
FOLDERS = ("photos", "private/photos", "imagefolder", "csv", "parquet", "json", "text", "fer_demo/assets")


def png(level: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (16, 16), level).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def decoys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory full of folders that are called as ids and readers are."""
    for name in (*FOLDERS, REPO):
        folder = tmp_path / "server" / name / "happy"
        folder.mkdir(parents=True)
        (folder / "secret.png").write_bytes(png(200))
        (folder.parent / "secret.csv").write_text("label,pixels\n0,1 2 3 4\n")
    monkeypatch.chdir(tmp_path / "server")
    return tmp_path


@pytest.mark.usefixtures("decoys", "put")
@pytest.mark.parametrize("name", FOLDERS)
def test_no_folder_of_the_server_and_no_reader_by_name_is_opened(name: str) -> None:
    for opening in (HubRows, load_hub):
        with pytest.raises(DataError, match=r"There is no dataset|is not a Hub dataset id"):
            opening(name)


@pytest.mark.usefixtures("decoys")
def test_a_dataset_of_the_hub_is_read_though_a_folder_has_its_name(put: Put) -> None:
    put({f"train/{word}/{level}.png": png(level) for word, level in (("happy", 40), ("sad", 50))})
    rows = HubRows(REPO)
    rows.advance()
    found = rows.result().source
    assert [found.picture(row)[0, 0] for row in range(len(found))] == [40, 50]
    assert load_hub(REPO).column("expression") == ["happy", "sad"]


@pytest.mark.parametrize("place", ["ftp://127.0.0.1:{port}/a.parquet", "https://127.0.0.1:{port}/a.parquet"])
@pytest.mark.parametrize(
    "setting", ['data_files: "{place}"', 'data_files:\n  - split: train\n    path:\n    - "{place}"']
)
def test_files_elsewhere_are_refused_and_nobody_is_asked_for_them(put: Put, place: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        elsewhere = place.format(port=server.getsockname()[1])
        card = f"---\nconfigs:\n- config_name: default\n  {setting.format(place=elsewhere)}\n---\n"
        put({"README.md": card.encode()})
        with pytest.raises(DataError, match=f"wants files from elsewhere .{place[:3]}"):
            HubRows(REPO)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_redirect_to_another_server_is_not_followed(put: Put) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": png(40), "path": "40.png"}], "label": ["happy"]}), buffer)
    repository = put({"train.parquet": buffer.getvalue()})
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        repository.elsewhere = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(DataError, match=r"sent the app to 127.0.0.1, which is not one of its servers"):
            HubRows(REPO)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "place", ["/etc/hostname", "../../private/photos/happy/secret.png", "zip://a::ftp://127.0.0.1/b"]
)
def test_files_of_the_server_are_refused(put: Put, decoys: Path, place: str) -> None:
    put({".huggingface.yaml": f'configs:\n- config_name: default\n  data_files: "{place}"\n'.encode()})
    with pytest.raises(DataError, match="only files of the dataset itself"):
        HubRows(REPO)


def test_nothing_but_the_hub_can_be_reached_by_the_readers(put: Put) -> None:
    put({"train/happy/1.png": png(40)})
    HubRows(REPO)
    for protocol in ("ftp", "http", "https", "sftp", "s3", "smb"):
        with pytest.raises(ValueError, match="not known"):
            fsspec.filesystem(protocol)


def test_webdataset_shards_are_read_with_their_classes(put: Put) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for row, word in enumerate(("happy", "sad", "angry")):
            facts = json.dumps({"expression": word, "person": f"p{row}"}).encode()
            for suffix, content in (("png", png(10 * row)), ("cls", str(row).encode()), ("json", facts)):
                member = tarfile.TarInfo(f"{row:05d}.{suffix}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    put({"train-000.tar": buffer.getvalue()})
    rows = HubRows(REPO)
    rows.advance()
    found = rows.result().source
    assert found.column("expression") == ["happy", "sad", "angry"]
    assert found.column("person") == ["p0", "p1", "p2"]
    assert found.column("key") == ["00000", "00001", "00002"]
    assert [found.picture(row)[0, 0] for row in range(3)] == [0, 10, 20]
