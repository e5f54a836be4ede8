"""What is known so far about a dataset that somebody explores: the set, the chosen faces, and every check's result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.data.cleaning import LEAK, Finding, picture_findings, split_of
from fer_demo.data.duplicates import DuplicateGroup, find_duplicates
from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet
from fer_demo.data.pictures import PictureTable
from fer_demo.data.query import RowQuery
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.inference.dataset.audit import face_findings
from fer_demo.inference.dataset.face_pass import FaceTable
from fer_demo.inference.dataset.label_issues import LabelIssue, find_label_issues
from fer_demo.inference.dataset.people import EVIDENCE, People, find_people
from fer_demo.metrics.slices import SliceReport, slice_errors


@dataclass(frozen=True, eq=False)
class Exploration:
    """One visitor's dataset and what was found in it; every step makes another one."""

    opened: OpenedSet
    chosen: np.ndarray | None = None  # rows picked by a query, in its order; None = all
    pictures: PictureTable | None = None  # None until the pictures were checked
    groups: tuple[DuplicateGroup, ...] = ()
    faces: FaceTable | None = None  # None until the faces were checked
    issues: tuple[LabelIssue, ...] = ()
    people: People | None = None
    of_pictures: tuple[Finding, ...] = ()
    of_faces: tuple[Finding, ...] = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Exploration:
        return self  # nothing in it ever changes; gr.State copies what it begins with

    @property
    def source(self) -> FaceSource:
        return self.opened.source

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong, as far as was looked."""
        return self.of_pictures + self.of_faces

    @cached_property
    def labels(self) -> list[str | None]:
        return self.source.column("expression")

    @cached_property
    def splits(self) -> list[str | None]:
        return split_of(self.source)

    @cached_property
    def query(self) -> RowQuery:
        """The set's columns, and those that the checks added."""
        table = self.source.labels()
        for name, values in self.measures().items():
            if name not in table.column_names:
                table = table.append_column(name, values)
        return RowQuery(table)

    def rows(self, expression: str | None = None, person: str | None = None) -> np.ndarray:
        """The chosen rows that have both labels; None asks for any."""
        rows = np.arange(len(self.source)) if self.chosen is None else self.chosen
        for column, wanted in (("expression", expression), ("person", person)):
            if wanted is not None:
                values = self.source.column(column)
                rows = np.array([row for row in rows if values[row] == wanted], np.int64)
        return rows

    def with_chosen(self, rows: np.ndarray | None) -> Exploration:
        """Another choice of faces; everything that was found stays, and the query need not be made again."""
        other = replace(self, chosen=rows)
        other.__dict__["query"] = self.query
        return other

    def with_labels(self, words: dict[str, str | None]) -> Exploration:
        """Other meanings of the labels."""
        return self.with_opened(self.opened.with_labels(words))

    def with_opened(self, opened: OpenedSet) -> Exploration:
        """The same pictures with other labels: their measures stay, what follows from labels is worked out again."""
        other = Exploration(opened, self.chosen)
        other = other if self.pictures is None else other.with_pictures(self.pictures)
        return other if self.faces is None else other.with_faces(self.faces)

    def with_pictures(self, pictures: PictureTable) -> Exploration:
        """With what the pixels show."""
        groups = find_duplicates(pictures)
        return replace(self, pictures=pictures, groups=groups, of_pictures=self._of_pictures(pictures, groups))

    def with_faces(self, faces: FaceTable, evidence: float = EVIDENCE) -> Exploration:
        """With what the models find; `evidence` as in `find_people`."""
        labels, votes = self.labels, self.source.column("votes")
        issues = find_label_issues(labels[: len(faces)], faces.probabilities, faces.found, votes)
        people = find_people(faces.descriptors, faces.found, evidence) if faces.descriptors.shape[1] else None
        found = face_findings(self.source, faces, issues, people)
        return replace(self, faces=faces, issues=issues, people=people, of_faces=found)

    def with_people(self, evidence: float) -> Exploration:
        """Other people, found with another evidence."""
        if self.faces is None or not self.faces.descriptors.shape[1]:
            return self
        people = find_people(self.faces.descriptors, self.faces.found, evidence)
        others = tuple(one for one in self.of_faces if one.problem != LEAK)
        leaks = tuple(one for one in face_findings(self.source, self.faces, (), people) if one.problem == LEAK)
        return replace(self, people=people, of_faces=others + leaks)

    def correct(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows whose answer can be judged, and whether it is right."""
        if self.faces is None:
            return np.empty(0, np.int64), np.empty(0, bool)
        labels, answers = self.labels, self.faces.answers
        rows = np.array([row for row in np.flatnonzero(self.faces.found) if labels[row] in BASIC], np.int64)
        return rows, np.array([answers[row] == labels[row] for row in rows], bool)

    def slices(self) -> SliceReport:
        """Where the recognizer fails, by every column that groups faces."""
        rows, correct = self.correct()
        columns: dict[str, list[Any]] = {}
        for name in ("expression", "person", *self.source.columns):
            if name not in (ORIGINAL_LABEL, "box"):
                columns[name] = self.source.column(name)
        columns |= {name: values.to_pylist() for name, values in self.measures().items() if name != "answer"}
        return slice_errors(correct, {name: [values[row] for row in rows] for name, values in columns.items()})

    def _of_pictures(self, pictures: PictureTable, groups: tuple[DuplicateGroup, ...]) -> tuple[Finding, ...]:
        return picture_findings(self.source, pictures, groups)

    def measures(self) -> dict[str, pa.Array]:
        """Columns that the checks add; null where they did not look."""
        columns: dict[str, pa.Array] = {}
        if (pictures := self.pictures) is not None:
            for name in ("brightness", "contrast", "sharpness", "width", "height"):
                columns[name] = self._padded(getattr(pictures, name), pictures.readable)
        if (faces := self.faces) is not None:
            columns["answer"] = pa.array(faces.answers + [None] * (len(self.source) - len(faces)), pa.string())
            columns["yaw"] = self._padded(faces.pose[:, 0], faces.found)
            columns["pitch"] = self._padded(faces.pose[:, 1], faces.found)
        return columns

    def _padded(self, values: np.ndarray, known: np.ndarray) -> pa.Array:
        missing = len(self.source) - len(values)
        mask = np.concatenate([~known, np.ones(missing, bool)])
        return pa.array(np.concatenate([values, np.zeros(missing, values.dtype)]), mask=mask)
