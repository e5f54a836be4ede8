"""The state of a run survives a full disk, and a damaged one is a sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from fer_demo.errors import CheckpointError, DataError
from training.engine import run_state
from training.engine.run_state import STATE_FILE, Position, load_state, save_state


def test_a_full_disk_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objective: Any = SimpleNamespace(networks={"net": torch.nn.Linear(4, 4)}, averages={}, optimizers={})
    save_state(objective, Position(images=7), tmp_path)

    def full(*arguments: Any) -> None:  # as torch.save reports it
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            raise RuntimeError("[enforce fail at inline_container.cc] unexpected pos")

    monkeypatch.setattr(run_state.torch, "save", full)
    with pytest.raises(DataError, match=r"state.pt cannot be written \(No space left"):
        save_state(objective, Position(images=8), tmp_path)
    assert torch.load(tmp_path / STATE_FILE)["position"]["images"] == 7
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_a_state_that_is_cut_off_or_damaged_anywhere_is_a_sentence(tmp_path: Path) -> None:
    objective: Any = SimpleNamespace(networks={"net": torch.nn.Linear(4, 4)}, averages={}, optimizers={})
    save_state(objective, Position(images=7), tmp_path)
    whole = (tmp_path / STATE_FILE).read_bytes()
    cut = [whole[:length] for length in range(0, len(whole), 97)]
    changed = [whole[:place] + b"\xff" + whole[place + 1 :] for place in range(0, len(whole), 97)]
    refused = []
    for content in [*cut, *changed, b"null"]:
        (tmp_path / STATE_FILE).write_bytes(content)
        try:
            load_state(objective, tmp_path)  # a byte of padding changes nothing
        except CheckpointError as error:
            refused.append(str(error))
    assert len(refused) > len(cut)
    assert all("does not fit this run (" in sentence for sentence in refused)
