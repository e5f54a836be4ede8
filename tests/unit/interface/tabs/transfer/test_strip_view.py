"""The strip says what was measured, by whom, and which frames left the same-person band."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fer_demo.errors import CheckpointError
from fer_demo.inference.identity import IdentityBand
from fer_demo.inference.study.run import Measured
from fer_demo.inference.transfer.frame_drift import Drift
from fer_demo.inference.transfer.identity_kept import IdentityKept
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.interface.tabs.transfer import strip_view as module
from fer_demo.interface.tabs.transfer.strip_view import Measure, as_file, explained, frames, kept, level_of_judge
from fer_demo.published.evaluation_file import Confusion, RecognitionTables, Reliability
from fer_demo.published.model import FaceModelConfig, PublishedModel

BAND = IdentityBand(64, (0.0,) * 21, (1.0,) * 21, 0.6, 0.98, 0.98, 0.9, 500, "photographs")


@pytest.fixture
def measured() -> Strip:
    """Two frames, the second outside the band."""
    return Strip(
        frames=np.zeros((2, 8, 8, 3), dtype=np.uint8),
        alphas=np.array([0, 1], dtype=np.float32),
        probabilities=np.eye(7, dtype=np.float32)[[3, 4]],
        identity_similarity=np.array([1.0, 0.5], dtype=np.float32),
        along="expression",
        identity=IdentityKept(np.array([0.25, 0.75], dtype=np.float32), BAND),
    )


def test_every_frame_has_its_measures_and_only_those_outside_are_marked(measured: Strip) -> None:
    html = frames(measured.frames, measured.alphas, [Measure("happy", np.array([0.5, 1.25]), 0.9)], measured.outside)
    first, second = html.split("</li>")[:2]
    assert "<b>0.50</b>" in first
    assert "width:50%" in first
    assert "left:90%" in first
    assert "outside" not in first
    assert "perhaps another person" in second
    assert "width:100%" in second
    assert 'data-pick="1"' in second


def test_the_person_is_measured_by_the_embedder_if_there_is_one(measured: Strip) -> None:
    (by_embedder,), (by_editor,) = kept(measured), kept(dataclasses.replace(measured, identity=None))
    assert (by_embedder.name, by_embedder.reference) == ("distance", 0.6)
    assert (by_editor.name, by_editor.reference) == ("identity", None)
    assert kept(dataclasses.replace(measured, identity=None, identity_similarity=None)) == ()


def test_between_two_people_the_distance_to_each_is_shown(measured: Strip) -> None:
    away = IdentityKept(np.array([0.8, 0.1], dtype=np.float32), BAND)
    first, second = kept(dataclasses.replace(measured, along="identity", identity_to_target=away))
    assert (first.name, second.name) == ("to first", "to second")
    assert second.values.tolist() == pytest.approx([0.8, 0.1])
    between = dataclasses.replace(measured, along="identity", identity_to_target=away)
    assert "each of the two people" in explained(between, "happy", None, "Judge", "Editor")


def test_it_is_said_who_measured_what(measured: Strip) -> None:
    said = explained(measured, "happy", 0.86, "Judge", "Editor")
    assert "how likely it shows happy, by Judge. The tick: it names 86% of real happy faces happy." in said
    assert "identity distance to the photo. The tick at 0.60" in said
    assert "right for 98% of pairs" in said
    assert said.endswith("1 of 2 frames are beyond it.")
    without = explained(dataclasses.replace(measured, identity=None), "happy", None, "Judge", "Editor")
    assert "by Editor itself" in without
    assert "not loaded" in without
    nobody = dataclasses.replace(measured, identity=None, identity_similarity=None)
    assert explained(nobody, "happy", None, "Judge", "Editor").endswith("is not loaded.")
    other = explained(dataclasses.replace(measured, along="identity"), "happy", None, "Judge", "Editor")
    assert "first person" in other
    assert "beyond it" not in other


def test_the_judges_level_is_how_often_it_names_real_faces_right(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [[0] * 7 for _ in range(7)]
    counts[3] = [1, 0, 0, 8, 0, 0, 1]
    tables = RecognitionTables(Reliability((), 0.0, ""), Confusion(tuple(map(tuple, counts)), ""), (), ())
    judge = PublishedModel(FaceModelConfig())
    monkeypatch.setattr(module, "measured_tables", lambda name, model, answer: tables)
    assert level_of_judge("judge", judge, "happy") == 0.8
    assert level_of_judge("judge", judge, "sad") is None  # no such face was tried
    monkeypatch.setattr(module, "measured_tables", lambda name, model, answer: None)
    assert level_of_judge("judge", judge, "happy") is None


def test_a_damaged_evaluation_hides_only_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(name: str, model: PublishedModel, answer: str) -> None:
        raise CheckpointError("It cannot be used.")

    monkeypatch.setattr(module, "measured_tables", damaged)
    assert level_of_judge("judge", PublishedModel(FaceModelConfig()), "happy") is None


@pytest.mark.parametrize(("kind", "begin"), [("GIF", b"GIF89a"), ("PNG", b"\x89PNG"), ("CSV", b"frame,alpha,angry")])
def test_a_strip_is_made_into_files(measured: Strip, kind: str, begin: bytes) -> None:
    still = Drift(None, *(np.zeros(2, np.float32) for _ in range(3)))
    name, _, content = as_file(kind, Measured(measured, still), "strip-happy", visible_mark=False)
    assert name == f"strip-happy.{kind.lower()}"
    assert content.startswith(begin)


def test_the_mark_can_be_written_on_the_pictures(measured: Strip) -> None:
    still = Drift(None, *(np.zeros(2, np.float32) for _ in range(3)))
    plain, marked = (as_file("PNG", Measured(measured, still), "s", visible)[2] for visible in (False, True))
    assert plain != marked
