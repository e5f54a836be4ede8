"""Every package has a licence that we allow, and the page names each copyleft library that comes inside one."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest

from tests.architecture.project import ROOT, text_of
from tools.licences import copyleft_libraries, foreign, licence, pinned


def installed() -> list[Distribution]:
    found = []
    for name in pinned():
        try:
            found.append(distribution(name))
        except PackageNotFoundError:  # for another Python
            continue
    return found


def test_every_package_has_a_licence_that_is_allowed() -> None:
    packages = installed()
    assert len(packages) > 100
    assert {one.name: licence(one) for one in packages if foreign(licence(one))} == {}


def test_the_page_names_each_copyleft_library_inside_a_wheel() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \|", text_of(ROOT / "docs" / "licences.md"), re.MULTILINE)
    named = {package: set(libraries.split(", ")) for package, libraries in rows}
    inside = {one.name.replace("_", "-"): copyleft_libraries(one) for one in installed()}
    assert [name for name, libraries in inside.items() if libraries - named.get(name, set())] == []


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT AND BSD-3-Clause", set()),
        ("Apache-2.0 WITH LLVM-exception", set()),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", set()),
        ("GPL-3.0-only OR MIT", set()),
        ("MIT AND GPL-2.0-or-later", {"GPL-2.0-or-later"}),
        ("AGPL-3.0-only", {"AGPL-3.0-only"}),
        ("", {"no licence"}),
    ],
)
def test_an_expression_is_allowed_if_all_its_parts_are_or_one_alternative(expression: str, refused: set[str]) -> None:
    assert foreign(expression) == refused
