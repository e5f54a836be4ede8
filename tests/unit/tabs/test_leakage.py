"""What the Leakage tab asks about, and that what it shows on arrival is what a probe finds."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.inference.disentanglement import PROBED_DIMS, measured_disentanglement
from fer_demo.inference.probe_codes import OWN, codes_of
from fer_demo.inference.probe_targets import PERSON, target_of
from fer_demo.inference.probing import plan_probe, read_code
from fer_demo.tabs.leakage import SEED, selections


def test_selections_hold_the_faces_their_names_say() -> None:
    source = load_bundled()
    kept = selections(source)
    assert len(kept["all faces"]) == len(source)
    assert {source.column("expression")[row] for row in kept["neutral faces"]} == {"neutral"}
    assert len({source.column("person")[row] for row in kept["20 people only"]}) == 20
    assert min(source.column("intensity")[row] for row in kept["strong expressions"]) >= 0.6
    poses = np.stack([source.column("head_pose")[row] for row in kept["turned to the camera"]])
    assert np.abs(poses[:, :2]).max() < 10


def test_the_bars_on_arrival_are_those_a_live_probe_would_show() -> None:
    source, model = load_bundled(), load_model("tdgan")
    measured, codes = measured_disentanglement("tdgan", model), codes_of("tdgan", model)
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
