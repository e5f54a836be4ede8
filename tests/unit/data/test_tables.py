"""Tables from anywhere: pictures in every form, text of every kind, several files, each by its own class names."""

from __future__ import annotations

import base64
import codecs
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet
from fer_demo.data.opening import open_path, open_upload
from fer_demo.data.query import RowQuery
from fer_demo.data.tables import reread
from fer_demo.errors import DataError

FACES = [np.arange(48 * 48, dtype=np.uint16).reshape(48, 48).astype(np.uint8) + 7 * row for row in range(7)]
PIXELS = [" ".join(map(str, face.ravel())) for face in FACES]
USAGE = ["Training"] * 5 + ["PublicTest", "PrivateTest"]
SEVEN = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def file(face: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(face).save(buffer, "PNG")
    return buffer.getvalue()


FILES = [file(face) for face in FACES]


def parquet(classes: list[str] | None = None, **columns: Any) -> bytes:
    table = pa.table(columns)
    if classes is not None:
        about = {"info": {"features": {"label": {"names": classes, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(about)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def lines(header: str, order: str = "epu", delimiter: str = ",") -> str:
    parts = {"e": range(7), "p": PIXELS, "u": USAGE}
    rows = zip(*(parts[letter] for letter in order), strict=True)
    return "\r\n".join([header, *(delimiter.join(map(str, row)) for row in rows)])


def assert_fer2013(opened: OpenedSet) -> None:
    assert opened.source.column("expression") == SEVEN
    assert opened.source.column("split") == USAGE
    assert [(opened.source.picture(row) == face).all() for row, face in enumerate(FACES)] == [True] * 7


COLOUR = [np.stack([face, face[::-1], face[:, ::-1]], -1) for face in FACES]


@pytest.mark.parametrize(
    ("column", "faces"),
    [
        (pa.array(FILES, pa.binary_view()), FACES),
        (pa.array([one.ljust(9000, b"\0") for one in FILES], pa.binary(9000)), FACES),
        (pa.array(FILES, pa.large_binary()), FACES),
        (pa.array([{"data": one, "name": "x"} for one in FILES]), FACES),
        (pa.array([base64.b64encode(one).decode() for one in FILES]), FACES),
        (pa.array(["data:image/png;base64," + base64.b64encode(one).decode() for one in FILES]), FACES),
        (pa.array([face.tolist() for face in FACES], pa.list_(pa.list_(pa.uint8()))), FACES),
        (pa.array([face.ravel().tolist() for face in FACES], pa.list_(pa.int64(), 2304)), FACES),
        (pa.array([(face / 255).tolist() for face in FACES], pa.list_(pa.list_(pa.float32()))), FACES),
        (pa.array([face[..., None].tolist() for face in FACES]), FACES),
        (pa.array([face.tolist() for face in COLOUR]), COLOUR),
        (pa.array([np.moveaxis(face, -1, 0).tolist() for face in COLOUR]), COLOUR),
        (pa.array([face.tobytes() for face in FACES]), FACES),
        (pa.array([face.tobytes() for face in COLOUR]), COLOUR),
        (pa.array(PIXELS), FACES),
        (pa.array([f"[{text.replace(' ', ', ')}]" for text in PIXELS]), FACES),
        (pa.FixedShapeTensorArray.from_numpy_ndarray(np.stack(FACES)), FACES),
    ],
)
def test_pictures_are_read_in_every_form_they_are_stored_in(column: pa.Array, faces: list[np.ndarray]) -> None:
    source = open_upload("set.parquet", parquet(image=column, label=SEVEN)).source
    assert [np.abs(source.picture(row).astype(int) - face).max() for row, face in enumerate(faces)] == [0] * 7
    assert source.column("expression") == SEVEN


def test_a_code_of_a_square_number_of_values_is_no_picture() -> None:
    columns = {"embedding": pa.array(np.ones((7, 256)).tolist()), "label": SEVEN, "scan": FILES}
    source = open_upload("set.parquet", parquet(**columns)).source
    assert source.picture(3).shape == (48, 48)
    assert "embedding" in source.columns


def test_a_broken_cell_among_arrays_leaves_the_others() -> None:
    cells = [face.tolist() for face in FACES]
    cells[2], cells[4] = [[1, 2], [3]], None
    source = open_upload("set.parquet", parquet(image=pa.array(cells), label=SEVEN)).source
    assert (source.picture(6) == FACES[6]).all()
    for row in (2, 4):
        with pytest.raises(DataError, match="no picture"):
            source.picture(row)


@pytest.mark.parametrize(
    "content",
    [
        lines("emotion,pixels,Usage").encode(),
        lines("emotion, Usage, pixels", "eup").encode(),
        codecs.BOM_UTF8 + lines("emotion,pixels,Usage").encode(),
        lines("emotion;pixels;Usage", delimiter=";").encode(),
        lines("emotion\tpixels\tUsage", delimiter="\t").encode("utf-16"),
        lines("").lstrip().encode(),
    ],
    ids=["fer2013", "icml_face_data", "BOM", "semicolons", "UTF-16", "without header"],
)
def test_fer2013_opens_as_text_of_any_kind(content: bytes, tmp_path: Path) -> None:
    assert_fer2013(open_upload("fer2013.csv", content))
    assert_fer2013(open_upload("fer2013.zip", zipped({"fer2013/fer2013.csv": content})))
    (tmp_path / "fer2013.csv").write_bytes(content)
    assert_fer2013(open_path(tmp_path))


def test_a_bad_row_in_another_encoding_costs_no_other_row_and_no_stack_trace(
    capfd: pytest.CaptureFixture[str],
) -> None:
    first, *rows = lines("emotion,pixels", "ep").encode().splitlines()
    opened = open_upload("fer2013.csv", b"\n".join([first, b"\xff,\xfe,\xfd", *rows]))
    assert len(opened.source) == len(rows)
    assert "Traceback" not in capfd.readouterr().err


def test_the_challenges_archive_opens_its_whole_table_and_names_the_others() -> None:
    files = {
        "example_submission.csv": b"emotion\n0\n",
        "icml_face_data.csv": lines("emotion, Usage, pixels", "eup").encode(),
        "test.csv": lines("pixels", "p").encode(),
        "train.csv": lines("emotion,pixels", "ep").encode(),
    }
    opened = open_upload("challenge.zip", zipped(files))
    assert_fer2013(opened)
    assert opened.notes[-1] == "Tables that were left out: example_submission.csv, test.csv, train.csv."


def test_columns_of_text_are_numbers_where_all_of_them_are() -> None:
    rows = [
        f"{label},{pixels},{age},0{age},{age}.5" for label, pixels, age in zip(SEVEN, PIXELS, range(7), strict=True)
    ]
    source = open_upload("set.csv", "\n".join(["label,pixels,age,code,score", *rows]).encode()).source
    assert source[4].attributes | {ORIGINAL_LABEL: None} == {ORIGINAL_LABEL: None, "age": 4, "code": "04", "score": 4.5}


def test_each_file_is_read_by_its_own_class_names(tmp_path: Path) -> None:
    other = sorted(SEVEN)
    files = {
        "train.parquet": parquet(SEVEN, image=FILES, label=list(range(7))),
        "test.parquet": parquet(other, image=FILES, label=[other.index(name) for name in SEVEN]),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for opened in (open_path(tmp_path), open_upload("set.zip", zipped(files))):
        assert opened.source.column("expression") == SEVEN * 2
        assert set(opened.source.column("split")) == {"train", "test"}


def test_a_file_without_class_names_is_read_by_those_of_the_others() -> None:
    files = {
        "train.parquet": parquet(sorted(SEVEN), image=FILES, label=list(range(7))),
        "test.parquet": parquet(image=FILES, label=list(range(7))),
    }
    opened = open_upload("set.zip", zipped(files))
    assert opened.source.column("expression") == sorted(SEVEN) * 2
    assert opened.notes == ("Tables read by the class names of the others: test.parquet.",)


def test_files_whose_types_differ_are_joined() -> None:
    files = {
        "a.parquet": parquet(image=FILES, label=list(range(7)), age=[1] * 7),
        "b.parquet": parquet(image=[{"bytes": one, "path": None} for one in FILES], Label=SEVEN, age=["old"] * 7),
        "c.parquet": parquet(image=[face.tolist() for face in FACES], label=[float(row) for row in range(7)]),
    }
    source = open_upload("set.zip", zipped(files)).source
    assert source.column("expression") == SEVEN * 3
    assert source.column("age") == ["1"] * 7 + ["old"] * 7 + [None] * 7
    assert (source.picture(20) == FACES[6]).all()


def test_columns_nobody_expected_are_kept_under_names_of_their_own() -> None:
    table = pa.Table.from_arrays(
        [
            pa.array(FILES, pa.binary_view()),
            pa.array(SEVEN, pa.string_view()),
            pa.array(SEVEN),
            pa.array(range(7)),
            pa.array([1.5] * 7, pa.float16()),
            pa.array(SEVEN, pa.string_view()),
        ],
        ["image", "label", "label", "given_label", "half", "id"],
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    opened = open_upload("set.parquet", buffer.getvalue())
    assert opened.source.column("expression") == SEVEN
    assert opened.source.column(ORIGINAL_LABEL) == SEVEN
    assert opened.source.columns == (ORIGINAL_LABEL, "label_2", "given_label_", "half", "id")
    assert RowQuery(opened.source.labels()).run("SELECT half FROM faces LIMIT 1").rows == ((1.5,),)


def test_labels_are_read_again_from_another_column_or_in_another_order(png: Callable[..., bytes]) -> None:
    columns = {"label": [0, 6, 6], "second": ["happy", "sad", "fear"]}
    opened = open_upload("set.parquet", parquet(image=[png()] * 3, **columns))
    assert opened.source.column("expression") == ["angry", "neutral", "neutral"]
    numbers = reread(opened, "label", "affectnet")
    assert numbers.source.column("expression") == ["neutral", "angry", "angry"]
    assert numbers.notes == ()
    words = reread(numbers, "second", None)
    assert words.source.column("expression") == ["happy", "sad", "fear"]
    assert words.labels == {"fear": "fear", "happy": "happy", "sad": "sad"}
    assert words.source.column("label") == [0, 6, 6]
    with pytest.raises(DataError, match="no column “third”"):
        reread(opened, "third", None)


def test_ferplus_votes_in_ten_columns_become_votes() -> None:
    names = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
    votes = {name: [place] * 7 for place, name in enumerate(names)}
    record = open_upload("set.parquet", parquet(image=FILES, label=SEVEN, **votes)).source[0]
    assert record.votes is not None
    assert record.votes.tolist() == list(range(10))
