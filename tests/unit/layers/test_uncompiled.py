"""What is imported without torch's compiler works, and the compiler is there afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fer_demo.layers.uncompiled import COMPILER, without_compiler

_PAINTER = """
import sys
import torch
from fer_demo.layers.mouth_painter import MouthPainter
torch.manual_seed(0)
painter = MouthPainter((8, 16), 16, 32).eval()
paint = lambda: painter.paint(*(torch.rand(1, planes, 16, 32) for planes in (1, 1, 2)), torch.zeros(1))
assert paint().shape == (1, 1, 16, 32)
print(sorted({"torch._dynamo", "sympy"} & set(sys.modules)))
torch.optim.Adam(painter.parameters())
compiled = torch.compile(lambda x: x + 1, backend="eager")
print(compiled(torch.ones(1)).item(), hasattr(torch._dynamo, "config"))
"""


def test_the_mouth_painter_brings_in_no_compiler_and_whoever_wants_it_has_it() -> None:
    said = subprocess.run([sys.executable, "-c", _PAINTER], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["[]", "2.0 True"]


def test_one_that_is_there_stays_and_one_that_comes_meanwhile_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    there = object()
    monkeypatch.setitem(sys.modules, COMPILER, there)
    with without_compiler():
        assert sys.modules[COMPILER] is there
    monkeypatch.delitem(sys.modules, COMPILER)
    with without_compiler():
        sys.modules[COMPILER] = there
    assert sys.modules[COMPILER] is there


def test_functions_are_left_as_they_are_with_and_without_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, COMPILER, raising=False)
    with without_compiler():
        compiler = sys.modules[COMPILER]
        for function in (compiler.disable(len), compiler.disable(recursive=False)(len), compiler.allow_in_graph(len)):
            assert function is len
    assert COMPILER not in sys.modules
