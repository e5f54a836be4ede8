"""All expressions at once: one face, several people or own photos with every expression, and what can be taken home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fer_demo.capabilities import Guidance
from fer_demo.errors import DataError, FerDemoError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.study.archive import StudySet
from fer_demo.inference.study.run import Study, StudyModels
from fer_demo.inference.transfer.guidance import guided
from fer_demo.inference.transfer.swap import CELL_COLUMNS, SwapMatrix, cell_rows, drawn_people, swap_row, two_way_grid
from fer_demo.inference.transfer.transfer import direction_to, photo_or_face
from fer_demo.inference.transfer.true_pairs import natural_size
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.transfer.edited_view import photo_file
from fer_demo.interface.tabs.transfer.matrix_view import grid_view, matrix_picture, matrix_view
from fer_demo.interface.tabs.transfer.request import (
    NAMED,
    STEPS,
    EditRequest,
    Inputs,
    edit_request,
    editor_of,
    guidance_for,
    person_name,
    plain_name,
)
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.file_input import FilesInput
from fer_demo.interface.widgets.markup import Thumbnail, data_uri, message, people_row, sentences
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.packing import PackedDownload, Packing
from fer_demo.outputs import csv_lines
from fer_demo.published.model import PublishedModel

DRAWN = 4  # people, beside the chosen face
MOST_PEOPLE = 12
LARGEST_SEED = 2**31 - 1
OWN, SWAPS, PHOTOS, BOTH_WAYS = "own", "swaps", "photos", "both ways"
NOT_YET = "There are no pictures yet; press “Make them all” first."


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody in the matrix, and what they are called in files."""

    name: str
    crop: FaceCrop


# Compared by identity, as ChosenFace.
@dataclass(frozen=True, eq=False)
class Draft:
    """A swap matrix on its way."""

    model: str
    who: str  # about the people, in a sentence
    people: tuple[Person, ...]
    amount: float
    matrix: SwapMatrix
    guidance: Guidance | None = None  # None where the model has none

    @property
    def complete(self) -> bool:
        return len(self.matrix.rows) == len(self.people)

    @property
    def view(self) -> str:
        return matrix_view(self.matrix, self.who, len(self.people))

    @property
    def name(self) -> str:
        """What its files are called, without their ending."""
        who = self.people[0].name if len(self.people) == 1 else f"{len(self.people)}-people"
        wanted = self.matrix.wanted
        what = wanted[0] if len(wanted) == 1 else f"{len(wanted)}-expressions"
        return plain_name(who, self.model, what, f"{self.amount:.2f}")


