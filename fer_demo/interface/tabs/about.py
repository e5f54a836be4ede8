"""About: what the models are, how well they were measured to do, where the data come from, and what not to conclude."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import gradio as gr

from fer_demo.capabilities import RecognizesExpression
from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.inference.study.citations import bibliography
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import facts, message
from fer_demo.published.differences import read_differences
from fer_demo.published.evaluation_file import EVALUATION_FILE
from fer_demo.published.model import PublishedModel

TITLE = "About"

_USE = """
<h2>What this shows, and what it does not</h2>
<p>An expression is a movement of the face. It is <strong>not the emotion that a person feels</strong>: people smile
when they are sad and frown when they think. The answers here describe a picture. They say nothing about what somebody
feels, means, or is going to do.</p>
<ul>
<li>Do not use this to judge people: not at work, at school, at a border, in court, or in medicine.</li>
<li>Do not edit a face of somebody who has not agreed to it, and say so when you show an edited face.</li>
<li>The models learned from photos that strangers had labelled. Those people often disagreed, most of all about fear,
disgust and contempt. The models repeat this.</li>
<li>How often a model is right differs between groups of people, ages, poses and light. The figures below are
averages.</li>
<li>Where a model is calibrated, a percentage says how often it was right about test photos that looked as clear to it.
Your photo may be harder than those.</li>
</ul>
<h2>Your photos</h2>
<p>A photo is read into memory, its file deleted at once, and nothing of it is written down. The server remembers it for
ten minutes, in case somebody sends the same one again. The photo that you chose last is kept, at a size for the screen,
while your page is open and for an hour after; then all of it is forgotten. What you see stays in your browser until you
close or reload the page. A face that a program asks for is a file for an hour, so that it can be fetched.</p>
"""
_DATA = (
    "The faces shown here are synthetic. fer_demo draws them from the MakeHuman head, which is free for any use (CC0).",
    "The models were trained on synthetic faces and on sets of photos which are not part of this app: FER2013 "
    "(Goodfellow et al. 2013) with the votes of FER+ (Barsoum et al. 2016), LFW (Huang et al. 2007), CK+ (Lucey et al. "
    "2010) and the Face Research Lab London Set (DeBruine and Jones 2017). The Face ResNet began with dlib's weights "
    "(King 2017), which learned from 3 million photos. The card of each model names its own sets.",
    "TDGAN is by Xie, Hu and Chen (IEEE TCSVT 2021). The pictures of what an answer rests on are made by Grad-CAM "
    "(Selvaraju et al. 2017). The maps are made by UMAP (McInnes et al. 2018). Faces are found by RetinaFace (Deng et "
    "al. 2020).",
)


def build(context: AppContext) -> None:
    """Lay out the tab; it answers to nothing."""
    with gr.Column(elem_classes="text"):
        gr.HTML(_USE, apply_default_css=False)
        gr.HTML(
            "<h2>Models</h2>" + "".join(_model(name, model) for name, model in context.models.described.items()),
            apply_default_css=False,
        )
        if context.notes:
            items = "".join(f"<li>{with_code(note)}</li>" for note in context.notes)
            gr.HTML(f"<h2>Missing in this installation</h2><ul>{items}</ul>", apply_default_css=False)
        data = "".join(f"<p>{explained(paragraph)}</p>" for paragraph in _DATA)
        gr.HTML(f"<h2>Where the data come from</h2>{data}{_citing(context)}", apply_default_css=False)


def with_code(note: str) -> str:
    """A sentence whose commands stand between backticks, as HTML."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(note))


def _citing(context: AppContext) -> str:
    """What to cite, ready to be copied."""
    return (
        "<h2>How to cite</h2><p>Cite this package, with its version, and the methods and data that you used:</p>"
        f'<pre class="bibtex" tabindex="0">{escape(bibliography(context.models))}</pre>'
    )


def _model(name: str, model: PublishedModel) -> str:
    size, colour = model.config.size, "grey" if model.config.channels == 1 else "colour"
    rows = [
        ("sees", f"{size} × {size} pixels, {colour}"),
        ("parameters", f"{model.parameter_count():,}"),
    ]
    if isinstance(model, RecognizesExpression):
        rows.insert(1, ("expressions", ", ".join(model.config.expressions)))
    if model.origin is not None:
        rows.append(("checkpoint", f"{model.origin.source}, SHA-256 {model.origin.sha256[:12]}…"))
    if licence := licence_of(name):
        rows.append(("licence", licence))
    described = f"<p>{explained(MODELS[name].description)}</p>" if name in MODELS else ""
    heading = f'<h3 id="method-{escape(name)}" tabindex="-1">{escape(title(name))}</h3>'
    return f"{heading}{described}{_page(name)}{facts(rows)}{differences(name)}{_measured(name, model)}"


def _page(name: str) -> str:
    """Where the rest of what is known about a method stands."""
    if name not in MODELS:
        return ""
    page = f"<code>docs/methods/{escape(name)}.md</code>"
    return f"<p>Its idea, drawing and equations, and what failed, are in {page} of the repository.</p>"


def licence_of(name: str) -> str:
    """The SPDX name that a bundled model's card states for its weights; empty if there is none."""
    card = BUNDLED_FOLDER / name / "README.md"
    if name not in MODELS or not card.is_file():
        return ""
    stated = re.search(r"^license: (\S+)$", card.read_text(encoding="utf-8"), re.MULTILINE)
    return "" if stated is None else stated[1]


def differences(name: str) -> str:
    """Where a bundled method differs from its paper, folded away; nothing if it is not a paper's."""
    rows = read_differences(BUNDLED_FOLDER / name) if name in MODELS else ()
    if not rows:
        return ""
    body = "".join("<tr>" + "".join(f"<td>{explained(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    head = "<thead><tr><th></th><th>The paper</th><th>Here</th></tr></thead>"
    return f"<details><summary>Differences from the paper</summary><table>{head}<tbody>{body}</tbody></table></details>"


def _measured(name: str, model: PublishedModel) -> str:
    """The figures written when exactly these weights were evaluated, folded away; nothing if there are none."""
    path = BUNDLED_FOLDER / name / EVALUATION_FILE
    if name not in MODELS or model.origin is None or not path.is_file():
        return ""
    try:
        rows = figures(json.loads(path.read_text(encoding="utf-8")), model.origin.sha256)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return message("The figures measured of this model cannot be read; install fer_demo again.")
    if not rows:
        return ""
    body = "".join("<tr>" + "".join(f"<td>{explained(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    head = "<thead><tr><th>Measured</th><th>Value</th><th>On</th></tr></thead>"
    summary = f"<summary>All {len(rows)} figures measured of this model</summary>"
    return f"<details>{summary}<table>{head}<tbody>{body}</tbody></table></details>"


def figures(evaluation: Any, sha256: str) -> list[tuple[str, str, str]]:
    """Name, value and data of every figure that was measured on the weights with this hash."""
    if not isinstance(evaluation, Mapping) or evaluation.get("weights_sha256") != sha256:
        return []
    return [
        (
            str(figure["name"]),
            f"{figure['value']:.3f}{figure.get('unit') or ''}",
            f"{figure.get('data', '')} ({figure['count']:,})" if figure.get("count") else str(figure.get("data", "")),
        )
        for figure in evaluation.get("figures", ())
    ]
