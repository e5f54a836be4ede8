"""A paragraph for the methods section of a paper, written from the record of a study."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fer_demo.catalog import MODELS
from fer_demo.expressions import BASIC
from fer_demo.inference.study.record import ModelRecord, StudyRecord


def methods_text(record: StudyRecord, limit: float | None) -> str:
    """What was done, by which networks, and what came out; `limit` is that of the same-person band, if there is one."""
    made, measured = (_walk(record), _painting(record)), (_judging(record), _identity(record, limit), _drift(record))
    return " ".join(filter(None, [*made, *measured, _machine(record)])) + "\n"


def methods_of_set(records: Mapping[str, StudyRecord], limit: float | None) -> str:
    """The same for several studies by their folders, PERSON/EXPRESSION, all by the same networks."""
    all_of_them = list(records.values())
    people = list(dict.fromkeys(folder.split("/")[0] for folder in records))
    reaches = {record.expression: record.reach for record in all_of_them}
    first, editor, judge = all_of_them[0], *(_named(all_of_them[0].models[role]) for role in ("editor", "judge"))
    amounts = ", ".join(f"{name} {reach:g}" for name, reach in reaches.items())
    reached = sum(_is_reached(record) for record in all_of_them)
    sentences = [
        f"{len(people)} faces were each edited from their own expression towards the prototypes of {len(reaches)} "
        f"expressions by {editor}, in strips of {first.steps} frames in equal steps of alpha from 0 to: {amounts} (1 "
        "is the whole way).",
        *filter(None, [_painting(first)]),
        f"On every frame, {judge} gave the probabilities of the seven basic expressions; on the last frame the wanted "
        f"one was the most probable in {reached} of {len(all_of_them)} strips.",
    ]
    last = [_last(record.numbers["identity_distance"]) for record in all_of_them if _has_distance(record)]
    if last and limit is not None:
        inside = sum(distance <= limit for distance in last)
        sentences.append(
            f"By {_named(first.models['embedder'])}, from which no editor learned, the last frame was within "
            f"{limit:.2f} of the person's own picture in {inside} of {len(last)} strips; that distance "
            "separates photographs of one person from those of two best."
        )
    return " ".join([*sentences, _machine(first)]) + "\n"


def _is_reached(record: StudyRecord) -> bool:
    last = {name: _last(record.numbers[name]) for name in BASIC}
    return max(last, key=lambda name: last[name]) == record.expression


def _has_distance(record: StudyRecord) -> bool:
    return "embedder" in record.models and "identity_distance" in record.numbers


def _walk(record: StudyRecord) -> str:
    frames = f"{record.steps} frames in equal steps of alpha from 0 to {record.reach:g}"
    editor = _named(record.models["editor"])
    if record.along == "identity":
        return (
            f"One face was turned into another at a fixed expression{_read(record)} by {editor}, which gave {frames} "
            "between their identity codes."
        )
    begin = {None: "its own expression", "face": "the expression of a second face"}.get(
        record.start, f"the model's prototype of “{record.start}”"
    )
    wanted = "the expression of another face" if record.target == "face" else f"the prototype of “{record.target}”"
    whole = "" if record.reach == 1 else " (1 is the whole way)"
    return (
        f"One face was edited from {begin} towards {wanted}{_read(record)} by {editor}, which gave {frames}{whole} of "
        "its expression code."
    )


def _painting(record: StudyRecord) -> str:
    guidance = record.guidance
    if guidance is None:
        return ""
    return (
        f"The inside of mouths was painted with classifier-free guidance {guidance.person:g} by the face and "
        f"{guidance.expression:g} by the lips."
    )


def _read(record: StudyRecord) -> str:
    """The expression that the judge recognized in the driver, and its correction if there is one."""
    reading = record.reading
    if reading is None:
        return ""
    by_judge = f"{_named(record.models['judge'])} read it as {reading.expression} ({reading.probability:.2f})"
    if reading.expression == record.expression:
        return f" ({by_judge})"
    return f" (said to be {record.expression} by whoever ran the study; {by_judge})"


def _judging(record: StudyRecord) -> str:
    judge, values = record.models["judge"], record.numbers[record.expression]
    scale = "calibrated probabilities" if judge.calibrated else "probabilities (not calibrated)"
    other = "" if judge.sha256 == record.models["editor"].sha256 else ", a network that did not learn with the editor"
    return (
        f"On every frame, {_named(judge)}{other}, gave {scale} of the seven basic expressions, its logits averaged "
        f"over the frame and its mirror image; that of {record.expression} went from {_first(values):.2f} to "
        f"{_last(values):.2f}."
    )


def _identity(record: StudyRecord, limit: float | None) -> str:
    distances, others = (record.numbers.get(f"identity_distance{to}") for to in ("", "_to_target"))
    if "embedder" not in record.models or distances is None:
        return "The person was not measured by an independent network."
    sentence = (
        "Identity was measured as the Euclidean distance between the descriptors of the frame and the first person's "
        f"picture, both in grey and at one size, by {_named(record.models['embedder'])}, from which no editor learned; "
        f"it ended at {_last(distances):.2f}"
    )
    if others is not None:
        sentence += f" (to the second person: from {_first(others):.2f} to {_last(others):.2f})"
    if limit is None or record.along == "identity":
        return f"{sentence}."
    outside = sum(value is not None and value > limit for value in distances)
    return (
        f"{sentence}, and {outside} of {record.steps} frames lay beyond {limit:.2f}, the distance that separates "
        "photographs of one person from those of two best."
    )


def _drift(record: StudyRecord) -> str:
    pose, brightness = (np.array(record.numbers[name], float) for name in ("pose_drift", "brightness_drift"))
    sentence = f"Mean brightness drifted by at most {np.nanmax(brightness):.1f} of 255"
    if not np.isnan(pose).all():
        sentence += f" and the head's yaw or roll, from five detected points, by at most {np.nanmax(pose):.1f} degrees"
    return f"{sentence}."


def _machine(record: StudyRecord) -> str:
    packages = ", ".join(f"{name} {record.packages[name]}" for name in ("fer_demo", "torch") if name in record.packages)
    threads = "1 thread" if record.threads == 1 else f"{record.threads} threads"
    return (
        f"Nothing in the procedure is random. It ran with {packages} on {record.machine.get('processor', 'unknown')} "
        f"({threads}); `python -m fer_demo replay` repeats it from the study's file."
    )


def _named(model: ModelRecord) -> str:
    """The model's title and its exact weights."""
    title = MODELS[model.method].title if model.method in MODELS else model.method
    if title[1:] == title[1:].lower():  # a common noun, such as Landmark editor, and no name such as TDGAN
        title = f"the {title.lower()}"
    place = "" if model.source in MODELS else f" of {model.source}"
    revision = f", revision {model.revision[:12]}" if model.revision else ""
    return f"{title}{place} (weights SHA-256 {model.sha256[:12]}{revision})"


def _first(values: tuple[float | None, ...]) -> float:
    return values[0] if values[0] is not None else float("nan")


def _last(values: tuple[float | None, ...]) -> float:
    return values[-1] if values[-1] is not None else float("nan")
