"""What goes to the Hub: listed before anything is sent, and fetched again afterwards to be compared."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal

import httpx2
from huggingface_hub import HfApi, hf_hub_download

from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.published.hub_files import is_hub_id
from fer_demo.published.pins import PINS_FILE, Pin, read_pins, write_pins

NOT_SENT = "Nothing was sent. To send it, say --upload."


@dataclass(frozen=True)
class Destination:
    """Where something goes, and whether it is sent."""

    repo: str  # Hub id owner/name
    out: Path  # empty or new folder for what the repository is to hold
    _: KW_ONLY
    upload: bool = False  # send it; otherwise it is only listed
    private: bool = False  # whether a new repository is private

    def __post_init__(self) -> None:
        check_repo(self.repo)


@dataclass(frozen=True)
class Shipment:
    """A folder whose files a repository is to hold."""

    folder: Path
    repo: str  # owner/name
    kind: Literal["model", "dataset"]
    private: bool  # whether a new repository is private

    @property
    def files(self) -> list[Path]:
        """All of the folder, the largest first."""
        there = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(there, key=lambda path: (-path.stat().st_size, path))

    def name(self, path: Path) -> str:
        """What the repository calls a file of the folder."""
        return path.relative_to(self.folder).as_posix()


def check_repo(repo: str | None, upload: bool = False) -> None:
    """Raises: SettingsError if the text is no Hub id, or there is none to upload to."""
    if repo is not None and not is_hub_id(repo):
        raise SettingsError(f"{repo!r} is not a Hub id. Give --repo owner/name.")
    if upload and repo is None:
        raise SettingsError("Nothing can be uploaded without a repository. Give --repo owner/name.")


def new_folder(folder: Path) -> Path:
    """An empty folder.

    Raises: SettingsError if something stands there.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} is not empty, and all that lies there would be sent. Choose another --out.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def planned(shipment: Shipment) -> str:
    """What an upload would do, in lines: files with their sizes, and where they go."""
    rows = [(shipment.name(path), path.stat().st_size) for path in shipment.files]
    width = max(len(name) for name, _ in rows)
    who = "private" if shipment.private else "public"
    listed = "\n".join(f"  {name:<{width}}  {_size(size):>9}" for name, size in rows)
    whole = _size(sum(size for _, size in rows))
    return (
        f"{shipment.repo} is to hold {len(rows)} files, {whole}; it is made as a {who} {shipment.kind} repository if "
        f"there is none:\n{listed}"
    )


def send(shipment: Shipment, stale: tuple[str, ...]) -> str:
    """Upload the folder and return the commit; files of these names that the folder lacks go away there.

    Raises: CheckpointError if the Hub does not take it.
    """
    api = HfApi()
    try:
        api.create_repo(shipment.repo, repo_type=shipment.kind, private=shipment.private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=shipment.repo,
            repo_type=shipment.kind,
            folder_path=shipment.folder,
            delete_patterns=list(stale),
            commit_message="Publish",
        )
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise CheckpointError(
            f"The Hub did not take {shipment.repo} ({_reason(error)}); what is written here is as it was. Log in with "
            "`hf auth login` and publish again."
        ) from error
    return str(commit.oid)


def check_arrived(shipment: Shipment, commit: str, cache: Path) -> None:
    """Fetch every file at the new commit into an empty cache and compare it with what was sent.

    Raises: CheckpointError if one cannot be had, or differs.
    """
    for path in shipment.files:
        name = shipment.name(path)
        try:
            came = hf_hub_download(shipment.repo, name, repo_type=shipment.kind, revision=commit, cache_dir=cache)
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise not_pinned(shipment, commit, f"{name} cannot be fetched ({_reason(error)})") from error
        if Path(came).read_bytes() != path.read_bytes():
            raise not_pinned(shipment, commit, f"{name} came back changed")


def not_pinned(shipment: Shipment, commit: str, problem: str) -> CheckpointError:
    """Why a commit that was made is not named as the one to load."""
    return CheckpointError(
        f"{shipment.repo} was uploaded as commit {commit[:12]}, but {problem}. No revision was pinned; publish again."
    )


def pinned() -> dict[str, Pin]:
    """Where everything is that was published so far."""
    return read_pins(PINS_FILE)


def pin(name: str, repo: str, commit: str, sha256: str) -> str:
    """Write down where a published thing is from now on, and say so."""
    write_pins({**pinned(), name: Pin(repo, commit, sha256)}, PINS_FILE)
    return f"{name} is pinned to {repo}@{commit[:12]}: what came back is what was sent, bit for bit."


def _size(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
