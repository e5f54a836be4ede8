"""The settings of the maps stand in the page's address, and a link brings them back."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from fer_demo.data.embedding_table import MAPS, open_embedding_table
from fer_demo.data.loading import load_bundled
from fer_demo.faces.detection import Detector
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.latent_space.links import read_link, settings_of
from fer_demo.interface.tabs.latent_space.map_view import first_view
from fer_demo.settings import AppSettings


@pytest.fixture(scope="module")
def context() -> AppContext:
    maps = {"tdgan": open_embedding_table(MAPS / "tdgan.parquet")}
    return AppContext(AppSettings(), cast(Detector, None), LoadedModels({}), load_bundled(), maps)


def test_a_link_gives_back_maps_colour_face_and_person(context: AppContext) -> None:
    table = context.maps["tdgan"]
    name = table.labels["person"][40]
    view = replace(first_view("tdgan", table), pair="baselines", method="pca", label="glasses")
    settings = settings_of(context, view, 17, name)
    assert settings == {
        "map": "tdgan",
        "pair": "baselines",
        "method": "pca",
        "colour": "glasses",
        "face": table.keys[17],
        "person": name,
    }
    asked = read_link(context, {key: value for key, value in settings.items() if value is not None})
    assert asked == (view, 17, name)


def test_a_link_to_what_is_not_there_changes_nothing(context: AppContext) -> None:
    assert read_link(context, {"map": "gone"}) is None
    assert read_link(context, {"method": "gone"}) is None
    assert read_link(context, {"colour": "shoe size"}) is None
    found = read_link(context, {"face": "gone", "person": "nobody", "method": "pca"})
    assert found is not None
    assert (found[0].method, found[2]) == ("pca", None)
