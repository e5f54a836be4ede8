"""Recognize: photos or a camera in; the expression of each face in words, numbers and honest doubt."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.attribution import grad_cam, overlay
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, answers_of, logits_of, recognize
from fer_demo.inference.recognize.reliability import measured_tables
from fer_demo.inference.recognize.votes import vote_shares, votes_in_words
from fer_demo.inference.recognize.wording import reason, verdict
from fer_demo.interface.brought_models import lay_out_model_field
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import PHOTOS_QUEUE, listen, picked, posted
from fer_demo.interface.tabs.recognize.batch import Batch
from fer_demo.interface.tabs.recognize.camera import Camera
from fer_demo.interface.tabs.recognize.carry import lay_out_carry
from fer_demo.interface.tabs.recognize.comparison import lay_out_comparison
from fer_demo.interface.tabs.recognize.examples import chosen_example, crops_of_example, example_thumbnails, votes_of
from fer_demo.interface.tabs.recognize.known import Known
from fer_demo.interface.tabs.recognize.link import BATCH, CAMERA, COVERAGE, PHOTO, read_link, settings_of
from fer_demo.interface.tabs.recognize.map_verdict import MapVerdict, ShownMap
from fer_demo.interface.tabs.recognize.service import (
    described_model,
    faces_if_any,
    faces_of,
    known_answer,
    known_model,
)
from fer_demo.interface.tabs.recognize.share_bars import NO_BARS, share_bars
from fer_demo.interface.tabs.recognize.trust import TrustPanel
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.face_field import ChosenFace, FaceField
from fer_demo.interface.widgets.markup import heading, message, picture, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.pick import Pick
from fer_demo.published.calibration import COVERAGES
from fer_demo.published.evaluation_file import RecognitionTables

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
    shown_map: ShownMap | None
    bars: str
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
        way = gr.Radio(ways, value=PHOTO, label="Look at", elem_id="way", scale=4, min_width=300)
        model = gr.Dropdown(list(context.recognizers.items()), value=name, label="Recognizer", scale=2, min_width=220)
        kinds = [("What people would say", VOTES), ("FER2013's label", LABEL)]
        kind = gr.Radio(
            kinds,
            value=VOTES,
            label="Answer with",
            visible=_has_votes(context, name),
            scale=4,
            min_width=300,
            elem_id="kind",
        )
    brought = gr.State(())  # names of models that this visitor loaded
    with gr.Column(elem_id="by-photo") as by_photo:
        field, coverage = _photo_part(context, model, kind, brought)
    with gr.Column(visible=False) as by_camera:
        look = posted(partial(faces_if_any, context), 1)
        camera = Camera((name, VOTES), service=look, elem_id="camera")
    with gr.Column(visible=False) as by_batch:
        read = posted(partial(faces_of, context), 1)
        largest = context.settings.largest_upload_mb
        batch = Batch((name, VOTES), service=read, coverage=COVERAGE, largest_mb=largest, elem_id="batch")
    lay_out_model_field(context, "recognition", brought, "own-recognizer")
    trust = TrustPanel(name, VOTES, partial(_tables, context))
    trust.connect(listen, model, kind)
    listen([brought.change], partial(_offer, context), [brought], [model])
    places = components(_Places, by_photo, by_camera, by_batch)
    listen([way.input], _arrange, [way], places)
    listen([model.change, kind.change], lambda *asked: (asked, asked), [model, kind], [camera, batch])
    listen([model.change], lambda chosen: gr.update(visible=_has_votes(context, chosen)), [model], [kind])
    _keep_in_address(context, field, (way, model, kind, coverage), places)


class _Places(NamedTuple):
    """The three ways to look at photos, of which one is visible; the same names hold components and updates."""

    photo: Update
    camera: Update
    batch: Update


def _keep_in_address(context: AppContext, field: FaceField, choices: tuple[Any, ...], places: Any) -> None:
    """The address follows the choices, and they follow the address with which the page is opened."""

    def remember(chosen: ChosenFace | None, way: str, model: str, kind: str, coverage: float) -> dict[str, Any]:
        return settings_of(context, chosen, way, model, kind, coverage)

    def follow_link(event: gr.EventData) -> tuple[Any, ...]:
        asked = read_link(context, settings_asked(event))
        face = [gr.skip() for _ in field.parts] if asked.chosen is None else field.show(asked.chosen)
        return (*face, asked.way, asked.model, asked.answer, asked.coverage, *_arrange(asked.way))

    address = Address("recognize")
    changes = [field.state.change, *(choice.input for choice in choices)]
    listen(changes, remember, [field.state, *choices], [address])
    listen([address.select], follow_link, [], [*field.parts, *choices, *places], heavy=True)


def _offer(context: AppContext, brought: tuple[str, ...]) -> Update:
    """The picker with a visitor's own models, the newest chosen."""
    if not brought:
        return gr.skip()
    return gr.update(
        choices=[*context.recognizers.items(), *((title(name), name) for name in brought)], value=brought[-1]
    )


def _arrange(way: str) -> _Places:
    return _Places(*(gr.update(visible=way == one) for one in (PHOTO, CAMERA, BATCH)))


