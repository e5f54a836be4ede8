"""Markup whose buttons can be picked: a photo with a button on each face, rows and grids of thumbnails."""

from __future__ import annotations

from typing import Any

import gradio as gr

# The pressed button changes at once; the server's answer then redraws it. Gradio patches the old markup in place,
# so the keyboard's focus stays where it was.
_REPORT_PICKS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-pick]');
  if (!button || button.disabled) return;
  for (const other of element.querySelectorAll('[data-pick][aria-pressed]'))
    other.setAttribute('aria-pressed', String(other === button));
  trigger('select', {index: Number(button.dataset.pick)});
});
"""


class Pick(gr.HTML):
    """HTML from widgets/markup.py; clicking an element with data-pick="3" fires `select` with index 3."""

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, js_on_load=_REPORT_PICKS, apply_default_css=False, **options)
