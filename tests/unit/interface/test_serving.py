"""The app is served on the port that was asked for, or says why not; what breaks is one line of the log."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from fer_demo.interface.serving import _in_one_line, serve


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Put back what serving sets for the whole process."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
    logging.getLogger("uvicorn.error").removeFilter(_in_one_line)


def page() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as demo:
        gr.HTML("a page")
    return demo


def test_a_port_that_is_taken_is_said_and_no_other_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
        with pytest.raises(
            SystemExit, match=rf"cannot be served on port {port} .*set GRADIO_SERVER_PORT to a free one"
        ):
            serve(page(), {"quiet": True}, tmp_path)


@pytest.mark.parametrize("port", ["0", "70000", "-1", "http", ""])
def test_a_port_that_is_none_is_a_sentence(port: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    with pytest.raises(SystemExit, match=f"GRADIO_SERVER_PORT is “{port}”"):
        serve(page(), {}, tmp_path)


def test_a_request_that_breaks_is_one_line_without_what_it_held(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addFilter(_in_one_line)
    log.addHandler(caplog.handler)  # a server of another test may have cut it off from the root logger
    try:
        raise ValueError("SECRET")
    except ValueError:
        log.exception("Exception in ASGI application")
    finally:
        log.removeHandler(caplog.handler)
    assert "A request broke: ValueError at interface/test_serving.py" in caplog.text
    assert "SECRET" not in caplog.text
    assert "Traceback" not in caplog.text
