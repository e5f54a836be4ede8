"""The live camera: a box on every face and what the largest one shows, some frames a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.palette import EXPRESSION_COLOURS
from fer_demo.inference.recognize.probabilities import LABEL, VOTES
from fer_demo.inference.recognize.wording import verdict
from fer_demo.interface.tabs.recognize.posted import Posted, Service, answered
from fer_demo.interface.tabs.recognize.share_bars import NO_BARS

_SCRIPT = (Path(__file__).parents[3] / "assets" / "style" / "camera.js").read_text(encoding="utf-8")
_TEMPLATE = f"""<div class="camera sides-by-hand">
<div>
  <div class="stage"><p class="message">The camera is off.</p>
    <div class="photo" hidden><video muted playsinline></video><div class="found"></div></div></div>
  <div class="controls"><button type="button" class="own primary">Start the camera</button>
    <span class="speed" aria-live="off"></span></div>
  <p class="notice" role="alert"></p>
</div>
<div class="seen">
  <h2 class="answer">No face yet</h2>
  <p class="lead">Pictures go to the app one at a time and are not kept.</p>
  {NO_BARS}
</div>
</div>"""

_LEAD = {
    VOTES: "What people would say of the face, not what the person feels.",
    LABEL: "How the face looks to the model, not what the person feels.",
}


class Camera(gr.HTML):
    """Sends one frame after another to `service`; the value is the name of the model that is asked, and for what.

    The next frame is taken when the answer to the last one has come: frames are skipped, they never wait in line.
    """

    def __init__(self, value: tuple[str, str], *, service: Service, **options: Any) -> None:
        def seen(sent: Any) -> dict[str, Any]:
            return live_answer(answered(service, sent))

        super().__init__(
            value,
            html_template=_TEMPLATE,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            server_functions=[seen],
            colours=dict(EXPRESSION_COLOURS),
            **options,
        )

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "description": "Name of a model, and votes or label"}


def live_answer(posted: Posted) -> dict[str, Any]:
    """What the page shows about one frame: boxes in parts of it, and the words and bars of the largest face."""
    if posted.trouble:
        return {"error": posted.trouble}
    if not posted.faces:
        advice = "Face the camera, with light from the front."
        return {"faces": [], "words": "Nobody in view", "lead": advice, "shares": []}
    crop, answer = posted.faces[0]
    doubts = " ".join(crop.notes)
    return {
        "faces": [{"box": _place(one), "label": said.top} for one, said in posted.faces],
        "words": verdict(answer, crop.notes),
        "lead": doubts or _LEAD[answer.answer],
        "shares": [(name, float(share)) for name, share in zip(answer.expressions, answer.probabilities, strict=True)],
    }


def _place(crop: FaceCrop) -> tuple[float, ...]:
    """Left, top, width and height of a face, in parts of the frame."""
    if crop.face is None:
        return (0.0, 0.0, 1.0, 1.0)
    height, width = crop.photo.shape[:2]
    left, top, right, bottom = crop.face.box
    return (left / width, top / height, (right - left) / width, (bottom - top) / height)
