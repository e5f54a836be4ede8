"""The app's settings, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from fer_demo.errors import SettingsError


@dataclass(frozen=True)
class AppSettings:
    """Settings of the app from outside; every field has an environment variable FER_DEMO_<NAME>."""

    recognizer: str = "face_resnet"  # catalogue name, local folder or Hub id of the first recognizer
    editor: str = "landmark_editor"  # catalogue name, local folder or Hub id of the first transfer model
    threads: int = 1  # threads of one inference; more than one slows a busy two-core machine down
    largest_upload_mb: int = 20  # uploads above it are refused before they are read
    queue_length: int = 400  # requests that may wait, a few for each visitor; the next one is asked to come back later
    hosts: str = ""  # public names of the server, with commas between them; * for any
    hub_login: int = 0  # 1: visitors open what the operator's login on the Hub may see
    checkpoints: str = ""  # folder below which visitors may name checkpoints; empty: none may be named
    maps: str = ""  # folder of more maps, as `python -m training project` writes them; empty if there is none

    def __post_init__(self) -> None:
        for name in ("threads", "largest_upload_mb", "queue_length"):
            if getattr(self, name) < 1:
                raise SettingsError(f"FER_DEMO_{name.upper()} is {getattr(self, name)}; set it to 1 or more.")
        if self.hub_login not in (0, 1):
            raise SettingsError(f"FER_DEMO_HUB_LOGIN is {self.hub_login}; set it to 0 or 1.")
        for name in ("recognizer", "editor"):
            if not getattr(self, name).strip():
                raise SettingsError(f"FER_DEMO_{name.upper()} is empty; name a model, a folder or a Hub id.")


def from_environment(environment: Mapping[str, str] = os.environ) -> AppSettings:
    """The settings given by FER_DEMO_RECOGNIZER, FER_DEMO_EDITOR, FER_DEMO_MAPS, FER_DEMO_THREADS and their like.

    Raises: SettingsError if a number is not one, or out of range.
    """
    return AppSettings(
        recognizer=environment.get("FER_DEMO_RECOGNIZER", AppSettings.recognizer),
        editor=environment.get("FER_DEMO_EDITOR", AppSettings.editor),
        threads=_whole_number(environment, "FER_DEMO_THREADS", AppSettings.threads),
        largest_upload_mb=_whole_number(environment, "FER_DEMO_LARGEST_UPLOAD_MB", AppSettings.largest_upload_mb),
        queue_length=_whole_number(environment, "FER_DEMO_QUEUE_LENGTH", AppSettings.queue_length),
        # A Space is reached through the Hub alone, under names of the Hub's choice.
        hosts=environment.get("FER_DEMO_HOSTS", "*" if "SPACE_ID" in environment else AppSettings.hosts),
        hub_login=_whole_number(environment, "FER_DEMO_HUB_LOGIN", AppSettings.hub_login),
        checkpoints=environment.get("FER_DEMO_CHECKPOINTS", AppSettings.checkpoints),
        maps=environment.get("FER_DEMO_MAPS", AppSettings.maps),
    )


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} is “{text}”; set it to a whole number.") from None
