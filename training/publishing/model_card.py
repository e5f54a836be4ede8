"""The model card: front matter and text for the Hub, whose every number comes from an evaluation file or the config."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from fer_demo.capabilities import (
    EditsByLabel,
    EditsExpression,
    EditsPhoto,
    EmbedsIdentity,
    FindsLandmarks,
    RecognizesExpression,
)
from fer_demo.catalog import MODELS, CatalogEntry
from fer_demo.checkpoints import CAPABILITY
from fer_demo.errors import DataError
from fer_demo.published.differences import Difference
from fer_demo.published.human_line import human_line
from fer_demo.published.model import PublishedModel
from training.evaluation.record import DATA_SETS, Evaluation, Figure, Measurement
from training.publishing.card_tables import calibration_text, chain_text, tables_text, text_table

__all__ = ["CARD_FILE", "Evaluation", "Figure", "card_on_the_hub", "changed_settings", "model_card", "use_section"]

CARD_FILE = "README.md"
PIPELINE_TAGS = {"recognition": "image-classification", "transfer": "image-to-image", "identity": "feature-extraction"}
HUB_METRICS = {"accuracy": "accuracy", "macro-F1": "f1"}  # our figures that the Hub lists models by
BOOKKEEPING = ("seed", "validate_every")  # settings that change no result worth a line

# The parts of a card that its evaluation file says nothing about.
_CARD = re.compile(
    r"---\n.*?\n---(?P<what>\n.*?)## Data and its terms\n.*?\n## Evaluation\n.*?\n(?P<training>## Training\n.*)",
    re.DOTALL,
)

USE_HEADING = "## Use this model"
_USE = re.compile(rf"^{USE_HEADING}\n.*?(?=^## )", re.DOTALL | re.MULTILINE)
_ALIGNED = (
    "`faces` are floats in [-1, 1] of shape (N, channels, size, size), aligned to the template by eyes, nose and "
    "mouth; the table above has channels and size."
)
# The third of the three lines and what it asks for, by what the model can do.
_CALLS: dict[type, tuple[str, str]] = {
    RecognizesExpression: ("logits = model.expression_logits(faces)", _ALIGNED),
    EditsExpression: ("codes = model.encode(faces)", f"{_ALIGNED} `model.edit_to_code` edits."),
    EditsPhoto: (
        "edited = model.edit(faces, model.expression_code(others)).result",
        f"{_ALIGNED} `others`, in the same form, show the expressions that are wanted.",
    ),
    EditsByLabel: (
        "edited = model.edit_to_label(faces, labels, amounts)",
        f"{_ALIGNED} `labels` are places in `fer_demo.expressions.BASIC`, `amounts` from 0 to 1.",
    ),
    EmbedsIdentity: (
        "descriptors = model.embed_aligned(faces)",
        "`faces` are floats in [-1, 1] of shape (N, 1 or 3, any size), aligned to our template; compare by distance.",
    ),
    FindsLandmarks: (
        "points = model.landmarks(chips)",
        "`chips` are floats in [-1, 1] of shape (N, 3, 112, 112), cut as the section “How it is used” says.",
    ),
}
# The same for photos.
_COMMANDS = {
    "recognition": "recognize photo.jpg --model",
    "transfer": "transfer --identity photo.jpg --expression happy --output edited --model",
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


def changed_settings(chain: Sequence[dict[str, Any]], stages: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the settings of a run's stages, as JSON, are not those of its recipe, which may have fewer of them."""
    lines = []
    for link in (link for link in chain if link["stage"] in stages):
        usual = _flat(json.loads(json.dumps(dataclasses.asdict(stages[link["stage"]]), default=str)))
        where = f" in the stage {link['stage']}" if len(chain) > 1 else ""
        lines += [
            f"`{name}`{where} is {json.dumps(value)} instead of {json.dumps(usual[name])}."
            for name, value in _flat(link["settings"]).items()
            if name in usual and value != usual[name] and name not in BOOKKEEPING
        ]
    return tuple(lines)


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted names."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def model_card(
    model: PublishedModel,
    entry: CatalogEntry,
    evaluation: Evaluation,
    recipe: dict[str, Any],
    chain: Sequence[dict[str, Any]],
    differences: Sequence[Difference],
    changed: Sequence[str],
) -> str:
    """README.md of a checkpoint folder.

    `recipe` are the settings of its run, or of the last stage of `chain`; `changed` says which are not its method's.
    """
    parts = [
        f"---\n{_front_matter(entry, evaluation)}\n---",
        f"# {entry.title}",
        entry.description,
        f"## What it is\n\n{_what_it_is(model)}",
        use_section(entry),
        f"## Intended use and limits\n\n{LIMITS}",
        f"## Data and its terms\n\n{_data(evaluation)}",
        f"## Evaluation\n\n{_evaluation(model, evaluation)}",
        f"## Training\n\n{chain_text(chain)}{_settings(recipe, len(chain) > 1)}",
        f"## Differences from the paper\n\n{differences_text(differences, changed)}",
    ]
    return "\n\n".join(parts) + "\n"


