"""Python reads this at the start of the watched app: it writes down whom the app calls, and onnxruntime's telemetry."""

import os
import sys
from pathlib import Path
from typing import Any

_LOG = Path(os.environ["CONNECTIONS_LOG"])


def _write_down(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "import" and arguments[0] == "onnxruntime":
        line = f"onnxruntime\t{os.environ.get('ORT_DISABLE_TELEMETRY')}"
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):  # else one of Unix's own
        line = f"address\t{arguments[1][0]}"
    elif event == "socket.getaddrinfo":
        line = f"name\t{arguments[0]}"
    else:
        return
    with _LOG.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


sys.addaudithook(_write_down)
