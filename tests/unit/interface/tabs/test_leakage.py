"""What the Leakage tab asks about, and that what it shows on arrival is what a probe finds."""

from __future__ import annotations

import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.inference.leakage.disentanglement import PROBED_DIMS, measured_disentanglement
from fer_demo.inference.leakage.probe_codes import OWN, codes_of
from fer_demo.inference.leakage.probe_targets import PERSON, target_of
from fer_demo.inference.leakage.probing import plan_probe, read_code
from fer_demo.interface.tabs.leakage import SEED
from fer_demo.published.model import Origin


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
