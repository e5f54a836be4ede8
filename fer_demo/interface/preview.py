"""What a search engine and a shared link show of the page, in place of what Gradio says of itself."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urljoin

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_THEIRS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>')
_WHERE = b"<head>"


class PagePreview:
    """Middleware: the page says its title, description and picture, as its source, where no script runs."""

    def __init__(self, app: ASGIApp, name: str, about: str, picture: str) -> None:
        self._app, self._name, self._about, self._picture = app, name, about, picture

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started: Message | None = None  # of a page; held until its whole body is there
        body = b""

        async def reply(part: Message) -> None:
            nonlocal started, body
            if part["type"] == "http.response.start":
                headers = MutableHeaders(scope=part)
                if headers.get("content-type", "").startswith("text/html"):
                    started = part
                    return
            elif started is not None:
                body += part.get("body", b"")
                if part.get("more_body"):
                    return
                whole = self._described(body, Request(scope))
                headers = MutableHeaders(scope=started)
                if body:  # the answer to HEAD has none, and keeps its length
                    headers["content-length"] = str(len(whole))
                await send(started)
                part = {"type": "http.response.body", "body": whole}
            await send(part)

        await self._app(scope, receive, reply)

    def _described(self, page: bytes, request: Request) -> bytes:
        picture = urljoin(str(request.url), self._picture)
        said = {
            'name="description"': self._about,
            'property="og:type"': "website",
            'property="og:title"': self._name,
            'property="og:description"': self._about,
            'property="og:image"': picture,
            'name="twitter:card"': "summary",
        }
        tags = "".join(f'\n<meta {key} content="{escape(value)}">' for key, value in said.items())
        return _THEIRS.sub(b"", page).replace(_WHERE, _WHERE + tags.encode(), 1)