def lay_out_matrix(context: AppContext, inputs: Inputs, amount: Any) -> None:
    """Whom to show with which expressions, and the grid."""
    kinds = [("the face above", OWN), (f"the face above and {DRAWN} random people", SWAPS), ("my photos", PHOTOS)]
    kinds.append(("two people, two expressions", BOTH_WAYS))
    kind = gr.Radio(kinds, value=OWN, label="Whom to show", elem_id="grid-kind")
    wanted = gr.CheckboxGroup(list(BASIC), value=list(BASIC), label="Expressions", elem_id="grid-wanted")
    with gr.Column(visible=False) as photos_box:
        label = "Photos of the people: every face in them takes part"
        files = FilesInput(file_count="multiple", label=label, height=124, elem_id="grid-photos")
        found = gr.HTML(message("Drop photos above."), apply_default_css=False, elem_id="grid-people")
    seed = gr.Number(0, precision=0, label="Seed (another number draws other people)", elem_id="seed", visible=False)
    with gr.Row(elem_classes="choices"):
        make = gr.Button("Make them all", variant="primary", size="md", min_width=190, scale=0)
    notice = Notice()
    first = f"The face above with all {len(BASIC)} expressions in one go; none is left out."
    grid = gr.HTML(message(first), apply_default_css=False, elem_id="matrix")
    downloads = Downloads(("PNG", "CSV"), "matrix-files")
    with gr.Row():
        with gr.Column(min_width=320):
            photos_zip = PackedDownload("All photos (ZIP)", "photos", "matrix-photos")
        with gr.Column(min_width=320):
            study_zip = PackedDownload("One study (ZIP)", "strips", "matrix-study")
    draft, people = gr.State(None), gr.State(())
    _connect_photos(context, kind, files, people, (found, wanted, photos_box, seed))

    def begin(*values: Any) -> tuple[Draft | None, str]:
        *asked, strength, chosen, names, drawn_with, photos = values
        if chosen == PHOTOS:
            who, shown = f"{len(photos)} faces of your own photos.", tuple(photos)
            if not shown:
                raise DataError("There are no photos yet; drop some first.")
            fields = Inputs(*asked)
            guidance = guidance_for(context, fields.model, fields.by_person, fields.by_expression)
            return _begun(context, fields.model, who, shown, names, strength, guidance)
        request = edit_request(context, *asked)
        if chosen == BOTH_WAYS:
            return None, _both_ways(context, request)
        own = Person(person_name(context, request.source), request.source.crop)
        if chosen == OWN:
            return _begun(context, request.model, "The face above.", (own,), names, strength, request.guidance)
        who = f"The face above and {DRAWN} random computer-made people (seed {drawn_with})."
        everyone = (own, *_drawn(context, drawn_with))
        return _begun(context, request.model, who, everyone, names, strength, request.guidance)

    def go_on(begun: Draft | None) -> tuple[Any, Any]:
        if begun is None or begun.complete:
            return gr.skip(), gr.skip()
        longer = _longer(context, begun)
        return longer, longer.view

    asked = [*inputs, amount, kind, wanted, seed, people]
    listen([make.click], begin, asked, [draft, grid], notice=notice, heavy=True, busy=[grid])
    # Each row is an event of its own, so that rows appear as they are done and other visitors get their turns.
    listen([draft.change], go_on, [draft], [draft, grid], notice=notice, heavy=True)
    downloads.connect(listen, _file, [draft], notice)
    photos_zip.connect(listen, lambda done: _photos(context, done), [draft], notice)
    study_zip.connect(listen, lambda done: _studies(context, done), [draft], notice)


def _connect_photos(context: AppContext, kind: Any, files: Any, people: Any, parts: tuple[Any, ...]) -> None:
    found, wanted, photos_box, seed = parts

    def arrange(chosen: str) -> tuple[Any, ...]:
        shown = (chosen != BOTH_WAYS, chosen == PHOTOS, chosen == SWAPS)
        return tuple(gr.update(visible=visible) for visible in shown)

    def read(photos: Sequence[tuple[str, bytes]], known: tuple[Person, ...]) -> tuple[Any, Any]:
        if not photos:
            return gr.skip(), gr.skip()
        added, troubles = _people_of(context, photos)
        everyone = (*known, *added)
        if len(everyone) > MOST_PEOPLE:
            troubles.append(f"The first {MOST_PEOPLE} faces are taken; the others are left out.")
        everyone = everyone[:MOST_PEOPLE]
        items = [Thumbnail(data_uri(person.crop.pixels(96)), person.name, person.name) for person in everyone]
        return everyone, people_row(items, "People") + sentences(troubles)

    listen([kind.input], arrange, [kind], [wanted, photos_box, seed])
    taken = listen([files.upload], read, [files, people], [people, found], heavy=True, busy=[found])
    taken.then(None, outputs=[files], js="() => null", show_progress="hidden", api_visibility="private")


def _people_of(context: AppContext, photos: Sequence[tuple[str, bytes]]) -> tuple[list[Person], list[str]]:
    """Every face of the photos, and a sentence about each photo that has none."""
    added, troubles = [], []
    for name, content in photos:
        try:
            crops = context.crops_to_keep(content)
        except FerDemoError as error:
            troubles.append(f"{name}: {error}")
            continue
        stem = plain_name(Path(name).stem)
        added += [
            Person(stem if len(crops) == 1 else f"{stem}-face-{number}", crop)
            for number, crop in enumerate(crops, start=1)
        ]
    return added, troubles


