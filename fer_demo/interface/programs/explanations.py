"""`explain`: which parts of a face an answer comes from, and whether that can be believed."""

from __future__ import annotations

import gradio as gr
import numpy as np

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.asking import ANSWER, TARGETS, ask, examine
from fer_demo.inference.explain.methods import GRAD_CAM, MASKS, METHODS
from fer_demo.inference.explain.verdict import Check
from fer_demo.inference.preparation import where_fast
from fer_demo.inference.recognize.attribution import overlay, shown_heat
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.programs.answers import Answer, CheckedMap, ExplainedFace, box_of
from fer_demo.interface.tabs.recognize.service import known_answer, known_model
from fer_demo.interface.widgets.photo_input import PhotoInput

_SIDE = 320  # of the picture, pixels


def publish_explain(context: AppContext) -> None:
    """Offer `/explain`, if there is a recognizer."""
    names = list(context.recognizers.values())
    if names:
        _publish_explain(context, names)


def _publish_explain(context: AppContext, names: list[str]) -> None:
    # Clients may leave out what has a default here or a value in its component.
    def explain(
        photo: bytes | None,
        model: str,
        method: str,
        expression: str | None = None,
        other: str | None = None,
        answer: str = VOTES,
        target: str = ANSWER,
    ) -> tuple[ExplainedFace, np.ndarray]:
        """Say which parts of the largest face of a photo speak for an expression, and whether the map can be believed.

        Without `expression` the model's own answer is explained; with `other`, why it is the one and not the other.
        With another `target` than the answer: what makes the identity code this person's, or takes the expression code
        towards the expression.
        `word` is "faithful", "weak", "fails" or "no evidence", and `sentence` says why. Each check has a figure: of the
        curves, how far the map is ahead of maps that know nothing of the model; of forgotten weights and small noise,
        how alike the map stays. The picture is the aligned face under the map, the brighter the more an area counted.
        """
        asked_model, asked_answer = where_fast(known_model(context, model)), known_answer(answer)
        crop = context.crops_of_photo(photo or b"")[0]
        answered = recognize(asked_model, [crop], answer=asked_answer)[0]
        asked = ask(asked_model, crop, expression or answered.top, other, asked_answer, target)
        examination = examine(asked, crop, method, context.landmarker)
        verdict = examination.finished()
        assert examination.heat is not None  # it is finished
        found = ExplainedFace(
            box=box_of(crop),
            model=model,
            method=method,
            answer=answered.answer,
            question=asked.question.words,
            word=verdict.word,
            sentence=verdict.sentence,
            checks=[_rounded(check) for check in verdict.checks],
        )
        return found, _picture(crop, examination.heat)

    expressions = list(WITH_CONTEMPT)
    inputs = [
        PhotoInput(label="Photo"),
        gr.Dropdown(names, value=names[0], label="Model"),
        gr.Dropdown([*METHODS, *MASKS], value=GRAD_CAM, label="Method"),
        gr.Dropdown(expressions, value=None, label="Expression to explain; left out, the model's own answer"),
        gr.Dropdown(expressions, value=None, label="Expression that it is not; left out, none"),
        gr.Dropdown([VOTES, LABEL], value=VOTES, label="Answer"),
        gr.Dropdown(list(TARGETS), value=ANSWER, label="What is explained"),
    ]
    results = [Answer(ExplainedFace, "Verdict"), gr.Image(format="png", label="Map")]
    listen([gr.Button().click], explain, inputs, results, heavy=True, gpu=True, api_name="explain")


def _rounded(check: Check) -> CheckedMap:
    return CheckedMap(check.name, round(check.figure, 4), check.passed, check.words)


def _picture(crop: FaceCrop, heat: np.ndarray) -> np.ndarray:
    return overlay(crop.pixels(_SIDE), shown_heat(heat))
