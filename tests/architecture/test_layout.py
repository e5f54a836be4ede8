"""Files and functions stay small, say what they are for, and are finished."""

from __future__ import annotations

import ast
import re

from tests.architecture.project import ROOT, files, name_of, python_files, text_of, tree_of

LINES_PER_FILE, LINES_PER_TEST_FILE = 300, 500
LINES_PER_FUNCTION = 60
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
SOMEONES_MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users|mnt|media|srv)/\w|\.\./shared\b")


def test_no_python_file_is_longer_than_300_lines_and_no_test_than_500() -> None:
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in python_files()}
    limits = {name: LINES_PER_TEST_FILE if name.startswith("tests/") else LINES_PER_FILE for name in lengths}
    assert not {name: length for name, length in lengths.items() if length > limits[name]}


def test_no_function_is_longer_than_60_lines() -> None:
    lengths = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: length for name, length in lengths.items() if length > LINES_PER_FUNCTION}


def test_every_python_file_begins_by_saying_what_it_is_for() -> None:
    silent = [name_of(path) for path in python_files() if not says_its_purpose(tree_of(path))]
    assert not silent, f"no docstring at the top of: {silent}"


def test_nothing_is_left_unfinished() -> None:
    unfinished = [name_of(path) for path in files() if UNFINISHED.search(text_of(path))]
    assert not unfinished, f"finish it, or leave it out: {unfinished}"


def test_no_file_names_a_place_on_someones_machine() -> None:
    found = {name_of(path): match[0] for path in files() if (match := SOMEONES_MACHINE.search(text_of(path)))}
    assert not found, f"paths that only exist on one machine: {found}"


def test_one_word_for_one_thing() -> None:
    words = re.compile(r"\bdef \w*emotion|\bclass \w*Emotion", re.IGNORECASE)
    found = [name_of(path) for path in python_files() if words.search(text_of(path)) and path.is_relative_to(ROOT)]
    assert not found, f"the word is expression: {found}"


def says_its_purpose(tree: ast.Module) -> bool:
    """Whether the first statement is a docstring whose first line says something."""
    first_line = (ast.get_docstring(tree) or "").split("\n")[0]
    return len(first_line.split()) >= 2
