"""Settings go into an address and come back as they were; what else is in it is left alone."""

from __future__ import annotations

from urllib.parse import parse_qs

import gradio as gr

from fer_demo.interface.widgets.address import Address, query, settings_asked


def test_settings_stand_in_the_address_and_what_has_no_value_is_left_out() -> None:
    said = query({"model": "owner/name of mine", "amount": 0.30000000000000004, "row": 3, "person": None})
    assert parse_qs(said) == {"model": ["owner/name of mine"], "amount": ["0.3"], "row": ["3"]}


def test_what_a_handler_returns_becomes_the_query() -> None:
    with gr.Blocks():
        address = Address("transfer")
    assert address.postprocess({"amount": 1.0}) == "amount=1"
    assert address.postprocess(None) is None


def test_of_what_the_browser_sends_only_short_text_is_taken() -> None:
    sent = {"model": "tdgan", "amount": 3, "list": ["a"], "long": "x" * 201}
    assert settings_asked(gr.EventData(None, {"settings": sent})) == {"model": "tdgan"}
    for odd in ("model=tdgan", None, ["model"]):
        assert settings_asked(gr.EventData(None, {"settings": odd})) == {}
    assert settings_asked(gr.EventData(None, {})) == {}


def test_it_can_be_made_again_as_gradio_does_when_an_error_leaves_it_as_it_is() -> None:
    first = Address("dataset")
    again = Address(**{**first.constructor_args, "render": False})
    assert (again.props["tab"], again.props["always"]) == ("dataset", False)
