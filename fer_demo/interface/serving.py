"""How the app is served: on the port that was asked for or not at all, ended by SIGTERM as by Ctrl-C."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import gradio as gr

from fer_demo.errors import SettingsError
from fer_demo.interface.events import where_it_broke

PORT = 7860


def serve(demo: gr.Blocks, options: dict[str, Any], own_folder: Path) -> None:
    """Serve until it is stopped, and leave nothing; what keeps it from starting is said in one sentence."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was uploaded is removed at the end
    logging.getLogger("uvicorn.error").addFilter(_in_one_line)
    try:
        port = _port()
        demo.launch(server_port=port, **options)
    except SettingsError as error:
        sys.exit(str(error))
    except OSError as error:
        if demo.is_running:
            raise
        sys.exit(f"The app cannot be served on port {port} ({error}); set GRADIO_SERVER_PORT to a free one.")
    shutil.rmtree(own_folder, ignore_errors=True)
    logging.shutdown()
    os._exit(0)  # nobody waits for the work of models in other threads, and Python cannot end those inside C++


def _port() -> int:
    text = os.environ.get("GRADIO_SERVER_PORT", str(PORT))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"GRADIO_SERVER_PORT is “{text}”; set it to a number from 1 to 65535.")
    return int(text)


def _in_one_line(record: logging.LogRecord) -> bool:
    """A request that broke is one line of the log; what it held may be a visitor's."""
    if record.exc_info and record.exc_info[1] is not None and not sys.flags.dev_mode:
        record.msg, record.args = f"A request broke: {where_it_broke(record.exc_info[1])}", ()
        record.exc_info = record.exc_text = None
    return True
