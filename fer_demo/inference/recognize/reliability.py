"""What was measured about a loaded model: how far its answers can be trusted."""

from __future__ import annotations

from fer_demo.checkpoints import bundled_evaluation
from fer_demo.inference.recognize.probabilities import VOTES, Answer, answers_of
from fer_demo.published.evaluation_file import RecognitionTables, recognition_tables, vote_tables
from fer_demo.published.model import PublishedModel


def measured_tables(name: str, model: PublishedModel, answer: Answer) -> RecognitionTables | None:
    """The tables of an evaluation of exactly these weights, of their votes or labels; None if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    if answer == VOTES and VOTES in answers_of(model):
        return bundled_evaluation(name, model, "votes", vote_tables)
    return bundled_evaluation(name, model, "recognition", recognition_tables)
