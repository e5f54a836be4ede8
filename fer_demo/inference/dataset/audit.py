"""The audit of a dataset: every check over all its pictures, its findings, and the files they are written to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fer_demo.data.cleaning import (
    COPY,
    LABEL,
    LEAK,
    NO_FACE,
    POINTS,
    PROBLEMS,
    STAYING,
    Finding,
    clean,
    clean_parquet,
    counts,
    picture_findings,
    reasons_csv,
    split_of,
)
from fer_demo.data.columns import split_word
from fer_demo.data.duplicates import EXACT, DuplicateGroup, find_duplicates
from fer_demo.data.opened_set import OpenedSet
from fer_demo.data.pictures import PictureScan, PictureTable
from fer_demo.data.sources import FaceSource
from fer_demo.inference.dataset.face_pass import Examiners, FacePass, FaceTable
from fer_demo.inference.dataset.label_issues import LabelIssue, find_label_issues
from fer_demo.inference.dataset.people import EVIDENCE, People, find_people
from fer_demo.metrics.slices import difference_interval
from fer_demo.outputs import Content, write_files

_TAKEN_OUT = [problem for problem in PROBLEMS if problem not in STAYING]
_STEP = 0.5  # seconds between two steps of the progress bar


@dataclass(frozen=True)
class LeakEffect:
    """How much better a recognizer does on test faces that have a double in training than on the others."""

    leaking: int
    others: int
    accuracy_leaking: float
    accuracy_others: float
    low: float  # 95 % bootstrap interval of the difference
    high: float


def face_findings(
    source: FaceSource, faces: FaceTable, issues: Sequence[LabelIssue], people: People | None
) -> tuple[Finding, ...]:
    """What the models find: no face or no answer, points that form no face, people in two splits, labels in doubt."""
    splits = split_of(source)
    found = [Finding(row, NO_FACE, sentence) for row, sentence in faces.troubles.items()]
    found += [Finding(int(row), NO_FACE, "no face found") for row in np.flatnonzero(faces.seen & ~faces.found)]
    reason = "its points do not form a face, so a face was looked for"
    found += [Finding(int(row), POINTS, reason) for row in np.flatnonzero(faces.misplaced)]
    if people is not None:
        leaks = np.flatnonzero(people.leaking(splits[: len(faces)]))
        training = [int(row) for row in leaks if split_word(splits[row] or "") == "train"]
        found += [Finding(row, LEAK, "looks like a person in another split") for row in training]
    for one in issues:
        found.append(Finding(one.row, LABEL, f"labelled {one.label}, looks {one.suggested}"))
    return tuple(found)


def leak_effect(leaking: np.ndarray, correct: np.ndarray, splits: Sequence[str | None]) -> LeakEffect | None:
    """The effect on faces outside the training split; None if one of the two groups is empty."""
    held_out = np.array([split is not None and split_word(split) != "train" for split in splits], bool)
    one, other = correct[held_out & leaking], correct[held_out & ~leaking]
    if not len(one) or not len(other):
        return None
    low, high = difference_interval(one, other)
    return LeakEffect(len(one), len(other), float(one.mean()), float(other.mean()), low, high)


def copies_across_splits(groups: Sequence[DuplicateGroup], splits: Sequence[str | None]) -> np.ndarray:
    """(N,) bool: rows that have a copy in another split."""
    across = np.zeros(len(splits), bool)
    for group in groups:
        across[list(group.rows)] = len(group.splits(splits)) > 1
    return across


def audit_pictures(opened: OpenedSet) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """What pixels show, without a model: the report, with how many rows a clean set would keep, and the findings."""
    source = opened.source
    scan = PictureScan(source)
    _run(scan, "picture")
    pictures = scan.result()
    groups = find_duplicates(pictures)
    findings = picture_findings(source, pictures, groups)
    report = {"source": source.name, "rows": len(source), "notes": list(opened.notes)}
    report |= picture_report(source, pictures, groups, findings)
    return report | {"problems": counts(findings), "kept": len(source) - len(_left_out(findings))}, findings


def audit(opened: OpenedSet, output: Path, examiners: Examiners | None = None) -> dict[str, Any]:
    """Every check, written to `output`: report.json, findings.csv and clean.parquet; the models' only with examiners.

    The clean set leaves out what pixels show to be wrong and what holds no face; labels in doubt, look-alikes and
    points that form no face are listed, and their pictures stay. If no row is left, there is no clean set, and the
    report says that 0 rows were kept.
    """
    source = opened.source
    report, findings = audit_pictures(opened)
    if examiners is not None:
        walk = FacePass(source, examiners)
        _run(walk, "face")
        more, said = _examined(source, walk.result())
        findings, report = (*findings, *more), report | said
    report |= {"problems": counts(findings), "kept": 0, "content_sha256": None}
    files: dict[Path, Content] = {output / "findings.csv": reasons_csv(source, findings)}
    if len(_left_out(findings)) < len(source):
        cleaned = clean(source, findings, _TAKEN_OUT)
        report |= {"kept": len(cleaned.kept), "content_sha256": cleaned.digest}
        files[output / "clean.parquet"] = clean_parquet(source, cleaned)
    write_files({output / "report.json": json.dumps(report, indent=1) + "\n", **files})
    if not report["kept"]:
        (output / "clean.parquet").unlink(missing_ok=True)  # of an earlier audit, whose rows it would pass for
    return report


def picture_report(
    source: FaceSource, pictures: PictureTable, groups: Sequence[DuplicateGroup], findings: Sequence[Finding]
) -> dict[str, Any]:
    """The figures that pixels give."""
    splits = split_of(source)
    exact = [group for group in groups if group.kind == EXACT]
    across = copies_across_splits(groups, splits)
    sizes = {split or "all": splits.count(split) for split in dict.fromkeys(splits)}
    with_copy = [split or "all" for row, split in enumerate(splits) if across[row]]
    return {
        "splits": sizes,
        "blank": int(pictures.blank.sum()),
        "unreadable": len(pictures.troubles),
        "groups_of_copies": len(groups),
        "groups_of_exact_copies": len(exact),
        "rows_in_groups": sum(len(group.rows) for group in groups),
        "superfluous_copies": sum(one.problem == COPY for one in findings),
        "groups_across_splits": sum(len(group.splits(splits)) > 1 for group in groups),
        "rows_with_a_copy_in_another_split": {name: with_copy.count(name) for name in sizes},
        "groups_with_conflicting_labels": _conflicting(source, groups),
        "exact_groups_with_conflicting_labels": _conflicting(source, exact),
    }


def _left_out(findings: Sequence[Finding]) -> set[int]:
    """The rows that a clean set does without."""
    return {one.row for one in findings if one.problem in _TAKEN_OUT}


def _conflicting(source: FaceSource, groups: Sequence[DuplicateGroup]) -> int:
    labels = source.column("expression")
    return sum(len({labels[row] for row in group.rows} - {None}) > 1 for group in groups)


def _examined(source: FaceSource, faces: FaceTable) -> tuple[tuple[Finding, ...], dict[str, Any]]:
    """The models' findings and figures."""
    labels, votes = source.column("expression"), source.column("votes")
    issues = find_label_issues(labels, faces.probabilities, faces.found, votes)
    has_people = faces.descriptors.shape[1] > 0
    people = find_people(faces.descriptors, faces.found, EVIDENCE) if has_people else None
    labelled = faces.found & np.array([label is not None for label in labels])
    right = np.array([one == other for one, other in zip(faces.answers, labels, strict=True)])[labelled]
    figures = {"accuracy": float(right.mean()) if len(right) else None, "labels_in_doubt": len(issues)}
    return face_findings(source, faces, issues, people), figures


def _run(work: Any, what: str) -> None:
    with tqdm(total=work.total, unit=what, disable=None) as bar:  # None: quiet where nobody watches
        while work.done < work.total:
            work.advance(_STEP)
            bar.update(work.done - bar.n)
