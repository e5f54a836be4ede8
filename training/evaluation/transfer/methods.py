"""What transfers an expression: a model, or one of the baselines that every model has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.capabilities import EditsByLabel, EditsExpression, EditsPhoto
from fer_demo.errors import CheckpointError
from fer_demo.published.model import PublishedModel

BATCH_SIZE = 64
CYCLE = "cycle error"  # the score that needs an editor to give an unnamed expression back


class Transfer(Protocol):
    """Gives each source the expression of its driver."""

    def __call__(
        self,
        sources: Float[Tensor, "pairs channels size size"],
        drivers: Float[Tensor, "pairs channels size size"],
        labels: Int[Tensor, " pairs"],
    ) -> Float[Tensor, "pairs channels size size"]:
        """Aligned faces in [-1, 1] from two lists of them; labels: what the drivers show, indices into BASIC.

        Only an editor that knows expressions by their names alone looks at the labels.
        """
        ...


def input_copied(sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    """Keeps the person perfectly and changes nothing."""
    return sources


def driver_copied(sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    """Shows the expression perfectly, on somebody else."""
    return drivers


def pixel_blend(sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    """The mean of both pictures."""
    return (sources + drivers) / 2


BASELINES: Mapping[str, Transfer] = {
    "input copied": input_copied,
    "driver copied": driver_copied,
    "50/50 pixel blend": pixel_blend,
}


def as_transfer(model: PublishedModel) -> Transfer:
    """A model as a transfer, whatever kind of editor it is: the driver's picture is its only instruction.

    An editor that cannot follow a picture is told the name of what the driver shows.

    Raises: CheckpointError if it cannot edit faces.
    """
    editor: object = model
    if isinstance(editor, EditsPhoto):
        edit: Callable[[Tensor, Tensor, Tensor], Tensor] = partial(_edit_photo, editor)
    elif isinstance(editor, EditsExpression):
        edit = partial(_edit_to_code, editor)
    elif isinstance(editor, EditsByLabel):
        edit = partial(_edit_to_label, editor)
    else:
        raise CheckpointError(f"{type(model).__name__} cannot edit faces; evaluate the transfer of an editor.")

    @torch.inference_mode()
    def transfer(sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
        parts = (part.split(BATCH_SIZE) for part in (sources, drivers, labels))
        return torch.cat([edit(*pairs) for pairs in zip(*parts, strict=True)])

    return transfer


def cannot_be_measured(model: PublishedModel) -> dict[str, str]:
    """The scores that say nothing of this kind of editor, and why."""
    if not isinstance(model, EditsByLabel):
        return {}
    return {CYCLE: "the strangers' own expressions have no names, by which alone it could give them back"}


def _edit_photo(editor: EditsPhoto, sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    return editor.edit(sources, editor.driver_code(drivers, sources)).result


def _edit_to_label(editor: EditsByLabel, sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    return editor.edit_to_label(sources, labels, torch.ones(len(sources)))


def _edit_to_code(editor: EditsExpression, sources: Tensor, drivers: Tensor, labels: Tensor) -> Tensor:
    return editor.edit_to_code(sources, editor.encode(drivers).expression)
