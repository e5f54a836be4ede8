"""Every layout that research sets are handed out in, built from rendered faces and opened by SET:PATH."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.data.named_sets import SET_NAMES, open_named, split_name, told
from fer_demo.data.opened_set import OpenedSet
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, LABEL_ORDERS

Files = dict[str, bytes]
_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
_KEY = {"neutral": "NE", "happy": "HA", "sad": "SA", "angry": "AN", "surprise": "SU", "disgust": "DI", "fear": "FE"}


@pytest.fixture(scope="module")
def faces() -> Mapping[str, np.ndarray]:
    """A rendered face of every basic expression."""
    source = load_bundled()
    shown = source.column("expression")
    return {name: source.picture(shown.index(name)) for name in BASIC}


@pytest.fixture(scope="module")
def jpegs(faces: Mapping[str, np.ndarray]) -> Mapping[str, bytes]:
    files = {}
    for name, face in faces.items():
        buffer = io.BytesIO()
        Image.fromarray(face).resize((40, 40)).save(buffer, "JPEG")
        files[name] = buffer.getvalue()
    return files


def npy(value: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array(value))
    return buffer.getvalue()


def raf_db(jpegs: Mapping[str, bytes]) -> Files:
    pictures = {f"basic/Image/aligned/train_{row:05d}_aligned.jpg": jpegs[name] for row, name in enumerate(_ORDER, 1)}
    order = LABEL_ORDERS["raf-db"]
    lines = [f"train_{row:05d}.jpg {order.index(name) + 1}" for row, name in enumerate(_ORDER, 1)]
    return pictures | {"basic/EmoLabel/list_patition_label.txt": "\n".join(lines).encode()}


def affectnet(jpegs: Mapping[str, bytes]) -> Files:
    numbers = {name: LABEL_ORDERS["affectnet"].index(name) for name in _ORDER}
    images = {f"train_set/images/{row}.jpg": jpegs[name] for row, name in enumerate(_ORDER)}
    return images | {f"train_set/annotations/{row}_exp.npy": npy(str(numbers[name])) for row, name in enumerate(_ORDER)}


def affectnet_list(jpegs: Mapping[str, bytes]) -> Files:
    names = {name: f"Manually_Annotated_Images/1/{row:056x}.jpg" for row, name in enumerate(_ORDER)}
    head = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
    lines = [
        f"{path.removeprefix('Manually_Annotated_Images/')},0,0,40,40,1;2,{LABEL_ORDERS['affectnet'].index(name)},0,0"
        for name, path in names.items()
    ]
    return {path: jpegs[name] for name, path in names.items()} | {"training.csv": "\n".join([head, *lines]).encode()}


def ck_plus(jpegs: Mapping[str, bytes]) -> Files:
    """A sequence of five frames for each person, whose peak is each expression but neutral."""
    files: Files = {}
    for person, name in enumerate(_ORDER[:-1], 1):
        frames = [jpegs["neutral"], jpegs["neutral"], *[jpegs[name]] * 3]
        stem = f"S{person:03d}_001"
        for frame, content in enumerate(frames, 1):
            files[f"cohn-kanade-images/S{person:03d}/001/{stem}_{frame:08d}.png"] = content
        number = LABEL_ORDERS["ck+"].index(name)
        files[f"Emotion/S{person:03d}/001/{stem}_00000005_emotion.txt"] = f"   {number}.0000000e+00\n".encode()
    return files


def oulu_casia(jpegs: Mapping[str, bytes]) -> Files:
    words = ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise")
    return {
        f"OriginalImg/VL/Strong/P{person:03d}/{word}/{frame:03d}.jpeg": jpegs["neutral" if frame < 2 else name]
        for person in (1, 2)
        for word, name in zip(words, _ORDER, strict=False)
        for frame in range(5)
    }


def expw(jpegs: Mapping[str, bytes]) -> Files:
    lines = [f"web_actor_{row}.jpg 0 10 10 30 30 98.5 {row}" for row in range(7)]
    return {f"image/web_actor_{row}.jpg": jpegs[name] for row, name in enumerate(_ORDER)} | {
        "label/label.lst": "\n".join(lines).encode()
    }


def sfew(jpegs: Mapping[str, bytes]) -> Files:
    words = ("Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral")
    return {
        f"{part}/{word}/AFilm_{row:09d}_00000005.png": jpegs[name]
        for part in ("Train", "Val")
        for row, (word, name) in enumerate(zip(words, _ORDER, strict=True))
    }


def coded(pattern: str, words: Mapping[str, str]) -> Callable[[Mapping[str, bytes]], Files]:
    return lambda jpegs: {pattern.format(words[name]): jpegs[name] for name in _ORDER}


def rows(jpegs: Mapping[str, bytes], order: str, name: str) -> Files:
    """A table of pixels, a line for each expression."""
    lines = ["emotion,pixels,Usage"]
    for shown in _ORDER:
        pixels = np.asarray(Image.open(io.BytesIO(jpegs[shown])).convert("L").resize((48, 48)))
        lines.append(f"{LABEL_ORDERS[order].index(shown)},{' '.join(map(str, pixels.ravel()))},Training")
    return {name: "\n".join(lines).encode()}


_RAFD = {
    "angry": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "happy": "happy",
    "sad": "sad",
    "surprise": "surprised",
    "neutral": "neutral",
}
SETS: Mapping[str, tuple[str, Callable[[Mapping[str, bytes]], Files]]] = {
    "RAF-DB": ("raf-db", raf_db),
    "AffectNet, arrays": ("affectnet", affectnet),
    "AffectNet, list": ("affectnet", affectnet_list),
    "CK+, sequences": ("ck+", ck_plus),
    "CK+, table": ("ck+", lambda jpegs: rows(jpegs, "ck+48", "ckextended.csv")),
    "JAFFE": ("jaffe", coded("jaffe/KA.{}1.39.tiff", _KEY)),
    "KDEF": ("kdef", coded("KDEF/AF01/AF01{}S.JPG", {**_KEY, "fear": "AF"})),
    "RaFD": ("rafd", coded("Rafd090_01_Caucasian_female_{}_frontal.jpg", _RAFD)),
    "FER2013": ("fer2013", lambda jpegs: rows(jpegs, "fer2013", "fer2013.csv")),
    "FER2013, second table": ("fer2013", lambda jpegs: rows(jpegs, "fer2013", "icml_face_data.csv")),
    "ExpW": ("expw", expw),
    "Oulu-CASIA": ("oulu-casia", oulu_casia),
    "SFEW": ("sfew", sfew),
}


def put(root: Path, files: Files) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def likest(opened: OpenedSet, faces: Mapping[str, np.ndarray]) -> list[str]:
    """Which of the rendered faces each picture is."""

    def small(picture: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(picture).convert("L").resize((40, 40)), float)

    known = {name: small(face) for name, face in faces.items()}
    found = []
    for row in range(len(opened.source)):
        picture = small(opened.source.picture(row))
        found.append(min(known, key=lambda name: float(np.abs(known[name] - picture).sum())))
    return found


@pytest.mark.parametrize("layout", SETS)
def test_each_layout_says_what_its_pictures_show(
    layout: str, faces: Mapping[str, np.ndarray], jpegs: Mapping[str, bytes], tmp_path: Path
) -> None:
    name, build = SETS[layout]
    opened = open_named(f"{name}:{put(tmp_path, build(jpegs))}")
    labels = opened.source.column("expression")
    assert set(labels) - {None} == set(BASIC)
    shown = likest(opened, faces)
    assert [label for label in labels if label] == [face for face, label in zip(shown, labels, strict=True) if label]


@pytest.mark.parametrize("layout", ["CK+, sequences", "Oulu-CASIA"])
def test_frames_between_neutral_and_the_peak_are_kept_without_a_label(
    layout: str, jpegs: Mapping[str, bytes], tmp_path: Path
) -> None:
    name, build = SETS[layout]
    opened = open_named(f"{name}:{put(tmp_path, build(jpegs))}")
    labels, people = opened.source.column("expression"), opened.source.column("person")
    assert labels[:5] == ["neutral", None, "angry", "angry", "angry"]
    assert len(set(people)) == (6 if name == "ck+" else 2)
    assert None not in people
    frames = len(labels) // 5
    assert f"Without a label, and kept so: {frames} of its {5 * frames} pictures." in opened.notes


def test_pictures_with_faces_of_different_expressions_have_no_label(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    files = expw(jpegs)
    more = b"\nweb_actor_0.jpg 1 0 0 9 9 50.0 3\nweb_actor_1.jpg 1 0 0 9 9 50.0 1\nweb_actor_2.jpg 1 0 0 9 9 50.0 9"
    files["label/label.lst"] += more
    labels = open_named(f"expw:{put(tmp_path, files)}").source.column("expression")
    assert labels == [None, "disgust", None, "happy", "sad", "surprise", "neutral"]


def test_lists_out_of_order_and_partly_unknown_leave_the_others(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    files = raf_db(jpegs)
    lines = files["basic/EmoLabel/list_patition_label.txt"].decode().splitlines()
    lines = [*reversed(lines[2:]), "train_00002.jpg 9", "train_99999.jpg 1"]  # the first is missing
    files["basic/EmoLabel/list_patition_label.txt"] = "\n".join(lines).encode()
    opened = open_named(f"raf-db:{put(tmp_path, files)}")
    assert opened.source.column("expression") == [None, None, *_ORDER[2:]]
    assert any("name no expression in this order: 9 (1 pictures)" in note for note in opened.notes)
    assert "Without a label, and kept so: 2 of its 7 pictures." in opened.notes


def test_votes_that_lie_beside_fer2013_are_read_row_by_row(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    files = rows(jpegs, "fer2013", "fer2013.csv")
    head = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = [f"Training,fer{row:07d}.png,{row},{10 - row},0,0,0,0,0,0,0,0" for row in range(7)]
    files["fer2013new.csv"] = "\n".join([head, *votes]).encode()
    opened = open_named(f"ferplus:{put(tmp_path, files)}")
    assert [list(row[:2]) for row in opened.source.column("votes")] == [[row, 10 - row] for row in range(7)]
    assert opened.source.column("expression") == list(_ORDER)
    (tmp_path / "fer2013new.csv").write_text("\n".join([head, *votes[:6]]))
    opened = open_named(str(tmp_path))
    assert set(opened.source.column("votes")) == {None}
    assert any("has 6 rows and the set 7" in note for note in opened.notes)


def test_a_set_that_is_another_one_is_refused_by_name(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    put(tmp_path, raf_db(jpegs))
    with pytest.raises(DataError, match="named like those of RAF-DB; name them rafdb:"):
        open_named(f"kdef:{tmp_path}")


def test_numbers_are_read_in_the_order_of_the_set_that_is_named(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    put(tmp_path, rows(jpegs, "affectnet", "mine.csv"))
    assert open_named(f"affectnet:{tmp_path}").source.column("expression") == list(_ORDER)
    assert open_named(str(tmp_path)).source.column("expression") != list(_ORDER)


def test_the_one_table_of_ck_plus_has_an_order_of_its_own(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    put(tmp_path, rows(jpegs, "ck+48", "ckextended.csv"))
    opened = open_named(str(tmp_path))  # known by its name even if nobody says so
    assert opened.source.column("expression") == list(_ORDER)
    assert "Its labels are numbers without names; they were read in the order of CK+ in one table." in opened.notes


def test_names_are_told_from_paths(tmp_path: Path) -> None:
    assert split_name("RAF_DB:a:b") == ("raf-db", Path("a:b"))
    assert split_name("FER+:x") == ("ferplus", Path("x"))
    assert split_name(str(tmp_path)) == (None, tmp_path)
    assert split_name("C:/faces") == (None, Path("C:/faces"))
    with pytest.raises(DataError, match="“rafdbb” is not a set that is known; use one of fer2013, ferplus, raf-db"):
        split_name("rafdbb:/faces")
    assert {name for name, _ in SETS.values()} <= set(SET_NAMES)


def test_what_was_understood_is_told(jpegs: Mapping[str, bytes], tmp_path: Path) -> None:
    first, *notes = told(open_named(f"ck+:{put(tmp_path, ck_plus(jpegs))}"))
    assert first.endswith(": 30 pictures, 24 with an expression, of 6 named people.")
    assert "Its files are named like those of CK+, and were read that way." in notes