def _photo_part(
    context: AppContext, model: gr.Dropdown, kind: gr.Radio, brought: gr.State
) -> tuple[FaceField, gr.Radio]:
    """One photo: its faces on the left, what the chosen one shows on the right, all models on demand below."""
    chosen = chosen_example(context)
    first = _answer(context, chosen, model.value, VOTES, COVERAGE)
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
            map_verdict = MapVerdict(first.shown_map)
            bars = Pick(first.bars, elem_id="bars")
            people = gr.HTML(first.people, apply_default_css=False, elem_id="people")
            explained = gr.Dropdown(
                first.explained.get("choices"),
                value=first.explained["value"],
                label="Show the evidence for (or click a bar)",
                min_width=240,
            )
            notice = Notice()
            lay_out_carry(field.state, map_verdict.state, notice)
    everyone = gr.HTML(first.everyone, apply_default_css=False, elem_id="everyone")
    known = gr.State(first.known)
    pictures = (crop, heat, map_verdict.state)
    answer = components(
        _Answer, known, shown_heading, notes, doubt, coverage, *pictures, bars, people, explained, everyone
    )
    map_verdict.connect(listen, context, notice)
    field.connect(listen, picked, PHOTOS_QUEUE)
    _connect(context, field, [model, kind], answer, notice, brought)
    lay_out_comparison(context, field, kind)
    return field, coverage


def _connect(
    context: AppContext, field: FaceField, asking: list[Any], answer: Any, notice: Notice, brought: Any
) -> None:
    def show(chosen: ChosenFace | None, name: str, kind: str, coverage: float) -> _Answer:
        return _answer(context, chosen, name, kind, coverage)

    def show_newest(chosen: ChosenFace | None, names: tuple[str, ...], kind: str, coverage: float) -> Any:
        return _answer(context, chosen, names[-1], kind, coverage) if names else [gr.skip()] * len(_Answer._fields)

    def promise(known: Known | None, coverage: float) -> tuple[str, str]:
        return ("", "") if known is None else (known.doubt(coverage), known.everyone(coverage))

    def evidence(chosen: ChosenFace | None, name: str, kind: str, expression: str) -> tuple[str, ShownMap]:
        return _heat(context, _meant(chosen), name, kind, expression)

    def evidence_of_bar(
        chosen: ChosenFace | None, name: str, kind: str, event: gr.EventData
    ) -> tuple[str, str, ShownMap]:
        expressions = logits_of(described_model(context, name), known_answer(kind))[1]
        expression = expressions[picked(event, len(expressions))]
        return expression, *_heat(context, _meant(chosen), name, kind, expression)

    inputs = [field.state, *asking]
    asked, changes = [*inputs, answer.coverage], [field.state.change, *(choice.input for choice in asking)]
    soon = partial(listen, notice=notice, heavy=True, queue=PHOTOS_QUEUE)  # not behind edits
    shown = soon(changes, show, asked, answer, busy=[answer.heading])
    shown.then(None, js=_TO_ANSWER, show_progress="hidden", api_visibility="private")
    soon([brought.change], show_newest, [field.state, brought, asking[1], answer.coverage], answer)
    # The coverage may be changed while an answer is on its way, so both events update it.
    promised = [answer.known.change, answer.coverage.input]
    listen(promised, promise, [answer.known, answer.coverage], [answer.doubt, answer.everyone])
    soon([answer.explained.input], evidence, [*inputs, answer.explained], [answer.heat, answer.shown_map])
    soon([answer.bars.select], evidence_of_bar, inputs, [answer.explained, answer.heat, answer.shown_map])


def _answer(context: AppContext, chosen: ChosenFace | None, model_name: str, kind: str, coverage: float) -> _Answer:
    if chosen is None:
        nothing = heading("No face yet", "Choose a photo to begin.")
        hidden = gr.update(visible=False)
        return _Answer(None, nothing, "", "", hidden, "", "", None, NO_BARS, "", hidden, "")
    model, crop = known_model(context, model_name), chosen.crop
    known = Known(chosen, recognize(model, chosen.crops, answer=known_answer(kind)))
    answer, votes = known.answers[chosen.index], votes_of(context, chosen)
    shares = None if votes is None else vote_shares(votes, answer.expressions)
    heat, shown_map = _heat(context, crop, model_name, kind, answer.top)
    which = f"Face {chosen.index + 1} of {len(chosen.crops)}. " if len(chosen.crops) > 1 else ""
    return _Answer(
        known=known,
        heading=heading(verdict(answer, crop.notes), which + reason(answer, crop.notes)),
        notes=sentences(crop.notes),
        doubt=known.doubt(coverage),
        coverage=gr.update(visible=answer.calibration is not None),
        crop=picture(crop.pixels(CROP_SIDE), "The aligned face, as the model gets it", "Aligned face"),
        heat=heat,
        shown_map=shown_map,
        bars=share_bars(answer.expressions, answer.probabilities, shares),
        people="" if votes is None or shares is None else sentences([votes_in_words(votes, answer.expressions)]),
        explained=gr.update(choices=list(answer.expressions), value=answer.top, visible=True),
        everyone=known.everyone(coverage),
    )


def _heat(context: AppContext, crop: FaceCrop, model_name: str, kind: str, expression: str) -> tuple[str, ShownMap]:
    asked = known_answer(kind)
    heat = grad_cam(known_model(context, model_name), crop, expression, asked)
    words = f"Evidence for {expression}" if heat.any() else f"No evidence for {expression}"
    brighter = f"{words}: the brighter an area, the more it counted"
    shown = picture(overlay(crop.pixels(CROP_SIDE), heat), brighter, brighter if heat.any() else words)
    return shown, ShownMap(crop, model_name, asked, expression)


def _meant(chosen: ChosenFace | None) -> FaceCrop:
    if chosen is None:
        raise DataError("There is no face yet; choose a photo first.")
    return chosen.crop


def _tables(context: AppContext, name: str, kind: str) -> RecognitionTables | None:
    try:
        return measured_tables(name, described_model(context, name), known_answer(kind))
    except CheckpointError:  # a damaged file costs the panel its figures, not the visitor the tab
        return None


def _has_votes(context: AppContext, name: str) -> bool:
    return VOTES in answers_of(described_model(context, name))
