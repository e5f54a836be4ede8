"""Rendered people who change only their expression: the files' format, and the scenes held as tensors."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int8, UInt8
from torch import Tensor

from fer_demo.errors import DataError
from training.data.face_set import crop_side

FOLDER = "synthetic_edits"
FLOW_STEP = 1 / 512  # flows are stored as whole numbers of this, in sides of the stored crop: up to a quarter of it
FLOW_SHRINK = 2  # crop pixels per flow cell


@dataclass(frozen=True)
class EditScenes:
    """Each scene is one person, pose and light with several expressions on one alignment."""

    crops: UInt8[Tensor, "scenes pictures stored stored"]  # grey, with MARGIN
    units: Float[Tensor, "scenes pictures 52"]
    flow: Int8[Tensor, "scenes pictures pictures cells cells 2"]  # [s, a, b]: from the cells of b to the surface in a
    visible: UInt8[Tensor, "scenes pictures pictures cells bytes"]  # packed bits: that surface shows in both

    def __len__(self) -> int:
        return len(self.crops)

    def split(self, held_out: float = 0.06) -> tuple[EditScenes, EditScenes]:
        """Training people, and people who are never trained on; at least one of each."""
        first = min(max(round(len(self) * (1 - held_out)), 1), len(self) - 1)
        return self._part(slice(first)), self._part(slice(first, None))

    def exact_flow(
        self, scene: Tensor, source: Tensor, target: Tensor
    ) -> tuple[Float[Tensor, "batch 2 cells cells"], Float[Tensor, "batch 1 cells cells"]]:
        """The fields of pairs, where the stored crop is 2 wide, and 1 where the surface shows in both pictures."""
        flow = self.flow[scene, source, target].permute(0, 3, 1, 2).float() * (2 * FLOW_STEP)
        packed = self.visible[scene, source, target]
        weights = torch.tensor([128, 64, 32, 16, 8, 4, 2, 1], dtype=torch.uint8, device=packed.device)
        bits = (packed[..., None] & weights).ne(0).flatten(-2)[..., : flow.shape[-1]]
        return flow, bits[:, None].float()

    def to(self, device: torch.device) -> EditScenes:
        """The same scenes in another memory."""
        return EditScenes(*(part.to(device) for part in (self.crops, self.units, self.flow, self.visible)))

    def _part(self, chosen: slice) -> EditScenes:
        return EditScenes(self.crops[chosen], self.units[chosen], self.flow[chosen], self.visible[chosen])


def load_edit_scenes(data: Path, size: int, count: int) -> EditScenes:
    """The first scenes that `python -m training synthesize_edits` wrote into the data folder.

    Raises: DataError if there are fewer, or if they were made for networks of another size.
    """
    folder = data / FOLDER
    files = sorted(folder.glob("edits-*.npz"))
    parts: dict[str, list[np.ndarray]] = {"crops": [], "units": [], "flow": [], "visible": []}
    for path in files:
        if sum(map(len, parts["crops"])) >= count:
            break
        try:
            with np.load(path) as shard:
                for name, read in parts.items():
                    read.append(shard[name])
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise DataError(f"{path} is damaged; delete it and run `synthesize_edits` again.") from error
    found = sum(map(len, parts["crops"]))
    if found < count:
        raise DataError(
            f"There are {found} scenes in {folder} and {count} are asked for; make them with "
            f"`python -m training synthesize_edits --scenes {count} --out {folder}`, or ask for fewer with --scenes."
        )
    arrays = [torch.from_numpy(np.concatenate(read)[:count]) for read in parts.values()]
    if arrays[0].shape[-1] != crop_side(size):
        raise DataError(f"The scenes in {folder} were not made for {size} px; make others with --size {size}.")
    return EditScenes(*arrays)
