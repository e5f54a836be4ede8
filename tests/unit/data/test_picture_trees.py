"""Folders and archives as people have them: what lists, names and folders say, and what is left out."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_demo import expressions
from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.opening import open_path, open_upload
from fer_demo.errors import DataError
from fer_demo.images import load_photo

Png = Callable[..., bytes]


@pytest.fixture
def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (90, 90, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def labels_of(found: OpenedSet) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Expression, person and split of every picture by its key."""
    source = found.source
    split = source.column("split") if "split" in source.columns else [None] * len(source)
    rows = zip(source.column("expression"), source.column("person"), split, strict=True)
    return dict(zip(source.column("key"), rows, strict=True))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("angry/test/0.png", ("angry", None, "test")),
        ("test_set/angry/0.png", ("angry", None, "test")),
        ("TrainingSet/1_Angry/0.png", ("angry", None, "train")),
        ("fer/Validation Images/angry faces/0.png", ("angry", None, "validation")),
        ("public/train/angry/0.png", ("angry", None, "train")),
        ("public/angry/0.png", ("angry", None, None)),
        ("private/dev/angry/0.png", ("angry", None, None)),
        ("training/test/angry/x/0.png", ("angry", None, "test")),
        ("en colère/0.png", ("angry", None, None)),
        ("anrgy/0.png", ("angry", None, None)),
        ("生气/0.png", ("angry", None, None)),
    ],
)
def test_the_innermost_folder_that_says_something_counts(
    path: str, expected: tuple[str | None, ...], png: Png, tmp_path: Path
) -> None:
    files = {path: png(), path.replace("0.png", "1.png"): png(2)}
    for found in (open_upload("set.zip", zipped(files)), open_path(put(tmp_path, files))):
        assert labels_of(found) == dict.fromkeys(sorted(files), expected)


def test_dev_is_a_split_beside_one_that_always_is(png: Png) -> None:
    found = open_upload("set.zip", zipped({f"{split}/sad/{split}.png": png() for split in ("train", "dev", "test")}))
    assert [split for _, _, split in labels_of(found).values()] == ["validation", "test", "train"]


def test_known_words_are_labels_though_unknown_ones_stand_beside(png: Png) -> None:
    names = ("happy", "sad", "bored", "confused", "sleepy")
    found = open_upload("set.zip", zipped({f"train/{name}/1.png": png() for name in names}))
    assert found.labels == {"bored": None, "confused": None, "happy": "happy", "sad": "sad", "sleepy": None}
    assert set(found.source.column("person")) == {None}


def test_one_folder_of_pictures_is_nobodys_name(png: Png) -> None:
    found = open_upload("set.zip", zipped({f"photos/{row}.png": png() for row in range(3)}))
    assert set(labels_of(found).values()) == {(None, None, None)}


def test_folders_above_expressions_are_people(png: Png, tmp_path: Path) -> None:
    files = {f"KDEF/{who}/{word}/{who}-{word}.png": png() for who in ("AF01", "BM07") for word in ("happy", "sad")}
    for found in (open_upload("set.zip", zipped(files)), open_path(put(tmp_path, files))):
        assert list(labels_of(found).values()) == [
            ("happy", "AF01", None), ("sad", "AF01", None), ("happy", "BM07", None), ("sad", "BM07", None),
        ]  # fmt: skip
    sessions = {f"train/{who}/{day}/{word}/1.png": png() for who in "123" for day in "ab" for word in ("joy", "fear")}
    assert {one[1:] for one in labels_of(open_upload("set.zip", zipped(sessions))).values()} == {
        (who, "train") for who in "123"
    }


@pytest.mark.parametrize(
    "above", [("fer2013", "RAF-DB"), ("original", "aligned"), ("part1", "part2"), ("train", "dev"), ("photos",)]
)
def test_parts_of_a_set_are_nobodys_names(above: tuple[str, ...], png: Png) -> None:
    files = {f"{part}/{word}/1.png": png() for part in above for word in ("happy", "sad")}
    found = open_upload("set.zip", zipped(files))
    assert found.source.column("person") == [None] * len(files)
    assert found.source.column("expression") == ["happy", "sad"] * len(above)


