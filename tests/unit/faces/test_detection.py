"""The detector finds faces at any size and any way up, several at once, and nothing where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.faces.alignment import five_points
from fer_demo.faces.detection import DetectedFace, RetinaFaceDetector


@pytest.fixture(scope="module")
def detector() -> RetinaFaceDetector:
    return RetinaFaceDetector(threads=1)


@pytest.mark.parametrize("side", [48, 128, 210, 300, 900])
def test_a_face_is_found_with_its_points_at_any_size(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray], drawn_points: np.ndarray, side: int
) -> None:
    (face,) = detector.detect(drawn_face(side))
    assert face.score > 0.9
    eye_distance = side * (drawn_points[1, 0] - drawn_points[0, 0])
    assert np.linalg.norm(face.points - drawn_points * side, axis=1).max() < 0.15 * eye_distance
    left, top, right, bottom = face.box
    assert 0 <= left < face.points[:, 0].min() < face.points[:, 0].max() < right <= side
    assert 0 <= top < face.points[:, 1].min() < face.points[:, 1].max() < bottom <= side


def test_grey_pictures_are_taken_too(detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]) -> None:
    assert len(detector.detect(drawn_face(100).mean(axis=2).astype(np.uint8))) == 1


def test_several_faces_come_largest_first(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]
) -> None:
    photo = np.full((700, 1000, 3), (120, 130, 140), np.uint8)
    for side, left, top in ((150, 40, 60), (400, 300, 200), (220, 740, 30)):
        photo[top : top + side, left : left + side] = drawn_face(side)
    faces = detector.detect(photo)
    assert [round(face.points[0, 0]) // 100 for face in faces] == [4, 8, 0]
    assert faces[0].area > faces[1].area > faces[2].area


def test_small_faces_are_found_by_a_second_look(
    detector: RetinaFaceDetector, drawn_face: Callable[[int], np.ndarray]
) -> None:
    photo = np.full((900, 1600, 3), (120, 130, 140), np.uint8)
    photo[400:450, 700:750] = drawn_face(50)
    (face,) = detector.detect(photo)
    assert np.allclose(face.points.mean(axis=0), (725, 428), atol=6)


def test_empty_pictures_have_no_face(detector: RetinaFaceDetector) -> None:
    for shape in ((48, 48, 3), (300, 500, 3), (1000, 20, 3)):
        assert detector.detect(np.full(shape, 128, np.uint8)) == ()


@pytest.fixture(scope="module")
def people() -> list[tuple[np.ndarray, np.ndarray]]:
    """Rendered faces, 128 pixels wide, each with its five points."""
    bundled = load_bundled()
    ahead = [row for row, pose in enumerate(bundled.column("head_pose")) if np.abs(pose).max() < 12]
    return [(bundled[row].image, five_points(bundled[row].landmarks)) for row in ahead[:: len(ahead) // 6]]


def pasted(photo: np.ndarray, picture: np.ndarray, left: int, top: int, side: int) -> tuple[float, float, float]:
    """Puts a person into a photo; left and top again, and the scale."""
    small = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))
    photo[top : top + side, left : left + side] = small if small.ndim == 3 else small[..., None]
    return left, top, side / picture.shape[0]


def backdrop(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), (150, 160, 170), np.uint8)


def turned(photo: np.ndarray, points: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """A square photo and its points, anticlockwise about the middle."""
    side = photo.shape[0]
    image = Image.fromarray(photo).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(150, 160, 170))
    angle = np.deg2rad(degrees)
    around = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(image), (points - side / 2) @ around.T + side / 2


def error(face: DetectedFace, points: np.ndarray) -> float:
    """The largest distance of a point from its place, in distances of the eyes."""
    return float(np.linalg.norm(face.points - points, axis=1).max() / np.linalg.norm(points[1] - points[0]))


@pytest.mark.parametrize("degrees", [45, 90, 135, 180, 270, 315])
def test_a_turned_face_has_its_points_in_their_places(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]], degrees: int
) -> None:
    for picture, points in people:
        photo = backdrop(640, 640)
        left, top, scale = pasted(photo, picture, 180, 170, 300)
        lying, places = turned(photo, points * scale + (left, top), degrees)
        (face,) = detector.detect(lying)
        assert error(face, places) < 0.3


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_crop_is_found_the_right_way_up(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]], degrees: int
) -> None:
    for picture, points in people:
        colour = np.repeat(picture[..., None], 3, axis=-1) if picture.ndim == 2 else picture
        lying, places = turned(colour, points, degrees)
        (face,) = detector.detect(lying)
        assert error(face, places) < 0.3


def test_everybody_in_a_group_photo_that_lies_is_found(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    photo, places = backdrop(1200, 1200), []
    for number in range(12):
        picture, points = people[number % len(people)]
        row, column = divmod(number, 4)
        left, top, scale = pasted(photo, picture, 40 + 290 * column, 60 + 380 * row, 150 + 10 * number)
        places.append(points * scale + (left, top))
    lying, stacked = turned(photo, np.concatenate(places), 90)
    faces = detector.detect(lying)
    assert len(faces) == 12
    for place in np.split(stacked, 12):
        assert min(error(face, place) for face in faces) < 0.35


def test_small_faces_of_a_large_photo_are_found_beside_a_large_one(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Faces 40 pixels wide, some of them across the borders of tiles: every one once."""
    photo, places = backdrop(4000, 6000), []
    for number in range(24):
        picture, points = people[number % len(people)]
        wide = np.ptp(points[:, 0]) * 2.2  # of the face in its picture, pixels
        side = round(picture.shape[0] * (1400 if number == 0 else 40) / wide)
        left = 1500 if number == 0 else 60 + 247 * number
        top = 1200 if number == 0 else 100 if number % 2 else 3700
        left, top, scale = pasted(photo, picture, left, top, side)
        places.append(points * scale + (left, top))
    faces = detector.detect(photo)
    assert len(faces) == 24
    assert faces[0].area > 100 * faces[1].area
    for place in places:
        assert min(error(face, place) for face in faces) < 0.35


