"""The training commands: prepare, train, average, synthesize, evaluate, project, publish, sheets, report."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import field, make_dataclass
from pathlib import Path
from typing import Any

import tyro

from fer_demo.errors import FerDemoError

# Each command of settings alone, in one or two words: the module, its dataclass of settings, the function it is for.
COMMANDS = {
    "prepare": ("data.prepare", "PrepareSettings", "prepare"),
    "synthesize": ("data.synthesize", "SynthesizeSettings", "synthesize"),
    "evaluate recognition": ("evaluation.commands", "RecognitionSettings", "evaluate_recognition"),
    "evaluate votes": ("evaluation.votes", "VoteSettings", "evaluate_votes"),
    "evaluate transfer": ("evaluation.commands", "TransferSettings", "evaluate_transfer"),
    "evaluate pairs": ("evaluation.pairs.command", "PairsSettings", "evaluate_pairs"),
    "evaluate sliders": ("evaluation.commands", "SliderSettings", "evaluate_sliders"),
    "evaluate disentanglement": ("evaluation.commands", "DisentanglementSettings", "evaluate_disentanglement"),
    "evaluate cost": ("evaluation.cost", "CostSettings", "evaluate_cost"),
    "evaluate explanations": ("evaluation.explanations.command", "ExplanationSettings", "evaluate_explanations"),
    "evaluate counterfactuals": (
        "evaluation.explanations.counterfactuals",
        "CounterfactualSettings",
        "evaluate_counterfactuals",
    ),
    "evaluate influence": ("evaluation.explanations.influence", "InfluenceSettings", "evaluate_influence"),
    "evaluate posed": ("evaluation.recognition.posed", "PosedSettings", "evaluate_posed"),
    "evaluate trunks": ("evaluation.trunks", "TrunkSettings", "compare_trunks"),
    "evaluate regions": ("evaluation.explanations.regions", "RegionSettings", "evaluate_regions"),
    "average": ("engine.average", "AverageSettings", "average"),
    "project": ("maps.project", "ProjectSettings", "project"),
    "export_web": ("publishing.web.command", "ExportWebSettings", "export_web"),
    "publish": ("publishing.publish", "PublishSettings", "publish"),
    "publish bundled": ("publishing.model_shipment", "PublishBundledSettings", "publish_bundled"),
    "publish faces": ("publishing.dataset_shipment", "PublishFacesSettings", "publish_faces"),
    "publish maps": ("publishing.dataset_shipment", "PublishMapsSettings", "publish_maps"),
    "sheets": ("evaluation.sheets", "SheetSettings", "write_sheets"),
    "report": ("publishing.readme_table", "ReportSettings", "report"),
}
USAGE = f"usage: python -m training {{train METHOD | {' | '.join(COMMANDS)}}} [options]   (--help after any of them)"


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 0, 1 after an error of the person's, 2 after a wrong command."""
    words = 2 if " ".join(arguments[:2]) in COMMANDS else 1
    name, options = " ".join(arguments[:words]), list(arguments[words:])
    try:
        if name == "train":
            _train(options)
        elif name in COMMANDS:
            # Imported by name, because every command brings heavy packages of its own.
            module_name, settings_name, function_name = COMMANDS[name]
            module = importlib.import_module(f"training.{module_name}")
            settings = tyro.cli(getattr(module, settings_name), args=options, prog=f"python -m training {name}")
            print(f"wrote {getattr(module, function_name)(settings)}")
        else:
            print(USAGE, file=sys.stderr)
            return 0 if name in ("--help", "-h") else 2
    except FerDemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _train(options: list[str]) -> None:
    from fer_demo.catalog import check_not_retired
    from training.catalog import RECIPES
    from training.engine.loop import RunSettings
    from training.engine.stages import Part, train_stages

    name = options[0] if options else ""
    if name not in RECIPES:
        check_not_retired(name)
        raise FerDemoError(f"Name the method to train: {', '.join(RECIPES)}.")
    default = RECIPES[name]
    plain = tyro.conf.OmitArgPrefixes
    fields: list[Any] = [("run", plain[RunSettings]), ("recipe", plain[type(default)], field(default=default))]
    if len(default.stages(Path())) > 1:
        fields.append(("part", plain[Part], field(default=Part())))
    command: Any = tyro.cli(
        make_dataclass("TrainCommand", fields, frozen=True), args=options[1:], prog=f"python -m training train {name}"
    )
    print(f"wrote {train_stages(name, command.recipe, command.run, getattr(command, 'part', Part()))}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
