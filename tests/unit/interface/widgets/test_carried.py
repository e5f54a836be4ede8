"""Two tabs of one page mean the same state; two pages do not."""

from __future__ import annotations

import gradio as gr

from fer_demo.interface.widgets.carried import PageTabs, carried_faces, tabs_with


def test_all_tabs_of_a_page_share_what_is_carried() -> None:
    with gr.Blocks():
        with PageTabs(("one", "two")) as tabs:
            with gr.Tab("One"), gr.Tabs():
                sender = carried_faces()
            with gr.Tab("Two"):
                receiver = carried_faces()
        assert tabs_with("two") == [tabs]
        assert tabs_with("three") == []
    assert sender is receiver
    with gr.Blocks():
        assert carried_faces() is not sender
        assert tabs_with("one") == []
