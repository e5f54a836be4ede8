"""A thousand recognitions for one visitor, of a few photos in turn: whether the app's memory stays what it is."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from benchmarks.app import resident_mb, running_app
from benchmarks.soak.page import PATIENCE, Plan, Visitor
from benchmarks.soak.visitors import make_photo

PHOTOS = 20  # that are sent in turn: each new one is kept for ten minutes (interface/widgets/uploads.py)
WARM = 0.1  # share of the recognitions after which the memory is first looked at: buffers and caches are filled


def soak_memory(recognitions: int) -> dict[str, Any]:
    """Resident MB of the app when warm and at the end, and its growth."""
    photo = make_photo()
    with running_app() as (address, process, _):
        began = resident_mb(process)

        async def recognize() -> int:
            warm = 0
            async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
                plan = Plan((await client.get("/config")).json())
                visitor, own = Visitor(client, plan), plan.part(label="Your own photo: photo")
                for number in range(recognitions):
                    if number == int(WARM * recognitions):
                        warm = resident_mb(process)
                    await visitor.change(own, "input", await visitor.upload(photo + (number % PHOTOS).to_bytes(4)))
            return warm

        warm, end = asyncio.run(recognize()), resident_mb(process)
        growth = round(100 * (end - warm) / warm, 1)
        return {
            "recognitions": recognitions,
            "photos": PHOTOS,
            "start_mb": began,
            "warm_mb": warm,
            "end_mb": end,
            "growth_percent": growth,
        }
