"""A small Hub on this machine, in memory, that the real huggingface_hub client reads from and pushes to."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LFS_SUFFIXES = (".safetensors", ".parquet", ".bin", ".png", ".webp")
COMMIT_TIME = "2026-01-01T00:00:00.000Z"


@dataclass
class Repository:
    """One repository: every commit's files, and the branches and tags that point at commits."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    private: bool = False  # there only for those who are logged in
    damaged: set[str] = field(default_factory=set)  # files served with one byte changed
    shortened: set[str] = field(default_factory=set)  # files whose transfer breaks off half way
    elsewhere: str = ""  # the address of another server, to which whoever asks for a large file is sent

    def commit(self, files: Mapping[str, bytes], branch: str = "main") -> str:
        """Make `files` the content of a branch and return the commit."""
        described = "".join(f"{path}:{_sha256(content)}\n" for path, content in sorted(files.items()))
        commit = hashlib.sha1(f"{len(self.commits)}\n{described}".encode()).hexdigest()
        self.commits[commit] = dict(files)
        self.refs[branch] = commit
        return commit

    def resolve(self, revision: str) -> str | None:
        """The commit of a branch, tag or commit."""
        return self.refs.get(revision, revision if revision in self.commits else None)


class LoopbackHub:
    """Repositories by (kind, id), served over HTTP on 127.0.0.1 between `start` and `stop`."""

    def __init__(self) -> None:
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.lfs: dict[str, bytes] = {}  # uploaded large files by sha256, until a commit names them
        self.out_of_order = False  # answer everything with 503
        self.stopped = False
        self.requests: list[str] = []  # "METHOD path", in order of arrival
        self.created: list[dict[str, Any]] = []  # what was asked of each new repository
        self.stages = ["RUNNING"]  # of every Space: each is told once, the last for ever
        self.logs: dict[str, list[str]] = {}  # of every Space: what its build and its run printed
        self.tokens: set[str] = set()  # every login that was shown
        handler = type("BoundHandler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Serve in a background thread."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Close the door and hang up; later connections are refused."""
        self.stopped = True
        self._server.shutdown()
        self._server.server_close()

    def add(self, repo_id: str, folder: Path, kind: str = "models") -> Repository:
        """A repository whose main branch holds the files of a folder; a known one gets another commit."""
        repository = self.repositories.setdefault((kind, repo_id), Repository())
        paths = [path for path in folder.rglob("*") if path.is_file()]
        repository.commit({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
        return repository


class _Handler(BaseHTTPRequestHandler):
    """The part of the Hub's HTTP interface that downloads and uploads use."""

    hub: LoopbackHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output quiet."""

    def do_GET(self) -> None:
        if self.hub.stopped:  # a connection that was open before
            self.close_connection = True
            return
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.requests.append(f"{self.command} {path}")
        self.hub.tokens |= {token for token in [self.headers.get("Authorization")] if token}
        if self.hub.out_of_order:
            self.refuse(503, "Unavailable")
            return
        for pattern, method in _ROUTES:
            if found := re.fullmatch(pattern, path):
                method(self, found.groupdict(), body)
                return
        self.refuse(404, "EntryNotFound")

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes | dict[str, Any] | list[Any] = b"", **headers: str) -> None:
        """Send a status, headers (underscores stand for dashes) and a body, which HEAD leaves out."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if not isinstance(body, bytes):
            headers["Content_Type"] = "application/json"
        self.send_response(status)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def refuse(self, status: int, code: str) -> None:
        """Send an error the way the Hub does: the code in a header decides which exception the client raises."""
        self.answer(status, {"error": code}, X_Error_Code=code, X_Error_Message=code)

    def find(self, where: dict[str, str]) -> tuple[Repository, str] | None:
        """The repository and commit a path names, or None after having refused."""
        repository = self.hub.repositories.get((where.get("kind") or "models", where["id"]))
        if repository is None or (repository.private and not self.headers.get("Authorization")):
            self.refuse(404 if self.headers.get("Authorization") else 401, "RepoNotFound")
            return None
        commit = repository.resolve(where.get("revision") or "main")
        if commit is None and repository.commits:
            self.refuse(404, "RevisionNotFound")
            return None
        return repository, commit or ""

    def file(self, where: dict[str, str], body: bytes) -> None:
        """One file, or its headers alone."""
        if (found := self.find(where)) is None:
            return
        repository, commit = found
        name = where["file"]
        if repository.gated:
            return self.refuse(403 if self.headers.get("Authorization") else 401, "GatedRepo")
        if name not in repository.commits[commit]:
            return self.refuse(404, "EntryNotFound")
        content = repository.commits[commit][name]
        headers = {"ETag": f'"{_etag(name, content)}"', "X_Repo_Commit": commit}
        if repository.elsewhere and _mode(name) == "lfs":
            return self.answer(302, b"", Location=f"{repository.elsewhere}/{name}", **headers)
        if name in repository.damaged:
            content = content[:-1] + bytes([content[-1] ^ 1])
        if name in repository.shortened and self.command == "GET":
            headers["Content_Length"] = str(len(content))
            self.close_connection = True
            content = content[: len(content) // 2]
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if part is None:
            return self.answer(200, content, Accept_Ranges="bytes", **headers)
        first, last = int(part[1]), min(int(part[2] or len(content)), len(content) - 1)
        if first > last:
            return self.answer(416, Content_Range=f"bytes */{len(content)}")
        asked = f"bytes {first}-{last}/{len(content)}"
        self.answer(206, content[first : last + 1], Content_Range=asked, **headers)

    def information(self, where: dict[str, str], body: bytes) -> None:
        """What the Hub says about a repository."""
        if (found := self.find(where)) is None:
            return
        repository, commit = found
        names = sorted(repository.commits.get(commit, {}))
        self.answer(
            200,
            {
                "_id": "0" * 24,
                "id": where["id"],
                "modelId": where["id"],
                "sha": commit,
                "private": False,
                "gated": repository.gated,
                "disabled": False,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "lastModified": COMMIT_TIME,
                "createdAt": COMMIT_TIME,
                "siblings": [{"rfilename": name} for name in names],
            },
        )

    def create(self, where: dict[str, str], body: bytes) -> None:
        """Make an empty repository."""
        wanted = json.loads(body)
        self.hub.created.append(wanted)
        kind = wanted.get("type", "model") + "s"
        repo_id = f"{wanted.get('organization') or 'me'}/{wanted['name'].split('/')[-1]}"
        self.hub.repositories.setdefault((kind, repo_id), Repository())
        prefix = "" if kind == "models" else f"{kind}/"
        self.answer(200, {"url": f"{self.hub.url}/{prefix}{repo_id}", "id": repo_id})

    def runtime(self, where: dict[str, str], body: bytes) -> None:
        """How far a Space is."""
        stage = self.hub.stages[0]
        if len(self.hub.stages) > 1:
            del self.hub.stages[0]
        self.answer(200, {"stage": stage, "hardware": {"current": None, "requested": "cpu-basic"}, "gcTimeout": None})

    def log_of_space(self, where: dict[str, str], body: bytes) -> None:
        """What a Space printed, as events."""
        lines = self.hub.logs.get(where["which"], [])
        events = "".join(f"data: {json.dumps({'data': line, 'timestamp': COMMIT_TIME})}\n\n" for line in lines)
        self.answer(200, events.encode(), Content_Type="text/event-stream")

    def approve_card(self, where: dict[str, str], body: bytes) -> None:
        """The Hub's check of a card's front matter; ours is offline, so this one always agrees."""
        self.answer(200, {"errors": [], "warnings": []})

    def plan_upload(self, where: dict[str, str], body: bytes) -> None:
        """Which files come inside the commit and which go to large-file storage first."""
        names = [file["path"] for file in json.loads(body)["files"]]
        modes = [{"path": name, "uploadMode": _mode(name), "shouldIgnore": False} for name in names]
        self.answer(200, {"files": modes})

    def plan_lfs(self, where: dict[str, str], body: bytes) -> None:
        """Where each large file is to be put."""
        objects = json.loads(body)["objects"]
        for wanted in objects:
            wanted["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{wanted['oid']}"}}
        self.answer(200, {"transfer": "basic", "objects": objects})

    def store_lfs(self, where: dict[str, str], body: bytes) -> None:
        """Receive one large file."""
        self.hub.lfs[where["oid"]] = body
        self.answer(200)

    def accept_commit(self, where: dict[str, str], body: bytes) -> None:
        """Apply the lines of a commit to a branch."""
        if (found := self.find(where)) is None:
            return
        repository, parent = found
        files = dict(repository.commits.get(parent, {}))
        for line in map(json.loads, body.splitlines()):
            change = line["value"]
            if line["key"] == "file":
                files[change["path"]] = base64.b64decode(change["content"])
            elif line["key"] == "lfsFile":
                files[change["path"]] = self.hub.lfs[change["oid"]]
            elif line["key"] == "deletedFile":
                files.pop(change["path"], None)
        commit = repository.commit(files, where["revision"])
        url = f"{self.hub.url}/{where['id']}/commit/{commit}"
        self.answer(200, {"success": True, "commitOid": commit, "commitUrl": url, "hookOutput": ""})

    def tree(self, where: dict[str, str], body: bytes) -> None:
        """The files and folders inside a folder of a revision, with those further down if asked so."""
        if (found := self.find(where)) is None:
            return
        files = found[0].commits.get(found[1], {})
        inside = f"{where['folder']}/" if where.get("folder") else ""
        below = [name for name in sorted(_with_folders(files)) if name.startswith(inside)]
        if inside and not below:
            return self.refuse(404, "EntryNotFound")
        deep = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in ("true", "1")
        self.answer(200, [_entry(name, files) for name in below if deep or "/" not in name[len(inside) :]])

    def paths(self, where: dict[str, str], body: bytes) -> None:
        """Those of the named files and folders that there are."""
        if (found := self.find(where)) is None:
            return
        files = found[0].commits.get(found[1], {})
        is_json = "json" in (self.headers.get("Content-Type") or "")
        names = json.loads(body)["paths"] if is_json else parse_qs(body.decode()).get("paths", [])
        there = _with_folders(files)
        self.answer(200, [_entry(name, files) for name in names if name in there])


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _mode(name: str) -> str:
    return "lfs" if name.endswith(LFS_SUFFIXES) else "regular"


def _etag(name: str, content: bytes) -> str:
    """sha256 of a large file, git's blob id of any other."""
    git_blob = b"blob %d\0" % len(content) + content
    return _sha256(content) if _mode(name) == "lfs" else hashlib.sha1(git_blob).hexdigest()


def _with_folders(files: Mapping[str, bytes]) -> set[str]:
    """The names of the files and of every folder they lie in."""
    parents = {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}
    return set(files) | (parents - {"."})


def _entry(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    if name not in files:
        return {"type": "directory", "path": name, "size": 0, "oid": hashlib.sha1(name.encode()).hexdigest()}
    content = files[name]
    entry: dict[str, Any] = {"type": "file", "path": name, "size": len(content), "oid": _etag(name, content)}
    if _mode(name) == "lfs":
        entry["lfs"] = {"oid": _sha256(content), "size": len(content), "pointerSize": 130}
    return entry


_REPOSITORY = r"/api/(?P<kind>models|datasets|spaces)/(?P<id>[^/]+/[^/]+)"
_ROUTES = (
    (r"/(?:(?P<kind>datasets|spaces)/)?(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", _Handler.file),
    (r"/(?:(?:datasets|spaces)/)?[^/]+/[^/]+\.git/info/lfs/objects/batch", _Handler.plan_lfs),
    (r"/lfs/(?P<oid>[0-9a-f]{64})", _Handler.store_lfs),
    (r"/api/repos/create", _Handler.create),
    (r"/api/validate-yaml", _Handler.approve_card),
    (_REPOSITORY + r"(?:/revision/(?P<revision>[^/]+))?", _Handler.information),
    (_REPOSITORY + r"/runtime", _Handler.runtime),
    (_REPOSITORY + r"/logs/(?P<which>build|run)", _Handler.log_of_space),
    (_REPOSITORY + r"/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", _Handler.tree),
    (_REPOSITORY + r"/paths-info/(?P<revision>[^/]+)", _Handler.paths),
    (_REPOSITORY + r"/preupload/(?P<revision>[^/]+)", _Handler.plan_upload),
    (_REPOSITORY + r"/commit/(?P<revision>[^/]+)", _Handler.accept_commit),
)