def evaluated_card(card: str, model: PublishedModel, entry: CatalogEntry, evaluation: Evaluation) -> str:
    """A card with what its evaluation file says now: front matter, data and figures; everything else stays.

    Raises: DataError if it is not a card that `model_card` wrote.
    """
    parts = _CARD.fullmatch(card)
    if parts is None:
        raise DataError(f"The card of {entry.title} has lost its sections. Publish its run again.")
    return (
        f"---\n{_front_matter(entry, evaluation)}\n---{parts['what']}## Data and its terms\n\n{_data(evaluation)}\n\n"
        f"## Evaluation\n\n{_evaluation(model, evaluation)}\n\n{parts['training']}"
    )


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
        base_model=None if entry.starts_from is None else MODELS[entry.starts_from].hub_id,
        model_name=entry.title,
        eval_results=results,
    )
    return str(data.to_yaml()).strip()


def _slug(text: str, joint: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return joint.join(re.findall(r"[a-z0-9]+", plain))


def _what_it_is(model: PublishedModel) -> str:
    rows = [("class", type(model).__name__), ("trainable values", f"{model.parameter_count():,}")]
    rows += [(name, _shown(value)) for name, value in dataclasses.asdict(model.config).items()]
    description = inspect.cleandoc(type(model).__doc__ or "")
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"{description}\n\n| property | value |\n| --- | --- |\n{table}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def card_on_the_hub(card: str, entry: CatalogEntry, repo: str) -> str:
    """The card of a folder as its repository shows it: the three lines load the model from there.

    Raises: DataError if it is no card of ours.
    """
    if len(_USE.findall(card)) != 1:
        raise DataError(f"The card of {entry.title} has lost its section “{USE_HEADING}”. Publish its run again.")
    return _USE.sub(lambda _: f"{use_section(entry, repo)}\n\n", card)


def use_section(entry: CatalogEntry, repo: str | None = None) -> str:
    """The section that loads the model in three lines, by its name here or from a repository of the Hub."""
    source = repo or entry.name
    kind = next(kind for kind in CAPABILITY[entry.task] if issubclass(entry.model_class, kind))
    line, asks = _CALLS[kind]
    command = f" For photos: `python -m fer_demo {_COMMANDS[entry.task]} {source}`." if entry.task in _COMMANDS else ""
    pinned = " Behind the name may stand a commit, `owner/name@commit`, which never changes." if repo else ""
    lines = f'from fer_demo.checkpoints import load_model\n\nmodel = load_model("{source}")\n{line}'
    said = f"{asks}{command}{pinned} The weights are safetensors and carry no code."
    return f"{USE_HEADING}\n\n```python\n{lines}\n```\n\n{said}"


def _data(evaluation: Evaluation) -> str:
    return "\n".join(f"- {DATA_SETS[name]}" for name in evaluation.trained_on) + f"\n\n{TERMS}"


def _settings(recipe: dict[str, Any], last: bool) -> str:
    whose = "last stage" if last else "run"
    return f"Settings of the {whose}:\n\n```json\n{json.dumps(recipe, indent=2)}\n```"


def _evaluation(model: PublishedModel, evaluation: Evaluation) -> str:
    parts = [
        figures_table(evaluation),
        "Values in brackets are 95 % bootstrap intervals." if any(one.interval for one in evaluation.figures) else "",
        *(_how(part, facts) for part, facts in evaluation.measured.items()),
        f"Weights sha256 `{evaluation.weights_sha256}`.",
        "" if model.calibration is None else calibration_text(model.calibration),
        tables_text(evaluation.tables),
    ]
    return "\n\n".join(part for part in parts if part)


def figures_table(evaluation: Evaluation) -> str:
    """Every figure, with what people reach beside each accuracy that people were asked about as well."""
    line = human_line(evaluation.tables)
    rows = [[one.name, one.shown, one.data, f"{one.count:,}"] for one in evaluation.figures]
    head: tuple[str, ...] = ("figure", "value", "measured on", "samples")
    if line is not None:
        beside = [line.beside(one.against, one.value) for one in evaluation.figures]
        head = (*head[:2], "people", *head[2:])
        rows = [[*row[:2], people, *row[2:]] for row, people in zip(rows, beside, strict=True)]
    return text_table(head, rows)


def _how(part: str, facts: Measurement) -> str:
    return f"Measured ({part}) with `{facts.command}`, seed {facts.seed}, on {facts.date}, {facts.machine}."


def differences_text(differences: Sequence[Difference], changed: Sequence[str]) -> str:
    """The recipe's differences from the paper, and the run's from the recipe."""
    rows = "\n".join(f"| {one.subject} | {one.paper} | {one.here} |" for one in differences)
    table = f"| | the paper | here |\n| --- | --- | --- |\n{rows}" if rows else "This is not a method of a paper."
    settings = "\n".join(f"- {line}" for line in changed)
    return f"{table}\n\nSettings of the run that are not its recipe's:\n\n{settings}" if changed else table
