"""A tab's settings in the page's address: they follow what is chosen, and a link or a reload brings them back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

_SCRIPT = (Path(__file__).parents[2] / "assets" / "style" / "address.js").read_text(encoding="utf-8")
_LONGEST = 200  # characters of one setting; ours are names and numbers


class Address(gr.HTML):
    """The settings of one tab, shown nowhere but in the address.

    value: setting -> its value, which a handler returns whenever one of them has changed; None is left out.
    `select` fires once, if the page was opened with settings of this tab; `settings_asked` reads them from the event.
    always: fires it without settings, too, when the tab is first opened.
    """

    def __init__(
        self, tab: str, always: bool = False, render: bool = True
    ) -> None:  # Gradio makes it again, unrendered, for every gr.skip
        super().__init__(
            None,
            html_template="",
            js_on_load=_SCRIPT,
            apply_default_css=False,
            elem_classes="quiet-script",
            render=render,
            tab=tab,  # its name in the address: tab.__name__ in demo.py
            always=always,
        )

    def postprocess(self, value: Mapping[str, Any] | None) -> str | None:  # type: ignore[override]
        return None if value is None else query(value)

    def api_info(self) -> dict[str, Any]:
        return {"type": "string", "description": "Settings as the query of an address"}


def query(settings: Mapping[str, Any]) -> str:
    """Settings as they stand in an address; numbers are as short as they can be."""
    said = {name: f"{value:g}" if isinstance(value, float) else value for name, value in settings.items()}
    return urlencode({name: value for name, value in said.items() if value is not None})


def settings_asked(event: gr.EventData) -> dict[str, str]:
    """The settings with which the page was opened; what the browser sent is checked for nothing but being text."""
    sent = getattr(event, "settings", None)
    pairs = sent.items() if isinstance(sent, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, str) and len(value) <= _LONGEST}
