"""What a model said of the faces in a photo, in the visitor's state: nothing is recognized twice."""

from __future__ import annotations

from dataclasses import dataclass

from fer_demo.inference.recognize.probabilities import Recognition
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.tables import doubt, faces_table


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Known:
    """The answers to one photo."""

    chosen: ChosenFace
    answers: tuple[Recognition, ...]

    def doubt(self, coverage: float) -> str:
        """The prediction set of the chosen face, and what it is worth."""
        return doubt(self.answers[self.chosen.index], coverage, self.chosen.crop.notes)

    def everyone(self, coverage: float) -> str:
        """A table of all faces, if there are several."""
        several = len(self.answers) > 1
        return faces_table(self.chosen.crops, self.answers, coverage) if several else ""
