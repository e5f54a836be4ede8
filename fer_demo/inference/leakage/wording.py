"""What probes found, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from fer_demo.inference.leakage.disentanglement import CODE_TITLES, Leak, Leaks
from fer_demo.inference.leakage.probe_codes import OWN
from fer_demo.inference.leakage.probe_targets import Target

FACIAL = ("expression", "intensity", "asymmetry")  # what the expression code is for


def code_in_question(target: str, codes: Sequence[str]) -> str | None:
    """The code that should not know a label: the identity code for what a face shows, else the expression code."""
    wrong = "identity" if target in FACIAL else "expression"
    return wrong if wrong in codes else next((name for name in OWN if name in codes), None)


def leak_sentences(target: Target, leaks: Leaks) -> tuple[str, str]:
    """How much the code in question tells, and how that compares with the raw pixels; empty without such a code."""
    code = code_in_question(target.name, [leak.code for leak in leaks.readings])
    found = leaks.of(code) if code is not None else None
    if found is None:
        return "Choose at least one of the model's own codes.", ""
    return _told(target, leaks, found), _compared(found, leaks.of("pixels"))


def _told(target: Target, leaks: Leaks, found: Leak) -> str:
    title, floor = CODE_TITLES[found.code], leaks.of("probabilities")
    if target.is_class:
        alone = "" if floor is None else f" The seven probabilities alone give {share(floor.score)}."
        return (
            f"From the {title}, the probe guesses {target.title} right in {share(found.score)} of cases"
            f"{_no_better(found, leaks.chance)}. By chance it would be {share(leaks.chance)}.{alone}"
        )
    alone = "" if floor is None else f" The seven probabilities alone give {share(max(floor.score, 0))}."
    return (
        f"From the {title}, the probe can tell {share(max(found.score, 0))} of the differences in {target.title}"
        f"{_no_better(found, 0.0)}. By chance it would be 0%.{alone}"
    )


def _compared(found: Leak, pixels: Leak | None) -> str:
    if pixels is None:
        return ""
    title = CODE_TITLES[found.code]
    if found.low > pixels.high:
        return f"That is more than the raw pixels give ({share(pixels.score)}): the {title} makes it easier to see."
    if found.high < pixels.low:
        return f"That is less than the raw pixels give ({share(pixels.score)}): the {title} leaves some of it out."
    return (
        f"The raw pixels give {share(pixels.score)}. The thin lines of the two bars overlap, so that neither clearly "
        "tells more."
    )


def _no_better(found: Leak, chance: float) -> str:
    """Said where the interval of the bar reaches down to chance."""
    return ", no better than by chance" if found.low <= chance else ""


def share(value: float) -> str:
    """A share of 1 in per cent, with a digit more where it is small."""
    return f"{value:.1%}" if 0 < abs(value) < 0.0995 else f"{value:.0%}"
