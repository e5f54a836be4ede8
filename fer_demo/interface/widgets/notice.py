"""The line under a field that says what went wrong there."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr


class Notice(gr.HTML):
    """Plain text, spoken by screen readers when it appears; empty, it keeps its line so that nothing jumps."""

    def __init__(self, value: str = "", **options: Any) -> None:
        template = '<p class="notice" role="alert">${value}</p>'
        super().__init__(value, html_template=template, js_on_load=None, apply_default_css=False, **options)

    def postprocess(self, value: str | None) -> str:
        return escape(value or "")
