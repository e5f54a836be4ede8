"""Statistics: how classes are spread over the splits, how light, sharp and turned the faces are, and their means."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from plotly.graph_objects import Figure

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.figures.dataset import histogram, split_balance
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.markup import lead, message, picture, side_by_side
from fer_demo.interface.widgets.plots import Plots

TITLE = "Statistics"
_TO_CHECK = "Press “Check the pictures” above to see these."


class _Shown(NamedTuple):
    """What is shown; the same names hold the components and their values."""

    balance: list[Figure]
    light: Any  # figures, or an update that hides the charts where there are none
    light_note: str
    pose: Any  # likewise
    pose_note: str
    means: str


def build(context: AppContext, bundled: Exploration, state: Any) -> None:
    """Charts of the whole set."""
    values = _show(bundled)
    _heading(
        "Expressions in each split",
        "A split is a part of the set, for training or for testing. Where the bars of two splits differ, the test has "
        "another mix of expressions.",
    )
    balance = Plots(values.balance, labels=["Share of each expression in each split"], height=280, elem_id="splits")
    _heading("Light and detail", "How light, how rich in contrast and how sharp the pictures are.")
    names = ["How light the pictures are", "How rich in contrast they are", "How sharp they are"]
    light = Plots(values.light, labels=names, height=220, visible=bool(values.light))
    light_note = gr.HTML(values.light_note, apply_default_css=False)
    _heading("Head pose", "How far heads are turned and raised, in degrees. At 0 a face looks into the camera.")
    pose = Plots(
        values.pose,
        labels=["How far heads are turned", "How far heads are raised"],
        height=220,
        visible=bool(values.pose),
    )
    pose_note = gr.HTML(values.pose_note, apply_default_css=False)
    _heading(
        "The average face of each expression",
        "All faces with one label laid over each other: what they share stays sharp.",
    )
    means = gr.HTML(values.means, apply_default_css=False, elem_id="means")
    shown = components(_Shown, balance, light, light_note, pose, pose_note, means)
    listen([state.change], _updates, [state], shown)


def _updates(exploration: Exploration) -> _Shown:
    values = _show(exploration)
    light = gr.update(value=values.light, visible=True) if values.light else gr.update(visible=False)
    pose = gr.update(value=values.pose, visible=True) if values.pose else gr.update(visible=False)
    return values._replace(light=light, pose=pose)


def _heading(title: str, below: str) -> None:
    gr.HTML(f"<h3>{title}</h3>{lead(below)}", apply_default_css=False)


def _show(exploration: Exploration) -> _Shown:
    light, poses = _light(exploration), _pose(exploration)
    return _Shown(
        balance=[split_balance(_balance(exploration))],
        light=light,
        light_note="" if light else message(_TO_CHECK),
        pose=poses,
        pose_note="" if poses else message("Press “Check the faces” above to see these."),
        means=_means(exploration),
    )


def _balance(exploration: Exploration) -> dict[str, dict[str, int]]:
    labels = exploration.source.column("expression")
    names = [name for name in WITH_CONTEMPT if name in set(labels)] or ["no label"]
    pairs = [(split or "all", label or "no label") for split, label in zip(exploration.splits, labels, strict=True)]
    splits = list(dict.fromkeys(split for split, _ in pairs))[:6]
    return {split: {name: pairs.count((split, name)) for name in names} for split in splits}


def _light(exploration: Exploration) -> list[Any]:
    pictures = exploration.pictures
    if pictures is None:
        return []
    names = ("brightness", "contrast", "sharpness")
    return [histogram(getattr(pictures, name)[pictures.readable], name) for name in names]


def _pose(exploration: Exploration) -> list[Any]:
    """Of the checked faces, else of what the set itself says."""
    if exploration.faces is not None:
        poses = exploration.faces.pose[exploration.faces.found]
    else:
        known = [pose for pose in exploration.source.column("head_pose") if pose is not None]
        poses = np.array(known, np.float32).reshape(-1, 3)
    return [histogram(poses[:, 0], "turned to a side"), histogram(poses[:, 1], "raised")] if len(poses) else []


def _means(exploration: Exploration) -> str:
    faces = exploration.faces
    if faces is None:
        return message("Press “Check the faces” above to see these.")
    labels = exploration.source.column("expression")[: len(faces)]
    shown = []
    for name in WITH_CONTEMPT:
        members = faces.found & np.array([label == name for label in labels])
        if members.any():
            mean = faces.aligned[members].mean(axis=0).round().astype(np.uint8)
            shown.append(picture(mean, f"Average of {members.sum()} faces: {name}", f"{name} ({members.sum():,})"))
    return side_by_side(shown) if shown else message("No face of this set has a label.")
