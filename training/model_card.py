"""The model card: front matter and text for the Hub, whose every number comes from an evaluation file or the config."""

from __future__ import annotations

import dataclasses
import inspect
import io
import json
import math
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from fer_demo.catalog import CatalogEntry
from fer_demo.errors import DataError
from fer_demo.published_model import PublishedModel

EVALUATION_FILE = "evaluation.json"
PIPELINE_TAGS = {"recognition": "image-classification", "transfer": "image-to-image"}
HUB_METRICS = {"accuracy": "accuracy", "macro-F1": "f1"}  # our figures that the Hub lists models by
BOOKKEEPING = ("seed", "validate_every")  # settings that change no result worth a line
DIFFERENCE = "Differs from the paper:"  # what a comment about a deviation begins with

DATA_SETS = {
    "fer2013": "**FER2013** (Goodfellow et al. 2013): grey photographs of people found by web search, labelled by "
    "expression. Photographs of third parties.",
    "ferplus": "**FER+** (Barsoum et al. 2016): the votes of ten people for each FER2013 picture. Labels only.",
    "lfw": "**Labeled Faces in the Wild** (Huang et al. 2007): press photographs of public figures, named by person. "
    "Photographs of third parties.",
    "synthetic": "**Synthetic faces** made by `fer_demo/synthetic` from MakeHuman's head (CC0). They show nobody.",
}

LIMITS = """\
For research and teaching: to look at how a network separates who a face is from what it shows, and where that fails.

- The expression shown is not the emotion felt. The model answers which of a few posed or voted categories a picture
  resembles; it knows nothing of what a person feels, means or is.
- Labels come from people who looked at single pictures and often disagreed. The errors and the blind spots of the data
  are in the weights, and faces that were rare in the data are treated worse.
- Not for judging, selecting, ranking or watching people, and not for decisions about anybody.
- Edit only faces of people who agreed to it, and say that the result is synthetic."""

TERMS = """\
The photographs were collected for research and come without a licence to redistribute: none of them is part of this
repository. The licence above covers the weights as far as it can; whoever uses weights taught on such photographs
should keep to research use."""


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    name: str  # such as accuracy
    value: float
    data: str  # what it was measured on, such as FER2013 PublicTest
    count: int  # how many samples
    unit: str = ""  # empty for a share of 1

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise DataError(f"The figure {self.name} on {self.data} is {self.value}. Evaluate the model again.")