def _begun(
    context: AppContext,
    model: str,
    who: str,
    people: tuple[Person, ...],
    names: Sequence[str],
    amount: float,
    guidance: Guidance | None = None,
) -> tuple[Draft, str]:
    wanted = tuple(name for name in BASIC if name in names)
    if not wanted:
        raise SettingsError("Choose at least one expression.")
    editor = context.editor(model)
    sizes = tuple(natural_size(editor, name, False, float(amount)) for name in wanted)
    draft = Draft(model, who, people, float(amount), SwapMatrix(wanted, (), sizes), guidance)
    return draft, draft.view


def _drawn(context: AppContext, seed: Any) -> list[Person]:
    if not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise SettingsError(f"The seed is a whole number from 0 to {LARGEST_SEED}.")
    keys = context.bundled.column("key")
    rows = drawn_people(context.bundled, DRAWN, seed)
    return [Person(str(keys[row]), context.crop_of_row(row)) for row in rows]


def _longer(context: AppContext, draft: Draft) -> Draft:
    """The draft with one more row."""
    person = draft.people[len(draft.matrix.rows)].crop
    editor, judge, wanted = _editor(context, draft), context.judge_of(draft.model), draft.matrix.wanted
    row = swap_row(editor, judge, context.embedder, person, wanted, draft.amount)
    return replace(draft, matrix=replace(draft.matrix, rows=(*draft.matrix.rows, row)))


def _editor(context: AppContext, draft: Draft) -> PublishedModel:
    return guided(context.editor(draft.model), draft.guidance)


def _done(draft: Draft | None) -> Draft:
    if draft is None or not draft.complete:
        raise DataError(NOT_YET)
    return draft


def _file(kind: str, draft: Draft | None) -> Made:
    draft = _done(draft)
    people = [person.name for person in draft.people]
    if kind == "PNG":
        return f"{draft.name}.png", "image/png", matrix_picture(draft.matrix)
    rows = cell_rows(draft.matrix, people, draft.amount, draft.guidance)
    return f"{draft.name}.csv", "text/csv", csv_lines([CELL_COLUMNS, *rows]).encode()


def _numbered(draft: Draft) -> list[tuple[str, FaceCrop]]:
    """The people by names that differ from each other."""
    return [(f"{number:02d}-{person.name}", person.crop) for number, person in enumerate(draft.people, start=1)]


def _photos(context: AppContext, draft: Draft | None) -> Packing:
    """The whole photo of everyone with every expression, each at its own size."""
    draft = _done(draft)
    editor = _editor(context, draft)

    def one(name: str, crop: FaceCrop, expression: str) -> dict[str, bytes | str]:
        photo = photo_or_face(editor, direction_to(editor, crop, expression), draft.amount)
        called = plain_name(name, draft.model, expression, f"{draft.amount:.2f}")
        file, _, content = photo_file(photo, called, visible_mark=False)
        return {file: content}

    parts = [partial(one, name, crop, asked) for name, crop in _numbered(draft) for asked in draft.matrix.wanted]
    return Packing(f"{draft.name}_photos.zip", parts)


def _studies(context: AppContext, draft: Draft | None) -> Packing:
    """A strip of everyone towards every expression, measured, with one record for all of them."""
    draft, studies = _done(draft), StudySet()
    judge, model = context.judge_of(draft.model), draft.model
    models = StudyModels(context.editor(model), judge, context.embedder, context.detector)
    if draft.amount == 0:
        raise SettingsError("At amount 0 there is no way to go towards an expression; choose another amount.")

    def study(crop: FaceCrop, wanted: str) -> Study:
        return Study(crop, None, wanted, "expression", STEPS, wanted, draft.amount, guidance=draft.guidance)

    parts = [
        partial(studies.add, name, study(crop, expression), models)
        for name, crop in _numbered(draft)
        for expression in draft.matrix.wanted
    ]
    return Packing(f"{draft.name}_study.zip", parts, studies.common)


def _both_ways(context: AppContext, request: EditRequest) -> str:
    if request.driver is None:
        raise DataError("There is no second face yet; choose one.")
    second = request.driver.crop
    expression: FaceCrop | str = request.name if request.kind == NAMED else second
    editor, judge = editor_of(context, request), context.judge_of(request.model)
    grid = two_way_grid(editor, judge, context.embedder, request.source.crop, second, expression)
    return grid_view(grid, request.name if request.kind == NAMED else "the second person's")
