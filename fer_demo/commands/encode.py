"""`encode`: the identity and expression codes of photos or crops."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from fer_demo.commands.inputs import answered, groups_of
from fer_demo.commands.options import NOTHING_DONE, add_model, add_pictures, default_detector, load, output_file

if TYPE_CHECKING:
    import numpy as np

    from fer_demo.faces.detection import Detector


def add(commands: Any) -> None:
    """Its place on the command line."""
    command = commands.add_parser("encode", help="write the identity code and the expression code of each face")
    add_pictures(command)
    add_model(command, "tdgan")
    command.add_argument(
        "--output",
        type=output_file(".npz"),
        required=True,
        metavar="F.npz",
        help="arrays `identity` N x D1 and `expression` N x D2, float32; for photos also `photo` and `face`",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, detector: Detector | None) -> int:
    """Bad photos are named and left out; a crop that fails has codes of NaN, so that row i stays crop i."""
    import numpy as np

    from fer_demo.commands.results import collected
    from fer_demo.inference.encoding import encode
    from fer_demo.inference.preparation import as_encoder
    from fer_demo.outputs import write_whole

    as_encoder(model := load(options.model))

    def save(rows: list[Any]) -> None:
        good = next((codes for _, _, codes in rows if codes is not None), None)
        if good is None:
            return
        unknown = tuple(np.full_like(code, np.nan) for code in good)
        both = [unknown if codes is None else codes for _, _, codes in rows]
        arrays: dict[str, Any] = {
            "identity": np.stack([one for one, _ in both]),
            "expression": np.stack([other for _, other in both]),
        }
        if options.crops is None:
            arrays |= {"photo": np.array([row[0] for row in rows]), "face": np.array([row[1] for row in rows])}
        write_whole(options.output, lambda file: np.savez(file, **arrays))

    def ask(crops: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        codes = encode(model, crops)
        return list(zip(codes.identity, codes.expression, strict=True))

    with collected(save) as rows:
        for group in groups_of(options.photos, options.crops, detector or default_detector()):
            answers = [(group.file, face, codes) for face, _, codes in answered(ask, group)]
            rows += [row for row in answers if row[2] is not None or not group.is_photo]
    return 0 if any(codes is not None for _, _, codes in rows) else NOTHING_DONE
