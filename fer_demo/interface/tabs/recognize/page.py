"""Recognize: photos or a camera in; the expression of each face in words, numbers and honest doubt."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from plotly.graph_objects import Figure

from fer_demo.errors import CheckpointError, DataError, NoFaceError
from fer_demo.faces.crops import FaceCrop
from fer_demo.figures.charts import probability_bars
from fer_demo.inference.recognize.attribution import grad_cam, overlay
from fer_demo.inference.recognize.probabilities import Recognition, recognize
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.inference.recognize.votes import vote_shares, votes_in_words
from fer_demo.inference.recognize.wording import reason, verdict
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import PHOTOS_QUEUE, listen, picked, posted
from fer_demo.interface.tabs.recognize.batch import Batch
from fer_demo.interface.tabs.recognize.camera import Camera
from fer_demo.interface.tabs.recognize.comparison import lay_out_comparison
from fer_demo.interface.tabs.recognize.examples import chosen_example, crops_of_example, example_thumbnails, votes_of
from fer_demo.interface.tabs.recognize.known import Known
from fer_demo.interface.tabs.recognize.link import BATCH, CAMERA, COVERAGE, PHOTO, read_link, settings_of
from fer_demo.interface.tabs.recognize.posted import Faces
from fer_demo.interface.tabs.recognize.trust import TrustPanel
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import heading, message, picture, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.interface.widgets.plots import Plots
from fer_demo.published.calibration import COVERAGES
from fer_demo.published.evaluation_file import RecognitionTables
from fer_demo.published.model import PublishedModel

TITLE = "Recognize"

CROP_SIDE = 192  # of the pictures shown, pixels
# On a phone the answer is below what was chosen; why there is none is said at the photo field.
_TO_ANSWER = """() => { if (window.innerWidth < 700)
  document.querySelector('#photo:not(:has(.stage img)), #answer').scrollIntoView(); }"""


class _Answer(NamedTuple):
    """What the tab answers about one face; the same names hold its components and their values."""

    known: Known | None  # a Known
    heading: str
    notes: str
    doubt: str  # the prediction set and what it is worth
    coverage: Update
    crop: str
    heat: str
    bars: list[Figure]
    people: str  # what the outlined bars are
    explained: Update
    everyone: str  # a table of all faces in the photo


def build(context: AppContext) -> None:
    """Lay out the tab, with the first example answered."""
    if not context.recognizers:
        gr.HTML(message("No recognizer could be loaded; see About for the reason."), apply_default_css=False)
        return
    name = next(iter(context.recognizers.values()))
    with gr.Row(elem_classes="choices"):
        ways = [("A photo", PHOTO), ("Live camera", CAMERA), ("Many photos", BATCH)]
        way = gr.Radio(ways, value=PHOTO, label="Look at", elem_id="way", min_width=300)
        model = gr.Dropdown(list(context.recognizers.items()), value=name, label="Model", min_width=240)
    with gr.Column(elem_id="by-photo") as by_photo:
        field, coverage = _photo_part(context, model)
    with gr.Column(visible=False) as by_camera:
        look = posted(partial(_faces_if_any, context), 1)
        camera = Camera(name, service=look, elem_id="camera")
    with gr.Column(visible=False) as by_batch:
        read = posted(partial(_faces, context), 1)
        largest = context.settings.largest_upload_mb
        batch = Batch(name, service=read, coverage=COVERAGE, largest_mb=largest, elem_id="batch")
    trust = TrustPanel(name, partial(_tables, context))
    trust.connect(listen, model)
    places = components(_Places, by_photo, by_camera, by_batch)
    listen([way.input], _arrange, [way], places)
    listen([model.change], lambda chosen: (chosen, chosen), [model], [camera, batch])
    _keep_in_address(context, field, (way, model, coverage), places)
    _publish(context)


class _Places(NamedTuple):
    """The three ways to look at photos, of which one is visible; the same names hold components and updates."""

    photo: Update
    camera: Update
    batch: Update


def _keep_in_address(context: AppContext, field: FaceField, choices: tuple[Any, ...], places: Any) -> None:
    """The address follows the choices, and they follow the address with which the page is opened."""

    def remember(chosen: ChosenFace | None, way: str, model: str, coverage: float) -> dict[str, Any]:
        return settings_of(context, chosen, way, model, coverage)

    def follow_link(event: gr.EventData) -> tuple[Any, ...]:
        asked = read_link(context, settings_asked(event))
        face = [gr.skip() for _ in field.parts] if asked.chosen is None else field.show(asked.chosen)
        return (*face, asked.way, asked.model, asked.coverage, *_arrange(asked.way))

    address = Address("recognize")
    changes = [field.state.change, *(choice.input for choice in choices)]
    listen(changes, remember, [field.state, *choices], [address])
    listen([address.select], follow_link, [], [*field.parts, *choices, *places], heavy=True)


def _arrange(way: str) -> _Places:
    return _Places(*(gr.update(visible=way == one) for one in (PHOTO, CAMERA, BATCH)))


def _photo_part(context: AppContext, model: gr.Dropdown) -> tuple[FaceField, gr.Radio]:
    """One photo: its faces on the left, what the chosen one shows on the right, all models on demand below."""
    chosen = chosen_example(context)
    first = _answer(context, chosen, model.value, COVERAGE)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=5, min_width=320):
            field = FaceField(
                "Photo",
                example_thumbnails(context),
                partial(crops_of_example, context),
                context.crops_to_keep,
                chosen,
                "photo",
            )
        with gr.Column(scale=6, min_width=320):
            shown_heading = gr.HTML(first.heading, apply_default_css=False, elem_id="answer")
            notes = gr.HTML(first.notes, apply_default_css=False, elem_id="notes")
            with gr.Row(elem_classes="doubt"):
                doubt = gr.HTML(first.doubt, apply_default_css=False, min_width=200, elem_id="doubt")
                coverage = gr.Radio(
                    [(f"{share:.0%}", share) for share in COVERAGES],
                    value=COVERAGE,
                    label="How sure this list should be",
                    visible=first.coverage["visible"],
                    min_width=210,
                    elem_id="coverage",
                )
            with gr.Row(elem_classes="pictures"):
                crop = gr.HTML(first.crop, apply_default_css=False, min_width=120, elem_id="crop")
                heat = gr.HTML(first.heat, apply_default_css=False, min_width=120, elem_id="heat")
            bars = Plots(first.bars, labels=["Probability of each expression"], height=264, elem_id="bars")
            people = gr.HTML(first.people, apply_default_css=False, elem_id="people")
            explained = gr.Dropdown(
                list(context.models.described[model.value].config.expressions),
                value=first.explained["value"],
                label="Show the evidence for (or click a bar)",
                min_width=240,
            )
            notice = Notice()
    everyone = gr.HTML(first.everyone, apply_default_css=False, elem_id="everyone")
    known = gr.State(first.known)
    answer = components(
        _Answer, known, shown_heading, notes, doubt, coverage, crop, heat, bars, people, explained, everyone
    )
    field.connect(listen, picked, PHOTOS_QUEUE)
    _connect(context, field, model, answer, notice)
    lay_out_comparison(context, field)
    return field, coverage


def _connect(context: AppContext, field: FaceField, model: gr.Dropdown, answer: Any, notice: Notice) -> None:
    def show(chosen: ChosenFace | None, name: str, coverage: float) -> _Answer:
        return _answer(context, chosen, name, coverage)

    def promise(known: Known | None, coverage: float) -> tuple[str, str]:
        return ("", "") if known is None else (known.doubt(coverage), known.everyone(coverage))

    def explain(chosen: ChosenFace | None, name: str, expression: str) -> str:
        return _heat(context, _meant(chosen), name, expression)

    def explain_bar(chosen: ChosenFace | None, name: str, event: gr.EventData) -> tuple[str, str]:
        expressions = _described(context, name).config.expressions
        expression = expressions[picked(event, len(expressions))]
        return expression, _heat(context, _meant(chosen), name, expression)

    inputs = [field.state, model]
    asked, changes = [*inputs, answer.coverage], [field.state.change, model.input]
    shown = listen(changes, show, asked, answer, notice=notice, heavy=True, busy=[answer.heading])
    shown.then(None, js=_TO_ANSWER, show_progress="hidden", api_visibility="private")
    # The coverage may be changed while an answer is on its way, so both events update it.
    promised = [answer.known.change, answer.coverage.input]
    listen(promised, promise, [answer.known, answer.coverage], [answer.doubt, answer.everyone])
    listen([answer.explained.input], explain, [*inputs, answer.explained], [answer.heat], notice=notice, heavy=True)
    explained = [answer.explained, answer.heat]
    listen([answer.bars.select], explain_bar, inputs, explained, notice=notice, heavy=True)


def _publish(context: AppContext) -> None:
    """The same service for programs."""

    def recognize_photo(photo: bytes | None, model: str) -> list[dict[str, Any]]:
        """Find all faces in a photo and give, for each, its box in pixels and the probability of every expression.

        The largest face comes first. Probabilities describe the expression shown, not what the person feels. `sets`
        holds, for a calibrated model, the expressions that may be right: for 80, 90 or 95 % of faces the right one is
        among them.
        """
        return [_as_json(crop, answer) for crop, answer in _faces(context, photo or b"", model)]

    with gr.Column(visible=False):
        photo, result = PhotoInput(label="Photo"), gr.JSON(label="Faces")
        model = gr.Dropdown(
            list(context.recognizers.values()), value=next(iter(context.recognizers.values())), label="Model"
        )
        listen([gr.Button().click], recognize_photo, [photo, model], [result], heavy=True, api_name="recognize")


def _as_json(crop: FaceCrop, answer: Recognition) -> dict[str, Any]:
    coverages = COVERAGES if answer.calibration is not None else ()
    return {
        "box": None if crop.face is None else [round(edge, 1) for edge in crop.face.box],
        "expression": answer.top,
        "probabilities": {
            name: round(float(value), 4) for name, value in zip(answer.expressions, answer.probabilities, strict=True)
        },
        "sets": {f"{coverage:.0%}": list(answer.prediction_set(coverage)) for coverage in coverages},
        "notes": list(crop.notes),
    }


def _faces(context: AppContext, content: bytes, model: str) -> Faces:
    """Every face of a photo with its answer, the largest first."""
    crops = context.crops_of_photo(content)
    return list(zip(crops, recognize(_model(context, model), crops), strict=True))


def _faces_if_any(context: AppContext, content: bytes, model: str) -> Faces:
    try:
        return _faces(context, content, model)
    except NoFaceError:
        return []


def _answer(context: AppContext, chosen: ChosenFace | None, model_name: str, coverage: float) -> _Answer:
    if chosen is None:
        nothing = heading("No face yet", "Choose a photo to begin.")
        hidden = gr.update(visible=False)
        return _Answer(None, nothing, "", "", hidden, "", "", [], "", hidden, "")
    model, crop = _model(context, model_name), chosen.crop
    known = Known(chosen, recognize(model, chosen.crops))
    answer, votes = known.answers[chosen.index], votes_of(context, chosen)
    shares = None if votes is None else vote_shares(votes, answer.expressions)
    which = f"Face {chosen.index + 1} of {len(chosen.crops)}. " if len(chosen.crops) > 1 else ""
    return _Answer(
        known=known,
        heading=heading(verdict(answer, crop.notes), which + reason(answer, crop.notes)),
        notes=sentences(crop.notes),
        doubt=known.doubt(coverage),
        coverage=gr.update(visible=answer.calibration is not None),
        crop=picture(crop.pixels(CROP_SIDE), "The aligned face, as the model gets it", "Aligned face"),
        heat=_heat(context, crop, model_name, answer.top),
        bars=[probability_bars(answer.expressions, answer.probabilities, shares)],
        people="" if votes is None or shares is None else sentences([votes_in_words(votes, answer.expressions)]),
        explained=gr.update(choices=list(answer.expressions), value=answer.top, visible=True),
        everyone=known.everyone(coverage),
    )


def _heat(context: AppContext, crop: FaceCrop, model_name: str, expression: str) -> str:
    heat = grad_cam(_model(context, model_name), crop, expression)
    words = f"Evidence for {expression}" if heat.any() else f"No evidence for {expression}"
    brighter = f"{words}: the brighter an area, the more it counted"
    return picture(overlay(crop.pixels(CROP_SIDE), heat), brighter, brighter if heat.any() else words)


def _meant(chosen: ChosenFace | None) -> FaceCrop:
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    return chosen.crop


def _tables(context: AppContext, name: str) -> RecognitionTables | None:
    try:
        return measured_tables(name, _described(context, name))
    except CheckpointError:  # a damaged file costs the panel its figures, not the visitor the tab
        return None


def _model(context: AppContext, name: str) -> PublishedModel:
    return context.models[_known(context, name)]


def _described(context: AppContext, name: str) -> PublishedModel:
    return context.models.described[_known(context, name)]


def _known(context: AppContext, name: str) -> str:
    if name not in context.recognizers.values():
        raise CheckpointError("There is no such model here; choose one from the list.")
    return name
