"""Time, memory and finds of the dataset explorer: questions, opening, the Hub, duplicates, faces, people."""

from __future__ import annotations

import importlib
import io
import itertools
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.alone import alone
from benchmarks.made_up import Copies, descriptors, label_rows, pictures_with_copies
from benchmarks.timing import seconds
from fer_demo.checkpoints import load_model
from fer_demo.data.duplicates import find_duplicates
from fer_demo.data.hub_rows import HubRows
from fer_demo.data.loading import load_bundled
from fer_demo.data.opening import open_upload
from fer_demo.data.pictures import PictureScan
from fer_demo.data.query import RowQuery, choose, condition
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.dataset.face_pass import Examiners, FacePass
from fer_demo.inference.dataset.label_issues import find_label_issues
from fer_demo.inference.dataset.people import EVIDENCE, People, find_people
from fer_demo.settings import AppSettings
from tests.hub.loopback_hub import LoopbackHub

ROWS, PICTURES, HUB_PICTURES = 1_000_000, 36_000, 12_000
REPO = "someone/faces"
EACH = 6  # faces of a made-up person
WRONG_LABELS = 0.05  # share of the labels that are exchanged
LEAKING_PEOPLE, LEAKING_FACES = 1 / 3, 1 / 4  # of the test people, and of their faces, planted in training
OTHERS = (-3.0, 3.0)  # evidence beside the usual one
DRAWS = 10  # of who leaks
QUESTIONS = {
    "filter by one word": [("expression", "VARCHAR", "is", "happy")],
    "filter by word and number": [("expression", "VARCHAR", "is not", "happy"), ("yaw", "FLOAT", "at least", "15")],
    "filter by part of a word": [("person", "VARCHAR", "contains", "12")],
}
SQL = {
    "balance of classes and splits": "SELECT expression, split, count(*) FROM faces GROUP BY ALL ORDER BY ALL",
    "people seen most often": "SELECT person, count(*) n FROM faces GROUP BY person ORDER BY n DESC, person LIMIT 20",
    "wrong answers, brightest first": (
        "SELECT face, brightness FROM faces WHERE answer <> expression ORDER BY brightness DESC LIMIT 1000"
    ),
}


def measure_explorer(share: float) -> dict[str, Any]:
    """Each part in a process of its own, with one torch thread; `share` makes every size smaller."""
    bundled = len(load_bundled())
    return {
        "rows": alone(questions, int(ROWS * share)),
        "opening": alone(opening, int(PICTURES * share)),
        "hub": hub(int(HUB_PICTURES * share)),
        "duplicates": alone(duplicates, int(PICTURES * share)),
        "faces": alone(faces, max(EACH * 10, int(bundled * share))),
        "people": alone(people, int(PICTURES * share)),
    }


def questions(rows: int) -> dict[str, Any]:
    """Seconds of filters and SQL over made-up label rows."""
    labels = label_rows(rows)
    begin = time.perf_counter()
    query = RowQuery(labels)
    building = time.perf_counter() - begin
    asked = {name: choose([condition(*one) for one in conditions]) for name, conditions in QUESTIONS.items()} | SQL
    return {
        "rows": rows,
        "prepare_s": round(building, 3),
        "questions": {name: seconds(lambda sql=sql: query.run(sql), repeats=5) for name, sql in asked.items()},  # type: ignore[misc]
    }


def opening(count: int) -> dict[str, Any]:
    """Seconds to open an uploaded Parquet file, and a ZIP of a folder, of made-up pictures."""
    table = stored(pictures_with_copies(count))
    parquet, folder = io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    with zipfile.ZipFile(folder, "w") as archive:
        for row, (picture, label) in enumerate(
            zip(table["image"].to_pylist(), table["label"].to_pylist(), strict=True)
        ):
            archive.writestr(f"train/{label}/{row}.png", picture["bytes"])
    return {
        "pictures": count,
        "parquet_mb": round(len(parquet.getvalue()) / 1e6, 1),
        "open_parquet": seconds(lambda: open_upload("faces.parquet", parquet.getvalue()), repeats=3),
        "open_zip": seconds(lambda: open_upload("faces.zip", folder.getvalue()), repeats=3),
    }


def hub(count: int) -> dict[str, Any]:
    """The first rows of a dataset on a Hub that is on this machine, so without the network's share."""
    server = LoopbackHub()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "files"
            (place / "data").mkdir(parents=True)
            table = stored(pictures_with_copies(count))
            test = count // 5
            pq.write_table(table.slice(test), place / "data" / "train-00000-of-00001.parquet", row_group_size=100)
            pq.write_table(table.slice(0, test), place / "data" / "test-00000-of-00001.parquet", row_group_size=100)
            server.add(REPO, place, "datasets")
            return alone(
                hub_rows,
                environment={
                    "HF_ENDPOINT": server.url,
                    "HF_HOME": f"{folder}/home",
                    "HF_HUB_DISABLE_XET": "1",
                    "HF_HUB_DISABLE_TELEMETRY": "1",
                    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                },
            )
    finally:
        server.stop()


def hub_rows() -> dict[str, Any]:
    """Seconds to the first rows and to the last, after the library has been loaded, which is measured on its own."""
    library = timed(lambda: importlib.import_module("datasets"))[1]

    def first_rows() -> HubRows:
        rows = HubRows(REPO)
        rows.advance(0)
        rows.result()
        return rows

    rows, first = timed(first_rows)
    came = rows.done
    rest = timed(rows.advance)[1]
    again = seconds(first_rows, repeats=3)
    return {
        "load_library_s": library,
        "first_rows": came,
        "first_rows_s": first,
        "first_rows_again": again,
        "rows": rows.done,
        "all_rows_s": round(first + rest, 3),
    }


