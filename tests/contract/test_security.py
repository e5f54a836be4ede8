"""The page of threats names tests that there are, at least one for each threat."""

from __future__ import annotations

import re

from tests.architecture.project import ROOT, text_of

PAGE = ROOT / "docs" / "security.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[str]:
    """The lines of the page's tables, without their heads."""
    lines = [line for line in text_of(PAGE).splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith(("| threat |", "| --- |"))]


def test_every_threat_names_a_test() -> None:
    assert len(rows()) > 10
    assert not [row for row in rows() if not _TEST.search(row.split("|")[-2])]


def test_every_test_that_the_page_names_is_there() -> None:
    named = _TEST.findall(text_of(PAGE))
    assert len(named) == text_of(PAGE).count("::")  # none is written in another way
    missing = [name for file, name in named if f"def {name}(" not in text_of(ROOT / file)]
    assert not missing