@pytest.mark.parametrize(
    ("numbers", "first"), [(range(7), "angry"), (range(1, 8), "surprise"), (range(8), "neutral")], ids=str
)
def test_numbered_folders_are_labels_in_the_order_that_is_said(numbers: range, first: str, png: Png) -> None:
    found = open_upload("set.zip", zipped({f"{number}/a.png": png() for number in numbers}))
    assert found.source.column("expression")[0] == first
    assert found.labelling is not None
    assert found.labelling.in_doubt
    assert "read in the order of" in " ".join(found.notes)


def test_numbers_of_another_kind_are_people(png: Png) -> None:
    found = open_upload("set.zip", zipped({f"{number}/a.png": png() for number in (11, 12, 40)}))
    assert found.source.column("person") == ["11", "12", "40"]
    assert found.labels == {}


def test_what_file_managers_leave_is_passed_over_and_counted(png: Png, tmp_path: Path) -> None:
    left = ("happy/._1.png", "__MACOSX/happy/._1.png", "happy/.ipynb_checkpoints/1-checkpoint.png", ".hidden/2.png")
    left += ("happy/@eaDir/1.png/SYNOPHOTO_THUMB_M.png", "Thumbs.db", "happy/desktop.ini", ".DS_Store")
    files = {**dict.fromkeys(left, png()), "happy/1.png": png(5)}
    for found in (open_path(put(tmp_path, files)), open_upload("set.zip", zipped(files))):
        assert labels_of(found) == {"happy/1.png": ("happy", None, None)}
        assert found.notes[-1] == f"Hidden files and what file managers leave behind were left out: {len(left)}."


@pytest.mark.parametrize("name", ["中文", "笑脸"])
def test_names_in_chinese_bytes_are_read(name: str, png: Png, tmp_path: Path) -> None:
    folder = put(tmp_path, {"sad/a.png": png(3)})
    put(folder, {f"happy/{os.fsdecode(name.encode('gb18030'))}.png": png(7)})
    found = open_path(folder)
    assert list(labels_of(found)) == [f"happy/{name}.png", "sad/a.png"]
    assert [found.source.picture(row)[0, 0] for row in range(2)] == [7, 3]


def test_names_in_a_zip_without_a_stated_encoding_are_read(png: Png) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("happy/PLACE.png"), png(7))
    content = buffer.getvalue().replace(b"PLACE", "中文a".encode("gb18030"))
    assert list(labels_of(open_upload("set.zip", content))) == ["happy/中文a.png"]


def test_backslashes_in_a_zip_are_folders(png: Png) -> None:
    found = open_upload("set.zip", zipped({"fer\\train\\angry\\1.png": png(), "fer\\test\\sad\\2.png": png()}))
    assert list(labels_of(found).values()) == [("sad", None, "test"), ("angry", None, "train")]


def test_locked_and_strangely_packed_zips_are_one_true_sentence(png: Png) -> None:
    def with_header(offset: int, central: int, value: int) -> bytes:
        """A ZIP whose only member has another flag or method in both of its headers."""
        content = bytearray(zipped({"happy/1.png": png()}))
        content[offset : offset + 2] = value.to_bytes(2, "little")
        start = content.index(b"PK\x01\x02") + central
        content[start : start + 2] = value.to_bytes(2, "little")
        return bytes(content)

    with pytest.raises(DataError, match="locked with a password"):
        open_upload("set.zip", with_header(6, 8, 1))
    for method, name in ((9, "Deflate64"), (93, "Zstandard")):
        with pytest.raises(DataError, match=f"packed with {name}"):
            open_upload("set.zip", with_header(8, 10, method))


