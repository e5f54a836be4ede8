"""Export: the set without the problems one chooses, with a content hash, and the reason for every face left out."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from fer_demo.data.cleaning import STAYING, Cleaned, clean, clean_parquet, counts, reasons_csv
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.markup import lead
from fer_demo.interface.widgets.notice import Notice

TITLE = "Export"
CLEAN, REASONS = "clean set (Parquet)", "reasons (CSV)"
_HELP = (
    "Choose what to leave out, and take the rest home. The pictures stay as they are, and the file opens here again. "
    "The content hash is a fingerprint of all that stays: two files with the same one hold the same pictures and "
    "labels. Labels in doubt and look-alikes are guesses: look at them before you leave them out."
)


class _Shown(NamedTuple):
    """What is shown; the same names hold the components and their values."""

    problems: Update
    summary: str


def build(context: AppContext, bundled: Exploration, state: Any) -> None:
    """A box for each problem that was found, what stays, and the files."""
    gr.HTML(lead(_HELP), apply_default_css=False)
    problems = gr.CheckboxGroup([], label="Leave out", visible=False, elem_id="leave-out")
    summary = gr.HTML(_none(), apply_default_css=False, elem_id="kept")
    downloads = Downloads((CLEAN, REASONS), "clean")
    notice = Notice()

    def renew(exploration: Exploration) -> _Shown:
        found = counts(exploration.findings)
        chosen = [name for name in found if name not in STAYING]
        choices = [(f"{name} ({count:,})", name) for name, count in found.items()]
        return _Shown(gr.update(choices=choices, value=chosen, visible=bool(found)), summarize(exploration, chosen))

    listen([state.change], renew, [state], components(_Shown, problems, summary), notice=notice)
    listen([problems.input], summarize, [state, problems], [summary], notice=notice)
    downloads.connect(listen, make, [state, problems], notice)


def summarize(exploration: Exploration, problems: list[str]) -> str:
    """What stays."""
    if not exploration.findings:
        return _none()
    cleaned = _cleaned(exploration, problems)
    total = len(exploration.source)
    return (
        f'<p class="lead"><b>{len(cleaned.kept):,} of {total:,} faces stay.</b> '
        f"Content hash <bdi>sha256:{_breakable(cleaned.digest)}</bdi></p>"
    )


def make(kind: str, exploration: Exploration, problems: list[str]) -> Made:
    """One of the two files."""
    cleaned = _cleaned(exploration, problems)
    name = exploration.source.name.replace("/", "-")
    if kind == CLEAN:
        content = clean_parquet(exploration.source, cleaned)
        return f"{name}-clean-{cleaned.digest[:8]}.parquet", "application/vnd.apache.parquet", content
    return f"{name}-removed.csv", "text/csv", reasons_csv(exploration.source, cleaned.removed).encode()


def _cleaned(exploration: Exploration, problems: list[str]) -> Cleaned:
    return clean(exploration.source, exploration.findings, problems)


def _breakable(digest: str) -> str:
    """May be broken after every eight digits, for narrow screens."""
    return "<wbr>".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _none() -> str:
    return '<p class="lead">Nothing to leave out was found so far; the two checks above look for it.</p>'
