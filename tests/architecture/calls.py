"""Which functions of the app run a network in the end, found in their compiled code."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils import _contextlib

# What only code that runs a network names: how torch is told that no gradient is wanted, or, by Grad-CAM, that one is,
# and the detector's session.
RUNS = {"inference_mode", "enable_grad", "InferenceSession"}
_WORKERS = ("fer_demo.interface.context", "fer_demo.faces", "fer_demo.inference")
_COMMON = {name for kind in (str, dict, list, set, bytes, np.ndarray, Path) for name in dir(kind)} | {"faces"}


def way_to_network(function: Callable[..., Any]) -> list[str] | None:
    """Names of the calls that lead from a function to a network; None if none does.

    A method is known by its name alone, whichever object it is called on, so that rather too much is found.
    """
    methods = _methods()
    waiting: deque[tuple[Any, list[str]]] = deque([(function, [])])
    seen: dict[int, Any] = {}  # keeps what it has seen, so that no other thing gets the same number
    while waiting:
        thing, way = waiting.popleft()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        way = [*way, getattr(thing, "__qualname__", type(thing).__name__)]
        if runs_network(thing):
            return way
        waiting.extend((called, way) for called in _calls(thing, methods))
    return None


def runs_network(thing: Any) -> bool:
    """Whether this function itself runs one, not what it calls."""
    if not inspect.isfunction(thing):
        return False
    if thing.__code__.co_filename == _contextlib.__file__:  # it stands under @torch.inference_mode()
        return True
    # A detector's one way in is `detect`.
    names = [thing.__name__ == "detect", *(bool(RUNS & {*code.co_names}) for code in _codes(thing.__code__))]
    return _ours(thing) and any(names)


def _calls(thing: Any, methods: dict[str, list[Any]]) -> Iterator[Any]:
    """What a thing may call when it is called."""
    if isinstance(thing, functools.partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif inspect.ismethod(thing):
        yield thing.__func__
    elif isinstance(thing, list | tuple):
        yield from thing
    elif inspect.isclass(thing) and _ours(thing):
        yield from (vars(thing)[name] for name in ("__init__", "__post_init__") if name in vars(thing))
    elif not inspect.isfunction(thing):
        yield from filter(None, [getattr(thing, "__wrapped__", None)])
    elif _ours(thing):
        yield from filter(None, [getattr(thing, "__wrapped__", None)])
        enclosed = [cell.cell_contents for cell in thing.__closure__ or () if _filled(cell)]
        yield from enclosed
        for name in {name for code in _codes(thing.__code__) for name in code.co_names}:
            yield from (vars(held)[name] for held in enclosed if name in getattr(held, "__dict__", ()))
            known = thing.__globals__.get(name)
            yield from methods.get(name, ()) if known is None else (known,)


def _methods() -> dict[str, list[Any]]:
    """The methods and properties by name of those of our classes that work with networks."""
    found: dict[str, list[Any]] = defaultdict(list)
    for module in [module for name, module in sys.modules.items() if name.startswith(_WORKERS)]:
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__:
                for name, member in vars(kind).items():
                    function = getattr(member, "fget", None) or getattr(member, "func", None)
                    function = function or getattr(member, "__func__", member)
                    if inspect.isfunction(function) and name not in _COMMON and not name.startswith("__"):
                        found[name].append(function)
    return found


def _ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).startswith("fer_demo")


def _filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A compiled function and all that is written inside it."""
    yield code
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from _codes(constant)
