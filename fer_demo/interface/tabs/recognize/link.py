"""The tab's settings as its address holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from fer_demo.inference.recognize.probabilities import LABEL, VOTES, Answer
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.recognize.examples import FIRST, chosen_example, keys_of_examples
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.published.calibration import COVERAGES

PHOTO, CAMERA, BATCH = "photo", "camera", "batch"  # ways in
COVERAGE = 0.9  # of the prediction sets on arrival


class Asked(NamedTuple):
    """What an address asks for; what it does not name, or names wrongly, is as on arrival."""

    chosen: ChosenFace | None  # None only where there are no examples
    way: str
    model: str
    answer: Answer
    coverage: float


def settings_of(
    context: AppContext, chosen: ChosenFace | None, way: str, model: str, answer: str, coverage: float
) -> dict[str, Any]:
    """Settings that ask for the same again; a visitor's own photo is not kept and has no address."""
    settings = {"look": way, "model": model, "answer": answer, "coverage": coverage}
    if chosen is None or chosen.example is None:
        return settings
    key = keys_of_examples(context)[chosen.example]
    return settings | {"example": key, "face": chosen.index + 1 if len(chosen.crops) > 1 else None}


def read_link(context: AppContext, query: Mapping[str, str]) -> Asked:
    """What the settings of an address ask for."""
    models, ways = list(context.recognizers.values()), (PHOTO, CAMERA, BATCH)
    way, model = query.get("look", PHOTO), query.get("model", models[0])
    shares = {f"{share:g}": share for share in COVERAGES}
    return Asked(
        chosen=_face(context, query.get("example", ""), query.get("face", "")),
        way=way if way in ways else PHOTO,
        model=model if model in models else models[0],
        answer=LABEL if query.get("answer") == LABEL else VOTES,
        coverage=shares.get(query.get("coverage", ""), COVERAGE),
    )


def _face(context: AppContext, key: str, number: str) -> ChosenFace | None:
    keys = keys_of_examples(context)
    chosen = chosen_example(context, keys.index(key) if key in keys else FIRST)
    if chosen is None or number not in map(str, range(1, len(chosen.crops) + 1)):
        return chosen
    return replace(chosen, index=int(number) - 1)