def test_a_photo_of_a_middling_size_is_searched_as_finely(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    photo = backdrop(1300, 1900)
    pasted(photo, people[0][0], 40, 40, 700)
    for number in range(1, 7):
        picture, points = people[number % len(people)]
        pasted(photo, picture, 280 * number - 100, 1150, round(picture.shape[0] * 36 / (np.ptp(points[:, 0]) * 2.2)))
    assert len(detector.detect(photo)) == 7


def test_strips_of_any_length_are_searched(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    for height, width in ((16, 40000), (40000, 16), (17, 900), (201, 12)):
        assert detector.detect(backdrop(height, width)) == ()
    screenshot = backdrop(16000, 400)
    for number, top in enumerate((90, 7990, 15600)):
        pasted(screenshot, people[number][0], 60, top, 280)
    for strip in (screenshot, np.ascontiguousarray(np.rot90(screenshot))):
        assert len(detector.detect(strip)) == 3
    booth = backdrop(1400, 340)
    for number in range(4):
        pasted(booth, people[number][0], 20, 20 + 345 * number, 300)
    assert len(detector.detect(booth)) == 4


def test_a_face_that_fills_a_large_photo_is_one_face(
    detector: RetinaFaceDetector, people: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    photo = backdrop(2600, 2600)
    pasted(photo, people[0][0], 0, 0, 2600)
    assert len(detector.detect(photo)) == 1


def test_scenery_has_no_faces(detector: RetinaFaceDetector) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
    clouds = np.asarray(Image.fromarray(coarse).resize((2400, 1800), Image.Resampling.BICUBIC))
    for photo in (clouds, rng.integers(0, 256, (400, 500, 3), dtype=np.uint8)):
        assert detector.detect(photo) == ()


def test_the_network_waits_for_the_first_photo() -> None:
    code = "import sys, fer_demo.faces.crops; print('onnxruntime' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"
