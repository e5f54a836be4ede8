"""Two pictures of one person, at rest and with an expression, laid on one crop: what a result should look like."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor
from tqdm import tqdm

from fer_demo.data.loading import load_parquet
from fer_demo.data.records import FaceRecord
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE, align, fit_similarity, given_points
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import to_grey
from training.data.factorial_faces import whole_factorial
from training.data.posed_faces import POSED_SETS, posed_file
from training.data.splits import rendered_strangers, rendered_teachers, teaches

REST = "neutral"
RENDERED = "synthetic"  # as training records name the set
_EYES = slice(0, 2)  # of the five points: those that an expression moves least


@dataclass(frozen=True)
class ExpressionPairs:
    """N pairs of grey pictures of one person each, aligned alike."""

    source: UInt8[Tensor, "pairs size size"]  # on the template
    target: UInt8[Tensor, "pairs size size"]  # its eyes where the source has them
    expression: Int[Tensor, " pairs"]  # of the target, as an index into BASIC
    rendered: Bool[Tensor, " pairs"]
    person: tuple[str, ...]  # of each pair, after the name of the set
    read: Mapping[str, int]  # how many pictures of each set there are in the pairs

    def __len__(self) -> int:
        return len(self.source)


def joined(first: ExpressionPairs, second: ExpressionPairs) -> ExpressionPairs:
    """Both, one after the other."""
    names = ("source", "target", "expression", "rendered")
    parts = {name: torch.cat([getattr(pairs, name) for pairs in (first, second)]) for name in names}
    return ExpressionPairs(**parts, person=first.person + second.person, read={**first.read, **second.read})


@dataclass(frozen=True, eq=False)
class _Picture:
    """One picture of a person."""

    grey: np.ndarray
    points: np.ndarray  # (5, 2)
    set: str
    person: str
    expression: str
    take: str = ""  # CK+: the sequence it is a frame of


def posed_pairs(data: Path, size: int, detector: Detector, margin: float = 0.0) -> ExpressionPairs:
    """The people of CK+ and London who may teach, from rest to each expression and back.

    `margin` of the side is kept around each picture, so that random views may look beyond it.

    Raises: DataError if a set is missing.
    """
    pictures = []
    for name in POSED_SETS:
        for record in tqdm(load_parquet(posed_file(data, name)), desc=f"find faces of {name}", leave=False):
            if teaches(str(record.person)) and record.expression in BASIC:
                face = crop_or_whole(record.image, detector).face
                points = TEMPLATE * record.image.shape[0] if face is None else face.points
                take = str(record.attributes.get("sequence", "")).rpartition("_")[0]  # without the frame's number
                pictures.append(_picture(record, points, name, take))
    return _pairs(pictures, size, margin)


def rendered_pairs(
    data: Path, size: int, people: int | None = None, margin: float = 0.0, teaching: bool = True
) -> ExpressionPairs:
    """The first rendered people who may teach, or never do: of each, nothing but the expression changes.

    Raises: DataError if they are missing or not whole.
    """
    source = whole_factorial(data)
    names = [str(name) for name in source.column("person")]
    first = (rendered_teachers(names) if teaching else rendered_strangers(names))[:people]
    rows = [row for row, name in enumerate(names) if name in first]
    records = tqdm(source.select(rows), desc="align rendered people", leave=False)
    return _pairs([_picture(record, _stated_points(record), RENDERED) for record in records], size, margin)


def chances(pairs: ExpressionPairs, rendered_share: float) -> Float[Tensor, " pairs"]:
    """How often each pair is drawn: every expression alike, and of its pairs this share from rendered people.

    Where only photographs or only rendered people show an expression, they teach it alone.
    """
    kind = pairs.expression, pairs.rendered.long()
    count = torch.zeros(len(BASIC), 2).index_put_(kind, torch.ones(len(pairs)), accumulate=True)
    share = torch.tensor([1 - rendered_share, rendered_share]) * (count > 0)
    share = torch.where(share.sum(dim=1, keepdim=True) > 0, share, (count > 0).float())
    share = share / share.sum(dim=1, keepdim=True).clamp_min(1e-9)
    return (share / count.clamp_min(1))[kind]


def inner_error(one: Float[Tensor, "pairs size size"], other: Float[Tensor, "pairs size size"]) -> Tensor:
    """The mean absolute difference of each pair from the brows to the chin."""
    size = one.shape[-1]
    rows, columns = slice(size // 5, -size // 16), slice(size // 6, -size // 6)
    return (one - other)[:, rows, columns].abs().mean(dim=(1, 2))


def _picture(record: FaceRecord, points: np.ndarray, of: str, take: str = "") -> _Picture:
    return _Picture(to_grey(record.image), points, of, str(record.person), str(record.expression), take)


def _stated_points(record: FaceRecord) -> np.ndarray:
    points = given_points(record.points, record.landmarks, record.image.shape)
    return TEMPLATE * record.image.shape[0] if points is None else points


def _pairs(pictures: Sequence[_Picture], size: int, margin: float = 0.0) -> ExpressionPairs:
    side = round(size * (1 + 2 * margin))
    by_person: dict[tuple[str, str], list[_Picture]] = defaultdict(list)
    for picture in pictures:
        by_person[picture.set, picture.person].append(picture)
    couples = [couple for own in by_person.values() for couple in _couples(own)]
    laid = [(align(one.grey, one.points, side, margin), _laid_on(one, other, side, margin)) for one, other in couples]
    pictures_of = torch.from_numpy(np.array(laid, np.uint8).reshape(-1, 2, side, side))
    return ExpressionPairs(
        source=pictures_of[:, 0],
        target=pictures_of[:, 1],
        expression=torch.tensor([BASIC.index(other.expression) for _, other in couples], dtype=torch.long),
        rendered=torch.tensor([one.set == RENDERED for one, _ in couples], dtype=torch.bool),
        person=tuple(f"{one.set} {one.person}" for one, _ in couples),
        read=Counter(picture.set for picture in {picture for couple in couples for picture in couple}),
    )


def _couples(own: Sequence[_Picture]) -> Iterator[tuple[_Picture, _Picture]]:
    """Each picture of one person beside the one at rest, of the same take if there is one, both ways."""
    resting = [picture for picture in own if picture.expression == REST]
    for picture in own:
        if picture.expression != REST and resting:
            rest = next((one for one in resting if one.take == picture.take), resting[0])
            yield rest, picture
            yield picture, rest


def _laid_on(source: _Picture, target: _Picture, size: int, margin: float = 0.0) -> np.ndarray:
    """The target, its eyes where they are in the aligned source; its own five points would take the mouth along."""
    matrix = fit_similarity(source.points[_EYES], target.points[_EYES])
    return align(target.grey, source.points @ matrix[:, :2].T + matrix[:, 2], size, margin)
