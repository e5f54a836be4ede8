"""The page without a server beside the app, in headless Chromium: how alike the answers are, times, and size."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import CHROMIUM_ARGUMENTS, find_chromium
from benchmarks.machine import describe_machine
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import crop_faces
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.recognize.probabilities import VOTES, recognize
from fer_demo.inference.recognize.wording import reason, verdict
from fer_demo.inference.transfer.transfer import transfer_named
from fer_demo.outputs import write_whole
from fer_demo.settings import AppSettings
from training.publishing.web.command import ExportWebSettings, export_web

FACES = 200
RESULTS = Path(__file__).parent / "results"
_ISOLATING = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
_AT_ONCE = 10  # faces that go to the browser and come back together
# Runs in the page: its modules are imported there one by one.
_SCRIPT = """async ({faces, side}) => {
  const load = (name) => import(new URL(`pipeline/${name}.js`, location));
  const [networks, recognition, editing] = await Promise.all(['networks', 'recognition', 'editing'].map(load));
  const fetched = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  self.networks ??= {...await networks.startAnswering(fetched), ...await networks.startEditing(fetched)};
  self.settings ??= await (await fetch('models/settings.json')).json();
  const answers = [];
  for (const {pixels, name} of faces) {
    const data = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
    const photo = {width: side, height: side, channels: 3, data};
    const begin = performance.now();
    const [face] = await recognition.recognize(self.networks, self.settings, photo);
    const answered = performance.now();
    const read = await editing.readFace(self.networks, self.settings, photo, face);
    const edit = await editing.editTowards(self.networks, self.settings, face, read, name, 1);
    const {after} = editing.editedCrop(photo, face, edit);
    answers.push({...face, answer_ms: answered - begin, edit_ms: performance.now() - answered,
      edited: btoa(Array.from(after.data, (value) => String.fromCharCode(value)).join(''))});
  }
  return answers;
}"""


@contextmanager
def served(folder: Path, isolated: bool = False) -> Iterator[str]:
    """The address of a folder on this machine, as a host of files shows it.

    isolated: with the headers of the page's front matter, by which a Space lets it use several threads.
    """

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            for name, value in _ISOLATING.items() if isolated else ():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def rendered(count: int = FACES) -> list[tuple[np.ndarray, str]]:
    """Bundled faces of all people, each with the name of an expression to give it."""
    source = load_bundled()
    rows = np.linspace(0, len(source) - 1, count).astype(int)
    return [(source[int(row)].image, BASIC[index % len(BASIC)]) for index, row in enumerate(rows)]


def in_browser(page: Page, address: str, faces: Sequence[tuple[np.ndarray, str]]) -> list[dict[str, Any]]:
    """What the page's scripts say of each face: shares, words, the edited crop, and milliseconds."""
    page.goto(address)
    answers: list[dict[str, Any]] = []
    for start in range(0, len(faces), _AT_ONCE):
        batch = [{"pixels": _letters(face), "name": name} for face, name in faces[start : start + _AT_ONCE]]
        answers += page.evaluate(_SCRIPT, {"faces": batch, "side": faces[0][0].shape[0]})
    for answer in answers:
        pixels = np.frombuffer(base64.b64decode(answer["edited"]), np.uint8)
        answer["edited"] = pixels.reshape(256, 256, 3)
    return answers


def in_python(faces: Sequence[tuple[np.ndarray, str]]) -> list[dict[str, Any]]:
    """What the app says of them."""
    recognizer, editor, detector = (
        load_model(AppSettings.recognizer),
        load_model("landmark_editor"),
        RetinaFaceDetector(1),
    )
    answers = []
    for face, name in faces:
        begin = time.perf_counter()
        crop = crop_faces(face, detector)[0]
        said = recognize(recognizer, [crop], answer=VOTES)[0]
        answered = time.perf_counter()
        edited = transfer_named(editor, [crop], name)[0]
        ended = time.perf_counter()
        answers.append({
            "shares": said.probabilities,
            "name": said.top,
            "notes": list(crop.notes),
            "verdict": verdict(said, crop.notes),
            "reason": reason(said, crop.notes),
            "edited": edited,
            "answer_ms": 1000 * (answered - begin),
            "edit_ms": 1000 * (ended - answered),
        })  # fmt: skip
    return answers


def differences(page: Sequence[dict[str, Any]], app: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How far the page's answers and edits are from the app's."""
    pairs = list(zip(page, app, strict=True))
    levels = [np.abs(one["edited"].astype(int) - other["edited"].astype(int)) for one, other in pairs]
    shares = [float(np.abs(np.subtract(one["shares"], other["shares"])).max()) for one, other in pairs]
    return {
        "faces": len(pairs),
        "faces_within_0.002": sum(share <= 0.002 for share in shares),
        "largest_difference_of_a_share": max(shares),
        "mean_difference_of_an_edit_in_grey_levels": float(np.mean([level.mean() for level in levels])),
        "largest_mean_difference_of_an_edit": max(float(level.mean()) for level in levels),
        "other_words": sum(
            any(one[part] != other[part] for part in ("name", "notes", "verdict", "reason")) for one, other in pairs
        ),
    }


def middle_times(answers: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Milliseconds for one face: the median, without the first, which pays for the start."""
    later = answers[1:]
    return {part: round(median(answer[part] for answer in later), 1) for part in ("answer_ms", "edit_ms")}


def first_visit(page: Page, address: str) -> dict[str, float]:
    """Seconds from opening the page until it is ready, and from choosing a face until its answer."""
    begin = time.perf_counter()
    page.goto(address)
    page.get_by_text("Ready.", exact=True).wait_for()
    ready = time.perf_counter()
    page.get_by_role("button", name="Computer-made face, happy").click()
    page.locator(".verdict", has_text="Of ten people").wait_for()
    return {"ready_s": round(ready - begin, 2), "first_answer_s": round(time.perf_counter() - ready, 2)}


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _letters(face: np.ndarray) -> str:
    return base64.b64encode(face.tobytes()).decode()


def main() -> None:
    """Measure all and write benchmarks/results/<date>-static-page.json."""
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = export_web(ExportWebSettings(Path(temporary) / "page"))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        machine, faces = describe_machine(), rendered()
        with served(folder) as address:
            visit = first_visit(browser.new_page(), address)
            page = in_browser(browser.new_page(), address, faces)
        with served(folder, isolated=True) as address:
            view = browser.new_page()
            threaded = in_browser(view, address, faces)
            threads = view.evaluate("self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1")
        app = in_python(faces)
        found = {
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine,
            "chromium": browser.version,
            "bytes": size_of(folder),
            "first_visit": visit,
            "agreement": differences(page, app),
            "agreement_isolated": differences(threaded, app),
            "page": middle_times(page),
            "page_isolated": {"threads": threads, **middle_times(threaded)},
            "python_one_thread": middle_times(app),
        }
    write_whole(RESULTS / f"{date.today()}-static-page.json", json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
