"""Cases of the command line: crops, names, folders called like expressions, and maps of odd sets."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tools.field_inputs.case import ROOT, Case, Finding, command, make, one_sentence, opened, same

GOOD_CROPS = ("grey", "fortran", "constant", "black", "noise", "wide", "bgr")


def crops(field: Path) -> Iterator[Finding]:
    """Crop arrays: seven probabilities for each crop, or one sentence."""
    make(field / "crops")
    output = field / "probabilities.npy"
    for path in sorted((field / "crops").glob("*.np[yz]")):
        code, said = command("recognize", "--crops", path, "--output", output)
        if path.stem in GOOD_CROPS:
            yield same(f"crops/{path.name}", (code, np.load(output).shape[1] if code == 0 else said[-100:]), (0, 7))
        elif code == 0:
            yield f"crops/{path.name}", True, f"opened, {len(np.load(output))} rows"
        else:
            yield one_sentence(f"crops/{path.name}", code, said)


def names(field: Path) -> Iterator[Finding]:
    """Photos with difficult names: a row for each."""
    make(field / "names")
    code, _ = command("recognize", field / "names/files", "--output", field / "names.csv")
    with (field / "names.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    yield same("names", (code, len(rows)), (0, len(list((field / "names/files").iterdir()))))


def gbk_names(field: Path) -> Iterator[Finding]:
    """Names in GBK bytes: recognize and audit do them all."""
    (photo,) = sorted((field / "sideways/files").glob("photo_06_happy_0.jpg"))
    folder = field / "gbk"
    for word in ("happy", "sad", "angry"):
        (folder / word).mkdir(parents=True)
        shutil.copy(photo, Path(os.fsdecode(os.fsencode(folder / word) + b"/\xd6\xd0\xce\xc40.jpg")))
    code, said = command("recognize", folder, "--output", field / "gbk.csv")
    rows = len((field / "gbk.csv").read_text(encoding="utf-8").splitlines()) if code == 0 else said[-160:]
    yield same("gbk_names, recognize", (code, rows), (0, 4))
    code, said = command("audit", folder, "--output", field / "gbk_audit")
    yield "gbk_names, audit", code == 0, f"exit code {code} {said[-160:]}"


def folder_named_sad(field: Path) -> Iterator[Finding]:
    """`--to sad` beside a folder called sad means the word."""
    person = field / "odd_shapes/turned_30.png"
    where = field / "class_above_split/split_words/train_set"
    told = ("--to", "sad", "--steps", 3, "--output", field / "named_sad")
    code, _ = command("interpolate", "--identity", person, *told, cwd=where)
    yield same("folder_named_sad", (code, (field / "named_sad/study.csv").is_file()), (0, True))


def audit_of_blanks(field: Path) -> Iterator[Finding]:
    """An audit in which every picture has a problem writes its report."""
    from PIL import Image

    (field / "blank/happy").mkdir(parents=True)
    for number in range(3):
        Image.fromarray(np.full((48, 48), 128, np.uint8)).save(field / f"blank/happy/{number}.png")
    code, _ = command("audit", field / "blank", "--output", field / "blank_audit")
    yield same("an audit of blanks", (code, (field / "blank_audit/report.json").is_file()), (0, True))


def map_sets(field: Path) -> Iterator[Finding]:
    """Maps of broken, equal and few pictures: a map or one sentence, never a crash."""
    for folder in sorted((field / "map_sets").iterdir()):
        words = ("project", "tdgan", "--data", str(folder), "--out", str(field / f"{folder.name}.parquet"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        line = [sys.executable, "-m", "training", *words]
        ran = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, check=False)
        said = ran.stderr.decode("utf-8", "replace").strip()
        right = ran.returncode == 0 or (ran.returncode in (1, 2) and "Traceback" not in said)
        yield f"map_sets/{folder.name}", right, f"exit code {ran.returncode} {said.splitlines()[-1:]}"


def project_shapes(field: Path) -> Iterator[Finding]:
    """Maps align as the app does: right for whole photos where the app is right."""
    make(field / "project_shapes")
    import torch

    from fer_demo.checkpoints import load_model
    from training.maps.face_codes import Encoders

    encoders = Encoders.of(load_model("tdgan"), torch.device("cpu"))
    shares = {}
    for folder in sorted(one for one in (field / "project_shapes").iterdir() if one.is_dir() and one.name[0] != "_"):
        source = opened(folder).source
        answers = encoders.describe(source)[1]["answer"]
        truth = source.column("expression")
        shares[folder.name] = sum(one == other for one, other in zip(answers, truth, strict=True)) / len(source)
    for name, share in shares.items():
        yield f"project_shapes/{name}", share >= shares["square"] - 0.1, f"{share:.2f}, square {shares['square']:.2f}"


CASES: tuple[Case, ...] = (
    crops, names, gbk_names, folder_named_sad, audit_of_blanks, map_sets, project_shapes,
)  # fmt: skip
