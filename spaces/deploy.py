"""Assemble a Space into a folder that starts by itself, say who can host it, and push it if a repository is named.

    python spaces/deploy.py lab --out DIR [--account free|pro|team] [--repo owner/name]

This folder is not a package: `import spaces` must keep meaning the library of that name.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import yaml
from huggingface_hub import HfApi, SpaceCard, SpaceHardware
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = ("title", "emoji", "colorFrom", "colorTo", "sdk", "license")
REQUIRED_OF_GRADIO = ("sdk_version", "python_version", "app_file")
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
# Of ZeroGPU, which a free account needs for anything that is not static; a Space that runs there runs on a CPU, too.
HOST_PYTHON = "3.12"
HOST_TORCH = "2.11.0"  # the newest it has
LONGEST_DESCRIPTION = 60  # characters that the Hub shows
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.py[co]", "*.pyi", ".*")
WAIT_SECONDS = 1800.0  # for a Space to be built, most of which goes by while torch is installed


class Account(NamedTuple):
    """What the Hub lets an account host (huggingface/hub-docs, pull request 2624, July 2026)."""

    plan: str
    zero_gpu: int  # Spaces on ZeroGPU
    cpu: bool  # whether it may make Gradio Spaces on a CPU


ACCOUNTS = {
    "free": Account("none", 2, cpu=False),
    "pro": Account("PRO", 10, cpu=True),
    "team": Account("Team or Enterprise", 50, cpu=True),
}


class SpaceError(Exception):
    """A Space that cannot be assembled or pushed; the text says what to do."""


def assemble(name: str, out: Path, root: Path = ROOT, export: Callable[[Path], None] | None = None) -> Path:
    """Make the empty folder `out` a Space that needs nothing else.

    A Gradio Space gets its own files, the package, its requirements and the licence; a static one is what `export`
    writes, by default `python -m training export_web`.

    Raises:
        SpaceError: there is no such Space, its front matter is wrong, `out` holds something, or the export failed.
    """
    source = root / "spaces" / name
    known = sorted(path.parent.name for path in (root / "spaces").glob("*/README.md"))
    if name not in known:
        raise SpaceError(f"There is no Space {name!r}. Give one of: {', '.join(known)}.")
    gradio = pinned_version(root / "constraints.txt", "gradio")
    _check(source / "README.md", gradio, source)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SpaceError(f"{out} is not an empty folder. Give another --out.")
    if is_static(source):
        (export or _exported)(out)
        _check(out / "README.md", gradio, out, exported=True)
        return out
    shutil.copytree(source, out, ignore=NOT_COPIED, dirs_exist_ok=True)
    shutil.copytree(root / "fer_demo", out / "fer_demo", ignore=NOT_COPIED)
    shutil.copyfile(root / "LICENSE", out / "LICENSE")
    (out / "requirements.txt").write_text(requirements(root), encoding="utf-8")
    return out


def requirements(root: Path = ROOT) -> str:
    """What the package needs, at the versions tested together, but the torch of the host."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in project["dependencies"]]
    versions = {name: pinned_version(root / "constraints.txt", name) for name in names} | {"torch": HOST_TORCH}
    return "".join(f"{name}=={versions[name]}\n" for name in names)


def is_static(space: Path) -> bool:
    """Whether a Space is files alone, with nothing to run."""
    return _card(space / "README.md")["sdk"] == "static"


def hosting(space: Path, account: Account) -> tuple[SpaceHardware | None, str]:
    """The hardware of an assembled Space for this account, None for a static one, and what it costs, in a sentence."""
    if is_static(space):
        return None, "A static Space: any account hosts it, and it costs nothing."
    if account.cpu:
        return SpaceHardware.CPU_BASIC, (
            f"A Gradio Space on a CPU (2 cores, 16 GB): it costs nothing beyond the plan, {account.plan}. On ZeroGPU, "
            f"which is chosen in its settings, this account may have {account.zero_gpu} Spaces."
        )
    return SpaceHardware.ZERO_A10G, (
        "A Gradio Space on ZeroGPU: it costs nothing. A free account may have two, if its address is confirmed and it "
        "is older than 30 days; a Space on a CPU needs PRO. Visitors may use its GPU 2 minutes a day, with an account "
        "5; only /explain uses it."
    )


