"""The page's source says what a shared link shows, once, and where its picture is."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from fer_demo.interface.preview import PagePreview

PAGE = """<!doctype html><html><head><meta charset="utf-8" />
<meta property="og:title" content="Theirs" /><meta name="twitter:description"
  content="Click to try out the app!" /><title>x</title></head><body>é</body></html>"""


def client() -> TestClient:
    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def pieces(request: Request) -> Response:
        return StreamingResponse(iter([PAGE[:40], PAGE[40:]]), media_type="text/html")

    async def other(request: Request) -> Response:
        return JSONResponse({"page": PAGE})

    preview = Middleware(PagePreview, name='A "lab"', about="What it does.", picture="favicon.ico")
    routes = [Route("/", page), Route("/pieces", pieces), Route("/other", other)]
    inner = Starlette(routes=routes, middleware=[preview])
    return TestClient(Starlette(routes=[Mount("/inside", inner), Mount("/", inner)]), "http://lab.example")


def told(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)"', page)
    assert len(dict(found)) == len(found)
    return dict(found)


def test_a_shared_link_shows_this_page_and_not_the_library() -> None:
    for path in ("/", "/pieces"):
        page = client().get(path).text
        assert told(page)["og:title"] == "A &quot;lab&quot;"
        assert told(page)["og:description"] == told(page)["description"] == "What it does."
        assert told(page)["og:image"] == "http://lab.example/favicon.ico"
        assert "Click to try" not in page
        assert page.endswith("<body>é</body></html>")


def test_a_mounted_page_knows_where_its_picture_is() -> None:
    assert told(client().get("/inside/").text)["og:image"] == "http://lab.example/inside/favicon.ico"


def test_what_is_no_page_stays_what_it_is() -> None:
    assert client().get("/other").json() == {"page": PAGE}
    assert client().head("/").status_code == 200
