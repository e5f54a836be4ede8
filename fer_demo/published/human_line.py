"""The human line of an evaluation file: what people reach on the pictures that a recognizer was measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

HUMAN_TABLE = "people"  # of an evaluation file

# What an accuracy counts as right: the majority of ten voters, FER2013's label, or the truth, which asks nobody.
Against = Literal["votes", "label", ""]


@dataclass(frozen=True)
class HumanLine:
    """Shares of pictures, 0..1, on which people agree with people or with a label."""

    data: str
    clear: int  # pictures with a majority of ten voters
    one_against_nine: float  # one voter and the majority of the other nine
    ten_against_ten: tuple[float, float]  # ten new voters and the ten who voted: least and most
    majority_of: tuple[float, ...]  # 1 to 10 of the voters and all ten
    labelled: int  # pictures with ten votes and FER2013's label
    label_by_majority: float  # the majority of ten and the label
    label_by_best: float  # the best function of all ten votes and the label
    model: float | None = None  # the recognizer and the majority of ten; None if it has not learnt votes

    def as_good_as(self, accuracy: float) -> int:
        """The most of ten people whose majority a model equals; 0 if one alone agrees more often."""
        equalled = [people for people, reached in enumerate(self.majority_of, 1) if reached <= accuracy]
        return max(equalled, default=0)

    def in_words(self, accuracy: float) -> str:
        """How many people a model equals."""
        people = self.as_good_as(accuracy)
        return f"as good as {people} of ten people" if people else "less often right than one person"

    def beside(self, against: Against, accuracy: float) -> str:
        """What people reach where a model reaches this accuracy, in words; nothing where nobody was asked."""
        if against == "votes":
            least, most = self.ten_against_ten
            return (
                f"one voter {self.one_against_nine:.2f}, ten new voters {least:.2f} to {most:.2f}; "
                f"{self.in_words(accuracy)}"
            )
        if against == "label":
            return f"ten voters {self.label_by_majority:.2f} to {self.label_by_best:.2f}"
        return ""

    @property
    def explanation(self) -> str:
        """How the figures of people came about."""
        return (
            f"People on the same pictures ({self.data}). One voter agrees with the majority of the other nine in "
            f"{self.one_against_nine:.3f} of the {self.clear:,} pictures that have a majority. Ten new voters would "
            f"agree with the ten who voted in {self.ten_against_ten[0]:.3f} to {self.ten_against_ten[1]:.3f} of them. "
            f"The majority of ten names FER2013's label in {self.label_by_majority:.3f} of {self.labelled:,} pictures, "
            f"the best function of all ten votes in {self.label_by_best:.3f}. New voters are drawn from the ten votes "
            "of each picture. A model is as good as k of ten people if it names the majority of the ten as often as "
            "the majority of k of them does."
        )


def human_line(tables: Mapping[str, Any]) -> HumanLine | None:
    """That of an evaluation's tables; None if no votes were there to measure it."""
    if HUMAN_TABLE not in tables:
        return None
    values = dict(tables[HUMAN_TABLE])
    least, most = map(float, values.pop("ten_against_ten"))
    people = tuple(map(float, values.pop("majority_of")))
    return HumanLine(ten_against_ten=(least, most), majority_of=people, **values)
