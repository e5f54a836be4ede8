"""What a request to the server may be: its host, its size and its address; and what every answer tells the browser."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY_HOST = "*"

# Of Gradio's API what a page and `gradio_client` use. The rest keeps visitors' pictures (deep_link), writes films, or
# fetches from other servers.
_API = re.compile(
    r"/gradio_api/(?!(?:upload|upload_progress|queue/(?:join|data)|call/.+|run/.+|api/.+|component_server|cancel|reset|"
    r"heartbeat/[^/]+|info|mcp|openapi\.json|startup-events|app_id|user|token|login_check|theme\.css|file[=/].+)/?$)"
)

_PATIENCE = 60.0  # seconds that an upload may be silent

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # addresses hold what was chosen
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    # Gradio's page consists of inline scripts and makes functions of text; but nothing leaves for another server.
    "content-security-policy": "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
}


class Guard:
    """Middleware: refuses what no page of ours sends, with a sentence, and adds the headers of security."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], most_bytes: int) -> None:
        """hosts: public names of this server, or ANY_HOST; most_bytes: of the body of one request."""
        self._app, self._hosts, self._most_bytes = app, frozenset(hosts), most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def reply(part: Message) -> None:
            nonlocal started
            if part["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=part)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(part)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, reply)
            return
        try:
            await self._app(scope, _kept_up(receive) if _uploads(scope) else receive, reply)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) or started:
                raise
            full = PlainTextResponse("The server's disk is full; try again later.", 507)
            await full(scope, receive, reply)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        name = _name(headers.get("host", ""))
        if not self._is_ours(name):
            sentence = (
                f"This server is not called {name[:100]!r}; if it is, its operator adds the name to FER_DEMO_HOSTS."
            )
            return PlainTextResponse(sentence, 421)
        if scope["method"] not in ("GET", "HEAD") and headers.get("sec-fetch-site") == "cross-site":
            return PlainTextResponse("Pages of other sites cannot use this server.", 403)
        if _API.search(scope["path"]):
            return PlainTextResponse("There is nothing at this address.", 404)
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal():
            return PlainTextResponse("Say in Content-Length how much is sent.", 411)
        if int(length) > self._most_bytes:
            most = f"{self._most_bytes / 1e6:,.0f} MB"
            return PlainTextResponse(f"That is more than {most} at once; send fewer or smaller files.", 413)
        return None

    def _is_ours(self, name: str) -> bool:
        """Whether a page of this name can be one of ours.

        A foreign page reaches a server behind a firewall by giving its own public name the server's address (DNS
        rebinding); it can do that neither with an address in place of a name nor with names that are no public ones.
        """
        if ANY_HOST in self._hosts or name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return "." not in name or name.endswith((".localhost", ".local"))
        return True


def _uploads(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").startswith("multipart/")


def _kept_up(receive: Receive) -> Receive:
    """Receive an upload; one that breaks off ends in the error for which Gradio deletes what has come of it."""
    ended = False

    async def next_part() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        try:
            part = await asyncio.wait_for(receive(), _PATIENCE)
        except TimeoutError:
            part = {"type": "http.disconnect"}
        if part["type"] == "http.disconnect":
            raise MultiPartException("The upload broke off.")
        ended = not part.get("more_body", False)
        return part

    return next_part


def _name(host: str) -> str:
    """The name or address of a Host header, without its port."""
    inside = re.match(r"\[(.*?)\]", host)
    return (inside[1] if inside else host.partition(":")[0]).rstrip(".").lower()
