"""Mouths that are cut, seen in other ways, and hidden."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.mouth_frame import COLUMNS, ROWS
from fer_demo.images import save_png, to_grey
from fer_demo.models.landmark_editor import LandmarkEditor, LandmarkEditorConfig
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from training.data.mouth_patches import MARGIN, MouthPatches, cut_mouth
from training.data.splits import teaches
from training.landmark_editor.fine_mouths import fine_mouths
from training.landmark_editor.painter_stage import MouthPainterRecipe, plain_mouths, view_mouths, with_painter


def landmarks(side: int) -> np.ndarray:
    points = load_head_model().rest[LANDMARK_VERTICES][:, :2] * [1, -1]
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0).max()
    return points * side * 0.7 + side * 0.15


def marked(side: int) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture with a white spot on the left corner of the mouth."""
    points = landmarks(side)
    picture = np.full((side, side), 90, np.uint8)
    x, y = points[48].astype(int)
    picture[y - 1 : y + 2, x - 1 : x + 2] = 255
    return picture, points


def some_mouths() -> MouthPatches:
    cut = [cut_mouth(*marked(160)) for _ in range(3)]
    pictures, lips, detail = zip(*cut, strict=True)
    return MouthPatches(
        torch.from_numpy(np.stack(pictures)), torch.from_numpy(np.stack(lips)).float(), torch.tensor(detail)
    )


@pytest.mark.parametrize("side", [100, 160, 400])
def test_a_mouth_is_cut_where_its_landmarks_say_at_any_size(side: int) -> None:
    picture, lips, detail = cut_mouth(*marked(side))
    assert picture.shape == (ROWS + 2 * MARGIN, COLUMNS + 2 * MARGIN)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    assert np.hypot(column + 0.5 - MARGIN - lips[0, 0], row + 0.5 - MARGIN - lips[0, 1]) < 2.5
    assert detail == pytest.approx(np.log2(side / 160) + cut_mouth(*marked(160))[2], abs=0.05)


def test_a_view_moves_the_lips_with_the_picture() -> None:
    settings = MouthPainterRecipe(turn=20.0, zoom=0.2, shift=4.0)
    mouths = some_mouths()
    batch = view_mouths(mouths, settings, torch.Generator().manual_seed(3))
    assert batch.pictures.shape == batch.hidden.shape == (3, 1, ROWS, COLUMNS)
    assert batch.lips.shape == (3, 2, ROWS, COLUMNS)
    for picture, lips in zip(batch.pictures, batch.lips, strict=True):
        row, column = divmod(int(picture[0].argmax()), COLUMNS)
        outer = (lips[0] > 0.2).nonzero()
        nearest = (outer - torch.tensor([row, column])).float().norm(dim=1).min()
        assert nearest < 4  # the spot is at the corner of the lips


def test_what_is_between_the_lips_is_hidden_and_the_chin_is_not() -> None:
    batch = plain_mouths(some_mouths())
    assert (batch.hidden[:, 0, ROWS // 2, COLUMNS // 2] == 1).all()
    assert (batch.hidden[:, 0, -1] == 0).all()


def test_a_painter_is_added_to_an_editor_and_nothing_else_learns() -> None:
    editor = LandmarkEditor(LandmarkEditorConfig(size=32, stem=8, reader_widths=(8,)))
    model = with_painter(editor, (8, 16))
    assert torch.equal(model.motion.weight, editor.motion.weight)
    learning = {name.partition(".")[0] for name, value in model.named_parameters() if value.requires_grad}
    assert learning == {"painter"}


def test_an_editor_that_paints_goes_on_from_where_it_is() -> None:
    editor = with_painter(LandmarkEditor(LandmarkEditorConfig(size=32, stem=8, reader_widths=(8,))), (8, 16))
    assert with_painter(editor, (16, 32)) is editor


def test_fine_mouths_are_of_those_who_may_teach_with_lips_where_they_are(tmp_path: Path) -> None:
    faces = load_bundled().select(np.arange(0, 420, 70))
    columns: dict[str, list[object]] = {"image": [], "person": [], "expression": []}
    for record in faces:
        save_png(record.image, tmp_path / "face.png")
        values = ((tmp_path / "face.png").read_bytes(), str(record.person), str(record.expression))
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    (tmp_path / "pairs").mkdir()
    pq.write_table(pa.table(columns), tmp_path / "pairs" / "london.parquet")
    taught = [record for record in faces if teaches(str(record.person))]
    assert 0 < len(taught) < len(faces)
    model = load_model("landmark_editor")
    assert isinstance(model, LandmarkEditor)
    mouths = fine_mouths(model, tmp_path, RetinaFaceDetector(threads=1))
    assert len(mouths) == len(taught)
    for lips, record in zip(mouths.lips, taught, strict=True):
        assert record.landmarks is not None
        _, true, _ = cut_mouth(to_grey(record.image), np.asarray(record.landmarks, np.float64))
        assert np.linalg.norm(lips.numpy() - true, axis=1).mean() < 3  # pixels of a frame 64 wide
