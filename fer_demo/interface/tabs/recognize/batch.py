"""Many photos at once: each is sent, answered and let go before the next; a table grows, and a CSV file at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from fer_demo.inference.study.tables import RECOGNITION_COLUMNS, failed_row, recognition_row
from fer_demo.interface.tabs.recognize.posted import Posted, Service, answered
from fer_demo.interface.widgets.tables import FACE_COLUMNS, face_row, failed_file_row, table
from fer_demo.outputs import csv_lines

MOST_FILES = 200

_SCRIPT = (Path(__file__).parents[3] / "assets" / "style" / "batch.js").read_text(encoding="utf-8")
_TEMPLATE = f"""<div class="batch">
<label class="drop-many"><input type="file" multiple accept="image/*">
  <span>Drop up to {MOST_FILES} photos here or click to choose them</span></label>
<div class="controls"><progress value="0" max="1" aria-label="Photos done"></progress>
  <span class="speed" role="status">No photos yet. Each one is forgotten before the next is read.</span>
  <button type="button" class="own stop" disabled>Stop</button>
  <button type="button" class="own save" disabled>Download CSV</button></div>
<p class="notice" role="alert"></p>
{table("faces", "Faces in these photos", FACE_COLUMNS, "")}
</div>"""


class Batch(gr.HTML):
    """Sends photo after photo to `service`; the value is the name of the model that is asked, and for what."""

    def __init__(
        self, value: tuple[str, str], *, service: Service, coverage: float, largest_mb: int, **options: Any
    ) -> None:
        def read(sent: Any) -> dict[str, Any]:
            return file_answer(answered(service, sent), coverage)

        super().__init__(
            value,
            html_template=_TEMPLATE,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            server_functions=[read],
            header=csv_lines([RECOGNITION_COLUMNS]),
            largest_mb=largest_mb,
            most_files=MOST_FILES,
            **options,
        )

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "description": "Name of a model, and votes or label"}


def file_answer(posted: Posted, coverage: float) -> dict[str, Any]:
    """What one file adds to the table and to the CSV file: a row for every face, or one that says why there is none."""
    if posted.trouble:
        lines = csv_lines([failed_row(posted.name, posted.trouble)])
        return {"html": failed_file_row(posted.name, posted.trouble), "csv": lines, "faces": 0}
    shown = [face_row(posted.name, crop, answer, coverage) for crop, answer in posted.faces]
    rows = [recognition_row(posted.name, face, crop, answer) for face, (crop, answer) in enumerate(posted.faces)]
    return {"html": "".join(shown), "csv": csv_lines(rows), "faces": len(rows)}
