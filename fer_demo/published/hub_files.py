"""Files of a Hub repository in the local cache: asked for quickly, with a sentence for everything that goes wrong."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from pathlib import Path

import httpx2
from huggingface_hub import constants, errors, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.utils import get_session, validate_repo_id

from fer_demo.errors import CheckpointError, FerDemoError

PROBE_SECONDS = 2.0  # how long the Hub may take to show that it is there

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_hub_id(text: str) -> bool:
    """Whether the text can be the id of a Hub repository with an owner."""
    try:
        validate_repo_id(text)
    except errors.HFValidationError:
        return False
    return text.count("/") == 1 and not text.startswith((".", "~"))


def is_commit(revision: str | None) -> bool:
    """Whether a revision can never move."""
    return _COMMIT.fullmatch(revision or "") is not None


def cached_snapshot(repo: str, revision: str | None, names: tuple[str, ...]) -> Path | None:
    """The cached folder of a revision if all these files are there."""
    paths = [try_to_load_from_cache(repo, name, revision=revision) for name in names]
    return Path(paths[0]).parent if all(isinstance(path, str) for path in paths) else None  # type: ignore[arg-type]


def hub_answers(repo: str, name: str, revision: str | None) -> bool:
    """Whether the Hub answers in time; a hanging name lookup or a silent server counts as away."""
    if constants.is_offline_mode():
        return False
    url = hf_hub_url(repo, name, revision=revision)
    statuses: list[int] = []

    def probe() -> None:
        with suppress(httpx2.HTTPError, OSError, ValueError, FerDemoError):
            statuses.append(get_session().head(url, timeout=PROBE_SECONDS).status_code)

    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return bool(statuses) and statuses[0] < 500


def download(repo: str, name: str, revision: str | None) -> Path:
    """One file of the repository, in the local cache.

    Raises: CheckpointError with the reason and what to do.
    """
    at = f" at revision {revision}" if revision else ""
    try:
        return Path(hf_hub_download(repo, name, revision=revision))
    except errors.GatedRepoError:
        problem, remedy = "is gated", "Accept its terms on its page and set HF_TOKEN."
    except errors.RepositoryNotFoundError:
        problem, remedy = "does not exist on the Hub or is private", "Check the spelling, or set HF_TOKEN."
    except errors.RevisionNotFoundError:
        problem, remedy = f"has no revision {revision}", "Give a branch, tag or commit that exists."
    except errors.LocalEntryNotFoundError:
        problem, remedy = f"stopped answering before {name} was fetched", "Try again, or give a local folder."
    except errors.EntryNotFoundError:
        problem = f"has no {name}{at}"
        remedy = "Give a checkpoint made by fer_demo; its weights are safetensors, never a pickle."
    except (httpx2.HTTPError, OSError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        problem, remedy = f"did not give {name} ({reason})", "Try again, or give a local folder."
    raise CheckpointError(f"The Hub repository {repo} {problem}. {remedy}")


def download_if_there(repo: str, name: str, revision: str | None) -> None:
    """Bring a file that not every repository has into the local cache, if it can be had."""
    with suppress(errors.LocalEntryNotFoundError, errors.EntryNotFoundError, httpx2.HTTPError, OSError):
        hf_hub_download(repo, name, revision=revision)


def hash_stated_by_hub(path: Path, otherwise: str) -> str:
    """The hash the Hub gave for a cached file: the name of the blob the snapshot links to."""
    blob = path.readlink().name if path.is_symlink() else ""
    return blob if _SHA256.fullmatch(blob) else otherwise