def test_archives_in_an_archive_are_folders(png: Png) -> None:
    inner = {
        f"{split}.zip": zipped({f"{word}/1.png": png() for word in ("happy", "sad")}) for split in ("train", "test")
    }
    found = open_upload("set.zip", zipped(inner))
    assert labels_of(found)["train/happy/1.png"] == ("happy", None, "train")
    assert len(found.source) == 4


def test_every_ending_that_is_a_picture_opens_and_files_without_one_by_content(jpeg: bytes, tmp_path: Path) -> None:
    picture = Image.new("RGB", (20, 20), (200, 30, 30))
    files = {"happy/plain": jpeg, "happy/notes": b"no picture"}
    for suffix in ("jfif", "JPE", "pgm", "ppm", "jp2", "avif", "heic", "heif", "webp", "bmp", "tga"):
        buffer = io.BytesIO()
        picture.save(buffer, {"jfif": "JPEG", "jpe": "JPEG", "pgm": "PPM", "heic": "HEIF"}.get(suffix.lower()) or
                     Image.registered_extensions()[f".{suffix.lower()}"])  # fmt: skip
        files[f"happy/a.{suffix}"] = buffer.getvalue()
    found = open_path(put(tmp_path, files))
    assert len(found.source) == len(files) - 1
    assert all(found.source.picture(row).shape[:2] == (20, 20) for row in range(len(found.source)))
    assert abs(int(load_photo(files["happy/a.heic"])[10, 10, 0]) - 200) < 8


