"""One visitor's page without a browser: it sends the events that a browser sends, and those that follow from them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

API = "/gradio_api"
PATIENCE = httpx.Timeout(300.0)  # seconds for one answer; what takes longer counts as an error


class RefusedError(Exception):
    """The server refused an event, or answered with an error's sentence."""


@dataclass(frozen=True)
class Event:
    """One listener of the page, and what the browser says with it."""

    listener: dict[str, Any]
    data: dict[str, Any] | None = None


class Plan:
    """What the server says of its page: components and listeners."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.components = {part["id"]: part for part in config["components"]}
        self.listeners = config["dependencies"]
        self.states = {number for number, part in self.components.items() if part["type"] == "state"}
        self.notices = {number for number, part in self.components.items() if _is_notice(part)}

    def part(self, **properties: str) -> int:
        """The number of the first component with these properties, such as elem_id."""
        for number, part in self.components.items():
            if all(part["props"].get(name) == value for name, value in properties.items()):
                return number
        raise RefusedError(f"the page has no component with {properties}")

    def named(self, name: str) -> dict[str, Any]:
        """The first listener whose function has this name."""
        return next(one for one in self.listeners if one["api_name"] == name)

    def listening(self, part: int, event: str) -> list[dict[str, Any]]:
        """Those on the server that listen to a component."""
        return [one for one in self.listeners if one["backend_fn"] and [part, event] in map(list, one["targets"])]


class Visitor:
    """A session of its own; values of what a visitor chooses are kept here, as a browser does."""

    def __init__(self, client: httpx.AsyncClient, plan: Plan) -> None:
        self._client, self._plan, self._session = client, plan, secrets.token_hex(8)
        self._values = {number: part["props"].get("value") for number, part in plan.components.items()}
        self._waiting: set[str] = set()
        self._listener_of: dict[str, dict[str, Any]] = {}
        self.longest_queue = 0  # places before an event of ours

    async def upload(self, content: bytes) -> dict[str, Any]:
        """A file on the server, as a page names it."""
        answer = await self._client.post(f"{API}/upload", files={"files": ("photo.jpg", content)})
        if answer.status_code != httpx.codes.OK:
            raise RefusedError(answer.text[:200])
        return {"path": answer.json()[0], "orig_name": "photo.jpg", "meta": {"_type": "gradio.FileData"}}

    async def change(self, part: int, event: str, value: Any) -> None:
        """Give a component a value, and wait for all that follows."""
        self._values[part] = value
        await self.act([Event(one) for one in self._plan.listening(part, event)])

    async def act(self, events: list[Event]) -> None:
        """Send events, and those that they set off, until nothing is under way.

        Raises: RefusedError if one of them is refused or answered with an error.
        """
        self._waiting.clear()
        for event in events:
            await self._join(event)
        while self._waiting:
            await self._listen()

    async def _join(self, event: Event) -> None:
        listener = event.listener
        body = {
            "data": [None if part in self._plan.states else self._values[part] for part in listener["inputs"]],
            "fn_index": listener["id"],
            "session_hash": self._session,
            "event_data": event.data,
            "trigger_id": listener["targets"][0][0],
        }
        answer = await self._client.post(f"{API}/queue/join", json=body)
        if answer.status_code != httpx.codes.OK:
            raise RefusedError(f"{listener['api_name']}: {answer.status_code} {answer.text[:200]}")
        name = answer.json()["event_id"]
        self._waiting.add(name)
        self._listener_of[name] = listener

    async def _listen(self) -> None:
        """Read the stream of answers until the server closes it, which it does when it knows of no open event."""
        address = f"{API}/queue/data"
        async with self._client.stream("GET", address, params={"session_hash": self._session}) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    if message["msg"] == "unexpected_error":
                        raise RefusedError(str(message.get("message")))
                    await self._hear(message)
                    if message["msg"] == "close_stream":
                        return

    async def _hear(self, message: dict[str, Any]) -> None:
        name = message.get("event_id")
        if name not in self._waiting:
            return
        if message["msg"] == "estimation":
            self.longest_queue = max(self.longest_queue, message["rank"] or 0)
        if message["msg"] != "process_completed":
            return
        self._waiting.discard(name)
        listener, output = self._listener_of.pop(name), message["output"]
        if not message["success"]:
            raise RefusedError(f"{listener['api_name']}: {output.get('error')}")
        for part, value in zip(listener["outputs"], output["data"], strict=True):
            self._take(part, value, listener["api_name"])
        for state in output.get("changed_state_ids") or []:
            for following in self._plan.listening(state, "change"):
                await self._join(Event(following))

    def _take(self, part: int, value: Any, listener: str) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            value = value.get("value", self._values[part])
        self._values[part] = value
        if part in self._plan.notices and value:
            raise RefusedError(f"{listener}: {value}")


def _is_notice(part: dict[str, Any]) -> bool:
    return 'role="alert"' in str(part["props"].get("html_template", ""))
