"""Datasets on the Hub, and nothing else: an id never means a folder here, and no file lies elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from fer_demo.errors import DataError

Token = Literal[False] | None

_PROBE_SECONDS = 2.0
# What `datasets` needs: the Hub, its own cache on disk, and what packs files.
_PROTOCOLS = {"hf", "file", "local", "memory", "zip", "tar", "gzip", "bz2", "lzma", "xz", "zstd"}
_CARDS = ("README.md", ".huggingface.yaml")  # where a dataset may say which files it is made of


def hub_address(repo: str, revision: str | None = None, token: Token = None) -> str:
    """The address of a dataset for `datasets.load_dataset`, which takes a bare id for a folder here if there is one.

    token: as huggingface_hub takes it: None is the login of this machine, False is no login.

    Raises: DataError if the id is none, the Hub is away, or the dataset names files that are not its own.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    from fer_demo.published.hub_files import stay_on_the_hub

    try:
        validate_repo_id(repo)
    except HFValidationError:
        raise DataError(f"“{repo}” is not a Hub dataset id; write it as owner/name.") from None
    if repo.count("/") != 1:
        raise DataError(f"“{repo}” is not a Hub dataset id; write it as owner/name.")
    if not constants.is_offline_mode() and not _hub_answers(constants.ENDPOINT):
        raise DataError(
            f"The Hub ({constants.ENDPOINT}) cannot be reached; connect to the network, or set HF_HUB_OFFLINE=1 to use "
            "a copy that was loaded before."
        )
    _close_other_doors()
    stay_on_the_hub()
    for place in _stated_files(repo, revision, token):
        if not is_own(place):
            raise DataError(
                f"The dataset {repo} wants files from elsewhere ({place}); only files of the dataset itself are read."
            )
    return f"hf://datasets/{repo}"


def no_such_dataset(repo: str, revision: str | None = None, token: Token = None) -> str:
    """The sentence about a dataset that is missing, private or gated, between which the Hub does not distinguish."""
    at = f" at revision {revision}" if revision else ""
    if token is False:
        return (
            f"There is no dataset {repo}{at} on the Hub that everybody may read; check the name. Private and gated "
            "ones are opened only where the app's operator sets FER_DEMO_HUB_LOGIN=1."
        )
    return (
        f"There is no dataset {repo}{at} on the Hub that you may read; check the name, and if it is private or "
        "gated, log in with `hf auth login` after its owner let you in."
    )


def is_own(place: str) -> bool:
    """Whether a path that a dataset states is one of its own files."""
    path = PurePosixPath(place)
    return "::" not in place and "://" not in place and not path.is_absolute() and ".." not in path.parts


def _close_other_doors() -> None:
    """Leave fsspec no way to anywhere but the Hub and this machine's cache, whatever a dataset asks it for."""
    import fsspec  # type: ignore[import-untyped]
    from fsspec.registry import _registry, known_implementations  # type: ignore[import-untyped]

    for protocol in [*known_implementations, *fsspec.available_protocols()]:
        if protocol not in _PROTOCOLS:
            known_implementations.pop(protocol, None)
            _registry.pop(protocol, None)


def _stated_files(repo: str, revision: str | None, token: Token) -> Iterator[str]:
    """Every path that a dataset's card says its rows are in."""
    from huggingface_hub import hf_hub_download, metadata_load
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    for card in _CARDS:
        try:
            file = Path(hf_hub_download(repo, card, repo_type="dataset", revision=revision, token=token))
            stated = metadata_load(file) if card.endswith(".md") else _yaml(file)
        except (EntryNotFoundError, LocalEntryNotFoundError, RepositoryNotFoundError, HfHubHTTPError, OSError):
            continue  # `datasets` says what is wrong with the dataset itself
        except ValueError as error:
            raise DataError(f"The card of the dataset {repo} cannot be read; its owner must mend it.") from error
        configs = stated.get("configs") if isinstance(stated, dict) else None
        for config in configs if isinstance(configs, list) else ():
            if isinstance(config, dict):
                yield from _words(config.get("data_files"))
                yield from _words(config.get("data_dir"))


def _yaml(file: Path) -> Any:
    import yaml  # type: ignore[import-untyped]

    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _words(value: Any) -> Iterator[str]:
    """Every path in a setting, which may be one, several, or several for each split."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "split":
                yield from _words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _words(part)


def _hub_answers(endpoint: str) -> bool:
    """Whether the Hub is at work; asked in a thread, because a name lookup knows no time limit."""
    import httpx2
    from huggingface_hub.utils import get_session

    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(get_session().head(endpoint, timeout=_PROBE_SECONDS).status_code)
        except (httpx2.HTTPError, DataError):  # or something else that answers in the Hub's place
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PROBE_SECONDS)
    return bool(answers) and answers[0] < 500
