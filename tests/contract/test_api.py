"""Every verb of docs/api.md, called by `gradio_client` and by an MCP client as the document shows, and badly."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
import httpx
import numpy as np
import pytest
import uvicorn
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image
from pydantic import TypeAdapter

from fer_demo.data.loading import load_bundled
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.interface.context import AppContext
from fer_demo.interface.demo import build_demo, launch_options
from fer_demo.interface.programs import answers
from fer_demo.interface.tabs.latent_space.placed_face import place_on_map
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.settings import AppSettings
from tests.architecture.project import ROOT, text_of

DOCUMENT = text_of(ROOT / "docs" / "api.md")
USUAL = "http://127.0.0.1:7860"
START = re.search(r"## In Python.*?```python\n(.*?)```", DOCUMENT, re.DOTALL)[1]  # type: ignore[index]
EXAMPLES = dict(re.findall(r"^### (\w+)\n.*?```python\n(.*?)```", DOCUMENT, re.DOTALL | re.MULTILINE))
AGENT = re.search(r"## From an agent.*?```python\n(.*?)```", DOCUMENT, re.DOTALL)[1]  # type: ignore[index]
KINDS: dict[str, Any] = {
    "faces": list[answers.FoundFace],
    "recognize": list[answers.RecognizedFace],
    "explain": answers.ExplainedFace,
    "change": answers.ChangedFace,
    "encode": list[answers.EncodedFace],
    "expression_size": answers.Size,
    "interpolate": answers.MeasuredWalk,
    "project": answers.ProjectedFace,
    "leakage": answers.ModelLeakage,
    "audit": answers.AuditedSet,
}
INPUTS: dict[str, dict[str, Any]] = {
    "faces": {},
    "recognize": {"answer": "label"},
    "explain": {"method": "occlusion", "expression": "happy", "other": "surprise"},
    "change": {"expression": "surprise"},
    "encode": {},
    "transfer": {"expression": "sad"},
    "expression_size": {"expression": "sad"},
    "interpolate": {"expression": "sad", "steps": 3},
    "project": {"neighbours": 2},
    "leakage": {},
    "audit": {},
}
FILE_OF = {"audit": ("dataset", "faces.zip")} | dict.fromkeys(("leakage", "expression_size"))


@pytest.fixture(scope="module")
def context() -> AppContext:
    return AppContext.create(AppSettings())


@pytest.fixture(scope="module")
def address(context: AppContext) -> Iterator[str]:
    """The app, served as `python app.py` serves it."""
    demo = build_demo(context)
    demo.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, **launch_options(context))
    yield demo.local_url.rstrip("/")
    demo.close()


@pytest.fixture(scope="module")
def client(address: str, folder: Path) -> Client:
    return Client(address, verbose=False, download_files=str(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the examples name: two photos, and a set with a copy in it."""
    folder, faces = tmp_path_factory.mktemp("api"), load_bundled()
    labels = faces.column("expression")
    for name, expression in (("photo.jpg", "happy"), ("driver.jpg", "surprise")):
        Image.fromarray(faces[labels.index(expression)].image).resize((300, 300)).save(folder / name, quality=95)
    with zipfile.ZipFile(folder / "faces.zip", "w") as archive:
        for row, name in ((0, "a"), (1, "b"), (0, "c")):
            picture = io.BytesIO()
            Image.fromarray(faces[row].image).save(picture, format="PNG")
            archive.writestr(f"{labels[row]}/{name}.png", picture.getvalue())
    return folder


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run_example(code: str, address: str, names: dict[str, Any]) -> dict[str, Any]:
    exec(compile(code.replace(USUAL, address), "docs/api.md", "exec"), names)
    return names


def data_uri(path: Path) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(path.read_bytes()).decode()


def inputs_of(verb: str, folder: Path, send: Callable[[Path], Any]) -> dict[str, Any]:
    given = FILE_OF.get(verb, ("photo", "photo.jpg"))
    return INPUTS[verb] | ({} if given is None else {given[0]: send(folder / given[1])})


