"""A field for a model that is not in the list: its place on the Hub, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.interface.widgets.markup import lead
from fer_demo.interface.widgets.notice import Notice

_HELP = (
    "A checkpoint made with fer_demo, from a repository of the Hugging Face Hub that everybody may read. Every tensor "
    "is checked before it is used."
)
_FOLDERS = " A folder that the operator of this page put there can be named, too."


class ModelField:
    """The components; `names` holds what this visitor has loaded, the newest last."""

    def __init__(self, folders: bool, names: gr.State, name: str) -> None:
        self.names = names
        with gr.Accordion("Load another model", open=False, elem_id=name):
            gr.HTML(lead(_HELP + (_FOLDERS if folders else "")), apply_default_css=False)
            self._text = gr.Textbox(
                label="Model on the Hugging Face Hub",
                placeholder="owner/name or owner/name@revision",
                max_lines=1,
                elem_id=f"{name}-id",
            )
            self._work = LongWork("Load it", "percent", f"{name}-load")
            self._said = gr.HTML("", apply_default_css=False, elem_id=f"{name}-said")
            self._notice = Notice()

    def connect(
        self, listen: Callable[..., Any], begin: Callable[[str], Any], describe: Callable[[str], str], queue: str
    ) -> None:
        """`begin(text)` makes the work, whose result is a name; `describe(name)` says what was loaded."""

        def finish(names: tuple[str, ...], work: Any) -> tuple[str, ...]:
            name = work.result()
            return (*(other for other in names if other != name), name)

        self._work.connect(
            listen, begin, [self._text], finish, self.names, self._notice, about=lambda _: None, queue=queue
        )
        listen([self.names.change], lambda names: describe(names[-1]) if names else "", [self.names], [self._said])
