"""The linked maps with everything around them: what is chosen, selected, looked for and placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, Unpack

import gradio as gr

from fer_demo.errors import DataError
from fer_demo.inference.latent_space.map_files import selection_file
from fer_demo.inference.latent_space.projection import decode_place
from fer_demo.interface.context import AppContext
from fer_demo.interface.events import listen, picked
from fer_demo.interface.tabs.latent_space.chosen_faces import MOST_SHOWN, decoded_facts
from fer_demo.interface.tabs.latent_space.linked_maps import LinkedMaps, packed
from fer_demo.interface.tabs.latent_space.links import read_link, settings_of
from fer_demo.interface.tabs.latent_space.map_controls import MapControls, MapSettings
from fer_demo.interface.tabs.latent_space.map_panels import (
    Chosen,
    Selected,
    chosen,
    maps_and_trust,
    neighbour_rows,
    selected,
)
from fer_demo.interface.tabs.latent_space.map_view import (
    MapView,
    Rows,
    check_view,
    colour_labels,
    faces_of,
    first_view,
    methods,
    posted_place,
    posted_rows,
    stars,
    usable,
)
from fer_demo.interface.tabs.latent_space.placed_face import (
    Visitor,
    connect_placed_face,
    lay_out_placed_face,
    placed_on,
)
from fer_demo.interface.tabs.latent_space.tables import chosen_row, first_row, map_faces, table_title
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.carried import Carried, carried_faces, tabs_with
from fer_demo.interface.widgets.components import Update, components
from fer_demo.interface.widgets.downloads import Downloads, Made
from fer_demo.interface.widgets.markup import lead, message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.pick import Pick

TITLE = "Latent space"

_HELP = (
    "Each dot is one face. The model describes every face by two codes: one for the person, one for the expression. "
    "Faces with similar codes lie close together: where colours mix, the code does not tell them apart. Draw around "
    "dots to find the same faces on the other map. "
    "Click a dot to see its face, or a gap between dots to see a face that the model makes up for that spot."
)
_MISSING = (
    "There is no map yet. Whoever runs this app can make one with “python -m training project MODEL --out TABLE”, and "
    "name its folder in FER_DEMO_MAPS."
)
_HERE, _PROBED_BY = "latent_space", "leakage"  # this tab and the one of the probes, as demo.py names them
_RowsShown = Callable[[MapView, Rows, Rows, Visitor | None], Sequence[int]]  # what a row of pictures shows


# What handlers return, output by output.
_Selection = tuple[Rows, Update]
_Maps = tuple[MapView, Update, str]
_Arrival = tuple[Unpack[_Maps], Rows, Rows, None, Unpack[MapSettings]]


class _Page(NamedTuple):
    """The components of the tab.

    Events of one visitor go on at the same time. Each of the first four states is therefore written by those events
    alone that are about it, always as a whole, and the panels follow the states.
    """

    view: gr.State  # MapView
    chosen: gr.State  # Rows, of one face
    selected: gr.State  # Rows
    visitor: gr.State  # Visitor or None
    maps: LinkedMaps
    trust: gr.HTML
    notice: Notice
    of_chosen: Any  # components of Chosen, Selected and Placed
    of_selected: Any
    of_placed: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with the first example chosen."""
    if not context.maps:
        gr.HTML(message(_MISSING), apply_default_css=False)
        return
    name = next(iter(context.maps))
    faces = map_faces(context, name)
    view, row = first_view(name, faces.table), first_row(context, faces.table)
    gr.HTML(lead(_HELP), apply_default_css=False)
    choices = [(table_title(context, known), known) for known in context.maps]
    controls = MapControls.laid_out(view, faces.table, choices)
    figures, words = maps_and_trust(faces, view)
    maps = LinkedMaps(
        figures,
        labels=["Map of the faces by the first code", "Map of the faces by the second code"],
        height=440,
        scene=name,
        chosen=packed(row),
        thumbnail=lambda scene, row: map_faces(context, scene).uri(row) if scene in context.maps else "",
        elem_id="maps",
    )
    trust = gr.HTML(words, apply_default_css=False, elem_id="map-trust")
    notice = Notice()
    values = chosen(faces, view, row)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            room = 24 * (1 + len(faces.table.labels))  # a line for each fact, so that nothing moves below
            face = gr.HTML(values.face, apply_default_css=False, elem_id="chosen", min_height=max(room, 240))
        with gr.Column(scale=7, min_width=320):
            of_chosen = components(Chosen, face, *neighbour_rows(values[1:], "by"))
    gr.HTML('<h2 class="section">Selected faces</h2>', apply_default_css=False)
    summary = gr.HTML(selected(faces, ()).summary, apply_default_css=False, elem_id="selection", min_height=44)
    of_selected = components(Selected, summary, Pick(elem_id="gallery"))
    with gr.Row(elem_classes="downloads"):
        downloads = Downloads(["CSV", "Parquet"], "selection-files")
        there = bool(tabs_with(_PROBED_BY))
        probe = gr.Button("Test these for leakage", size="md", min_width=130, elem_id="probe-selection", visible=there)
        clear = gr.Button("Clear the selection", size="md", min_width=130, elem_id="clear-selection")
    field, of_placed = lay_out_placed_face(context)
    states = (gr.State(view), gr.State(Rows(name, (row,))), gr.State(Rows(name, ())), gr.State(None))
    page = _Page(*states, maps, trust, notice, of_chosen, of_selected, of_placed)
    _connect_maps(context, page)
    _connect_neighbours(context, page)
    _connect_selection(context, page, controls, clear)
    _connect_controls(context, page, controls)
    _connect_probes(context, page, probe)
    connect_placed_face(context, field, page.view, page.visitor, maps, of_placed)

    def file(kind: str, view: MapView, selection: Rows) -> Made:
        table = map_faces(context, view.name).table
        return selection_file(table, selection.of(view), view.spaces, view.method, kind)

    downloads.connect(listen, file, [page.view, page.selected], notice)


