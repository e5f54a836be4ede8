"""True pairs of rendered people: editors whose answer is known, and baselines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.stable_frame import in_stable_frame
from fer_demo.metrics.point_motion import REGIONS
from tests.unit.training.evaluation.pairs.pairs_made_up import PEOPLE, write_pairs
from training.data.splits import teaches
from training.evaluation.pairs.data import CKPLUS, LONDON, Task, load_photos, make_tasks
from training.evaluation.pairs.mean_scale import SCALES, Curve, best_strength
from training.evaluation.pairs.methods import blend_pixels, displacements, do_nothing, means_of_others, warp_photo
from training.evaluation.pairs.report import load_pair_models
from training.evaluation.pairs.scores import Bench, PairModels, scores_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder)
    return folder


@pytest.fixture(scope="module")
def models() -> PairModels:
    return load_pair_models(seed=0)


@pytest.fixture(scope="module")
def tasks(data: Path, models: PairModels) -> list[Task]:
    """The validating half of London: to a smile and back, by name and driven."""
    photos = load_photos(data, LONDON, False, RetinaFaceDetector(threads=1), models.landmarker)
    return make_tasks(LONDON, photos, seed=0)


def scores(task: Task, photos: list[np.ndarray], models: PairModels) -> dict[str, float]:
    measured = Bench(task, models).measure(photos, in_full=True)
    return {name: score.value for name, score in scores_of(task, measured, seed=0).items()}


def test_the_halves_share_nobody_and_leave_nobody_out(data: Path, models: PairModels) -> None:
    detector = RetinaFaceDetector(threads=1)
    halves = [
        {photo.person for photo in load_photos(data, LONDON, teaching, detector, models.landmarker)}
        for teaching in (True, False)
    ]
    assert halves[0].isdisjoint(halves[1])
    assert halves[0] | halves[1] == set(PEOPLE)
    assert halves[0] == {person for person in PEOPLE if teaches(person)}


def test_a_folder_without_pairs_is_named(tmp_path: Path, models: PairModels) -> None:
    with pytest.raises(DataError, match="beside fer2013"):
        load_photos(tmp_path, LONDON, True, RetinaFaceDetector(threads=1), models.landmarker)


def test_london_goes_to_a_smile_and_back_by_name_and_by_somebody_elses_face(tasks: list[Task]) -> None:
    assert [task.name for task in tasks] == ["happy, by name", "happy, driven", "neutral, by name", "neutral, driven"]
    for task in tasks:
        for case in task.cases:
            assert case.source.person == case.truth.person
            assert case.truth.expression == task.expression != case.source.expression
            if task.driven:
                assert case.driver is not None
                assert case.driver.person != case.source.person
                assert case.driver.expression == task.expression


def test_an_expression_without_prototype_is_driven_and_one_of_a_single_person_is_asked_for_by_name(
    tasks: list[Task],
) -> None:
    photos = [photo for case in tasks[0].cases for photo in (case.source, case.truth)]
    alone = photos[0].person
    shown = [
        replace(
            photo,
            expression={"neutral": "neutral"}.get(photo.expression, "sad" if photo.person == alone else "contempt"),
        )
        for photo in photos
    ]
    assert [task.name for task in make_tasks(CKPLUS, shown, seed=0)] == ["sad, by name", "contempt, driven"]


def test_a_peak_is_paired_with_the_neutral_frame_of_its_own_sequence(tasks: list[Task]) -> None:
    case = tasks[0].cases[0]
    other, same = replace(case.source, take="S1_001_01"), replace(case.source, take="S1_002_01")
    peak = replace(case.truth, take="S1_002_17")
    found = make_tasks(CKPLUS, [other, same, peak], seed=0)
    assert [task.cases[0].source for task in found] == [same]


def test_the_true_picture_is_a_gain_of_one_and_the_untouched_photo_none(tasks: list[Task], models: PairModels) -> None:
    task = tasks[0]
    nothing = scores(task, [do_nothing(case) for case in task.cases], models)
    assert nothing["mouth gain"] == pytest.approx(0, abs=0.05)
    assert nothing["L1 gain"] == pytest.approx(0, abs=0.05)
    assert nothing["size"] < 0.1
    assert nothing["identity distance"] < 0.05
    truth = scores(task, [case.truth.crop.photo for case in task.cases], models)
    for region in ("mouth", "brows"):
        assert truth[f"{region} gain"] > 0.8, region
    assert truth["L1 gain"] > 0.8
    assert truth["size"] == pytest.approx(1, abs=0.1)
    assert truth["cosine"] > 0.98
    assert truth["SSIM"] > nothing["SSIM"]
    assert truth["PSNR"] > nothing["PSNR"]
    assert truth["mouth sharpness"] == pytest.approx(1, abs=0.05)
    assert truth["identity distance to the truth"] < 0.1
    assert truth["perceptual distance"] < 0.02


@pytest.mark.parametrize(("share", "gain"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (2.0, 0.0), (-1.0, -1.0)])
def test_points_moved_by_a_share_of_the_true_motion_gain_as_much(
    tasks: list[Task], models: PairModels, share: float, gain: float
) -> None:
    measured = Bench(tasks[0], models).measure_points(share * displacements(tasks[0].cases))
    found = {name: score.value for name, score in scores_of(tasks[0], measured, seed=0).items()}
    assert found["mouth gain"] == pytest.approx(gain)
    assert found["size"] == pytest.approx(abs(share))
    assert found["cosine"] == pytest.approx(np.sign(share))


def test_a_warp_by_the_true_motion_is_seen_in_the_picture_and_the_opposite_one_too(
    tasks: list[Task], models: PairModels
) -> None:
    moved = list(zip(tasks[0].cases, displacements(tasks[0].cases), strict=True))
    there, back = (
        scores(tasks[0], [warp_photo(case.source, share * true) for case, true in moved], models) for share in (1, -1)
    )
    # A smile without its teeth looks smaller to the landmarker.
    assert there["mouth gain"] > 0.6
    assert 0.6 < there["size"] < 1.2
    assert there["cosine"] > 0.95
    assert there["L1 gain"] > 0.1
    assert back["mouth gain"] < -0.4
    assert back["cosine"] < -0.8
    assert back["L1 gain"] < 0


def test_somebody_new_is_told_the_mean_of_all_others(tasks: list[Task]) -> None:
    steps = np.zeros((3, 68, 2))
    steps[:, REGIONS["mouth"], 1] = np.array([0.01, 0.02, 0.06])[:, None]
    case = tasks[0].cases[0]
    cases = [
        replace(
            case,
            source=replace(case.source, person=name),
            truth=replace(case.truth, person=name, landmarks=_moved(case.source.landmarks, step)),
        )
        for name, step in zip("abc", steps, strict=True)
    ]
    np.testing.assert_allclose(displacements(cases), steps, atol=1e-9)
    told = means_of_others(cases)[:, 50, 1]
    assert told == pytest.approx([0.04, 0.035, 0.015])


def _moved(landmarks: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Landmarks that lie `step` away on the stable frame."""
    frame = in_stable_frame(landmarks)
    homogeneous = np.column_stack([frame, np.ones(68)])
    back = np.linalg.lstsq(homogeneous, landmarks, rcond=None)[0]
    return np.column_stack([frame + step, np.ones(68)]) @ back


