"""The Model Context Protocol: an agent's tool calls, handed on to the app's own API as if a program had asked.

Gradio brings a server for it, too. That one takes addresses of files where this app takes files alone, asks the app by
whatever name the client gave it, and keeps a copy of what is sent. This one reads and writes nothing but requests to
the app: files are sent in the call itself, and a call waits in the queue as any other.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "/gradio_api"
_PATH = re.compile(rf"{_PREFIX}/mcp/?$")
_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")  # of the protocol, the newest first
_FILE = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,(?P<content>.*)", re.DOTALL)
_FILE_SCHEMA = {"type": "string", "description": "The file itself as a data URI: data:image/jpeg;base64,…"}
_PARSE, _INVALID, _NO_METHOD, _PARAMETERS = -32700, -32600, -32601, -32602  # codes of JSON-RPC


class _RefusedError(Exception):
    """A request that cannot be answered, in words for whoever sent it."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class _FailedError(Exception):
    """A call that could be made and has no result, in words for the agent."""


class ToolServer:
    """Middleware: answers the protocol over HTTP, without sessions, with the verbs of the app as tools."""

    def __init__(self, app: ASGIApp, name: str, about: str) -> None:
        self._app, self._server = app, {"name": name, "version": "1"}
        self._about = about

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _PATH.search(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            words = "This address is for MCP clients, which post to it; docs/api.md has an example."
            return PlainTextResponse(words, HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "POST"})
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("Send JSON.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        number = None
        try:
            asked = _parsed(await request.body())
            if "id" not in asked:  # a notification
                return Response(status_code=HTTPStatus.ACCEPTED)
            number = asked["id"]
            result = await self._result(_App(self._app, request), str(asked.get("method")), asked.get("params"))
        except _RefusedError as error:
            said = {"jsonrpc": "2.0", "id": number, "error": {"code": error.code, "message": str(error)}}
            status = HTTPStatus.OK if number is not None else HTTPStatus.BAD_REQUEST
            return JSONResponse(said, status)
        return JSONResponse({"jsonrpc": "2.0", "id": number, "result": result})

    async def _result(self, app: _App, method: str, parameters: Any) -> dict[str, Any]:
        given = parameters if isinstance(parameters, dict) else {}
        match method:
            case "initialize":
                wanted = given.get("protocolVersion")
                version = wanted if wanted in _VERSIONS else _VERSIONS[0]
                can: dict[str, Any] = {"tools": {}}
                about = {"serverInfo": self._server, "instructions": self._about}
                return {"protocolVersion": version, "capabilities": can, **about}
            case "ping":
                return {}
            case "tools/list":
                return {"tools": [one.described() for one in (await _tools(app)).values()]}
            case "tools/call":
                tool = (await _tools(app)).get(str(given.get("name")))
                if tool is None:
                    raise _RefusedError(_PARAMETERS, "There is no such tool; tools/list names those that there are.")
                try:
                    return await tool.called(app, given.get("arguments") or {})
                except _FailedError as error:
                    return {"content": [{"type": "text", "text": str(error)}], "isError": True}
        raise _RefusedError(_NO_METHOD, "This server has tools alone.")


class _App:
    """The app behind this one, asked in the name of the client: by its address, behind the same prefix."""

    def __init__(self, app: ASGIApp, request: Request) -> None:
        self._app, self._scope, self._gone = app, request.scope, request.receive
        self._root = _PATH.sub("", request.scope["path"])

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """The status and the whole body of an answer."""
        headers = [(name, value) for name, value in self._scope["headers"] if name in (b"host", b"cookie")]
        headers += [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        path = f"{self._root}{_PREFIX}{path}"
        asked = {"method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        parts: list[bytes] = []
        status, sent = 0, False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                return await self._gone()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def take(part: Message) -> None:
            nonlocal status
            status = part.get("status", status)
            parts.append(part.get("body", b""))

        await self._app({**self._scope, **asked}, receive, take)
        return status, b"".join(parts)


@dataclass(frozen=True)
class _Tool:
    """One verb of the API, as /gradio_api/info describes it."""

    name: str
    about: str
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]

    def described(self) -> dict[str, Any]:
        """Its entry in the list of tools."""
        properties = {one["parameter_name"]: _schema(one) for one in self.inputs}
        required = [one["parameter_name"] for one in self.inputs if not _may_be_left_out(one)]
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        about = {"name": self.name, "description": self.about, "inputSchema": schema, "annotations": _HARMLESS}
        data = [one["type"] for one in self.outputs if not _is_file_type(one)]
        return about | ({"outputSchema": _result_schema(data[0])} if data else {})

    async def called(self, app: _App, given: Any) -> dict[str, Any]:
        """The result of a call.

        Raises: _FailedError with the app's own sentence.
        """
        known = [one["parameter_name"] for one in self.inputs]
        if not isinstance(given, dict) or not given.keys() <= set(known):
            raise _FailedError(f"The inputs of {self.name} are: {', '.join(known)}.")
        missing = [one["parameter_name"] for one in self.inputs if not _may_be_left_out(one)]
        if any(given.get(name) is None for name in missing):
            raise _FailedError(f"{self.name} needs: {', '.join(missing)}.")
        sent = [await _value(app, one, given) for one in self.inputs]
        values = await _finished(app, self.name, json.dumps({"data": sent}).encode())
        content, data = [], []
        for value in values:
            if _is_file(value):
                content.append(await _picture(app, value))
            else:
                data.append(value)
        content[:0] = [{"type": "text", "text": json.dumps(value, ensure_ascii=False)} for value in data]
        return {"content": content, **({"structuredContent": {"result": data[0]}} if data else {})}


_HARMLESS = {"readOnlyHint": True, "openWorldHint": False}


async def _tools(app: _App) -> dict[str, _Tool]:
    """All verbs by their names."""
    status, said = await app.ask("GET", "/info")
    if status != HTTPStatus.OK:
        raise _RefusedError(_INVALID, "The app cannot be asked for its verbs now; is a login needed?")
    verbs = json.loads(said)["named_endpoints"].items()
    return {
        path.lstrip("/"): _Tool(path.lstrip("/"), verb["description"], verb["parameters"], verb["returns"])
        for path, verb in verbs
    }


async def _value(app: _App, field: dict[str, Any], given: dict[str, Any]) -> Any:
    """One input as the API takes it; a file is uploaded first, and deleted there as soon as it is read."""
    value = given.get(field["parameter_name"])
    if value is None:
        return field["parameter_default"]
    return await _uploaded(app, value) if _is_file_type(field) else value


async def _uploaded(app: _App, value: Any) -> dict[str, Any]:
    """Raises: _FailedError for anything but the file itself: no path is opened and no address is asked."""
    match = _FILE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        content = None if match is None else base64.b64decode(match["content"], validate=True)
    except binascii.Error:
        content = None
    if not content:
        raise _FailedError(
            "The file was not sent: a path or an address alone is not a file. Send the file itself as a data URI, "
            "“data:image/jpeg;base64,” and its bytes in base64."
        )
    limit = secrets.token_hex(16)
    head = f'--{limit}\r\nContent-Disposition: form-data; name="files"; filename="file"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{limit}--\r\n".encode()
    status, said = await app.ask("POST", "/upload", body, f"multipart/form-data; boundary={limit}")
    if status != HTTPStatus.OK:
        raise _FailedError(_words(said) or "The file could not be taken.")
    return {"path": json.loads(said)[0], "meta": {"_type": "gradio.FileData"}}


async def _finished(app: _App, name: str, body: bytes) -> list[Any]:
    """What a verb returned, when its turn in the queue has come.

    Raises: _FailedError with its sentence.
    """
    status, said = await app.ask("POST", f"/call/{name}", body)
    if status != HTTPStatus.OK:
        raise _FailedError(_words(said) or "The call was not taken.")
    _, events = await app.ask("GET", f"/call/{name}/{json.loads(said)['event_id']}")
    found = re.findall(r"^event: (complete|error)\ndata: (.*)$", events.decode(), re.MULTILINE)
    if not found:
        raise _FailedError("The call broke off; try again.")
    kind, data = found[-1]
    if kind == "error":
        raise _FailedError(_words(data.encode()) or "The call failed.")
    return json.loads(data)


async def _picture(app: _App, value: dict[str, Any]) -> dict[str, Any]:
    status, content = await app.ask("GET", f"/file={value['path']}")
    if status != HTTPStatus.OK:
        raise _FailedError("The picture is no longer there; try again.")
    return {"type": "image", "data": base64.b64encode(content).decode(), "mimeType": "image/png"}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise _RefusedError(_PARSE, "This is not JSON.") from None
    if not isinstance(asked, dict) or asked.get("jsonrpc") != "2.0":
        raise _RefusedError(_INVALID, "Send one request of JSON-RPC 2.0 at a time.")
    return asked


def _words(said: bytes) -> str:
    """The sentence in an answer of the app that refuses."""
    try:
        value = json.loads(said)
    except ValueError:
        return said.decode(errors="replace")[:300]
    found = value if isinstance(value, str) else (value or {}).get("error") or (value or {}).get("detail")
    return found if isinstance(found, str) else ""


def _schema(field: dict[str, Any]) -> dict[str, Any]:
    if _is_file_type(field):
        return {**_FILE_SCHEMA, "title": field["label"]}
    usual = {} if field["parameter_default"] is None else {"default": field["parameter_default"]}
    return {**field["type"], "description": field["label"], **usual}


def _result_schema(kind: dict[str, Any]) -> dict[str, Any]:
    """That of structuredContent; what the kind refers to by name must stand at the top."""
    own = {key: value for key, value in kind.items() if key != "$defs"}
    named = {"$defs": kind["$defs"]} if "$defs" in kind else {}
    return {"type": "object", "properties": {"result": own}, "required": ["result"], **named}


def _is_file_type(field: dict[str, Any]) -> bool:
    return {"path", "meta"} <= field["type"].get("properties", {}).keys()


def _may_be_left_out(field: dict[str, Any]) -> bool:
    return bool(field["parameter_has_default"])


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "path" in value and "meta" in value
