"""The import contracts of pyproject.toml hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.project import ROOT, name_of, python_files, tree_of

LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"


def test_every_import_contract_is_kept() -> None:
    # In a process of its own, because import-linter switches off the loggers that exist when it starts.
    found = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_module_imports_inside_a_function_what_a_contract_forbids() -> None:
    # import-linter reads these too; this one covers what lies outside its two packages.
    outside = [path for path in python_files() if path.is_relative_to(ROOT / "spaces") or path == ROOT / "app.py"]
    found = [name_of(path) for path in outside if "training" in imported_packages(tree_of(path))]
    assert not found, f"a Space starts without the trainer, but these import it: {found}"


def test_the_judge_teaches_nothing() -> None:
    judge, allowed = "expression_judge", {"training/recipes/expression_judge.py", "training/catalog.py"}
    found = [
        name_of(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "training") and judge in "".join(ast.unparse(node) for node in imports(path))
    ]
    assert set(found) == allowed, f"what learns from the judge makes its verdicts worthless: {found}"


def test_no_training_loads_or_imports_what_edits_are_measured_with() -> None:
    # By name too: load_model("expression_judge") imports nothing. The landmarker is behind the judge by shape.
    measuring = ("expression_judge", "face_landmarker", "identity_embedder", "inference.landmarks")
    trainers = [path for path in python_files() if path.is_relative_to(ROOT / "training")]
    outside = [path for path in trainers if not path.is_relative_to(ROOT / "training" / "evaluation")]
    found = {name_of(path) for path in outside if any(word in ast.unparse(tree_of(path)) for word in measuring)}
    copies = {"training/recipes/face_resnet.py"}  # starts from a copy, and teaches no editor
    assert found == {"training/recipes/expression_judge.py", "training/catalog.py"} | copies


def imports(path: Path) -> list[ast.stmt]:
    """Every import of a file."""
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Import | ast.ImportFrom)]


def imported_packages(tree: ast.Module) -> set[str]:
    """Top-level names of everything a file imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
