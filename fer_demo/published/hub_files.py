"""Files of a Hub repository in the local cache: asked for quickly, with a sentence for everything that goes wrong."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants, errors, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.utils import get_session, set_client_factory, tqdm, validate_repo_id

from fer_demo.errors import CheckpointError, DataError, FerDemoError

PROBE_SECONDS = 2.0  # how long the Hub may take to show that it is there

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"(?!.*\.\.)\w[\w./-]*")  # the client makes a path of it
_HUB = ("huggingface.co", "hf.co")  # with all hosts below them, to which the Hub sends for large files


@dataclass(frozen=True)
class HubAccess:
    """As whom files are asked for, how large they may be, and who is told how far they are."""

    token: Literal[False] | None = None  # as huggingface_hub takes it: None is the login here, False a stranger
    cache: Path | None = None  # where files are kept; None is this machine's cache, which the login may have filled
    largest: int | None = None  # bytes of one file
    watch: Callable[[int, int], None] | None = None  # told of bytes so far and in all; what it raises ends the load

    @property
    def remedy(self) -> str:
        """What to do about a repository that is closed."""
        if self.token is False:
            return "Only repositories that everybody may read are loaded here."
        return "Accept its terms on its page if it has any, and set HF_TOKEN."


OPERATOR = HubAccess()  # may read what the login of this machine may


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


def is_revision(text: str) -> bool:
    """Whether the text can be the name of a branch, a tag or a commit."""
    return _REVISION.fullmatch(text) is not None


def cached_snapshot(repo: str, revision: str | None, names: tuple[str, ...], access: HubAccess) -> Path | None:
    """The cached folder of a revision if all these files are there."""
    paths = [try_to_load_from_cache(repo, name, access.cache, revision) for name in names]
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


def download(repo: str, name: str, revision: str | None, access: HubAccess) -> Path:
    """One file of the repository, in the cache.

    Raises: CheckpointError with the reason and what to do.
    """
    at = f" at revision {revision}" if revision else ""
    try:
        return _fetch(repo, name, revision, access)
    except errors.GatedRepoError:
        problem, remedy = "is gated", access.remedy
    except errors.RepositoryNotFoundError:
        problem, remedy = "does not exist on the Hub or is private", f"Check the spelling. {access.remedy}"
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


def download_if_there(repo: str, name: str, revision: str | None, access: HubAccess) -> None:
    """Bring a file that not every repository has into the cache, if it can be had."""
    with suppress(errors.LocalEntryNotFoundError, errors.EntryNotFoundError, httpx2.HTTPError, OSError):
        _fetch(repo, name, revision, access)


def _fetch(repo: str, name: str, revision: str | None, access: HubAccess) -> Path:
    """One file, after its size was looked at.

    Raises: CheckpointError if it is too large or lies elsewhere; the client's errors for anything else.
    """
    stay_on_the_hub()
    asked: dict[str, Any] = {"revision": revision, "cache_dir": access.cache, "token": access.token}
    try:
        if access.largest is not None:
            size = hf_hub_download(repo, name, dry_run=True, **asked).file_size
            if size > access.largest:
                most = f"{access.largest / 1e6:,.0f} MB"
                raise CheckpointError(f"{name} of {repo} has {size / 1e6:,.0f} MB; at most {most} are loaded here.")
        bar = None if access.watch is None else _bar_of(access.watch)
        return Path(hf_hub_download(repo, name, tqdm_class=bar, **asked))
    except DataError as error:
        raise CheckpointError(str(error)) from error


def _bar_of(watch: Callable[[int, int], None]) -> type[tqdm]:
    """A progress bar of the client that shows nothing and tells somebody."""

    class Bar(tqdm):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **{**named, "disable": True})

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            watch(int(self.n), int(self.total or 0))

    return Bar


@cache
def stay_on_the_hub() -> None:
    """Let the Hub's client follow no redirect to anywhere else; once, since it hangs up all connections."""
    hooks = [*get_session().event_hooks["request"], _check_host]
    set_client_factory(lambda: httpx2.Client(event_hooks={"request": hooks}, follow_redirects=True, timeout=None))


def _check_host(request: httpx2.Request) -> None:
    endpoint, url = urlsplit(constants.ENDPOINT), request.url
    own = (url.scheme, url.netloc.decode()) == (endpoint.scheme, endpoint.netloc)
    if not own and not (url.scheme == "https" and f".{url.host}".endswith(tuple(f".{host}" for host in _HUB))):
        raise DataError(f"The Hub sent the app to {url.host}, which is not one of its servers; nothing was read there.")


def hash_stated_by_hub(path: Path, otherwise: str) -> str:
    """The hash the Hub gave for a cached file: the name of the blob the snapshot links to."""
    blob = path.readlink().name if path.is_symlink() else ""
    return blob if _SHA256.fullmatch(blob) else otherwise
