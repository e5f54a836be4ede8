"""Requests that no page of ours sends are refused, and every answer carries the headers of security."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from fer_demo.interface import guard
from fer_demo.interface.guard import ANY_HOST, Guard

API = (
    "upload",
    "queue/join",
    "queue/data",
    "heartbeat/x",
    "component_server",
    "call/recognize",
    "file=/a/b.png",
    "info",
    "mcp",
    "mcp/",
)
CLOSED = (
    "deep_link",
    "process_recording",
    "proxy=https://a.example",
    "vibe-edit/",
    "run-history/buckets",
    "stream/x",
    "mcp/sse",
    "mcp/http",
    "mcp/schema",
    "",
)


def client(hosts: tuple[str, ...] = (), most_bytes: int = 1000) -> TestClient:
    async def page(request: Request) -> Response:
        await request.body()
        return PlainTextResponse("ours")

    async def full(request: Request) -> Response:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "uploads/x")

    routes = [Route("/full", full), Route("/{path:path}", page, methods=["GET", "POST"])]
    inner = Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts, most_bytes=most_bytes)])
    return TestClient(Starlette(routes=[Mount("/lab", inner), Mount("/", inner)]), "http://127.0.0.1")


def answer(host: str, hosts: tuple[str, ...] = ()) -> int:
    return client(hosts).get("/", headers={"host": host}).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "192.168.0.7", "[::1]:7860", "localhost:1", "lab", "lab.local", ""])
def test_addresses_and_names_that_are_not_public_are_ours(host: str) -> None:
    assert answer(host) == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.com."])
def test_a_public_name_is_ours_only_if_the_operator_says_so(host: str) -> None:
    assert answer(host) == 421
    assert answer(host, (ANY_HOST,)) == 200
    assert answer("Lab.Example:443", ("lab.example",)) == 200
    assert answer(host, ("lab.example",)) == 421


@pytest.mark.parametrize("prefix", ["", "/lab"])
def test_of_gradios_addresses_those_that_the_page_uses_are_open(prefix: str) -> None:
    assert {client().get(f"{prefix}/gradio_api/{name}").status_code for name in API} == {200}
    assert {client().get(f"{prefix}/gradio_api/{name}").status_code for name in CLOSED} == {404}


def test_a_body_has_a_length_and_is_not_too_long() -> None:
    assert client().post("/gradio_api/upload", content=bytes(1000)).status_code == 200
    assert client().post("/gradio_api/upload", content=bytes(1001)).status_code == 413
    assert client().post("/gradio_api/upload", content=iter([b"a"])).status_code == 411


def test_pages_of_other_sites_cannot_send_anything() -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert client().post("/gradio_api/queue/join", headers=headers).status_code == 403
    assert client().get("/", headers=headers).status_code == 200  # a link from another site


def test_a_full_disk_is_a_sentence() -> None:
    found = client().get("/full")
    assert (found.status_code, found.text) == (507, "The server's disk is full; try again later.")


@pytest.mark.parametrize("silent", [False, True])
def test_nothing_is_left_of_an_upload_that_breaks_off_or_falls_silent(
    silent: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(guard, "_PATIENCE", 0.01)
    begun = b'--x\r\nContent-Disposition: form-data; name="files"; filename="photo.jpg"\r\n\r\n' + bytes(100)
    parts = [{"type": "http.request", "body": begun, "more_body": True}]
    written, answers = [], []

    async def receive() -> Any:
        if parts:
            return parts.pop()
        written.extend(path.stat().st_size for path in tmp_path.iterdir())
        return await asyncio.Event().wait() if silent else {"type": "http.disconnect"}

    async def send(part: Any) -> None:
        answers.append(part)

    page = gr.Blocks(analytics_enabled=False)
    page.max_file_size = None  # as launch sets it
    app = gr.routes.App.create_app(page)
    headers = [(b"content-type", b"multipart/form-data; boundary=x"), (b"content-length", b"900")]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": headers, "query_string": b""}
    asyncio.run(Guard(app, (), 1000)(scope, receive, send))
    assert len(written) == 1
    assert answers[0]["status"] == 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/", "/gradio_api/deep_link"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "microphone=()" in headers["permissions-policy"]
