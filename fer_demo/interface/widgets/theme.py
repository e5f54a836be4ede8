"""The look: one accent colour on quiet neutrals, system fonts, and AA contrast in light and dark."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.themes.utils import colors, sizes

# Contrast on their backgrounds: text 15:1, quiet text 6:1 and more, accent 5:1 and more, in both modes.
_ACCENT, _ACCENT_HOVER, _ACCENT_SOFT = "#0f6b66", "#0b524e", "#e3f1ef"
_ACCENT_DARK, _ACCENT_HOVER_DARK, _ACCENT_SOFT_DARK = "#5ccdc0", "#86ded4", "#16332f"
_TEXT, _QUIET, _LINE, _PAGE, _PANEL = "#18212b", "#525d69", "#d5dbe1", "#f6f7f8", "#ffffff"
_TEXT_DARK, _QUIET_DARK, _LINE_DARK, _PAGE_DARK, _PANEL_DARK = "#e8ecf0", "#a4afba", "#36414c", "#12171c", "#1a2128"

_TEAL = colors.Color(  # from the palest to the deepest
    *("#effaf8", "#e3f1ef", "#bfe3de", "#8fd0c8", "#5ccdc0", "#2b8f87"),
    *("#0f6b66", "#0b524e", "#0a423f", "#083633", "#052523"),
)


def theme() -> Any:
    """Gradio's plain theme with our colours."""
    base = gr.themes.Base(
        primary_hue=_TEAL,
        secondary_hue=_TEAL,
        neutral_hue=colors.slate,
        radius_size=sizes.radius_md,
        spacing_size=sizes.spacing_md,
        text_size=sizes.text_md,
        font=("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"),
        font_mono=("ui-monospace", "SFMono-Regular", "Consolas", "monospace"),
    )
    return base.set(**_both_modes(), **_buttons())


def _both_modes() -> dict[str, str]:
    pairs = {
        "body_background_fill": (_PAGE, _PAGE_DARK),
        "body_text_color": (_TEXT, _TEXT_DARK),
        "body_text_color_subdued": (_QUIET, _QUIET_DARK),
        "background_fill_primary": (_PANEL, _PANEL_DARK),
        "background_fill_secondary": (_PAGE, _PAGE_DARK),
        "block_background_fill": (_PANEL, _PANEL_DARK),
        "block_border_color": (_LINE, _LINE_DARK),
        "block_label_background_fill": (_PANEL, _PANEL_DARK),
        "block_label_text_color": (_QUIET, _QUIET_DARK),
        "block_title_text_color": (_TEXT, _TEXT_DARK),
        "block_info_text_color": (_QUIET, _QUIET_DARK),
        "border_color_primary": (_LINE, _LINE_DARK),
        "border_color_accent": (_ACCENT, _ACCENT_DARK),
        "color_accent_soft": (_ACCENT_SOFT, _ACCENT_SOFT_DARK),
        "input_background_fill": (_PANEL, _PAGE_DARK),
        "input_border_color": ("#8793a0", "#66737f"),  # 3:1, so that a field's edge can be seen
        "input_border_color_focus": (_ACCENT, _ACCENT_DARK),
        "input_placeholder_color": (_QUIET, _QUIET_DARK),
        "link_text_color": (_ACCENT, _ACCENT_DARK),
        "link_text_color_hover": (_ACCENT_HOVER, _ACCENT_HOVER_DARK),
        "slider_color": (_ACCENT, _ACCENT_DARK),
        "checkbox_background_color_selected": (_ACCENT, _ACCENT_DARK),
        "checkbox_border_color": ("#8793a0", "#66737f"),
        "checkbox_border_color_selected": (_ACCENT, _ACCENT_DARK),
        "checkbox_label_background_fill": (_PANEL, _PANEL_DARK),
        "checkbox_label_background_fill_selected": (_ACCENT_SOFT, _ACCENT_SOFT_DARK),
        "checkbox_label_border_color": (_LINE, _LINE_DARK),
        "checkbox_label_border_color_selected": (_ACCENT, _ACCENT_DARK),
        "checkbox_label_text_color": (_TEXT, _TEXT_DARK),
        "checkbox_label_text_color_selected": (_TEXT, _TEXT_DARK),
        "panel_background_fill": (_PANEL, _PANEL_DARK),
        "panel_border_color": (_LINE, _LINE_DARK),
    }
    light = {name: value for name, (value, _) in pairs.items()}
    dark = {f"{name}_dark": value for name, (_, value) in pairs.items()}
    return light | dark | {"color_accent": _ACCENT, "block_shadow": "none"}  # app.css gives the accent its dark twin


def _buttons() -> dict[str, str]:
    return {
        "button_primary_background_fill": _ACCENT,
        "button_primary_background_fill_dark": _ACCENT_DARK,
        "button_primary_background_fill_hover": _ACCENT_HOVER,
        "button_primary_background_fill_hover_dark": _ACCENT_HOVER_DARK,
        "button_primary_text_color": "#ffffff",
        "button_primary_text_color_dark": "#06211e",
        "button_secondary_background_fill": _PANEL,
        "button_secondary_background_fill_dark": _PANEL_DARK,
        "button_secondary_background_fill_hover": _ACCENT_SOFT,
        "button_secondary_background_fill_hover_dark": _ACCENT_SOFT_DARK,
        "button_secondary_border_color": "#8793a0",
        "button_secondary_border_color_dark": "#66737f",
        "button_secondary_text_color": _TEXT,
        "button_secondary_text_color_dark": _TEXT_DARK,
        "button_border_width": "1px",
        "input_border_width": "1px",
    }