def duplicates(count: int) -> dict[str, Any]:
    """Seconds to measure made-up pictures and to find the copies among them, and how many of those planted."""
    copies = pictures_with_copies(count)
    scan = PictureScan(copies.source)
    scanning = timed(scan.advance)[1]
    groups, finding = timed(lambda: find_duplicates(scan.result()))
    found = {pair for group in groups for pair in itertools.combinations(group.rows, 2)}
    missed = Counter(copies.ways[pair] for pair in set(copies.ways) - found)
    return {
        "pictures": count,
        "scan_s": scanning,
        "find_s": finding,
        "planted": dict(Counter(copies.ways.values())),
        "missed": dict(missed),
        **agreement(found, copies.ways.keys()),
    }


def faces(count: int) -> dict[str, Any]:
    """Seconds to look at bundled faces, and what is found of planted leaks and of planted label errors."""
    source = load_bundled()
    source = source.select(np.unique(np.linspace(0, len(source) - 1, count).round().astype(int)))
    examiners = Examiners(RetinaFaceDetector(), load_model(AppSettings.recognizer), load_model("identity_embedder"))
    walk = FacePass(source, examiners)
    walking = timed(walk.advance)[1]
    table = walk.result()
    grouped, finding = timed(lambda: find_people(table.descriptors, table.found))
    persons = source.column("person")
    others = {part: find_people(table.descriptors, table.found, part) for part in OTHERS}
    labels, wrong = planted_labels(source.column("expression"))
    issues, ranking = timed(lambda: find_label_issues(labels, table.probabilities, table.found))
    doubted = [issue.row for issue in issues]
    answers = zip(table.answers, source.column("expression"), strict=True)
    return {
        "faces": len(source),
        "look_s": walking,
        "faces_per_s": round(len(source) / walking, 1),
        "find_people_s": finding,
        "find_label_issues_s": ranking,
        "recognized": round(float(np.mean([answer == truth for answer, truth in answers])), 3),
        "leaks": {str(part): leaks_found(persons, one) for part, one in {EVIDENCE: grouped, **others}.items()},
        "label_errors": {**agreement(doubted, wrong), "precision_of_first": first_right(doubted, wrong)},
    }


def people(count: int) -> dict[str, Any]:
    """Seconds to group made-up descriptors of many people, six faces each."""
    known = descriptors(count, EACH)
    found, finding = timed(lambda: find_people(known, np.ones(count, bool)))
    return {
        "faces": count,
        "find_people_s": finding,
        "people": -(-count // EACH),
        "groups": len(np.unique(found.groups)),
    }


def planted_leaks(persons: list[str], seed: int) -> tuple[list[str], set[int]]:
    """Splits without a person in common, but that a third of the test people have some faces in training, and which."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(sorted(set(persons)))
    test = names[: len(names) // 2]
    rows = {name: [row for row, person in enumerate(persons) if person == name] for name in test}
    splits = ["test" if person in rows else "train" for person in persons]
    planted: set[int] = set()
    for name in test[: max(1, round(LEAKING_PEOPLE * len(test)))]:
        planted |= set(rng.choice(rows[name], max(1, int(LEAKING_FACES * len(rows[name]))), replace=False).tolist())
    for row in planted:
        splits[row] = "train"
    return splits, planted


def leaks_found(persons: list[str], grouped: People) -> dict[str, Any]:
    """Recall and precision among the training faces that look like a person in test, over several draws."""
    draws = []
    for seed in range(DRAWS):
        splits, planted = planted_leaks(persons, seed)
        leaking = np.flatnonzero(grouped.leaking(splits))
        draws.append(agreement([int(row) for row in leaking if splits[row] == "train"], planted))
    return {name: round(float(np.mean([draw[name] or 0 for draw in draws])), 3) for name in draws[0]}


def planted_labels(truth: list[str | None]) -> tuple[list[str | None], set[int]]:
    """The labels with one in twenty exchanged for another at random, and which."""
    rng = np.random.default_rng(6)
    wrong = {int(row) for row in rng.choice(len(truth), max(1, int(WRONG_LABELS * len(truth))), replace=False)}
    labels = list(truth)
    for row in sorted(wrong):
        labels[row] = str(rng.choice([name for name in BASIC if name != truth[row]]))
    return labels, wrong


def agreement(found: Collection[Any], truth: Collection[Any]) -> dict[str, Any]:
    """Recall and precision of what was found."""
    hits = len(set(found) & set(truth))
    return {
        "true": len(truth),
        "found": len(found),
        "recall": round(hits / len(truth), 4) if truth else None,
        "precision": round(hits / len(found), 4) if found else None,
    }


def first_right(found: list[int], truth: set[int]) -> dict[str, float]:
    """Precision of the first part of a ranking: so many as there is to find, and half of it."""
    sizes = {"half": len(truth) // 2, "as many as planted": len(truth)}
    return {name: round(len(set(found[:size]) & truth) / size, 4) for name, size in sizes.items() if size}


def stored(copies: Copies) -> pa.Table:
    """Made-up pictures as `datasets` stores them."""
    source = copies.source
    pictures = [{"bytes": source.picture_file(row), "path": f"{row}.png"} for row in range(len(source))]
    return pa.table({"image": pictures, "label": source.column("expression")})


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and its seconds."""
    begin = time.perf_counter()
    answer = call()
    return answer, round(time.perf_counter() - begin, 3)