def _connect_maps(context: AppContext, page: _Page) -> None:
    """Clicks on a face and on an empty place, and what is shown of the chosen face."""

    def choose(view: MapView, event: gr.EventData) -> Rows:
        return Rows(view.name, (picked(event, len(map_faces(context, view.name).table)),))

    def show_chosen(view: MapView, face: Rows) -> Chosen:
        return chosen(map_faces(context, view.name), view, chosen_row(context, view, face))

    def show_decoded(view: MapView, face: Rows, event: gr.EventData) -> str:
        table, (panel, x, y) = map_faces(context, view.name).table, posted_place(event)
        space, row = view.spaces[panel], chosen_row(context, view, face)
        editor = context.editor(context.model_of_map(view.name))
        found = decode_place(editor, table, space, view.method, (x, y), row)
        return decoded_facts(table, found, space, row)

    shown, place = [page.view, page.chosen], page.maps.place
    listen([page.maps.select], choose, [page.view], [page.chosen], notice=page.notice)
    listen([page.view.change, page.chosen.change], show_chosen, shown, page.of_chosen, latest=True)
    listen([place], show_decoded, shown, [page.of_chosen.face], notice=page.notice, heavy=True, latest=True)


def _connect_neighbours(context: AppContext, page: _Page) -> None:
    """Clicks on a picture: a neighbour of the chosen face or of the visitor's, or one of the selected faces."""

    def near(side: int, view: MapView, face: Rows, selection: Rows, visitor: Visitor | None) -> list[int]:
        return map_faces(context, view.name).near(view.spaces[side], chosen_row(context, view, face))

    def near_visitor(side: int, view: MapView, face: Rows, selection: Rows, visitor: Visitor | None) -> list[int]:
        found = placed_on(view, visitor)
        return [] if found is None else found[view.spaces[side]].rows.tolist()

    def from_selection(view: MapView, face: Rows, selection: Rows, visitor: Visitor | None) -> tuple[int, ...]:
        return selection.of(view)[:MOST_SHOWN]

    rows_of: dict[Pick, _RowsShown] = {
        page.of_chosen.left: partial(near, 0),
        page.of_chosen.right: partial(near, 1),
        page.of_placed.left: partial(near_visitor, 0),
        page.of_placed.right: partial(near_visitor, 1),
        page.of_selected.gallery: from_selection,
    }

    def chooser(rows_shown: _RowsShown) -> Callable[..., tuple[Rows, Update]]:
        def choose(
            view: MapView, face: Rows, selection: Rows, visitor: Visitor | None, event: gr.EventData
        ) -> tuple[Rows, Update]:
            rows = rows_shown(view, face, selection, visitor)
            row = rows[picked(event, len(rows))]
            return Rows(view.name, (row,)), gr.update(chosen=packed(row))

        return choose

    inputs = [page.view, page.chosen, page.selected, page.visitor]
    for pictures, rows_shown in rows_of.items():
        listen([pictures.select], chooser(rows_shown), inputs, [page.chosen, page.maps], notice=page.notice)


