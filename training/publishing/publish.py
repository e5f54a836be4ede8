"""Publishing: the best model of a run becomes a checkpoint folder with a card, and a Hub repository if one is named."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from fer_demo.catalog import MODELS, CatalogEntry
from fer_demo.checkpoints import BUNDLED_FOLDER, load_model
from fer_demo.data.embedding_table import MAPS
from fer_demo.errors import CheckpointError, DataError
from fer_demo.inference.explain.many_faces import MEAN_MAPS, MEAN_MAPS_FILE
from fer_demo.inference.leakage.probe_codes import CODES_FILE
from fer_demo.outputs import write_files, write_whole
from fer_demo.published.calibration import CALIBRATION_FILE
from fer_demo.published.differences import DIFFERENCES_FILE, Difference, differences_json
from fer_demo.published.model import WEIGHTS_FILE, PublishedModel
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER, MAP_FILE, read_chain, read_recipe
from training.evaluation.part import beside
from training.evaluation.record import EVALUATION_FILE, Evaluation, quick_look
from training.publishing.model_card import CARD_FILE, changed_settings, model_card
from training.publishing.model_shipment import ship_model, stage_model
from training.publishing.shipment import Shipment, check_repo

BUNDLE_LIMIT = 30_000_000  # bytes of weights that the app may carry with it


@dataclass(frozen=True)
class PublishSettings:
    """What to publish and where."""

    run: tyro.conf.Positional[Path]  # folder of a finished and evaluated run
    out: Path | None = None  # folder to write; None: bundle with the app
    repo: str | None = None  # Hub id owner/name that the model is for; what would be sent is listed
    upload: bool = False  # send it
    private: bool = False  # whether a new repository is private

    def __post_init__(self) -> None:
        check_repo(self.repo, self.upload)


def publish(settings: PublishSettings) -> Path:
    """Write the checkpoint folder and return it; send it to a repository if asked, load it from there and pin it.

    Raises:
        CheckpointError: the run holds no loadable model, it is too large to be bundled, the Hub refuses it, or what
            comes back from there differs.
        DataError: the run has not been evaluated, or other weights of it have.
    """
    model = _best_model(settings.run)
    evaluation, recipe = _evaluation_of(model, settings.run), _recipe(settings.run)
    model.method = recipe.get("method", model.method)
    entry = MODELS[model.method]
    chain = read_chain(settings.run)
    differences, stages = _method(entry.name)
    changed = changed_settings(chain or [{"stage": stage, "settings": recipe} for stage in list(stages)[-1:]], stages)
    card = model_card(model, entry, evaluation, recipe, chain, differences, changed)
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        model.save(made)
        load_model(str(made))  # what cannot be loaded, such as weights beyond the range of fp16, is not published
        (made / CARD_FILE).write_text(card, encoding="utf-8")
        (made / DIFFERENCES_FILE).write_text(differences_json(differences), encoding="utf-8")
        evaluation.write(made / EVALUATION_FILE)
        folder = settings.out or _bundle_place(entry, made / WEIGHTS_FILE)
        write_files({folder / file.name: file.read_bytes() for file in made.iterdir()})
        if not (made / CALIBRATION_FILE).exists():
            (folder / CALIBRATION_FILE).unlink(missing_ok=True)  # it belongs to the weights that went away
    best = settings.run / BEST_FOLDER
    table = beside(folder, MAP_FILE, MAPS)
    _replace(best / CODES_FILE, folder / CODES_FILE)
    _replace(best / MAP_FILE, table)
    _replace(best / MEAN_MAPS_FILE, beside(folder, MEAN_MAPS_FILE, MEAN_MAPS))
    if settings.repo is not None:
        with tempfile.TemporaryDirectory() as temporary:
            stage_model(folder, table, entry, settings.repo, Path(temporary))
            ship_model(Shipment(Path(temporary), settings.repo, "model", settings.private), entry, settings.upload)
    return folder


def _best_model(run: Path) -> PublishedModel:
    folder = run / BEST_FOLDER
    if not folder.is_dir():
        raise CheckpointError(f"There is no {folder}. Give the folder of a run that reached its first validation.")
    return load_model(str(folder))


def _evaluation_of(model: PublishedModel, run: Path) -> Evaluation:
    path = run / BEST_FOLDER / EVALUATION_FILE
    evaluation = Evaluation.read(path)
    if model.origin is None or evaluation.weights_sha256 != model.origin.sha256:
        raise DataError(f"{path} is about other weights. Run `python -m training evaluate` for {run} again.")
    if quick_look(evaluation):
        raise DataError(f"{path} is a quick look at some rows. Run `python -m training evaluate` without --rows.")
    return evaluation


def _recipe(run: Path) -> dict[str, Any]:
    """The settings of the run, without paths of this machine."""
    return {name: _portable(value) for name, value in read_recipe(run).items()}


def _portable(value: Any) -> Any:
    """Paths on this machine by their last two names, as in classifier_b/best; anything else as it is."""
    if isinstance(value, dict):
        return {name: _portable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_portable(part) for part in value]
    absolute = isinstance(value, str) and Path(value).is_absolute()
    return "/".join(Path(value).parts[-2:]) if absolute else value


def _method(name: str) -> tuple[tuple[Difference, ...], dict[str, Recipe]]:
    """Where a method differs from its paper, and the settings of its stages; nothing for weights of others."""
    from training.catalog import RECIPES  # here, because recipes bring the whole trainer with them

    if name not in RECIPES:
        return (), {}
    return RECIPES[name].differences, RECIPES[name].stages(Path())


def _bundle_place(entry: CatalogEntry, weights: Path) -> Path:
    """Where the app looks for this method's weights, if they are small enough to travel with it."""
    size = weights.stat().st_size
    if size > BUNDLE_LIMIT:
        raise CheckpointError(
            f"{entry.title} weighs {size / 1e6:.1f} MB; a bundled checkpoint may weigh {BUNDLE_LIMIT / 1e6:.0f} MB. "
            "Give --out and --repo, with --upload: the app then takes it from there."
        )
    return BUNDLED_FOLDER / entry.name


def _replace(source: Path, target: Path) -> None:
    """Copy a file; if there is none, remove what stands at the target, for it belongs to other weights."""
    if source.is_file():
        write_whole(target, source.read_bytes())
    else:
        target.unlink(missing_ok=True)
