"""Start an assembled Space where no network is, look at its page, let it explain a face, and end it.

    unshare --net python tools/cut_off.py FOLDER PYTHON PHOTO

FOLDER holds app.py, PYTHON is the interpreter of the environment to try. Prints what was found as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client, handle_file

SECONDS_TO_START = 60
PORT = 7860  # no other program is in the same network
_SET_FLAGS, _UP = 0x8914, 0x1  # of Linux's ioctl for network interfaces


def isolated(command: list[str], **environment: str) -> dict[str, Any]:
    """What this script finds when it is run with these arguments in a network of its own, which leads nowhere.

    Raises: subprocess.CalledProcessError with its words if it finds nothing.
    """
    alone = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FER_DEMO", "PYTHONPATH"))}
    ran = subprocess.run(
        [*alone, sys.executable, str(Path(__file__).resolve()), *command],
        env={**kept, "GRADIO_ANALYTICS_ENABLED": "False", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise subprocess.CalledProcessError(ran.returncode, command, ran.stdout, ran.stderr)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def main(folder: Path, python: str, photo: str) -> dict[str, Any]:
    """Start the Space, ask it, and end it."""
    bring_up("lo")
    assert socket.if_nameindex() == [(1, "lo")], "there is a network here; start this with unshare --net"
    with tempfile.TemporaryDirectory() as own:
        log = Path(own) / "log.txt"
        started = time.monotonic()
        with log.open("w") as output:
            app = subprocess.Popen(
                [python, "app.py"],
                cwd=folder,
                env={**os.environ, "GRADIO_TEMP_DIR": f"{own}/files", "GRADIO_SERVER_PORT": str(PORT)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            page = first_page(f"http://127.0.0.1:{PORT}/", app, log)
            seconds = time.monotonic() - started
            client = Client(f"http://127.0.0.1:{PORT}/", verbose=False)
            sent = httpx.post(f"http://127.0.0.1:{PORT}/gradio_api/upload", files={"files": ("a.png", b"a visitor's")})
            assert Path(sent.json()[0]).read_bytes() == b"a visitor's"  # to go at the end
            explained, _ = client.predict(handle_file(photo), api_name="/explain")
        finally:
            app.terminate()
            ended = app.wait(timeout=60)
        left = sorted(path.name for path in (Path(own) / "files").iterdir())
        return {
            "page": page,
            "seconds": round(seconds, 1),
            "explained": explained,
            "ended": ended,
            "left": left,
            "log": log.read_text(),
        }


def bring_up(interface: str) -> None:
    """Switch a network interface on, as `ip link set lo up` does where that is installed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh", interface.encode(), _UP))


def first_page(url: str, app: subprocess.Popen[bytes], log: Path) -> str:
    """What the app answers once it is up."""
    for _ in range(SECONDS_TO_START * 4):
        if app.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError(f"no page: {log.read_text()}")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
