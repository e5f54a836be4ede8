"""Settings come from the environment, and a senseless one is refused by name."""

from __future__ import annotations

import pytest

from fer_demo.errors import SettingsError
from fer_demo.settings import AppSettings, from_environment


def test_an_empty_environment_gives_the_defaults() -> None:
    assert from_environment({}) == AppSettings()


def test_every_setting_can_be_given() -> None:
    given = from_environment(
        {
            "FER_DEMO_RECOGNIZER": "someone/recognizer",
            "FER_DEMO_EDITOR": "/models/mine",
            "FER_DEMO_THREADS": "4",
            "FER_DEMO_LARGEST_UPLOAD_MB": "5",
            "FER_DEMO_QUEUE_LENGTH": "50",
            "FER_DEMO_HOSTS": "lab.example",
            "FER_DEMO_HUB_LOGIN": "1",
            "FER_DEMO_CHECKPOINTS": "/checkpoints",
            "FER_DEMO_MAPS": "/maps",
        }
    )
    assert given == AppSettings(
        "someone/recognizer", "/models/mine", 4, 5, 50, "lab.example", 1, "/checkpoints", "/maps"
    )


@pytest.mark.parametrize("value", ["many", "", "1.5", "0", "-2"])
def test_a_senseless_number_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingsError, match="FER_DEMO_THREADS"):
        from_environment({"FER_DEMO_THREADS": value})


def test_an_empty_model_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="FER_DEMO_EDITOR"):
        from_environment({"FER_DEMO_EDITOR": " "})