def test_parquet_files_below_a_logo_are_the_set(png: Png, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = put(tmp_path, {"logo.png": png(), "README.md": b"# Faces"})
    (folder / "data").mkdir()
    pq.write_table(pa.table({"image": [png(9)] * 2, "label": ["sad", "happy"]}), folder / "data/test-00000.parquet")
    assert open_path(folder).source.column("expression") == ["sad", "happy"]


def test_a_tar_of_samples_tells_class_and_facts(png: Png) -> None:
    files = {}
    for row, word in enumerate(("happy", "sad")):
        files |= {f"{row}.png": png(row), f"{row}.json": f'{{"emotion": "{word}"}}'.encode(), f"{row}.cls": b"1"}
    assert open_upload("train.tar", tarred(files)).source.column("expression") == ["happy", "sad"]


def test_a_list_outweighs_folders_by_any_name_of_labels_and_coordinates_are_none(png: Png) -> None:
    pictures = {"happy/a.png": png(0), "sad/b.png": png(1)}
    for name in ("label", "Emotions", "category", "target", "y"):
        found = open_upload(
            "set.zip", zipped({**pictures, "list.csv": f"file,{name}\na.png,fear\nb.png,angry\n".encode()})
        )
        assert found.source.column("expression") == ["fear", "angry"], name
    found = open_upload("set.zip", zipped({**pictures, "list.csv": b"file,x,y\na.png,3,5\nb.png,4,6\n"}))
    assert found.source.column("expression") == ["happy", "sad"]


def test_lists_with_the_pictures_names_tell_their_labels(png: Png) -> None:
    pictures = {f"train/{row}.png": png(row) for row in range(3)}
    lists = {
        "train/metadata.csv": b"file_name,label,age\n0.png,sad,20\n1.png,happy,30\n2.png,fear,40\n",
        "labels.txt": b"0.png 5\n1.png 4\n2.png 2\n",
        "train/metadata.jsonl": b'{"file_name": "0.png", "emotion": "sad"}\n{"file_name": "1.png", "emotion": "joy"}\n',
    }
    expected = {
        "train/metadata.csv": ["sad", "happy", "fear"],
        "labels.txt": ["sad", "happy", "fear"],
        "train/metadata.jsonl": ["sad", "happy", None],
    }
    for name, content in lists.items():
        found = open_upload("rafdb.zip", zipped({**pictures, name: content}))
        assert found.source.column("expression") == expected[name]
        assert f"read from {name}" in " ".join(found.notes)


# Research sets as they are handed out.


def npy(value: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array(value))
    return buffer.getvalue()


def test_raf_db_is_labelled_by_its_list_and_split_by_its_names(jpeg: bytes) -> None:
    files = {f"basic/Image/aligned/{name}_aligned.jpg": jpeg for name in ("train_00001", "test_00002")}
    listed = {"basic/EmoLabel/list_patition_label.txt": b"train_00001.jpg 5\ntest_00002.jpg 1\n"}
    found = open_upload("basic.zip", zipped({**files, **listed}))
    assert list(labels_of(found).values()) == [("surprise", None, "test"), ("sad", None, "train")]
    whole = {f"basic/Image/original/{name}.jpg": jpeg for name in ("train_00001", "test_00002")}
    both = open_upload("basic.zip", zipped({**files, **whole, **listed}))
    assert both.source.column("expression") == ["surprise", "sad", "surprise", "sad"]
    with pytest.raises(DataError, match=r"RAF-DB without their labels; put EmoLabel/list_patition_label\.txt"):
        open_upload("basic.zip", zipped(files))


def test_affectnet_is_labelled_by_its_arrays(jpeg: bytes) -> None:
    files = {f"val_set/images/{row}.jpg": jpeg for row in range(3)}
    files |= {f"val_set/annotations/{row}_exp.npy": npy(label) for row, label in enumerate(("1", "7", "9"))}
    assert [one for one, _, _ in labels_of(open_upload("a.zip", zipped(files))).values()] == ["happy", "contempt", None]


def test_affectnet_is_labelled_by_its_list(jpeg: bytes) -> None:
    head = b"subDirectory_filePath,face_x,facial_landmarks,expression,valence,arousal\n"
    rows = b"689/a.jpg,1,1;2;3;4,7,-0.6,0.2\n689/b.jpg,1,1;2;3;4,2,-0.7,-0.1\n12/c.jpg,1,1;2;3;4,9,-2,-2\n"
    pictures = {f"Manually_Annotated/{name}.jpg": jpeg for name in ("689/a", "689/b", "12/c")}
    found = open_upload("a.zip", zipped({**pictures, "training.csv": head + rows}))
    assert [one for one, _, _ in labels_of(found).values()] == [None, "contempt", "sad"]


def test_affectnet_is_labelled_by_its_list_without_a_line_of_names(jpeg: bytes) -> None:
    names = [hashlib.sha224(bytes([row])).hexdigest() for row in range(3)]
    pictures = {f"Manually_Annotated_Images/{row}/{name}.jpg": jpeg for row, name in enumerate(names)}
    rows = [f"{row}/{name}.jpg,134,134,899,899,181.6;530.9,{row + 1},-0.6,0.2\n" for row, name in enumerate(names)]
    found = open_upload("a.zip", zipped({**pictures, "lists/validation.csv": "".join(rows).encode()}))
    assert labels_of(found) == {
        f"Manually_Annotated_Images/{row}/{name}.jpg": (word, None, None)
        for row, (name, word) in enumerate(zip(names, ("happy", "sad", "surprise"), strict=True))
    }
    with pytest.raises(DataError, match=r"AffectNet without their labels; put training\.csv or validation\.csv"):
        open_upload("a.zip", zipped(pictures))


def test_affectnet_without_its_arrays_names_them(jpeg: bytes) -> None:
    with pytest.raises(DataError, match=r"AffectNet without their labels; put the folder annotations"):
        open_upload("a.zip", zipped({f"val_set/images/{row}.jpg": jpeg for row in range(3)}))


def test_members_that_point_out_of_an_archive_stay_inside(jpeg: bytes) -> None:
    files = {"../../angry/1.jpg": jpeg, "/etc/happy/2.jpg": jpeg, "./sad/3.jpg": jpeg}
    for content in (zipped(files), tarred(files)):
        found = labels_of(open_upload("set.zip", content))
        assert {key: one for key, (one, _, _) in found.items()} == {
            "angry/1.jpg": "angry",
            "etc/happy/2.jpg": "happy",
            "sad/3.jpg": "sad",
        }


def test_fer_plus_is_labelled_by_its_list(png: Png) -> None:
    head = b"Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    listed = head + b"Training,fer0000000.png,1,8,0,0,1,0,0,0,0,0\nTraining,fer0000001.png,0,0,0,9,1,0,0,0,0,0\n"
    pictures = {f"FER2013Train/fer000000{row}.png": png(row) for row in range(2)}
    found = open_upload("ferplus.zip", zipped({**pictures, "fer2013new.csv": listed}))
    assert found.source.column("expression") == ["happy", "sad"]
    assert found.source[0].votes is not None
    counts = (
        b'fer0000000.png,"(0, 0, 48, 48)",1,8,0,0,1,0,0,0,0,0\nfer0000001.png,"(0, 0, 48, 48)",0,0,0,9,1,0,0,0,0,0\n'
    )
    handed = open_upload("ferplus.zip", zipped({**pictures, "FER2013Train/label.csv": counts}))
    assert handed.source.column("expression") == ["happy", "sad"]
    with pytest.raises(DataError, match=r"FER\+ without their labels; put fer2013new.csv"):
        open_upload("ferplus.zip", zipped(pictures))


def test_ck_plus_has_its_peaks_labelled_its_first_frames_neutral_and_its_people_named(png: Png) -> None:
    frames = {f"cohn-kanade-images/S005/001/S005_001_{row:08d}.png": png(row) for row in range(1, 7)}
    emotion = {"Emotion/S005/001/S005_001_00000006_emotion.txt": b"   3.0000000e+00\n"}
    shown = list(labels_of(open_upload("ck.zip", zipped({**frames, **emotion}))).values())
    assert [one for one, _, _ in shown] == ["neutral", None, None, "disgust", "disgust", "disgust"]
    assert {person for _, person, _ in shown} == {"S005"}
    with pytest.raises(DataError, match="put the folder Emotion"):
        open_upload("ck.zip", zipped(frames))
    sorted_peaks = {f"{word}/S01{row}_004_00000017.png": png(row) for row, word in enumerate(("anger", "happy"))}
    found = labels_of(open_upload("CK+48.zip", zipped(sorted_peaks)))
    assert list(found.values()) == [("angry", "S010", None), ("happy", "S011", None)]


@pytest.mark.parametrize(
    ("name", "expression", "person"),
    [
        ("jaffe/KA.AN1.39.tiff", "angry", "KA"),
        ("KDEF/AF01/AF01AFS.JPG", "fear", "F01"),
        ("KDEF/BM07/BM07SUHL.JPG", "surprise", "M07"),
        ("Rafd090_01_Caucasian_female_contemptuous_frontal.jpg", "contempt", "01"),
    ],
)
def test_sets_that_say_it_in_their_file_names_are_read(name: str, expression: str, person: str, jpeg: bytes) -> None:
    found = labels_of(open_upload("set.zip", zipped({name: jpeg})))
    assert list(found.values()) == [(expression, person, None)]


def test_a_table_of_ones_own_words_is_read_on_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, png: Png) -> None:
    own = tmp_path / "words.csv"
    own.write_text("expression,word\nhappy,gleeful\nsad,Blue\n")
    monkeypatch.setenv(expressions.OWN_WORDS, str(own))
    expressions._words.cache_clear()
    try:
        found = open_upload("set.zip", zipped({"gleeful/1.png": png(), "BLUE/2.png": png()}))
        assert found.source.column("expression") == ["sad", "happy"]
        own.write_text("expression,word\njolly,gleeful\n")
        expressions._words.cache_clear()
        with pytest.raises(DataError, match="names jolly; its expressions must be"):
            expressions.canonical("gleeful")
    finally:
        monkeypatch.undo()
        expressions._words.cache_clear()
