"""Damaged files come from whole ones and are the same each time; a visitor knows the page as the server tells of it."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from benchmarks.soak.damaged import damaged, picture_files, table_files
from benchmarks.soak.page import Event, Plan, RefusedError, Visitor
from fer_demo.data.opening import open_upload
from fer_demo.images import load_photo

CONFIG = {
    "components": [
        {"id": 1, "type": "state", "props": {}},
        {"id": 2, "type": "radio", "props": {"elem_id": "way", "value": "photo"}},
        {"id": 3, "type": "html", "props": {"html_template": '<p class="notice" role="alert">${value}</p>'}},
    ],
    "dependencies": [
        {"id": 0, "api_name": "take", "backend_fn": True, "targets": [[2, "input"]], "inputs": [2], "outputs": [1, 3]},
        {"id": 1, "api_name": "show", "backend_fn": True, "targets": [[1, "change"]], "inputs": [1], "outputs": [3]},
    ],
}


def test_every_file_is_whole_before_it_is_damaged_and_damage_can_be_repeated() -> None:
    pictures, tables = picture_files(), table_files()
    assert all(load_photo(content).ndim == 3 for content in pictures.values())
    assert all(len(open_upload(name, content).source) == 12 for name, content in tables.items())
    for content in [*pictures.values(), *tables.values()]:
        changed = [damaged(content, seed) for seed in range(20)]
        assert changed == [damaged(content, seed) for seed in range(20)]
        assert len({content, *changed}) > 15


def visited(outcomes: dict[str, str]) -> list[dict[str, object]]:
    """What a visitor sends who chooses another way, where each listener's notice says what `outcomes` has."""
    sent: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/join"):
            body = json.loads(request.content)
            sent.append(body)
            return httpx.Response(200, json={"event_id": f"e{len(sent)}"})
        name = CONFIG["dependencies"][int(str(sent[-1]["fn_index"]))]["api_name"]
        data = [None, outcomes[name]] if name == "take" else [outcomes[name]]
        output = {"data": data, "changed_state_ids": [1] if name == "take" else []}
        done = {"msg": "process_completed", "event_id": f"e{len(sent)}", "success": True, "output": output}
        lines = [f"data: {json.dumps(message)}\n\n" for message in (done, {"msg": "close_stream"})]
        return httpx.Response(200, text="".join(lines))

    async def visit() -> None:
        async with httpx.AsyncClient(base_url="http://lab", transport=httpx.MockTransport(answer)) as client:
            plan = Plan(CONFIG)
            await Visitor(client, plan).change(plan.part(elem_id="way"), "input", "camera")

    asyncio.run(visit())
    return sent


def test_a_visitor_sends_what_was_chosen_and_the_events_that_follow() -> None:
    sent = visited({"take": "", "show": ""})
    assert [(body["fn_index"], body["data"]) for body in sent] == [(0, ["camera"]), (1, [None])]
    assert len({body["session_hash"] for body in sent}) == 1


@pytest.mark.parametrize("listener", ["take", "show"])
def test_an_errors_sentence_beside_an_answer_counts_as_an_error(listener: str) -> None:
    with pytest.raises(RefusedError, match=f"{listener}: no face"):
        visited({"take": "", "show": ""} | {listener: "no face"})


def test_a_part_that_the_page_lacks_is_said() -> None:
    with pytest.raises(RefusedError, match="no component"):
        Plan(CONFIG).part(elem_id="maps")
    assert Event(Plan(CONFIG).named("show")).listener["id"] == 1
