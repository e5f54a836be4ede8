"""Tuples of what a part of the page shows: their fields are typed as values, and components stand in them likewise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Update = dict[str, Any]  # what gr.update returns: properties of a component, its value among them


def components(kind: Callable[..., Any], *parts: Any) -> Any:
    """The components that show the values of a NamedTuple, under the same names and in the same order.

    Handlers return the tuple itself, so that their values are checked; components are of any type.
    """
    return kind(*parts)