def tool_calls(address: str, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """The results of tools, all called at once."""

    async def ask() -> list[Any]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp") as (read, write, *_),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await asyncio.gather(*(session.call_tool(name, given) for name, given in calls))

    return asyncio.run(ask())


def posted(address: str, body: Any) -> httpx.Response:
    return httpx.post(f"{address}/gradio_api/mcp", json=body, timeout=60)


def call(address: str, name: str, given: Any) -> dict[str, Any]:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": given}}
    return posted(address, asked).json()


def test_programs_are_told_of_the_documented_verbs_and_of_nothing_else(address: str) -> None:
    told = httpx.get(f"{address}/gradio_api/info").json()
    assert {name.lstrip("/") for name in told["named_endpoints"]} == set(EXAMPLES) == set(INPUTS)
    assert told["unnamed_endpoints"] == {}
    for name, verb in told["named_endpoints"].items():
        assert len(verb["description"]) > 60, name
        assert all(one["label"] for one in verb["parameters"])
        assert all(one["type"] for one in verb["returns"])


@pytest.mark.parametrize("verb", EXAMPLES)
def test_the_example_of_each_verb_runs_as_printed(
    verb: str, address: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    names = run_example(START, address, {})
    capsys.readouterr()
    run_example(EXAMPLES[verb], address, names)
    assert len(capsys.readouterr().out) > 3


@pytest.mark.parametrize("verb", KINDS)
def test_every_verb_gives_programs_and_agents_the_same_typed_answer(
    verb: str, client: Client, address: str, folder: Path
) -> None:
    found = client.predict(**inputs_of(verb, folder, handle_file), api_name=f"/{verb}")
    found = found[0] if verb in ("explain", "change", "interpolate") else found
    TypeAdapter(KINDS[verb]).validate_python(found)
    (told,) = tool_calls(address, (verb, inputs_of(verb, folder, data_uri)))
    assert not told.isError
    assert told.structuredContent["result"] == found


def test_agents_are_told_of_what_type_each_answer_is(address: str) -> None:
    told = posted(address, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).json()["result"]["tools"]
    schemas = {tool["name"]: tool.get("outputSchema") for tool in told}
    assert {name for name, schema in schemas.items() if schema} == set(KINDS)
    for name, kind in KINDS.items():
        own = TypeAdapter(kind).json_schema()
        named = {"$defs": own.pop("$defs")} if "$defs" in own else {}
        assert schemas[name] == {"type": "object", "properties": {"result": own}, "required": ["result"], **named}


def test_the_numbers_are_those_of_the_face_that_was_sent(client: Client, folder: Path) -> None:
    photo = handle_file(folder / "photo.jpg")
    (face,) = client.predict(photo, api_name="/faces")
    (seen,) = client.predict(photo, api_name="/recognize")
    assert face["box"] == seen["box"]
    assert seen["expression"] == "happy"
    assert list(seen["probabilities"]) == list(WITH_CONTEMPT)
    walk, _ = client.predict(photo, "surprise", steps=3, api_name="/interpolate")
    assert walk["columns"]["alpha"] == [0, 0.5, 1]
    assert walk["columns"]["surprise"][2] > walk["columns"]["surprise"][0] + 0.3
    by_driver, _ = client.predict(photo, steps=2, driver=handle_file(folder / "driver.jpg"), api_name="/interpolate")
    assert by_driver["expression"] in BASIC
    assert by_driver["columns"]["happy"][1] < by_driver["columns"]["happy"][0]
    audited = client.predict(handle_file(folder / "faces.zip"), api_name="/audit")
    assert (audited["report"]["rows"], audited["report"]["kept"]) == (3, 2)
    assert [one["problem"] for one in audited["findings"]] == ["copy"]


def test_an_explanation_comes_with_its_checks_and_its_map(client: Client, folder: Path) -> None:
    photo = handle_file(folder / "photo.jpg")
    found, picture = client.predict(photo, api_name="/explain")
    assert (found["question"], found["answer"], found["method"]) == ("happy", "votes", "Grad-CAM")
    assert found["sentence"].lower().startswith(found["word"])
    assert [check["name"] for check in found["checks"]][:3] == ["deletion", "insertion", "ROAD"]
    assert all(-1 <= check["figure"] <= 1 and check["words"].endswith(".") for check in found["checks"])
    other, _ = client.predict(photo, other="surprise", method="region Shapley", api_name="/explain")
    assert other["question"] == "happy and not surprise"
    with Image.open(picture) as shown:
        assert shown.format == "PNG"
        assert np.ptp(np.asarray(shown), axis=2).max() > 100  # heat has colours


def test_a_change_comes_with_what_moved_and_its_picture(client: Client, folder: Path) -> None:
    found, picture = client.predict(handle_file(folder / "photo.jpg"), "surprise", api_name="/change")
    assert (found["before"], found["after"]) == ("happy", "surprise")
    assert 0.1 < found["step"] < 4
    assert list(map(abs, found["movements"].values())) == sorted(map(abs, found["movements"].values()), reverse=True)
    (seen,) = client.predict(handle_file(picture), answer="label", api_name="/recognize")
    assert seen["expression"] == "surprise"
    with pytest.raises(AppError, match="joyful"):
        client.predict(handle_file(folder / "photo.jpg"), "joyful", api_name="/change")


def test_a_face_has_the_place_and_the_neighbours_that_the_page_shows(
    client: Client, context: AppContext, folder: Path
) -> None:
    place = client.predict(handle_file(folder / "photo.jpg"), neighbours=3, api_name="/project")
    crop, table = context.crops_of_photo((folder / "photo.jpg").read_bytes())[0], context.maps[place["map"]]
    shown = place_on_map(context, place["map"], crop, 3)
    assert set(place["spaces"]) == set(shown)
    for space, found in place["spaces"].items():
        assert [one["key"] for one in found["nearest"]] == [table.keys[row] for row in shown[space].rows]
        assert [one["distance"] for one in found["nearest"]] == sorted(one["distance"] for one in found["nearest"])
        for method, spot in found["spots"].items():
            assert (spot["x"], spot["y"]) == pytest.approx(shown[space].places[method].xy, abs=1e-3)


def test_the_example_for_agents_runs_as_printed(
    address: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    run_example(AGENT, address, {})
    said = capsys.readouterr().out
    assert all(f"'{verb}'" in said for verb in EXAMPLES)
    assert "happy" in said
    with Image.open(folder / "surprised.png") as picture:
        assert "Synthetic" in picture.info["Description"]


def test_several_calls_at_once_with_one_picture_are_all_answered(address: str, folder: Path) -> None:
    given = {"photo": data_uri(folder / "photo.jpg")}
    found = tool_calls(address, *[("recognize", given)] * 12, *[("faces", given)] * 12)
    assert not [one for one in found if one.isError]
    assert len({str(one.structuredContent) for one in found}) == 2


def test_nothing_is_left_on_disk_of_what_an_agent_sent(address: str, folder: Path) -> None:
    kept = Path(PhotoInput().GRADIO_CACHE)
    Image.open(folder / "photo.jpg").resize((310, 310)).save(folder / "other.jpg")
    before = set(kept.rglob("*/file"))  # as the upload is called; other tests write other names at the same time
    assert not call(address, "faces", {"photo": data_uri(folder / "other.jpg")})["result"].get("isError")
    assert set(kept.rglob("*/file")) - before == set()


def test_the_page_travels_packed_to_a_browser_that_unpacks_it(address: str) -> None:
    plain, packed = (httpx.get(address, headers={"Accept-Encoding": way}) for way in ("identity", "gzip"))
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert packed.headers["content-security-policy"] == plain.headers["content-security-policy"]


def test_the_app_is_called_behind_a_prefix(context: AppContext, folder: Path) -> None:
    options, port = launch_options(context), free_port()
    del options["share"], options["state_session_capacity"]  # only launch takes them
    program = gr.mount_gradio_app(fastapi.FastAPI(), build_demo(context), "/inside/lab", **options)
    # A proxy takes this one's prefix away before it asks.
    program = gr.mount_gradio_app(program, build_demo(context), "/", root_path="/lab", **options)
    server = uvicorn.Server(uvicorn.Config(program, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        address = f"http://127.0.0.1:{port}/inside/lab"
        found = Client(address, verbose=False).predict(handle_file(folder / "photo.jpg"), api_name="/faces")
        (told,) = tool_calls(address, ("faces", {"photo": data_uri(folder / "photo.jpg")}))
        edits = [
            tool_calls(place, ("transfer", inputs_of("transfer", folder, data_uri)))[0]
            for place in (address, f"http://127.0.0.1:{port}")
        ]
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
    assert told.structuredContent["result"] == found
    assert [edited.content[0].type for edited in edits] == ["image", "image"]
    assert edits[0].content[0].data == edits[1].content[0].data


@pytest.mark.parametrize(
    "way", ["path", "address", "file data", "link to a file", "list", "number", "damaged", "empty"]
)
def test_an_agent_that_names_a_file_is_told_to_send_it_and_nothing_is_opened_or_fetched(
    way: str, address: str, folder: Path, visits: tuple[str, list[str]]
) -> None:
    url, seen = visits
    path = str(folder / "photo.jpg")
    sent: dict[str, Any] = {
        "path": path,
        "address": url,
        "file data": {"path": path, "meta": {"_type": "gradio.FileData"}},
        "link to a file": {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}},
        "list": [path],
        "number": 7,
        "damaged": "data:image/png;base64,!!!",
        "empty": "data:image/png;base64,",
    }
    result = call(address, "recognize", {"photo": sent[way]})["result"]
    assert result["isError"]
    assert "The file was not sent" in result["content"][0]["text"]
    assert seen == []


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and who came."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def wait() -> None:
            try:
                while True:
                    server.accept()[0].close()
                    seen.append("somebody")
            except OSError:
                pass

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/photo.jpg", seen
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


@pytest.mark.parametrize("field", ["photo", "model", "answer"])
def test_an_address_in_any_input_of_a_verb_is_not_fetched(
    field: str, address: str, visits: tuple[str, list[str]]
) -> None:
    url, seen = visits
    file = {"path": url, "meta": {"_type": "gradio.FileData"}}
    data = [file if field == one else None for one in ("photo", "model", "answer")]
    event = httpx.post(f"{address}/gradio_api/call/recognize", json={"data": data}).json()["event_id"]
    said = httpx.get(f"{address}/gradio_api/call/recognize/{event}", timeout=60).text
    assert "The file was not sent" in said
    assert seen == []


def test_a_dataset_that_is_named_and_not_sent_is_not_fetched(address: str, visits: tuple[str, list[str]]) -> None:
    url, seen = visits
    for sent in (url, {"path": url, "meta": {"_type": "gradio.FileData"}}, "faces.zip", 7):
        event = httpx.post(f"{address}/gradio_api/call/audit", json={"data": [sent]}).json()["event_id"]
        assert "The file was not sent" in httpx.get(f"{address}/gradio_api/call/audit/{event}", timeout=60).text
    assert seen == []


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("recognize", {"model": "nobody"}, "nobody"),
        ("recognize", {"answer": "feelings"}, "feelings"),
        ("transfer", {"expression": "joyful"}, "joyful"),
        ("transfer", {"alpha": 9}, "between -0.5 and 1.5, not 9"),
        ("transfer", {"alpha": "far"}, "does not fit transfer"),
        ("transfer", {"guidance_person": 9}, "between 0 and 4, not 9"),
        ("transfer", {"model": "warp_editor"}, "was replaced by landmark_editor"),
        ("interpolate", {"steps": 1}, "between 2 and 101, not 1"),
        ("interpolate", {"steps": 1000}, "between 2 and 101, not 1000"),
        ("project", {"neighbours": 0}, "between 1 and 50, not 0"),
        ("project", {"map_name": "../secret"}, "secret"),
        ("encode", {"model": "expression_classifier"}, "expression_classifier"),
        ("explain", {"method": "tea leaves"}, "tea leaves"),
        ("explain", {"expression": "sad", "other": "sad"}, "two different expressions"),
        ("explain", {"method": "mask of stage 1"}, "use occlusion instead, or choose residual_masking"),
        ("explain", {"target": "this person"}, "no identity code"),
        ("explain", {"target": "the expression code", "other": "sad"}, "with the answer alone"),
        ("explain", {"expression": "contempt", "answer": "label"}, "does not know 'contempt'"),
        ("faces", {"photos": 1}, "The inputs of faces are: photo"),
    ],
)
def test_wrong_names_and_numbers_are_one_sentence_for_agents_and_programs(
    verb: str, given: dict[str, Any], words: str, client: Client, address: str, folder: Path
) -> None:
    result = call(address, verb, {"photo": data_uri(folder / "photo.jpg"), **given})["result"]
    assert result["isError"]
    assert words in result["content"][0]["text"]
    assert "Traceback" not in str(result)
    if verb != "faces":
        with pytest.raises(AppError, match=re.escape(words)):
            client.predict(handle_file(folder / "photo.jpg"), **given, api_name=f"/{verb}")


def test_a_driver_for_an_editor_by_name_is_refused_in_a_sentence(client: Client, folder: Path) -> None:
    photo, driver = (handle_file(folder / name) for name in ("photo.jpg", "driver.jpg"))
    for verb in ("/transfer", "/interpolate"):
        with pytest.raises(AppError, match="This model knows expressions by their names alone"):
            client.predict(photo, model="pixel_regression", driver=driver, api_name=verb)


def test_photos_that_are_none_or_show_nobody_are_a_sentence(address: str, folder: Path) -> None:
    (folder / "words.jpg").write_text("no picture at all")
    Image.new("RGB", (300, 300), (128, 128, 128)).save(folder / "wall.jpg")
    assert call(address, "faces", {"photo": data_uri(folder / "wall.jpg")})["result"]["structuredContent"] == {
        "result": []
    }
    for verb in ("recognize", "explain", "encode", "transfer", "interpolate", "project"):
        said = [call(address, verb, {"photo": data_uri(folder / name)})["result"] for name in ("wall.jpg", "words.jpg")]
        assert "No face was found" in said[0]["content"][0]["text"]
        assert said[1]["isError"]
        assert "Traceback" not in str(said)
    refused = call(address, "audit", {"dataset": data_uri(folder / "words.jpg")})["result"]
    assert "neither a Parquet file nor a ZIP" in refused["content"][0]["text"]


def test_what_is_no_request_of_the_protocol_is_refused(address: str) -> None:
    place = f"{address}/gradio_api/mcp"
    assert httpx.get(place).status_code == 405
    assert httpx.post(place, content="{}", headers={"content-type": "text/plain"}).status_code == 415
    assert httpx.post(place, content="{", headers={"content-type": "application/json"}).status_code == 400
    for body in ([], {}, 7, {"jsonrpc": "1.0", "id": 1}):
        assert posted(address, body).status_code == 400
    asked = {"jsonrpc": "2.0", "id": 1, "method": "resources/list"}
    assert posted(address, asked).json()["error"]["code"] == -32601
    assert call(address, "nobody", {})["error"]["code"] == -32602
    assert posted(address, {"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
    for path in ("mcp/sse", "mcp/schema", "mcp/messages"):
        assert httpx.get(f"{address}/gradio_api/{path}").status_code == 404
