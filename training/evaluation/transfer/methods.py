"""What transfers an expression: a model, or one of the baselines that every model has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.capabilities import EditsExpression, EditsPhoto, FactorCodes
from fer_demo.errors import CheckpointError
from fer_demo.published.model import PublishedModel

BATCH_SIZE = 64


class Transfer(Protocol):
    """Gives each source the expression of its driver."""

    def __call__(
        self, sources: Float[Tensor, "pairs channels size size"], drivers: Float[Tensor, "pairs channels size size"]
    ) -> Float[Tensor, "pairs channels size size"]:
        """Aligned faces in [-1, 1] from two lists of them."""
        ...


def input_copied(sources: Tensor, drivers: Tensor) -> Tensor:
    """Keeps the person perfectly and changes nothing."""
    return sources


def driver_copied(sources: Tensor, drivers: Tensor) -> Tensor:
    """Shows the expression perfectly, on somebody else."""
    return drivers


def pixel_blend(sources: Tensor, drivers: Tensor) -> Tensor:
    """The mean of both pictures."""
    return (sources + drivers) / 2


BASELINES: Mapping[str, Transfer] = {
    "input copied": input_copied,
    "driver copied": driver_copied,
    "50/50 pixel blend": pixel_blend,
}


def as_transfer(model: PublishedModel) -> Transfer:
    """A model as a transfer, with the driver's picture as its only instruction; whatever kind of editor it is.

    Raises: CheckpointError if it cannot edit faces.
    """
    editor: object = model
    if isinstance(editor, EditsPhoto):
        edit: Callable[[Tensor, Tensor], Tensor] = partial(_edit_photo, editor)
    elif isinstance(editor, EditsExpression):
        edit = partial(_join_codes, editor)
    else:
        raise CheckpointError(f"{type(model).__name__} cannot edit faces; evaluate the transfer of an editor.")

    @torch.inference_mode()
    def transfer(sources: Tensor, drivers: Tensor) -> Tensor:
        pairs = zip(sources.split(BATCH_SIZE), drivers.split(BATCH_SIZE), strict=True)
        return torch.cat([edit(source, driver) for source, driver in pairs])

    return transfer


def _edit_photo(editor: EditsPhoto, sources: Tensor, drivers: Tensor) -> Tensor:
    return editor.edit(sources, editor.driver_code(drivers, sources)).result


def _join_codes(editor: EditsExpression, sources: Tensor, drivers: Tensor) -> Tensor:
    shown = editor.encode(drivers).expression
    return editor.decode(FactorCodes(editor.encode(sources).identity, shown))
