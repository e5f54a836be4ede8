"""What every stage shares that teaches a network of two codes: the network, what is published, and the sheet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_demo.models.tdgan import TDGAN
from training.data.transfer_faces import TransferFaces
from training.engine.objective import Objective
from training.two_codes.validation import prototypes, transfer_sheet


@dataclass
class TwoCodesObjective(Objective):
    """Its networks have a TDGAN by the name of "model", whose average is published."""

    faces: TransferFaces = field(kw_only=True)

    def published(self) -> TDGAN:
        average = self._average()
        average.expression_prototypes.copy_(prototypes(average, self.faces.expressions))
        return average

    def sample_sheet(self) -> np.ndarray:
        return transfer_sheet(self._average(), self.faces)

    def _model(self) -> TDGAN:
        model = self.networks["model"]
        assert isinstance(model, TDGAN)
        return model

    def _average(self) -> TDGAN:
        average = self.averages["model"].average
        assert isinstance(average, TDGAN)
        return average
