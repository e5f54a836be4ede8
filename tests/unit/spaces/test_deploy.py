"""A Space is assembled complete and clean, or refused with every reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

FRONT = {
    "title": "A Space",
    "emoji": "🎭",
    "colorFrom": "red",
    "colorTo": "blue",
    "sdk": "gradio",
    "sdk_version": "6.31.0",
    "python_version": '"3.11"',
    "app_file": "app.py",
    "license": "apache-2.0",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one Space and a package that has caches lying about."""
    root = tmp_path / "project"
    files = {
        "LICENSE": "terms",
        "constraints.txt": "gradio==6.31.0\n",
        "spaces/toy/README.md": readme(),
        "spaces/toy/app.py": "",
        "spaces/toy/requirements.txt": "",
        "spaces/toy/__pycache__/app.pyc": "",
        "fer_demo/__init__.py": "",
        "fer_demo/interface/tabs/about.py": "",
        "fer_demo/tabs/__pycache__/about.pyc": "",
        "fer_demo/widgets/map.pyi": "",
        "fer_demo/assets/faces/bundled.parquet": "faces",
        "fer_demo/.DS_Store": "",
        "training/engine/loop.py": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def readme(**changes: str | None) -> str:
    lines = [f"{key}: {value}" for key, value in {**FRONT, **changes}.items() if value is not None]
    return "\n".join(["---", *lines, "---", "", "# A Space"])


def test_everything_the_app_needs_is_copied_and_nothing_else(deploy: Any, project: Path, tmp_path: Path) -> None:
    out = deploy.assemble("toy", tmp_path / "out", project)
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "LICENSE",
        "README.md",
        "app.py",
        "fer_demo/__init__.py",
        "fer_demo/assets/faces/bundled.parquet",
        "fer_demo/interface/tabs/about.py",
        "requirements.txt",
    ]


def test_a_folder_that_holds_something_is_left_alone(deploy: Any, project: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(deploy.SpaceError, match=r"is not an empty folder\. Give another --out"):
        deploy.assemble("toy", tmp_path, project)
    assert not (tmp_path / "app.py").exists()


@pytest.mark.parametrize("name", ["cinema", "", ".", "../fer_demo", "deploy.py"])
def test_an_unknown_space_is_refused_with_the_known_ones(deploy: Any, project: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(deploy.SpaceError, match=r"There is no Space .* Give one of: toy\."):
        deploy.assemble(name, tmp_path / "out", project)


@pytest.mark.parametrize("key", FRONT)
def test_every_required_key_must_be_there(deploy: Any, project: Path, tmp_path: Path, key: str) -> None:
    (project / "spaces/toy/README.md").write_text(readme(**{key: None}))
    with pytest.raises(deploy.SpaceError, match=rf"README\.md cannot be deployed: {key} missing"):
        deploy.assemble("toy", tmp_path / "out", project)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sdk": "static"}, "sdk is 'static' instead of 'gradio'"),
        ({"sdk_version": "5.0.0"}, r"sdk_version is 5\.0\.0 and constraints\.txt says 6\.31\.0"),
        ({"python_version": '"3.10"'}, r"python_version must be text, in quotes, and 3\.11 or newer"),
        ({"python_version": "3.11"}, "python_version must be text"),
        ({"app_file": "main.py"}, r"app_file 'main\.py' does not exist"),
        ({"colorFrom": "mauve"}, "colorFrom must be one of red, yellow"),
        ({"short_description": "x" * 61}, "short_description is longer than 60 characters"),
        ({"models": "someone/model"}, "models must be a list"),
        ({"models": "[just-a-name]"}, "'just-a-name' is not a Hub id"),
        ({"datasets": "[someone/data, 3]"}, "3 is not a Hub id"),
        ({"title": "[unclosed"}, "it cannot be read"),
    ],
)
def test_a_wrong_value_is_refused(deploy: Any, project: Path, changes: dict[str, str], words: str) -> None:
    (project / "spaces/toy/README.md").write_text(readme(**changes))
    problems = deploy.front_matter_problems(project / "spaces/toy", "6.31.0")
    assert len(problems) == 1
    assert re.search(words, problems[0])


@pytest.mark.parametrize(
    "text", ["", "# No front matter", "---\n- a list\n---\n", "---\njust words\n---\n", "---\ntitle: x"]
)
def test_a_readme_without_front_matter_is_refused(deploy: Any, project: Path, text: str) -> None:
    (project / "spaces/toy/README.md").write_text(text)
    assert deploy.front_matter_problems(project / "spaces/toy", "6.31.0")


def test_a_missing_readme_and_missing_requirements_are_refused(deploy: Any, project: Path) -> None:
    (project / "spaces/toy/requirements.txt").unlink()
    assert deploy.front_matter_problems(project / "spaces/toy", "6.31.0") == ["requirements.txt does not exist"]
    (project / "spaces/toy/README.md").unlink()
    assert "cannot be read" in deploy.front_matter_problems(project / "spaces/toy", "6.31.0")[0]


def test_the_command_answers_with_a_sentence_and_a_status(
    deploy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["lab", "--out", str(tmp_path / "out"), "--repo", "no id"]) == 1
    assert "'no id' is not a Hub id. Give --repo owner/name." in capsys.readouterr().err
    assert deploy.main(["cinema", "--out", str(tmp_path / "out")]) == 1
    assert "There is no Space 'cinema'" in capsys.readouterr().err


def test_the_lab_is_ready_to_be_deployed(deploy: Any, root: Path) -> None:
    assert (
        deploy.front_matter_problems(root / "spaces/lab", deploy.pinned_version(root / "constraints.txt", "gradio"))
        == []
    )


def test_the_lab_requires_what_the_package_requires_at_the_tested_versions(deploy: Any, root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    names = [re.match(r"[\w.-]+", requirement) for requirement in project["dependencies"]]
    pins = [f"{name[0]}=={deploy.pinned_version(root / 'constraints.txt', name[0])}" for name in names if name]
    lines = (root / "spaces/lab/requirements.txt").read_text().splitlines()
    assert sorted(line for line in lines if not line.startswith("#")) == sorted(pins)


def test_the_deployed_lab_has_the_same_app_as_the_project(root: Path) -> None:
    def code(path: Path) -> str:
        return path.read_text().split('"""', 2)[2]

    assert code(root / "spaces/lab/app.py") == code(root / "app.py")


def test_spaces_is_no_package_that_would_hide_the_library_of_that_name(root: Path) -> None:
    assert not (root / "spaces/__init__.py").exists()
