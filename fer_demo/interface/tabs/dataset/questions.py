"""Questions: conditions on any column, or SQL, choose the faces that the other parts show."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from fer_demo.data.query import COMPARISONS, MOST_EXPORTED, NUMBER, TABLE, Answer, choose, condition
from fer_demo.errors import DataError
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.tables import table
from fer_demo.outputs import csv_lines

TITLE = "Query"
ANSWER = "answer (CSV)"
_SHOWN_ROWS = 50
_START = choose([])
_HELP = (
    f"Choose faces by conditions, or write the question in SQL. Its table is <b>{TABLE}</b>; a question never changes "
    f"it. Where the answer has the column <b>{NUMBER}</b>, Browse shows just those faces. The two checks above add "
    "columns such as brightness and answer."
)


def build(context: AppContext, bundled: Exploration, state: Any) -> None:
    """A form that writes conditions, and the query they make."""
    conditions = gr.State([])
    with gr.Row(elem_classes="choices"):
        column = gr.Dropdown(_columns(bundled), value="expression", label="Column", elem_id="query-column")
        comparison = gr.Dropdown(list(COMPARISONS), value=COMPARISONS[0], label="Comparison")
        value = gr.Textbox(label="Value", max_lines=1, elem_id="query-value")
        add = gr.Button("Add condition", size="md", min_width=130)
    gr.HTML(f'<p class="lead">{_HELP}</p>', apply_default_css=False)
    sql = gr.Textbox(_START, label="SQL", lines=3, max_lines=12, elem_id="sql")
    with gr.Row(elem_classes="downloads"):
        run = gr.Button("Run", size="md", variant="primary", min_width=100)
        reset = gr.Button("All faces again", size="md", min_width=130)
    notice = Notice()
    answer = gr.HTML("", apply_default_css=False, elem_id="query-answer")
    Downloads((ANSWER,), "query-files").connect(listen, _take_home, [state, sql], notice)

    def append(exploration: Exploration, known: list[str], name: str, how: str, what: str) -> tuple[list[str], str]:
        kinds = exploration.query.columns()
        if name not in kinds:
            raise DataError("Choose one of this set's columns.")
        known = [*known, condition(name, kinds[name], how, what)]
        return known, choose(known)

    def ask(exploration: Exploration, query: str) -> tuple[Any, str]:
        found = exploration.query.run(query)
        chosen = gr.skip() if found.faces is None else exploration.with_chosen(found.faces)
        return chosen, _answer(found)

    def clear(exploration: Exploration) -> tuple[Any, list[str], str, str]:
        return exploration.with_chosen(None), [], _START, ""

    def renew(exploration: Exploration) -> Any:
        return gr.update(choices=_columns(exploration))

    listen([add.click], append, [state, conditions, column, comparison, value], [conditions, sql], notice=notice)
    listen([run.click], ask, [state, sql], [state, answer], notice=notice, busy=[answer])
    listen([reset.click], clear, [state], [state, conditions, sql, answer], notice=notice)
    listen([state.change], renew, [state], [column])


def _take_home(_: str, exploration: Exploration, query: str) -> Made:
    """All rows of the answer to the query as it stands there."""
    found = exploration.query.run(query, MOST_EXPORTED)
    if found.count > MOST_EXPORTED:
        raise DataError(f"This answer has {found.count:,} rows and a file takes {MOST_EXPORTED:,}; ask for less.")
    cells = (["" if value is None else value for value in row] for row in found.rows)
    return "answer.csv", "text/csv", csv_lines([found.columns, *cells]).encode()


def _columns(exploration: Exploration) -> list[str]:
    # Asked of the set rather than of the database, which is made when somebody asks a question.
    return list(dict.fromkeys([*exploration.source.labels().column_names, *exploration.measures()]))


def _answer(found: Answer) -> str:
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(value))}</td>' for value in row)}</tr>" for row in found.rows[:_SHOWN_ROWS]
    )
    first = f", the first {_SHOWN_ROWS} of them below" if found.count > _SHOWN_ROWS else ""
    words = f"{found.count:,} rows{first}."
    if found.faces is not None:
        words += f" {len(found.faces):,} faces are chosen; Browse shows them."
    return f'<p class="lead" role="status">{words}</p>' + table("query", "Answer", found.columns, rows)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = "–" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
