"""The app behind a prefix: under another program's proxy, with and without a root path, and mounted in FastAPI."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import BrowserContext, expect
from playwright.sync_api import Response as BrowserResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.browser.conftest import ROOT, free_port, served_by
from tests.browser.test_recognize import upload

PREFIX = "/lab"
UPLOAD = "two.png"
# One program with the app twice: mounted at a path of its own, and told the path that a proxy takes away.
PROGRAM = f"""
import os
import fastapi, gradio, uvicorn
from app import context, demo
from fer_demo.interface.demo import build_demo, launch_options
options = launch_options(context)
del options["share"], options["state_session_capacity"]  # only launch takes them
program = gradio.mount_gradio_app(fastapi.FastAPI(), demo, "/inside{PREFIX}", **options)
program = gradio.mount_gradio_app(program, build_demo(context), "/", root_path="{PREFIX}", **options)
uvicorn.run(program, host="127.0.0.1", port=int(os.environ["GRADIO_SERVER_PORT"]), log_level="warning")
"""


@pytest.fixture(scope="module")
def program(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_by(["-c", PROGRAM], os.environ, tmp_path_factory.mktemp("program"), f"/inside{PREFIX}/") as address:
        yield address


@pytest.fixture(scope="module")
def proxied(program: str) -> Iterator[str]:
    """A proxy that takes a prefix away and knows nothing else, as most are set up."""
    client, port = httpx.AsyncClient(timeout=None), free_port()

    async def forward(request: Request) -> Response:
        if not request.url.path.startswith(f"{PREFIX}/"):
            return Response("not here", 404)
        left_out = ("content-length", "connection", "transfer-encoding")
        headers = {name: value for name, value in request.headers.items() if name not in left_out}
        headers |= {"x-forwarded-host": request.headers["host"], "x-forwarded-proto": "http"}
        url = httpx.URL(program + request.url.path.removeprefix(PREFIX), query=request.url.query.encode())
        asked = client.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await client.send(asked, stream=True)
        kept = {
            name: value for name, value in answer.headers.items() if name not in ("transfer-encoding", "connection")
        }
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept)

    route = Route("/{path:path}", forward, methods=["GET", "POST", "HEAD"])
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[route]), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}{PREFIX}/"
    server.should_exit = server.force_exit = True
    thread.join()


def is_missing(response: BrowserResponse) -> bool:
    """Whether something was not found, but for the field's preview of an upload, which is deleted when it is read."""
    return response.status >= 400 and not response.url.endswith(f"/{UPLOAD}")


@pytest.mark.parametrize("way", ["mounted", "proxied"])
def test_charts_draw_and_nothing_is_missing(
    way: str, program: str, proxied: str, browser: BrowserContext, photo_of_two: bytes
) -> None:
    address = proxied if way == "proxied" else f"{program}/inside{PREFIX}/"
    page, missing = browser.new_page(), []
    page.on("response", lambda response: missing.append(response.url) if is_missing(response) else None)
    page.on("pageerror", lambda error: missing.append(str(error)))
    page.goto(address)
    expect(page.locator("#bars li")).to_have_count(8)
    upload(page, UPLOAD, photo_of_two)
    expect(page.locator("#everyone tbody tr")).to_have_count(2)
    page.get_by_role("tab", name="Latent space", exact=True).click()
    expect(page.locator("canvas:visible").first).to_be_visible()
    page.get_by_role("tab", name="Dataset", exact=True).click()
    expect(page.locator("#balance .point").first).to_be_attached()
    expect(page.locator("#faces img").first).to_be_visible()
    source = httpx.get(address).text
    page.close()
    assert missing == []
    assert not [path for path in (str(ROOT), str(Path(httpx.__file__).parents[1])) if path in source]
