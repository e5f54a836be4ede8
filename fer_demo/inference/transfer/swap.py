"""Swaps in bulk: many people with every expression, and two people between two expressions, all judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fer_demo import images
from fer_demo.capabilities import EditsExpression, FactorCodes, Guidance
from fer_demo.data.sources import FaceSource
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import encode_one
from fer_demo.inference.preparation import as_editor
from fer_demo.inference.recognize.probabilities import basic_probabilities, recognize_aligned
from fer_demo.inference.transfer.guidance import GUIDANCE_COLUMNS, guidance_cells
from fer_demo.inference.transfer.identity_kept import IdentityKept, identity_kept
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.painters import code_of, code_of_name, painter_of
from fer_demo.inference.transfer.true_pairs import NaturalSize
from fer_demo.published.model import PublishedModel

SHOWN_SIDE = 256  # pixels of a kept picture


CELL_COLUMNS = (
    *("person", "wanted", "alpha", *BASIC, "expression", "identity_distance", "same_person", "natural_size"),
    *GUIDANCE_COLUMNS,
)


@dataclass(frozen=True, eq=False)
class SwapRow:
    """One person with every expression."""

    person: FaceCrop
    pictures: np.ndarray  # (M, S, S, 3) uint8
    probabilities: np.ndarray  # (M, 7) float32 by the judge, in the order of BASIC
    kept: IdentityKept | None  # None without an embedder


@dataclass(frozen=True, eq=False)
class SwapMatrix:
    """People (rows) with every expression (columns)."""

    wanted: tuple[str, ...]  # basic expressions
    rows: tuple[SwapRow, ...]
    sizes: tuple[NaturalSize | None, ...]  # of each expression; None where it was not measured

    @property
    def probabilities(self) -> np.ndarray:
        """(N, M, 7) float32."""
        return np.stack([row.probabilities for row in self.rows])

    @property
    def reached(self) -> np.ndarray:
        """(N, M) bool: the judge names the wanted expression."""
        return self.probabilities.argmax(axis=2) == np.array([BASIC.index(name) for name in self.wanted])

    @property
    def same(self) -> np.ndarray | None:
        """(N, M) bool: inside the same-person band; None if it was not measured."""
        inside = [row.kept.inside for row in self.rows if row.kept is not None]
        return np.stack(inside) if len(inside) == len(self.rows) else None

    def chances(self) -> np.ndarray:
        """(N, M) float32: the probability of the wanted expression."""
        return self.probabilities[:, np.arange(len(self.wanted)), [BASIC.index(name) for name in self.wanted]]

    def worst(self) -> list[tuple[int, int]]:
        """Rows and columns of the cells that failed, lost people first, then the least of the wanted expression."""
        same = np.ones(self.reached.shape, bool) if self.same is None else self.same
        failed = np.argwhere(~(self.reached & same))
        chances = self.chances()
        return sorted(
            ((int(row), int(column)) for row, column in failed),
            key=lambda cell: (bool(same[cell]), bool(self.reached[cell]), float(chances[cell])),
        )


@dataclass(frozen=True, eq=False)
class TwoWayGrid:
    """From one person (first row) to another (last), and from one expression (first column) to another (last)."""

    pictures: np.ndarray  # (N, M, S, S, 3) uint8
    probabilities: np.ndarray  # (N, M, 7) float32
    to_first: tuple[IdentityKept, ...] | None  # for each row; None without an embedder
    to_second: tuple[IdentityKept, ...] | None


def cell_rows(
    matrix: SwapMatrix, people: Sequence[str], amount: float, guidance: Guidance | None = None
) -> list[tuple[str, ...]]:
    """One row of CELL_COLUMNS for each cell; people by name; `guidance` is what the editor painted with."""
    return [
        (
            name,
            wanted,
            f"{amount:.4f}",
            *(f"{value:.4f}" for value in row.probabilities[column]),
            BASIC[int(row.probabilities[column].argmax())],
            "" if row.kept is None else f"{row.kept.distances[column]:.4f}",
            "" if row.kept is None else "yes" if row.kept.inside[column] else "no",
            "" if (size := matrix.sizes[column]) is None else f"{size.value:.4f}",
            *guidance_cells(guidance),
        )
        for name, row in zip(people, matrix.rows, strict=True)
        for column, wanted in enumerate(matrix.wanted)
    ]


def drawn_people(source: FaceSource, count: int, seed: int) -> tuple[int, ...]:
    """Rows of pictures of `count` different people, drawn by the seed and chosen by nobody."""
    people = source.column("person")
    names = sorted(set(people))
    chance = np.random.default_rng(seed)
    drawn = chance.choice(len(names), size=min(count, len(names)), replace=False)
    rows = [[row for row, person in enumerate(people) if person == names[index]] for index in drawn]
    return tuple(int(chance.choice(of_one)) for of_one in rows)


@torch.inference_mode()
def swap_row(
    editor: PublishedModel,
    judge: PublishedModel,
    embedder: PublishedModel | None,
    person: FaceCrop,
    wanted: Sequence[str] = BASIC,
    amount: float = 1.0,
) -> SwapRow:
    """Paint and judge one person with every expression at one amount; the pictures are kept small."""
    painter = painter_of(editor)
    codes = torch.cat([code_of_name(painter, name) for name in wanted])
    amounts = torch.full((len(wanted),), amount)
    painted = painter.paint([person], painter.towards(painter.codes([person]), codes, amounts))
    return SwapRow(
        person=person,
        pictures=np.stack([images.resize(in_colour(face, person), SHOWN_SIDE) for face in painted]),
        probabilities=_judged(judge, painted),
        kept=None if embedder is None else identity_kept(embedder, painted, person),
    )


@torch.inference_mode()
def two_way_grid(
    editor: PublishedModel,
    judge: PublishedModel,
    embedder: PublishedModel | None,
    first: FaceCrop,
    second: FaceCrop,
    expression: FaceCrop | str,
    side: int = 5,
) -> TwoWayGrid:
    """`side` x `side` faces between two people, and between the first one's own expression and another.

    Raises: SettingsError from a model that has no identity codes.
    """
    if not isinstance(editor, EditsExpression):
        raise SettingsError(
            "This model has no identity codes and cannot show anybody between two people; choose TDGAN for that."
        )
    painter, weights = as_editor(editor), torch.linspace(0, 1, side)
    own, other = encode_one(editor, first), encode_one(editor, second)
    begin, end = own.expression, code_of(painter_of(editor), expression, first).to(own.expression)
    expressions = torch.cat([torch.lerp(begin, end, float(weight)) for weight in weights])
    pictures, probabilities, distances = [], [], []
    for weight in weights:
        identity = torch.lerp(own.identity, other.identity, float(weight))
        painted = images.to_uint8(painter.decode(FactorCodes(identity.expand(side, -1), expressions)))
        probabilities.append(_judged(judge, painted))
        if embedder is not None:
            distances.append([identity_kept(embedder, painted, person) for person in (first, second)])
        chroma = [crop.pixels(painted.shape[1]).astype(np.float32) for crop in (first, second)]
        mixed = np.rint((1 - float(weight)) * chroma[0] + float(weight) * chroma[1]).astype(np.uint8)
        pictures.append(
            painted if painted.ndim == 4 else np.stack([images.with_chroma_of(face, mixed) for face in painted])
        )
    to_first, to_second = (
        (tuple(row[0] for row in distances), tuple(row[1] for row in distances)) if distances else (None, None)
    )
    return TwoWayGrid(np.stack(pictures), np.stack(probabilities), to_first, to_second)


def _judged(judge: PublishedModel, painted: np.ndarray) -> np.ndarray:
    return np.stack([basic_probabilities(answer) for answer in recognize_aligned(judge, painted)])
