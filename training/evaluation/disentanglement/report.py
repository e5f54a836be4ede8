"""How far a model keeps who a face is apart from what it shows: leak probes and metrics, beside other codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from fer_demo.data.sources import FaceSource
from fer_demo.inference.leakage.disentanglement import (
    BOTH,
    METRICS,
    NOISE,
    PROBED_DIMS,
    Difference,
    Disentanglement,
    leaks_of,
)
from fer_demo.inference.leakage.probe_codes import OWN, ProbeCodes
from fer_demo.inference.leakage.probe_targets import PERSON, Target, target_names, target_of
from fer_demo.inference.leakage.probing import Plan, ProbeScore, difference, plan_probe, read_codes
from fer_demo.metrics.attribute_predictability import separated_attribute_predictability
from fer_demo.metrics.dci import dci
from fer_demo.metrics.factor_vae_score import factor_vae_score
from fer_demo.metrics.interventional_robustness import interventional_robustness
from fer_demo.metrics.leakage_gap import leakage_gap
from fer_demo.metrics.levels import equal_mass_levels, named_levels
from fer_demo.metrics.modularity import modularity
from fer_demo.metrics.mutual_information_gap import mutual_information_gap
from training.evaluation.record import Figure

# What a person and a picture of the generator are drawn with, independent of each other; a factor that never changes in
# a set, and one that only some of its faces have, is left out.
FACTORS = (PERSON, "expression", "head turn", "head nod", "light side", "light height")
LEVELS = 5  # that a measured factor is cut into
READ = {PERSON: "expression", "expression": "identity"}  # label -> the code that should not hold it
BASELINES = ("pixels", "classifier", "probabilities")  # what that code is compared with


class Found(NamedTuple):
    """What a report is made of."""

    figures: list[Figure]
    table: dict[str, Any]


def disentanglement_report(codes: ProbeCodes, source: FaceSource, data: str, seed: int) -> Found:
    """Probe and score the codes of a source's faces; a minute on one core."""
    targets = {name: target_of(source, codes.brightness, name) for name in target_names(source)}
    people = source.column(PERSON)
    leaks, differences, figures = [], [], []
    for target, wrong in READ.items():
        plan = plan_probe(targets[target], people, seed)
        readings = {one.code: one for one in read_codes(plan, codes.codes, "linear", PROBED_DIMS)}
        leaks.append(leaks_of(plan, list(readings.values())))
        beside = BASELINES if wrong in readings else ()
        found = [_difference(plan, readings[wrong], readings[other]) for other in beside]
        differences += found
        figures += _figures(plan, readings, found, data)
    scored = _scores(codes, targets, seed)
    summary = Disentanglement(
        data, len(source), PROBED_DIMS, factors_of(targets), scored, tuple(leaks), tuple(differences)
    )
    shown = BOTH if BOTH in scored else "expression"
    figures += [
        Figure(f"{name} of the {'joined codes' if shown == BOTH else 'expression code'}", value, data, len(source))
        for name, value in scored[shown].items()
    ]
    return Found(figures, summary.table())


def factors_of(targets: Mapping[str, Target]) -> tuple[str, ...]:
    """Those of the independent factors that differ between pictures of one person, and the person."""
    return tuple(name for name in FACTORS if name in targets and _varies(targets[PERSON], targets[name]))


def factor_levels(targets: Mapping[str, Target]) -> np.ndarray:
    """(N, K) levels, from 0, of each factor."""
    columns = []
    for name in factors_of(targets):
        target = targets[name]
        values = np.array(target.values)
        columns.append(named_levels(values) if target.is_class else equal_mass_levels(values.astype(float), LEVELS))
    return np.stack(columns, axis=1)


def _varies(person: Target, target: Target) -> bool:
    """Whether a factor varies within a person."""
    if target.name == PERSON:
        return True
    pairs = set(zip(person.values, target.values, strict=True))
    return len(pairs) > len(set(person.values))


def _scores(codes: ProbeCodes, targets: Mapping[str, Target], seed: int) -> dict[str, dict[str, float]]:
    """Every metric of every code, of both codes side by side, and of random numbers."""
    factors = factor_levels(targets)
    shown: dict[str, np.ndarray] = {}
    if len(codes.own) == len(OWN):
        # As many dimensions as of any other code.
        halves = [codes.codes[name][:, : PROBED_DIMS // 2] for name in OWN]
        shown[BOTH] = np.concatenate([half / half.std() for half in halves], axis=1)
    shown |= {name: values[:, :PROBED_DIMS] for name, values in codes.codes.items()}
    shown[NOISE] = np.random.default_rng(seed).normal(size=(len(factors), PROBED_DIMS))
    return {
        name: _score(values.astype(np.float64), factors, seed) for name, values in tqdm(shown.items(), desc="metrics")
    }


def _score(codes: np.ndarray, factors: np.ndarray, seed: int) -> dict[str, float]:
    values = (
        *dci(codes, factors, seed),
        mutual_information_gap(codes, factors),
        separated_attribute_predictability(codes, factors, seed),
        factor_vae_score(codes, factors, seed),
        interventional_robustness(codes, factors, seed),
        modularity(codes, factors),
    )
    return dict(zip(METRICS, values, strict=True))


def _difference(plan: Plan, one: ProbeScore, other: ProbeScore) -> Difference:
    return Difference(plan.target.name, one.code, other.code, *difference(plan, one, other))


def _figures(
    plan: Plan, readings: Mapping[str, ProbeScore], differences: Sequence[Difference], data: str
) -> list[Figure]:
    """A label read from the model's own codes, the gap between them, and what stands beside the wrong one."""
    label, count = plan.target.name, len(plan.rows)
    figures = [
        Figure(f"{label} read from the {name} code", one.score, data, count, interval=(one.low, one.high))
        for name in OWN
        if (one := readings.get(name)) is not None
    ]
    figures.append(Figure(f"{label} by chance", plan.chance, data, count))
    if all(name in readings for name in OWN):
        wrong = READ[label]
        (right,) = set(OWN) - {wrong}
        _, low, high = difference(plan, readings[right], readings[wrong])
        gap = leakage_gap(readings[right].score, readings[wrong].score, plan.chance)
        scale = 1 - plan.chance
        figures.append(Figure(f"leakage gap of the {label}", gap, data, count, interval=(low / scale, high / scale)))
    figures += [
        Figure(
            f"{label} read from the {one.code} code, over {one.other}",
            one.value,
            data,
            count,
            interval=(one.low, one.high),
        )
        for one in differences
    ]
    return figures
