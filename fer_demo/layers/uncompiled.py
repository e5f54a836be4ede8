"""Libraries are imported without torch's compiler, which nothing here uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Spare what is imported meanwhile the import of torch's compiler, which takes over a second and 70 MB.

    diffusers asks of it, for functions of its own, that they be left as they are. That is what the one that stands in
    for it does with all of them; afterwards the compiler can be imported as ever.
    """
    if COMPILER in sys.modules:
        yield
        return
    stand_in: Any = ModuleType(COMPILER)
    stand_in.disable = stand_in.allow_in_graph = _left_as_it_is
    sys.modules[COMPILER] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(COMPILER) is stand_in:
            del sys.modules[COMPILER]


def _left_as_it_is(function: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Any:
    """A decorator that changes nothing, with or without options."""
    return _left_as_it_is if function is None else function
