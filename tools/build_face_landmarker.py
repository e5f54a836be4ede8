"""Make the face landmarker's checkpoint from the 8-bit weights of the npm package @vladmandic/face-api.

Run `npm pack @vladmandic/face-api@1.7.15` and give this tool the archive it leaves.
"""

from __future__ import annotations

import argparse
import tarfile
from pathlib import Path

import numpy as np
import torch
from build_identity_embedder import LICENCE, fill_parameter, stored_arrays
from torch import nn

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.models.face_landmarker import FaceLandmarker, FaceLandmarkerConfig, Separable
from training.publishing.model_card import use_section

MODEL = "package/model/face_landmark_68_model"

CARD = """\
---
license: mit
library_name: fer_demo
tags: [face, landmarks, safetensors, face_landmarker]
---

# Face landmarker

68 points of a face in iBUG order. Here it measures where an edit put the mouth, the brows and the eyes, beside the true
picture of the same person. No editor of this project learns from it.

{use}

## Where it comes from

- **The network and its weights** are `face_landmark_68` of face-api.js by Vincent Mühler (MIT), who reports that he
  taught it on about 35,000 pictures of faces labelled with 68 points. The photographs are third parties' and are in no
  file here.
- **The 8-bit copy** that these files were made from is that of the npm package @vladmandic/face-api 1.7.15, released
  under the MIT licence below.
- **What was done here** (`tools/build_face_landmarker.py`): the bytes were turned back into numbers and stored as
  16-bit floats. Nothing was trained.

## How it is used

`fer_demo.inference.landmarks` cuts every picture in the same way, first by the detector's five points and then by the
eye corners and the bridge of the nose that were found, and averages a picture with its mirror image. How exact the
points are is measured by `tools/measure_face_landmarker.py`; `docs/pairs.md` has the figures.

## Intended use and limits

For measuring edits of frontal faces in research and teaching. Points of turned, covered or very small faces are wrong
more often. Not for finding out who somebody is, nor for watching or judging people.

## Notice of the package that held the 8-bit copy

```
{licence}
```
"""


def fill(model: FaceLandmarker, arrays: dict[str, np.ndarray]) -> None:
    """Give a network the published weights."""
    for number, block in enumerate(model.blocks):
        for place, layer in enumerate([block.halve, *block.more]):
            _fill_convolution(layer, arrays, f"dense{number}/conv{place}")
    fill_parameter(model.places.weight, arrays["fc/weights"].T)
    fill_parameter(model.places.bias, arrays["fc/bias"])


def _fill_convolution(layer: nn.Module, arrays: dict[str, np.ndarray], name: str) -> None:
    if isinstance(layer, Separable):
        # From height, width, channels, 1 and from height, width, inputs, outputs.
        fill_parameter(layer.each.weight, arrays[f"{name}/depthwise_filter"].transpose(2, 3, 0, 1))
        fill_parameter(layer.across.weight, arrays[f"{name}/pointwise_filter"].transpose(3, 2, 0, 1))
        bias = layer.across.bias
    else:
        assert isinstance(layer, nn.Conv2d)
        fill_parameter(layer.weight, arrays[f"{name}/filters"].transpose(3, 2, 0, 1))
        bias = layer.bias
    assert bias is not None
    fill_parameter(bias, arrays[f"{name}/bias"])


def main() -> None:
    """Write config.json, model.safetensors and README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, help="vladmandic-face-api-1.7.15.tgz")
    parser.add_argument("--out", type=Path, default=BUNDLED_FOLDER / "face_landmarker")
    arguments = parser.parse_args()
    with tarfile.open(arguments.archive) as archive:
        names = (f"{MODEL}-weights_manifest.json", f"{MODEL}.bin", LICENCE)
        manifest, content, licence = (archive.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    model = FaceLandmarker(FaceLandmarkerConfig())
    with torch.no_grad():
        fill(model, stored_arrays(manifest, content))
    model.save(arguments.out)
    (arguments.out / "README.md").write_text(
        CARD.format(use=use_section(MODELS["face_landmarker"]), licence=licence.decode().strip()), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
