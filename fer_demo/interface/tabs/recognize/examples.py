"""The examples of the tab: one clear bundled face of each expression, and several of them in one picture."""

from __future__ import annotations

import numpy as np

from fer_demo.faces.crops import FaceCrop
from fer_demo.images import resize, to_colour
from fer_demo.interface.context import AppContext
from fer_demo.interface.example_faces import face_of_example, face_thumbnails
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.markup import Thumbnail, data_uri

FIRST = 3  # the example on arrival
GROUP = (3, 0, 5)  # the examples that make up the example with several faces


def example_thumbnails(context: AppContext) -> list[Thumbnail]:
    """The examples as the photo field shows them."""
    items = face_thumbnails(context)
    if len(items) > max(GROUP):
        items.append(Thumbnail(data_uri(_group(context), 160), "Three synthetic faces in one picture"))
    return items


def keys_of_examples(context: AppContext) -> list[str]:
    """A word for each example that means the same while the bundled faces are the same."""
    keys = [str(context.bundled.column("key")[row]) for row in context.example_rows]
    return [*keys, "group"] if len(keys) > max(GROUP) else keys


def crops_of_example(context: AppContext, index: int) -> tuple[FaceCrop, ...]:
    """The faces of an example."""
    if index < len(context.example_rows):
        return face_of_example(context, index)
    return context.crops_of_array(_group(context))


def _group(context: AppContext) -> np.ndarray:
    """Three bundled faces side by side."""
    images = [context.bundled[context.example_rows[index]].image for index in GROUP]
    side = max(image.shape[0] for image in images)
    return np.concatenate([to_colour(resize(image, side)) for image in images], axis=1)


def chosen_example(context: AppContext, index: int = FIRST) -> ChosenFace | None:
    """An example, or the last one if there are fewer, with its largest face chosen; None if there is none."""
    index = min(index, len(keys_of_examples(context)) - 1)
    return ChosenFace.largest(crops_of_example(context, index), index) if index >= 0 else None


def votes_of(context: AppContext, chosen: ChosenFace) -> np.ndarray | None:
    """What people said about this face, if it is of a dataset that asked them."""
    if chosen.example is None or chosen.example >= len(context.example_rows):
        return None
    return context.bundled[context.example_rows[chosen.example]].votes
