"""Every error a person can act on is one family, and its text is the sentence shown."""

from __future__ import annotations

import pytest

from fer_demo import errors


@pytest.mark.parametrize("kind", [errors.ImageError, errors.NoFaceError, errors.CheckpointError])
def test_errors_are_caught_as_one_family_and_keep_their_sentence(kind: type[errors.FerDemoError]) -> None:
    with pytest.raises(errors.FerDemoError) as caught:
        raise kind("The file is empty; choose another.")
    assert str(caught.value) == "The file is empty; choose another."


def test_one_kind_does_not_catch_another() -> None:
    assert not issubclass(errors.DataError, errors.ImageError)
    assert not issubclass(errors.SettingsError, errors.DataError)