def front_matter_problems(readme: Path, gradio_version: str, space: Path, exported: bool = False) -> list[str]:
    """What is wrong with the front matter of a Space whose files lie in `space`, in a few words each.

    exported: a static Space must then have its page; before, it has not been made yet.
    """
    try:
        card = _card(readme)
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [f"it cannot be read ({str(error).splitlines()[0]})"]
    static = card.get("sdk") == "static"
    if missing := [key for key in (*REQUIRED, *(() if static else REQUIRED_OF_GRADIO)) if not card.get(key)]:
        return [f"{', '.join(missing)} missing"]
    checks = {
        f"short_description is longer than {LONGEST_DESCRIPTION} characters": len(
            str(card.get("short_description", ""))
        )
        <= LONGEST_DESCRIPTION,
    }
    if static:
        page = str(card.get("app_file", "index.html"))
        checks[f"{page} does not exist"] = not exported or (space / page).is_file()
    else:
        checks |= {
            f"sdk is {card['sdk']!r} instead of 'gradio' or 'static'": card["sdk"] == "gradio",
            f"sdk_version is {card['sdk_version']} and constraints.txt says {gradio_version}": card["sdk_version"]
            == gradio_version,
            f'python_version must be "{HOST_PYTHON}", in quotes': card["python_version"] == HOST_PYTHON,
            f"app_file {card['app_file']!r} does not exist": (space / str(card["app_file"])).is_file(),
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


def push(folder: Path, repo: str, hardware: SpaceHardware | None) -> str:
    """Make a Space's repository hold exactly the files of `folder`; its address."""
    api = HfApi()
    sdk = "static" if hardware is None else "gradio"
    try:
        address = api.create_repo(repo, repo_type="space", space_sdk=sdk, space_hardware=hardware, exist_ok=True)
        api.upload_folder(
            repo_id=repo,
            repo_type="space",
            folder_path=folder,
            delete_patterns=["*"],
            commit_message="Deploy",
        )
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise SpaceError(
            f"{folder} is assembled, but the Hub did not take it as {repo} ({_reason(error)}). "
            "Log in with `hf auth login`, then deploy into another folder. Where payment is required, the account may "
            "not host it: see what --account says."
        ) from error
    return str(address)


def watch(repo: str, poll: float = 5.0) -> Iterator[str]:
    """Wait until a pushed Space runs, or does not, asking every `poll` seconds; the lines of its log.

    Raises: SpaceError if it does not run, or nobody can say.
    """
    api = HfApi()
    try:
        stage = api.wait_for_space(repo, timeout=WAIT_SECONDS, poll_interval=poll).stage
        for built in (True, False):
            yield from api.fetch_space_logs(repo, build=built)
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise SpaceError(f"{repo} is pushed; whether it runs cannot be seen ({_reason(error)}).") from error
    if stage != "RUNNING":
        raise SpaceError(f"{repo} is pushed and does not run: its stage is {stage}. The log above says why.")


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit status is 1 after an error that the person can mend."""
    parser = argparse.ArgumentParser(prog="python spaces/deploy.py", description="Assemble a Space, and push it.")
    parser.add_argument("name", help="folder of the Space under spaces/")
    parser.add_argument("--out", type=Path, required=True, help="empty folder to assemble it in")
    parser.add_argument("--account", choices=ACCOUNTS, default="free", help="what hosts it; a free account by default")
    parser.add_argument("--repo", help="Hub id owner/name of the Space to push to; without it, nothing is sent")
    options = parser.parse_args(arguments)
    try:
        if options.repo is not None and not _is_repo_id(options.repo):
            raise SpaceError(f"{options.repo!r} is not a Hub id. Give --repo owner/name.")
        folder = assemble(options.name, options.out)
        hardware, words = hosting(folder, ACCOUNTS[options.account])
        start = "python -m http.server" if hardware is None else "python app.py"
        print(f"assembled {folder}; start it with: {start}\n{words}")
        if options.repo is not None:
            print(f"pushed to {push(options.out, options.repo, hardware)}")
            if hardware is not None:
                for line in watch(options.repo):
                    print(line.rstrip("\n"))
                print("it runs")
    except SpaceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _check(readme: Path, gradio: str, space: Path, exported: bool = False) -> None:
    if problems := front_matter_problems(readme, gradio, space, exported):
        raise SpaceError(f"{readme} cannot be deployed: {'; '.join(problems)}. Correct it and try again.")


def _card(readme: Path) -> dict[str, Any]:
    text = readme.read_text(encoding="utf-8")
    return SpaceCard(text, ignore_metadata_errors=False).data.to_dict() if text.startswith("---\n") else {}


def _exported(out: Path) -> None:
    command = [sys.executable, "-m", "training", "export_web", "--out", str(out.resolve())]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SpaceError("The page was not exported; the lines above say why.")


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


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
