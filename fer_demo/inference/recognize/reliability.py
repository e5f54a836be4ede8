"""What was measured about a loaded model: how far its answers can be trusted."""

from __future__ import annotations

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.published.evaluation_file import RecognitionTables, read_evaluation, recognition_tables
from fer_demo.published.model import PublishedModel


def measured_tables(name: str, model: PublishedModel) -> RecognitionTables | None:
    """The tables of an evaluation of exactly these weights, None if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    if name not in MODELS or model.origin is None:
        return None
    return read_evaluation(BUNDLED_FOLDER / name, model.origin.sha256, "recognition", recognition_tables)
