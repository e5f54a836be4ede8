"""A start of the app sets how its threads share memory, and what Gradio leaves out."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

_TWELVE_THREADS = """
import ctypes, threading
from fer_demo.interface.starting import share_heaps
share_heaps()
libc, together = ctypes.CDLL(None), threading.Barrier(12)
def work():
    together.wait()
    libc.malloc(ctypes.c_size_t(1000))
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are counted by glibc")
def test_threads_share_two_heaps() -> None:
    said = subprocess.run([sys.executable, "-c", _TWELVE_THREADS], capture_output=True, text=True, check=True).stderr
    assert said.count("Arena ") == 2


_GRADIOS_MCP = """
from fer_demo.interface.starting import leave_out_gradios_mcp
leave_out_gradios_mcp()
import gradio
page = gradio.Blocks(analytics_enabled=False)
gradio.routes.App.create_app(page, mcp_server=True)
print(page.mcp_server, page.mcp_error)
"""


def test_gradios_own_server_for_mcp_cannot_be_switched_on() -> None:
    said = subprocess.run([sys.executable, "-c", _GRADIOS_MCP], capture_output=True, text=True, check=True).stdout
    assert said.startswith("False")
    assert "mcp" in said


_COMPONENT = """
import gradio
class Own(gradio.HTML):
    pass
"""
_TYPE_HINTS = """
from fer_demo.interface.starting import leave_out_gradios_type_hints
leave_out_gradios_type_hints()
import own
print(own.Own("something").value)
"""


def test_gradio_writes_nothing_beside_the_code_of_a_component(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(_COMPONENT)
    paths = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[3])])}
    command = [sys.executable, "-c", _TYPE_HINTS]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | paths).stdout
    assert said.strip() == "something"
    assert not list(tmp_path.glob("*.pyi"))


_START = """
import gradio, sys
from fer_demo.interface.starting import start
make = gradio.routes.App.create_app
start()
assert gradio.routes.App.create_app is make
print(sorted({"torch._dynamo", "sympy", "captum", "umap", "sklearn"} & set(sys.modules)))
"""


def test_a_start_brings_in_nothing_that_takes_seconds_and_puts_gradio_back_as_it_was() -> None:
    said = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"
