"""A Space is assembled complete and clean, or refused with every reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FRONT = {
    "title": "A Space",
    "emoji": "🎭",
    "colorFrom": "red",
    "colorTo": "blue",
    "sdk": "gradio",
    "sdk_version": "6.31.0",
    "python_version": '"3.12"',
    "app_file": "app.py",
    "license": "apache-2.0",
}


STILL: dict[str, str | None] = {"sdk": "static", "sdk_version": None, "python_version": None, "app_file": None}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one Space and a package that has caches lying about."""
    root = tmp_path / "project"
    files = {
        "LICENSE": "terms",
        "constraints.txt": "gradio==6.31.0\nPyYAML==6.0.3\ntorch==2.13.0\n",
        "pyproject.toml": '[project]\ndependencies = ["gradio>=6", "pyyaml>=6", "torch"]\n',
        "spaces/toy/README.md": readme(),
        "spaces/toy/app.py": "",
        "spaces/still/README.md": readme(**STILL),
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


def problems_of(deploy: Any, space: Path, gradio: str = "6.31.0") -> list[str]:
    found: list[str] = deploy.front_matter_problems(space / "README.md", gradio, space)
    return found


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
    with pytest.raises(deploy.SpaceError, match=r"There is no Space .* Give one of: still, toy\."):
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
        ({"sdk": "docker"}, "sdk is 'docker' instead of 'gradio' or 'static'"),
        ({"sdk_version": "5.0.0"}, r"sdk_version is 5\.0\.0 and constraints\.txt says 6\.31\.0"),
        ({"python_version": '"3.11"'}, r'python_version must be "3\.12", in quotes'),
        ({"python_version": "3.12"}, "python_version must be"),
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
    problems = problems_of(deploy, project / "spaces/toy")
    assert len(problems) == 1
    assert re.search(words, problems[0])


@pytest.mark.parametrize(
    "text", ["", "# No front matter", "---\n- a list\n---\n", "---\njust words\n---\n", "---\ntitle: x"]
)
def test_a_readme_without_front_matter_is_refused(deploy: Any, project: Path, text: str) -> None:
    (project / "spaces/toy/README.md").write_text(text)
    assert problems_of(deploy, project / "spaces/toy")


def test_a_missing_readme_is_refused(deploy: Any, project: Path) -> None:
    (project / "spaces/toy/README.md").unlink()
    assert "cannot be read" in problems_of(deploy, project / "spaces/toy")[0]


def test_requirements_are_the_packages_at_the_tested_versions_but_for_the_hosts_torch(
    deploy: Any, project: Path, tmp_path: Path
) -> None:
    out = deploy.assemble("toy", tmp_path / "out", project)
    lines = (out / "requirements.txt").read_text().splitlines()
    assert lines == ["gradio==6.31.0", "pyyaml==6.0.3", f"torch=={deploy.HOST_TORCH}"]


def test_a_static_space_is_what_is_exported(deploy: Any, project: Path, tmp_path: Path) -> None:
    def export(out: Path) -> None:
        out.mkdir()
        (out / "README.md").write_text(readme(**STILL))
        (out / "index.html").write_text("<p>A page</p>")

    out = deploy.assemble("still", tmp_path / "out", project, export)
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "index.html"]
    hardware, words = deploy.hosting(out, deploy.ACCOUNTS["free"])
    assert hardware is None
    assert words == "A static Space: any account hosts it, and it costs nothing."


def test_a_static_space_without_its_page_is_refused(deploy: Any, project: Path, tmp_path: Path) -> None:
    def export(out: Path) -> None:
        out.mkdir()
        (out / "README.md").write_text(readme(**STILL))

    with pytest.raises(deploy.SpaceError, match=r"index\.html does not exist"):
        deploy.assemble("still", tmp_path / "out", project, export)


@pytest.mark.parametrize(
    ("account", "hardware", "words"),
    [
        ("free", "zero-a10g", r"on ZeroGPU: it costs nothing\. A free account may have two"),
        ("pro", "cpu-basic", r"costs nothing beyond the plan, PRO\. .* may have 10 Spaces"),
        ("team", "cpu-basic", r"the plan, Team or Enterprise\. .* may have 50 Spaces"),
    ],
)
def test_what_an_account_can_host_and_what_it_costs_is_said(
    deploy: Any, project: Path, account: str, hardware: str, words: str
) -> None:
    found, said = deploy.hosting(project / "spaces/toy", deploy.ACCOUNTS[account])
    assert found.value == hardware
    assert re.search(words, said)


def test_the_command_answers_with_a_sentence_and_a_status(
    deploy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["lab", "--out", str(tmp_path / "out"), "--repo", "no id"]) == 1
    assert "'no id' is not a Hub id. Give --repo owner/name." in capsys.readouterr().err
    assert deploy.main(["cinema", "--out", str(tmp_path / "out")]) == 1
    assert "There is no Space 'cinema'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["lab", "explorer", "lesson"])
def test_our_spaces_are_ready_to_be_deployed(deploy: Any, name: str) -> None:
    assert problems_of(deploy, ROOT / "spaces" / name, deploy.pinned_version(ROOT / "constraints.txt", "gradio")) == []


@pytest.mark.parametrize("name", ["lab", "explorer", "lesson"])
def test_every_app_is_the_projects_but_for_its_page(name: str) -> None:
    def code(path: Path) -> str:
        lines = path.read_text().split('"""', 2)[2].splitlines()
        return "\n".join(re.sub(r"start\(\w+\)", "start()", line) for line in lines if "shown_page" not in line)

    assert code(ROOT / "spaces" / name / "app.py") == code(ROOT / "app.py")


def test_spaces_is_no_package_that_would_hide_the_library_of_that_name() -> None:
    assert not (ROOT / "spaces/__init__.py").exists()