def test_nothing_moves_by_no_displacement_and_nobody_is_blended_with_a_name(tasks: list[Task]) -> None:
    case = tasks[0].cases[0]
    assert warp_photo(case.source, np.zeros((68, 2))) is case.source.crop.photo
    assert blend_pixels(case) is case.source.crop.photo
    driven = tasks[1].cases[0]
    assert np.abs(blend_pixels(driven).astype(int) - driven.source.crop.photo).max() > 20


def curve_with(task: Task, best: float, weight: float = 1.0) -> Curve:
    """Errors that are least at some scale, the same in every region."""
    errors = [weight * (amount - best) ** 2 + 1 for amount in SCALES]
    ones = np.ones(len(task.cases))
    return Curve(task, SCALES, tuple({"mouth": error * ones, "brows": 0 * ones} for error in errors))


@pytest.mark.parametrize("best", [0.3, 0.47, 1.04])
def test_the_best_strength_lies_between_the_ones_that_were_tried(tasks: list[Task], best: float) -> None:
    assert best_strength([curve_with(tasks[0], best)]) == pytest.approx(best, abs=0.005)


@pytest.mark.parametrize(("best", "found"), [(-1.0, 0.0), (3.0, 2.0)])
def test_a_scale_beyond_those_that_were_tried_is_the_last_one(tasks: list[Task], best: float, found: float) -> None:
    assert best_strength([curve_with(tasks[0], best)]) == found
