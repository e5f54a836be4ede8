"""What the Leakage tab asks about, and that what it shows on arrival is what a probe finds."""

from __future__ import annotations

from typing import cast

import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.faces.detection import Detector
from fer_demo.inference.leakage.disentanglement import PROBED_DIMS, measured_disentanglement
from fer_demo.inference.leakage.probe_codes import DIMS, OWN, codes_of
from fer_demo.inference.leakage.probe_targets import PERSON, target_of
from fer_demo.inference.leakage.probed_faces import SELECTED
from fer_demo.inference.leakage.probing import plan_probe, read_code
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.leakage.page import SEED, _Choice, _settings, read_link
from fer_demo.published.model import Origin
from fer_demo.settings import AppSettings


def test_codes_beside_other_weights_than_those_loaded_are_refused() -> None:
    models = {name: load_model(name) for name in ("tdgan", "expression_classifier")}
    assert codes_of("tdgan", models).keys
    models["expression_classifier"].origin = Origin("expression_classifier", None, "0" * 64)
    with pytest.raises(DataError, match="other weights of expression_classifier; make them again"):
        codes_of("tdgan", models)


def test_the_bars_on_arrival_are_those_a_live_probe_would_show() -> None:
    source, model = load_bundled(), load_model("tdgan")
    measured, codes = measured_disentanglement("tdgan", model), codes_of("tdgan", {"tdgan": model})
    assert measured is not None
    leaks = measured.leaks_of(PERSON)
    assert leaks is not None
    plan = plan_probe(target_of(source, codes.brightness, PERSON), source.column(PERSON), SEED)
    assert leaks.chance == pytest.approx(plan.chance, abs=1e-4)
    for name in OWN:
        shown, found = leaks.of(name), read_code(plan, name, codes.codes[name], "linear", PROBED_DIMS)
        assert shown is not None
        # fp16 in the file and another machine's arithmetic may move a face or two.
        assert (shown.score, shown.low, shown.high) == pytest.approx((found.score, found.low, found.high), abs=0.01)


@pytest.fixture(scope="module")
def context() -> AppContext:
    return AppContext(
        AppSettings(), cast(Detector, None), LoadedModels({"tdgan": load_model("tdgan")}), load_bundled(), {}
    )


def test_a_link_gives_back_every_setting(context: AppContext) -> None:
    choice = _Choice("tdgan", "head turn", "small network", "neutral faces", ["expression", "pixels"], 5, None)
    settings = {name: value for name, value in _settings(choice).items() if value is not None}
    assert settings["codes"] == "expression,pixels"
    assert read_link(context, settings) == choice


def test_what_a_link_asks_for_and_is_not_there_is_as_on_arrival(context: AppContext) -> None:
    arrival = read_link(context, {})
    assert (arrival.target, arrival.probe, arrival.dims) == (PERSON, "linear", PROBED_DIMS)
    assert arrival.codes[:2] == ["identity", "expression"]
    wrong = {"model": "x", "guess": "x", "probe": "x", "faces": SELECTED, "codes": "x,y", "numbers": "-3"}
    assert read_link(context, wrong) == arrival
    assert read_link(context, {"numbers": "999"}).dims == DIMS


def test_faces_selected_on_the_maps_are_not_in_the_address() -> None:
    choice = _Choice("tdgan", PERSON, "linear", SELECTED, ["expression"], 32, None)
    assert _settings(choice)["faces"] is None