def _connect_selection(context: AppContext, page: _Page, controls: MapControls, clear: gr.Button) -> None:
    """An outline drawn on a map, a person looked for, and neither; what is shown of the selected faces."""

    def outline(view: MapView, event: gr.EventData) -> Rows:
        return Rows(view.name, posted_rows(event, len(map_faces(context, view.name).table)))

    def find(view: MapView, person: str | None) -> _Selection:
        rows = faces_of(map_faces(context, view.name).table, person)
        return Rows(view.name, rows), gr.update(selected=packed(list(rows)))

    def forget(view: MapView) -> tuple[Unpack[_Selection], None]:
        return (*find(view, None), None)

    def show_selected(view: MapView, selection: Rows) -> Selected:
        return selected(map_faces(context, view.name), selection.of(view))

    found, person = [page.selected, page.maps], controls.person
    listen([page.maps.lasso], outline, [page.view], [page.selected], notice=page.notice)
    listen([person.input], find, [page.view, person], found, notice=page.notice, latest=True)
    listen([clear.click], forget, [page.view], [*found, person], notice=page.notice)
    listen([page.selected.change], show_selected, [page.view, page.selected], page.of_selected, latest=True)


def _connect_probes(context: AppContext, page: _Page, probe: gr.Button) -> None:
    """The selected faces go to the tab of the probes, which opens."""
    carried, tabs = carried_faces(), tabs_with(_PROBED_BY)

    def carry(view: MapView, selection: Rows, before: Carried | None) -> tuple[Carried, *tuple[Update, ...]]:
        table, rows = map_faces(context, view.name).table, selection.of(view)
        if not rows:
            raise DataError("No faces are selected; draw around some on a map first.")
        keys = tuple(table.keys[row] for row in rows)
        turn = 0 if before is None else before.turn + 1
        return (Carried(view.name, keys, turn), *(gr.update(selected=_PROBED_BY) for _ in tabs))

    listen([probe.click], carry, [page.view, page.selected, carried], [carried, *tabs], notice=page.notice)


def _connect_controls(context: AppContext, page: _Page, controls: MapControls) -> None:
    """Other maps of the same faces, and other faces."""
    shown = [page.view, page.maps, page.trust]
    outputs = [*shown, page.chosen, page.selected, page.visitor, *controls]

    def set_up(
        before: MapView, visitor: Visitor | None, name: str, pair: str, method: str, label: str
    ) -> _Arrival | tuple[Unpack[_Maps], *tuple[Update, ...]]:
        asked, table = MapView(name, pair, method, label), map_faces(context, name).table
        if name != before.name:
            view = replace(asked, method=usable(method, methods(table)), label=usable(label, colour_labels(table)))
            return _arrival(context, check_view(view, table), first_row(context, table), None, asked)
        figures, words = maps_and_trust(map_faces(context, name), check_view(asked, table))
        drawn = gr.update(value=figures, placed=stars(asked, placed_on(asked, visitor)))
        return (asked, drawn, words, *(gr.skip() for _ in outputs[len(shown) :]))

    inputs = [page.view, page.visitor, controls.table, controls.pair, controls.method, controls.label]
    changed = [controls.table.input, controls.pair.input, controls.method.input, controls.label.input]
    listen(changed, set_up, inputs, outputs, notice=page.notice, latest=True)
    _connect_address(context, page, controls.person, outputs)


def _connect_address(context: AppContext, page: _Page, person: gr.Dropdown, outputs: list[Any]) -> None:
    """The page's address says what is set up here, and a link sets it up again."""

    def settings(view: MapView, face: Rows, name: str | None) -> dict[str, str | None]:
        return settings_of(context, view, chosen_row(context, view, face), name)

    def follow_link(event: gr.EventData) -> _Arrival | tuple[Update, ...]:
        found = read_link(context, settings_asked(event))
        return tuple(gr.skip() for _ in outputs) if found is None else _arrival(context, *found)

    address = Address(_HERE)
    listen([address.select], follow_link, [], outputs)
    changes = [page.view.change, page.chosen.change, page.selected.change]
    listen(changes, settings, [page.view, page.chosen, person], [address], latest=True)


def _arrival(
    context: AppContext, view: MapView, row: int, person: str | None, asked: MapView | None = None
) -> _Arrival:
    """The maps of other faces with one of them chosen, a person's selected, and none of the visitor's own.

    asked: what the controls say already.
    """
    faces = map_faces(context, view.name)
    figures, words = maps_and_trust(faces, view)
    rows = faces_of(faces.table, person)
    drawn = gr.update(value=figures, scene=view.name, chosen=packed(row), selected=packed(list(rows)), placed=None)
    settings = MapSettings.of(view, faces.table, person, asked)
    return (view, drawn, words, Rows(view.name, (row,)), Rows(view.name, rows), None, *settings)