@dataclass(frozen=True)
class Evaluation:
    """What `python -m training evaluate` found out about one weights file."""

    weights_sha256: str  # of the model.safetensors that was evaluated
    command: str
    seed: int
    date: str  # ISO
    machine: str
    trained_on: tuple[str, ...]  # keys of DATA_SETS
    figures: tuple[Figure, ...]

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.trained_on) - set(DATA_SETS)):
            raise DataError(f"The terms of {', '.join(unknown)} are not known. Add them to DATA_SETS in model_card.py.")
        if not self.figures:
            raise DataError("The evaluation holds no figures. Run `python -m training evaluate` again.")

    def write(self, path: Path) -> None:
        """Save as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Evaluation:
        """Read what `write` wrote; anything else raises DataError."""
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            figures = tuple(Figure(**figure) for figure in values.pop("figures"))
            return cls(figures=figures, trained_on=tuple(values.pop("trained_on")), **values)
        except FileNotFoundError as error:
            raise DataError(f"{path} is missing. Run `python -m training evaluate` first.") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(f"{path} is no evaluation ({error}). Run `python -m training evaluate` again.") from error


def stated_differences(modules: Sequence[ModuleType]) -> tuple[str, ...]:
    """The comments `# Differs from the paper: ...` of some modules, each joined over its lines.

    One that stands behind an `if` belongs to a setting, and `changed_settings` tells whether it was used.
    """
    found: list[str] = []
    for module in modules:
        line_before, is_open = 0, False
        for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(module)).readline):
            if token.type != tokenize.COMMENT:
                continue
            text, code = token.string.lstrip("#").strip(), token.line.split("#")[0].strip()
            if text.startswith(DIFFERENCE):
                is_open = not code.startswith(("if ", "elif "))
                found += [_sentence(text.removeprefix(DIFFERENCE))] if is_open else []
            elif is_open and not code and token.start[0] == line_before + 1:
                found[-1] += f" {text}"
            else:
                is_open = False
            line_before = token.start[0]
    return tuple(dict.fromkeys(found))


def changed_settings(recipe: dict[str, Any], defaults: Any) -> tuple[str, ...]:
    """Where the settings of a run are not the defaults of its recipe, which are the paper's; with the field's comment.

    Args:
        recipe: the run's settings as JSON.
        defaults: the recipe, as a dataclass made without arguments.
    """
    usual = _flat(json.loads(json.dumps(dataclasses.asdict(defaults), default=str)))
    source = "\n".join(inspect.getsource(kind) for kind in type(defaults).__mro__ if dataclasses.is_dataclass(kind))
    lines = []
    for name, value in _flat(recipe).items():
        if name in usual and value != usual[name] and name not in BOOKKEEPING:
            comment = re.search(rf"^    {re.escape(name)}: .*?#\s*(.+)$", source, re.MULTILINE)
            meaning = f" ({comment[1]})" if comment else ""
            lines.append(f"`{name}` is {json.dumps(value)} instead of {json.dumps(usual[name])}{meaning}.")
    return tuple(lines)


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted names."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:]


def model_card(
    model: PublishedModel,
    entry: CatalogEntry,
    evaluation: Evaluation,
    recipe: dict[str, Any],
    differences: Sequence[str],
    repo: str | None,
) -> str:
    """README.md of a checkpoint folder; `repo` is its Hub id if it has one, `recipe` the settings of its run."""
    parts = [
        f"---\n{_front_matter(entry, evaluation)}\n---",
        f"# {entry.title}",
        entry.description,
        f"## What it is\n\n{_what_it_is(model)}",
        f"## How to use it\n\n{_usage(entry, repo)}",
        f"## Intended use and limits\n\n{LIMITS}",
        f"## Data and its terms\n\n{_data(evaluation)}",
        f"## Evaluation\n\n{_evaluation(evaluation)}",
        f"## Training\n\nSettings of the run:\n\n```json\n{json.dumps(recipe, indent=2)}\n```",
        f"## Differences from the paper\n\n{_differences(differences)}",
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(entry: CatalogEntry, evaluation: Evaluation) -> str:
    results = [
        EvalResult(
            task_type=PIPELINE_TAGS[entry.task],
            dataset_type=_slug(figure.data, "-"),
            dataset_name=figure.data,
            metric_type=HUB_METRICS.get(figure.name) or _slug(figure.name, "_"),
            metric_name=figure.name,
            metric_value=figure.value,
        )
        for figure in evaluation.figures
    ]
    data = ModelCardData(
        license="apache-2.0",
        library_name="fer_demo",
        pipeline_tag=PIPELINE_TAGS[entry.task],
        tags=["facial-expression-recognition", "face", "disentanglement", "safetensors", entry.name],
        metrics=sorted({HUB_METRICS[figure.name] for figure in evaluation.figures if figure.name in HUB_METRICS}),
        model_name=entry.title,
        eval_results=results,
    )
    return str(data.to_yaml()).strip()


def _slug(text: str, joint: str) -> str:
    return joint.join(re.findall(r"[a-z0-9]+", text.lower()))


def _what_it_is(model: PublishedModel) -> str:
    rows = [("class", type(model).__name__), ("trainable values", f"{model.parameter_count():,}")]
    rows += [(name, _shown(value)) for name, value in dataclasses.asdict(model.config).items()]
    description = inspect.cleandoc(type(model).__doc__ or "")
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"{description}\n\n| property | value |\n| --- | --- |\n{table}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _usage(entry: CatalogEntry, repo: str | None) -> str:
    return (
        f'```python\nfrom fer_demo.checkpoints import load_model\n\nmodel = load_model("{repo or entry.name}")\n```\n\n'
        "Faces go in aligned to the template named above, as floats in [-1, 1]; `fer_demo.inference` does this for "
        "photos. The weights are safetensors and carry no code."
    )


def _data(evaluation: Evaluation) -> str:
    return "\n".join(f"- {DATA_SETS[name]}" for name in evaluation.trained_on) + f"\n\n{TERMS}"


def _evaluation(evaluation: Evaluation) -> str:
    rows = "\n".join(
        f"| {figure.name} | {f'{figure.value:.4g} {figure.unit}'.strip()} | {figure.data} | {figure.count:,} |"
        for figure in evaluation.figures
    )
    return (
        f"| figure | value | measured on | samples |\n| --- | --- | --- | --- |\n{rows}\n\n"
        f"Measured with `{evaluation.command}`, seed {evaluation.seed}, on {evaluation.date}, {evaluation.machine}; "
        f"weights sha256 `{evaluation.weights_sha256}`."
    )


def _differences(differences: Sequence[str]) -> str:
    if not differences:
        return "None is stated, or there is no paper it reproduces."
    stated = "\n".join(f"- {text}" for text in differences)
    return f"{stated}\n\nThe other value of a setting is its recipe's default: the paper's, where there is one."
