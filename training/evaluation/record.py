"""The evaluation file of a checkpoint: every measured figure and table, with how, when and on which weights."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fer_demo.errors import DataError
from fer_demo.outputs import write_whole
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.human_line import Against

CLEAR_FACES = "bundled synthetic faces, clear expressions"  # what an accuracy was measured on

_PLAIN_LIST = re.compile(r"\[\n[^\[\]{}]*\]")  # of numbers and words; no string holds a line's end
__all__ = ["CLEAR_FACES", "DATA_SETS", "EVALUATION_FILE", "Evaluation", "Figure", "Measurement", "quick_look"]

DATA_SETS = {
    "fer2013": "**FER2013** (Goodfellow et al. 2013): grey photographs of people found by web search, labelled by "
    "expression. Photographs of third parties.",
    "ferplus": "**FER+** (Barsoum et al. 2016): the votes of ten people for each FER2013 picture. Labels only.",
    "lfw": "**Labeled Faces in the Wild** (Huang et al. 2007): press photographs of public figures, named by person. "
    "Photographs of third parties.",
    "ckplus": "**CK+** (Lucey et al. 2010): people posing expressions in a laboratory, half of the people. Photographs "
    "of third parties, for research.",
    "london": "**Face Research Lab London Set** (DeBruine and Jones 2017, CC BY 4.0): neutral and smiling people in "
    "one studio, half of the people. They signed that their pictures may be used in studies.",
    "dlib": "**dlib's photographs of people** (King 2017): about 3 million of 7,485 people, behind the weights that "
    "the training started from (CC0). They were taken from the web; the collection itself is not published.",
    "imagenet": "**ImageNet** (Russakovsky et al. 2015): photographs of a thousand kinds of things, behind the "
    "published weights of EfficientNet-Lite0 (Apache-2.0) that the trunk started from. Photographs of third parties.",
    "raf-db": "**RAF-DB** (Li et al. 2017): photographs found on the web, each labelled by some forty people. "
    "Photographs of third parties, for research.",
    "affectnet": "**AffectNet** (Mollahosseini et al. 2017): photographs found by web search, each labelled by one "
    "person. Photographs of third parties, for research.",
    "jaffe": "**JAFFE** (Lyons et al. 1998): ten Japanese women posing expressions. For research.",
    "kdef": "**KDEF** (Lundqvist et al. 1998): seventy amateur actors posing expressions. For research.",
    "rafd": "**RaFD** (Langner et al. 2010): trained models posing expressions. For research.",
    "expw": "**ExpW** (Zhang et al. 2018): photographs found by web search, labelled by expression. Photographs of "
    "third parties, for research.",
    "oulu-casia": "**Oulu-CASIA** (Zhao et al. 2011): eighty people posing expressions in three kinds of light. For "
    "research.",
    "sfew": "**SFEW** (Dhall et al. 2011): stills from films, labelled by expression. For research.",
    "own": "**A set of the trainer's own**, named when the training began; its terms are theirs to state.",
    "synthetic": "**Synthetic faces** made by `fer_demo/synthetic` from MakeHuman's head (CC0). They show nobody.",
}


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    name: str  # such as accuracy
    value: float
    data: str  # what it was measured on, such as FER2013 PublicTest
    count: int  # how many samples
    unit: str = ""  # empty for a share of 1
    interval: tuple[float, float] | None = None  # 95 %, bootstrap
    part: str = ""  # the measurement it belongs to; `Evaluation.joined` fills it in
    against: Against = ""  # what an accuracy counts as right, where people were asked too

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.value, *(self.interval or ()))):
            raise DataError(f"The figure {self.name} on {self.data} is {self.value}. Evaluate the model again.")

    @property
    def shown(self) -> str:
        """The value with its unit and interval, for a table."""
        between = "" if self.interval is None else " ({:.4g} to {:.4g})".format(*self.interval)
        return f"{self.value:.4g} {self.unit}".strip() + between


@dataclass(frozen=True)
class Measurement:
    """How one part of an evaluation came about."""

    command: str
    seed: int
    date: str  # ISO
    machine: str


@dataclass(frozen=True)
class Evaluation:
    """What `python -m training evaluate` found out about one weights file."""

    weights_sha256: str  # of the model.safetensors that was evaluated
    trained_on: tuple[str, ...]  # keys of DATA_SETS
    measured: Mapping[str, Measurement]  # by part: recognition, transfer
    figures: tuple[Figure, ...]
    tables: Mapping[str, Any] = field(default_factory=dict)  # JSON by name; see published/evaluation_file.py

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.trained_on) - set(DATA_SETS)):
            raise DataError(f"The terms of {', '.join(unknown)} are not known. Add them to DATA_SETS in evaluation.py.")
        if not self.figures or not self.measured:
            raise DataError("The evaluation holds no figures. Run `python -m training evaluate` again.")

    def joined(self, earlier: Evaluation | None) -> Evaluation:
        """This evaluation with the parts of an earlier one that it did not measure again, if of the same weights."""
        part = next(iter(self.measured))
        mine = tuple(replace(figure, part=figure.part or part) for figure in self.figures)
        if earlier is None or earlier.weights_sha256 != self.weights_sha256:
            return replace(self, figures=mine)
        kept = tuple(figure for figure in earlier.figures if figure.part not in self.measured)
        return replace(
            self,
            trained_on=tuple(name for name in DATA_SETS if name in {*self.trained_on, *earlier.trained_on}),
            measured=dict(sorted({**earlier.measured, **self.measured}.items())),
            figures=tuple(sorted(mine + kept, key=lambda figure: figure.part)),  # recognition before transfer
            tables={**earlier.tables, **self.tables},
        )

    def with_table(self, name: str, table: Any) -> Evaluation:
        """The same with one more table."""
        return replace(self, tables={**self.tables, name: table})

    def write(self, path: Path) -> None:
        """Save as JSON, a row of a table to a line."""
        text = json.dumps(dataclasses.asdict(self), indent=2)
        flat = _PLAIN_LIST.sub(lambda found: re.sub(r"\n\s*", "", re.sub(r",\n\s*", ", ", found[0])), text)
        write_whole(path, flat + "\n")

    @classmethod
    def read(cls, path: Path) -> Evaluation:
        """Read what `write` wrote; anything else raises DataError."""
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            measured = {part: Measurement(**facts) for part, facts in values.pop("measured").items()}
            figures = tuple(_figure(figure) for figure in values.pop("figures"))
            return cls(figures=figures, measured=measured, trained_on=tuple(values.pop("trained_on")), **values)
        except FileNotFoundError as error:
            raise DataError(f"{path} is missing. Run `python -m training evaluate` first.") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise DataError(
                f"{path} is not an evaluation ({error}). Run `python -m training evaluate` again."
            ) from error


def quick_look(evaluation: Evaluation) -> bool:
    """Whether some part of it was measured on the first rows only."""
    return any("--rows" in part.command for part in evaluation.measured.values())


def _figure(values: dict[str, Any]) -> Figure:
    interval = values.pop("interval", None)
    return Figure(**values, interval=None if interval is None else (float(interval[0]), float(interval[1])))
