"""Assemble a Space into a folder that starts by itself, check it offline, and push it if a repository is named.

    python spaces/deploy.py lab --out DIR [--repo owner/name]

This folder is not a package: `import spaces` must keep meaning the library of that name.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import yaml
from huggingface_hub import HfApi, SpaceCard
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = (
    "title",
    "emoji",
    "colorFrom",
    "colorTo",
    "sdk",
    "sdk_version",
    "python_version",
    "app_file",
    "license",
)
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
OLDEST_PYTHON = (3, 11)
LONGEST_DESCRIPTION = 60  # characters that the Hub shows
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.py[co]", "*.pyi", ".*")


class SpaceError(Exception):
    """A Space that cannot be assembled or pushed; the text says what to do."""


def assemble(name: str, out: Path, root: Path = ROOT) -> Path:
    """Copy a Space, the package and the licence into the empty folder `out`.

    Raises:
        SpaceError: there is no such Space, its front matter is wrong, or `out` holds something.
    """
    source = root / "spaces" / name
    known = sorted(path.parent.name for path in (root / "spaces").glob("*/app.py"))
    if name not in known:
        raise SpaceError(f"There is no Space {name!r}. Give one of: {', '.join(known)}.")
    if problems := front_matter_problems(source, pinned_version(root / "constraints.txt", "gradio")):
        raise SpaceError(f"{source / 'README.md'} cannot be deployed: {'; '.join(problems)}. Correct it and try again.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SpaceError(f"{out} is not an empty folder. Give another --out.")
    shutil.copytree(source, out, ignore=NOT_COPIED, dirs_exist_ok=True)
    shutil.copytree(root / "fer_demo", out / "fer_demo", ignore=NOT_COPIED)
    shutil.copyfile(root / "LICENSE", out / "LICENSE")
    return out


def front_matter_problems(space: Path, gradio_version: str) -> list[str]:
    """What is wrong with the front matter of a Space's README.md, in a few words each; empty if nothing is."""
    try:
        text = (space / "README.md").read_text(encoding="utf-8")
        card = SpaceCard(text, ignore_metadata_errors=False).data.to_dict() if text.startswith("---\n") else {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [f"it cannot be read ({str(error).splitlines()[0]})"]
    if missing := [key for key in REQUIRED if not card.get(key)]:
        return [f"{', '.join(missing)} missing"]
    checks = {
        f"sdk is {card['sdk']!r} instead of 'gradio'": card["sdk"] == "gradio",
        f"sdk_version is {card['sdk_version']} and constraints.txt says {gradio_version}": card["sdk_version"]
        == gradio_version,
        "python_version must be text, in quotes, and 3.11 or newer": _is_python_version(card["python_version"]),
        f"app_file {card['app_file']!r} does not exist": (space / str(card["app_file"])).is_file(),
        f"short_description is longer than {LONGEST_DESCRIPTION} characters": len(
            str(card.get("short_description", ""))
        )
        <= LONGEST_DESCRIPTION,
        "requirements.txt does not exist": (space / "requirements.txt").is_file(),
    }
    colours = [
        f"{key} must be one of {', '.join(COLOURS)}" for key in ("colorFrom", "colorTo") if card[key] not in COLOURS
    ]
    return [problem for problem, right in checks.items() if not right] + colours + _malformed_ids(card)


def pinned_version(constraints: Path, package: str) -> str:
    """The version of a package that constraints.txt names."""
    name = re.sub(r"[-_.]+", "[-_.]", package)  # names that differ in these or in case are one (PEP 503)
    found = re.search(rf"^{name}==(\S+)$", constraints.read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise SpaceError(f"{constraints} does not pin {package}. Pin it there.")
    return found[1]


def push(folder: Path, repo: str) -> str:
    """Make a Space's repository hold exactly the files of `folder`; its address."""
    api = HfApi()
    try:
        address = api.create_repo(repo, repo_type="space", space_sdk="gradio", exist_ok=True)
        api.upload_folder(
            repo_id=repo,
            repo_type="space",
            folder_path=folder,
            delete_patterns=["*"],
            commit_message="Deploy",
        )
    except (httpx2.HTTPError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise SpaceError(
            f"{folder} is assembled, but the Hub did not take it as {repo} ({reason}). "
            "Log in with `hf auth login`, then deploy into another folder."
        ) from error
    return str(address)


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit status is 1 after an error that the person can mend."""
    parser = argparse.ArgumentParser(prog="python spaces/deploy.py", description="Assemble a Space, and push it.")
    parser.add_argument("name", help="folder of the Space under spaces/")
    parser.add_argument("--out", type=Path, required=True, help="empty folder to assemble it in")
    parser.add_argument("--repo", help="Hub id owner/name of the Space to push to")
    options = parser.parse_args(arguments)
    try:
        if options.repo is not None and not _is_repo_id(options.repo):
            raise SpaceError(f"{options.repo!r} is not a Hub id. Give --repo owner/name.")
        print(f"assembled {assemble(options.name, options.out)}; start it with: python app.py")
        if options.repo is not None:
            print(f"pushed to {push(options.out, options.repo)}")
    except SpaceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _is_python_version(value: object) -> bool:
    """Whether it is text such as 3.11 (as a YAML number, 3.10 would become 3.1)."""
    found = re.fullmatch(r"(\d+)\.(\d+)", value) if isinstance(value, str) else None
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_PYTHON


def _is_repo_id(text: object) -> bool:
    try:
        validate_repo_id(text)  # type: ignore[arg-type]
    except HFValidationError:
        return False
    return str(text).count("/") == 1


def _malformed_ids(card: dict[str, Any]) -> list[str]:
    """What is wrong with the lists of models and datasets the Space names."""
    listed = {key: card[key] for key in ("models", "datasets") if key in card}
    wrong_lists = [f"{key} must be a list" for key, ids in listed.items() if not isinstance(ids, list)]
    ids = [repo for value in listed.values() if isinstance(value, list) for repo in value]
    return wrong_lists + [f"{repo!r} is not a Hub id" for repo in ids if not _is_repo_id(repo)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
