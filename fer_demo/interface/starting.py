"""A start of the app: first the settings and the folder that it writes to, then Gradio, the models and the page."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fer_demo.errors import SettingsError
from fer_demo.interface.own_files import keep_to_own_folder
from fer_demo.interface.shown_page import LAB, ShownPage
from fer_demo.settings import from_environment

if TYPE_CHECKING:
    from fer_demo.interface.context import AppContext

_MOST_HEAPS = -8  # M_ARENA_MAX of glibc's malloc.h


@dataclass(frozen=True)
class App:
    """A page that is ready to be served."""

    context: AppContext
    demo: Any  # gradio's Blocks
    folder: Path  # of all that it writes
    page: ShownPage

    def serve(self) -> None:
        """Serve it until it is stopped."""
        from fer_demo.interface.demo import launch_options
        from fer_demo.interface.serving import serve

        serve(self.demo, launch_options(self.context, self.page), self.folder)


def share_heaps() -> None:
    """Let all threads take memory from two heaps; each would keep the 50 MB that a photo needed in one of its own."""
    with suppress(OSError, AttributeError, TypeError):  # another system, or another C library than glibc
        ctypes.CDLL(None).mallopt(_MOST_HEAPS, 2)


def leave_out_gradios_mcp() -> None:
    """Keep Gradio from importing `mcp` where it is installed, a third of a second; interface/mcp.py says why else."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault("mcp", None)


class _WithoutTypeHints(MetaPathFinder):
    """Finds Gradio's makers of components as ever, but for the one that writes notes for programming editors."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == "gradio.component_meta" else None
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            load = loader.exec_module

            def load_without(module: Any) -> None:
                load(module)
                module.create_or_modify_pyi = lambda *_: None

            loader.exec_module = load_without
        return spec


def leave_out_gradios_type_hints() -> None:
    """Keep Gradio from reading the source of every component, and from writing a .pyi beside it, at each import.

    It took a tenth of a start, and wrote among the code of those who only run the app.
    """
    sys.meta_path.insert(0, _WithoutTypeHints())


def start(page: ShownPage = LAB) -> App:
    """A page with the settings of the environment; what keeps it from starting ends the process with a sentence."""
    share_heaps()
    leave_out_gradios_mcp()
    leave_out_gradios_type_hints()
    gc.disable()  # a sixth of a start's time went into looking for garbage, of which it leaves 10 MB
    try:
        settings = from_environment()
        folder = keep_to_own_folder()
    except SettingsError as error:
        sys.exit(str(error))
    from fer_demo.interface.context import AppContext  # imported here: Gradio asks then where to write
    from fer_demo.interface.demo import build_demo

    context = AppContext.create(settings)
    demo = build_demo(context, page)
    gc.freeze()  # what was built stays, so no visitor waits until all of it is looked through
    gc.enable()
    return App(context, demo, folder, page)
