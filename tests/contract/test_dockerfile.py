"""The Dockerfile fits the project that it copies, as far as can be read without building an image."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib

from tests.architecture.project import ROOT, text_of

PROJECT = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]


def instructions() -> list[tuple[str, str]]:
    """Every instruction with its arguments on one line, without comments."""
    text = re.sub(r"^#.*\n", "", text_of(ROOT / "Dockerfile"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(name, arguments) for name, _, arguments in (line.partition(" ") for line in text.splitlines() if line)]


def arguments(name: str) -> list[str]:
    return [one for instruction, one in instructions() if instruction == name]


def copied() -> set[str]:
    return {source for line in arguments("COPY") for source in shlex.split(line)[:-1]}


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_the_base_image_has_a_python_that_is_supported_and_tested() -> None:
    (base,) = arguments("FROM")
    found = re.fullmatch(r"python:(\d+\.\d+)-slim", base)
    oldest = re.fullmatch(r">=(\d+\.\d+)", PROJECT["requires-python"])
    assert found is not None
    assert oldest is not None
    assert version(found[1]) >= version(oldest[1])
    assert f'"{found[1]}"' in text_of(ROOT / ".github" / "workflows" / "ci.yml")


def test_what_is_copied_exists_and_is_let_in() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    let_in = {line[1:] for line in text_of(ROOT / ".dockerignore").splitlines() if line.startswith("!")}
    assert let_in == copied()


def test_what_an_installation_reads_is_copied() -> None:
    named = {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]}
    named |= {word for line in arguments("RUN") for word in shlex.split(line) if word.endswith(".txt")}
    assert "constraints.txt" in named
    assert named <= copied()


def test_what_is_started_is_copied_and_imports_only_what_is_copied() -> None:
    command, script = json.loads(arguments("CMD")[0])
    assert command == "python"
    assert script in copied()
    nodes = [node for node in ast.walk(ast.parse(text_of(ROOT / script))) if isinstance(node, ast.ImportFrom)]
    imported = {node.module.split(".")[0] for node in nodes if node.module}
    ours = {name for name in imported if (ROOT / name).is_dir() or (ROOT / f"{name}.py").is_file()}
    assert ours == {"fer_demo"}
    assert ours <= copied()


def test_the_port_is_the_same_everywhere() -> None:
    (environment,) = arguments("ENV")
    settings = dict(pair.split("=", 1) for pair in shlex.split(environment))
    (port,) = arguments("EXPOSE")
    assert settings["GRADIO_SERVER_PORT"] == port
    assert f"http://127.0.0.1:{port}" in arguments("HEALTHCHECK")[0]
    assert f"-p {port}:{port}" in text_of(ROOT / "Dockerfile")
    assert f"-p {port}:{port}" in text_of(ROOT / "README.md")
