"""`audit`: what is wrong with a dataset that is sent as a file."""

from __future__ import annotations

import gradio as gr

from fer_demo.data.cleaning import Finding, split_of
from fer_demo.data.opening import open_upload
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.inference.dataset.audit import audit_pictures
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import FILES_QUEUE, listen
from fer_demo.interface.programs.answers import Answer, AuditedSet, WrongRow
from fer_demo.interface.widgets.file_input import FileInput

MOST_ROWS, _MOST_FINDINGS = 5_000, 1_000


def publish_audit(context: AppContext) -> None:
    """Offer `/audit`."""

    def audit(dataset: tuple[str, bytes] | None) -> AuditedSet:
        """Look through a dataset of faces for damaged and blank pictures, copies, and copies whose labels differ.

        The file is a ZIP of a folder of pictures, or a Parquet or CSV file with the pictures inside, of at most 5,000
        rows. `report` counts what was found and says how many rows a clean set would keep; `findings` name the rows.
        """
        if dataset is None:
            raise DataError("There is no file yet; send a ZIP, Parquet or CSV file.")
        opened = open_upload(*dataset)
        if len(opened.source) > MOST_ROWS:
            raise DataError(
                f"The set has {len(opened.source):,} rows, and {MOST_ROWS:,} is the most that is audited here; run "
                "“python -m fer_demo audit” on it instead."
            )
        report, findings = audit_pictures(opened)
        del report["source"]  # known to whoever sent it
        return AuditedSet(report, _rows(opened.source, findings[:_MOST_FINDINGS]))

    dataset, result = FileInput(label="ZIP, Parquet or CSV file"), Answer(AuditedSet, "Audit")
    listen([gr.Button().click], audit, [dataset], [result], queue=FILES_QUEUE, api_name="audit")


def _rows(source: FaceSource, findings: tuple[Finding, ...]) -> list[WrongRow]:
    keys, splits, labels = source.column("key"), split_of(source), source.column("expression")
    return [
        WrongRow(one.row, str(keys[one.row]), splits[one.row], labels[one.row], one.problem, one.reason)
        for one in findings
    ]
