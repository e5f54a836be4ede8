"""Kills of the app and of a training at any moment: nothing may be corrupt, left behind or lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import psutil
import torch
from safetensors import safe_open

from benchmarks.app import running_app
from benchmarks.soak.page import API
from benchmarks.soak.small_training import run_small_training
from benchmarks.soak.visitors import make_photo
from fer_demo.interface.own_files import PREFIX
from fer_demo.settings import AppSettings

_WORKING = (0.1, 3.0)  # seconds that the app works before it is killed
# Seconds of its processor's time before a training is killed, whatever else the machine does, and those in which it
# surely writes a checkpoint.
_TRAINING, _WRITING = (0.2, 8.0), 20.0
_POLL = 0.001


def soak_kills(app_kills: int, training_kills: int) -> dict[str, Any]:
    """What was left and what was damaged after kills of the app and of a training."""
    return {"app": _kill_app(app_kills), "training": _kill_training(training_kills)}


def _kill_app(kills: int) -> dict[str, Any]:
    """Killed while visitors upload photos; each start clears away what the one before left."""
    rng, photo = random.Random(0), make_photo()
    left_after_start, left_after_kill = [], []
    with tempfile.TemporaryDirectory() as folder:
        settings = {"GRADIO_TEMP_DIR": folder}
        for _ in range(kills):
            with running_app(settings) as (address, process, _):
                left_after_start.append(len(list(Path(folder).glob(f"{PREFIX}*"))) - 1)
                stop = threading.Event()
                visitors = [threading.Thread(target=_keep_asking, args=(address, photo, stop)) for _ in range(4)]
                for visitor in visitors:
                    visitor.start()
                time.sleep(rng.uniform(*_WORKING))
                process.kill()
                stop.set()
                for visitor in visitors:
                    visitor.join()
                left_after_kill.append(sum(path.is_file() for path in Path(folder).rglob("*")))
        with running_app(settings) as (address, _, _):
            left_after_start.append(len(list(Path(folder).glob(f"{PREFIX}*"))) - 1)
            answers = _recognized(address, photo)
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {
        "kills": kills,
        "files_after_each_kill": left_after_kill,
        "folders_of_others_after_each_start": left_after_start,
        "faces_found_after_the_last": answers,
        "files_after_an_ordinary_end": len(files),
    }


def _keep_asking(address: str, photo: bytes, stop: threading.Event) -> None:
    rng = random.Random()
    while not stop.is_set():
        with suppress(httpx.HTTPError, ValueError):  # the app is killed meanwhile
            _recognized(address, photo + rng.randbytes(8))


def _recognized(address: str, photo: bytes) -> int:
    """How many faces a program is told of."""
    path = httpx.post(f"{address}{API}/upload", files={"files": ("photo.jpg", photo)}, timeout=60).json()[0]
    sent = {"path": path, "meta": {"_type": "gradio.FileData"}}
    call = f"{address}{API}/call/recognize"
    event = httpx.post(call, json={"data": [sent, AppSettings.recognizer]}, timeout=60).json()["event_id"]
    return httpx.get(f"{call}/{event}", timeout=60).text.count('"box"')


def _kill_training(kills: int) -> dict[str, Any]:
    """Killed at random moments and, every second time, while a file is being written; then resumed."""
    rng, found = random.Random(0), Counter({"while_writing": 0, "corrupt_files": 0, "runs_that_differ": 0})
    with tempfile.TemporaryDirectory() as folder:
        unbroken, out, ended = Path(folder) / "unbroken", Path(folder) / "killed", 0
        _start(unbroken).join()
        wanted = _weights(unbroken)
        done = 0
        while done < kills:
            process = _start(out)
            writing = bool(done % 2) and _wait_for_partial(process, out, rng)
            end = 0.0 if writing else rng.uniform(*_TRAINING)
            while process.is_alive() and _worked(process) < end:
                time.sleep(_POLL)
            if process.is_alive():
                process.kill()
                process.join()
                done += 1
                found["while_writing"] += writing
                found["corrupt_files"] += len(_corrupt(out))
            elif process.exitcode:
                raise RuntimeError(f"The training could not go on after kill {done}.")
            else:
                ended += 1
                found["runs_that_differ"] += _weights(out) != wanted
                out = Path(folder) / f"killed {ended}"
        last = _start(out)
        last.join()
        if last.exitcode:
            raise RuntimeError("The training could not go on after the last kill.")
        found["runs_that_differ"] += _weights(out) != wanted
        partial = sum(1 for _ in Path(folder).rglob("*.partial"))
    return {"kills": kills, **found, "runs_ended": ended + 1, "partial_files_left": partial}


def _start(out: Path) -> BaseProcess:
    """The training in a process of its own, without the seconds that its imports take."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([run_small_training.__module__])
    process = server.Process(target=_train_quietly, args=(out,))
    process.start()
    return process


def _train_quietly(out: Path) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    run_small_training(out)


def _worked(process: BaseProcess) -> float:
    """Seconds of its processor's time; without end once it has ended."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return float("inf")
    return times.user + times.system


def _wait_for_partial(process: BaseProcess, out: Path, rng: random.Random) -> bool:
    """Return as soon as a file is being written, after some that were not waited for."""
    passed, seen = rng.randrange(6), set(out.rglob("*.partial"))
    while process.is_alive() and _worked(process) < _WRITING:
        new = set(out.rglob("*.partial")) - seen
        seen |= new
        if new and len(seen) > passed:
            return True
        time.sleep(_POLL)
    return False


def _weights(run: Path) -> bytes:
    return (run / "best/model.safetensors").read_bytes() + (run / "last/model.safetensors").read_bytes()


def _corrupt(run: Path) -> list[str]:
    """Files that cannot be read; those with the ending of what is being written do not count."""
    bad = []
    for path in (path for path in run.rglob("*") if path.is_file()):
        try:
            if path.suffix == ".json":
                json.loads(path.read_text())
            elif path.suffix == ".safetensors":
                with safe_open(path, "pt") as file:
                    list(file.keys())
            elif path.suffix == ".pt":
                torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            bad.append(f"{path.name}: {error}")
    return bad
