"""Many visitors at once on this machine: each chooses, looks and chooses again; how long each kind of click takes."""

from __future__ import annotations

import asyncio
import io
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psutil
from PIL import Image

from benchmarks.alone import peak_memory_mb
from benchmarks.app import resident_mb, running_app
from benchmarks.photos import group_photo
from benchmarks.soak.page import PATIENCE, Event, Plan, RefusedError, Visitor
from fer_demo.expressions import BASIC

LOOKING = (4.0, 12.0)  # seconds between an answer and the next click of the same visitor
# What visitors click, and how often of so many times: half of it is light.
SHARES = {"recognize": 5, "example": 2, "edit": 1, "map": 3, "dataset": 3, "sql": 2}
_QUESTIONS = ("SELECT expression, count(*) FROM faces GROUP BY 1", "SELECT * FROM faces WHERE expression = 'happy'")


def soak_visitors(visitors: int, seconds: float) -> dict[str, Any]:
    """Seconds of each kind of click (median, 95 of 100, longest), errors, and the memory of the app."""
    photo = make_photo()
    with running_app() as (address, process, _):
        began = resident_mb(process)
        took, errors, longest = asyncio.run(_visit(address, visitors, seconds, photo))
        return {
            "visitors": visitors,
            "seconds": seconds,
            "seconds_between_clicks": LOOKING,
            "clicks": sum(map(len, took.values())),
            "errors": dict(errors),
            "took_s": {kind: _spread(took[kind]) for kind in SHARES if took[kind]},
            "longest_queue": longest,
            "memory_mb": {"before": began, "after": resident_mb(process), "most": _most(process)},
        }


async def _visit(
    address: str, visitors: int, seconds: float, photo: bytes
) -> tuple[dict[str, list[float]], Counter[str], int]:
    took: dict[str, list[float]] = defaultdict(list)
    errors: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits) as client:
        plan = Plan((await client.get("/config")).json())
        people = [Visitor(client, plan) for _ in range(visitors)]
        end = time.monotonic() + seconds

        async def stay(number: int) -> None:
            rng = random.Random(number)
            actions = _actions(people[number], plan, rng, photo)
            await asyncio.sleep(rng.uniform(0, LOOKING[1]))  # they do not all come at the same moment
            while time.monotonic() < end:
                (kind,) = rng.choices(list(SHARES), list(SHARES.values()))
                begin = time.monotonic()
                try:
                    await actions[kind]()
                except (RefusedError, httpx.HTTPError) as error:
                    errors[f"{kind}: {error or type(error).__name__}"] += 1
                else:
                    took[kind].append(time.monotonic() - begin)
                await asyncio.sleep(rng.uniform(*LOOKING))

        await asyncio.gather(*(stay(number) for number in range(visitors)))
    return took, errors, max(one.longest_queue for one in people)


def _actions(
    visitor: Visitor, plan: Plan, rng: random.Random, photo: bytes
) -> dict[str, Callable[[], Awaitable[None]]]:
    own, sentence = plan.part(label="Your own photo: photo"), plan.part(elem_id="sql")

    async def recognize() -> None:
        # Each is a photo of its own: a server names an upload by its content.
        await visitor.change(own, "input", await visitor.upload(photo + rng.randbytes(8)))

    async def example() -> None:
        await visitor.act([Event(plan.named("take_example"), {"index": rng.randrange(7)})])

    async def edit() -> None:
        await visitor.change(plan.part(elem_id="named"), "input", rng.choice(BASIC))

    async def choose_on_map() -> None:
        maps = plan.part(elem_id="maps")
        await visitor.act([Event(one, {"index": rng.randrange(500)}) for one in plan.listening(maps, "select")])

    async def browse() -> None:
        await visitor.change(plan.part(elem_id="expression"), "input", rng.choice(BASIC))

    async def ask() -> None:
        await visitor.change(sentence, "input", rng.choice(_QUESTIONS))
        await visitor.act([Event(plan.named("ask"))])

    return {
        "recognize": recognize,
        "example": example,
        "edit": edit,
        "map": choose_on_map,
        "dataset": browse,
        "sql": ask,
    }


def _spread(durations: list[float]) -> dict[str, float]:
    ordered = sorted(durations)
    return {
        "clicks": len(ordered),
        "p50": round(statistics.median(ordered), 3),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 3),
        "longest": round(ordered[-1], 3),
    }


def make_photo() -> bytes:
    """A 1080p photo of one person, as a camera would send it."""
    file = io.BytesIO()
    Image.fromarray(group_photo(1)).save(file, format="JPEG", quality=90)
    return file.getvalue()


def _most(process: psutil.Process) -> int:
    return sum(peak_memory_mb(one.pid) or 0 for one in [process, *process.children(recursive=True)])
