"""What was measured about a loaded model: how far its answers can be trusted."""

from __future__ import annotations

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.published.evaluation_file import RecognitionTables, recognition_tables
from fer_demo.published.model import PublishedModel


def measured_tables(name: str, model: PublishedModel) -> RecognitionTables | None:
    """The tables of an evaluation of exactly these weights, None if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    return bundled_evaluation(name, model, "recognition", recognition_tables)
