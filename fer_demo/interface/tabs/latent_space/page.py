"""The linked maps with everything around them: what is chosen, selected, looked for and placed."""

from __future__ import annotations

from collections.abc import Callable
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
    NOTHING_PLACED,
    Chosen,
    Placed,
    Selected,
    chosen,
    maps_and_trust,
    neighbour_rows,
    placed,
    selected,
)
from fer_demo.interface.tabs.latent_space.map_view import (
    MapView,
    check_view,
    colour_labels,
    faces_of,
    first_view,
    methods,
    people,
    posted_place,
    posted_rows,
    stars,
)
from fer_demo.interface.tabs.latent_space.placed_face import Visitor, connect_placed_face, lay_out_placed_face
from fer_demo.interface.tabs.latent_space.tables import first_row, map_faces, table_title
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.carried import Carried, carried_faces, page_tabs
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
_RowsShown = Callable[[MapView, Visitor | None], list[int]]  # what a row of pictures shows, as rows of the table


# What handlers return, output by output.
_ChosenOnMaps = tuple[MapView, Update, Unpack[Chosen]]
_Redrawn = tuple[MapView, Update, str, Unpack[Chosen], Unpack[Placed]]
_Arrival = tuple[MapView, Update, str, Unpack[Chosen], Unpack[Placed], Unpack[Selected], None, Unpack[MapSettings]]


class _Page(NamedTuple):
    """The components of the tab."""

    view: gr.State  # MapView
    visitor: gr.State  # Visitor or None
    maps: LinkedMaps
    trust: gr.HTML
    notice: Notice
    chosen: Any  # components of Chosen, Selected and Placed
    selected: Any
    placed: Any


def build(context: AppContext) -> None:
    """Lay out the tab, with the first example chosen."""
    if not context.maps:
        gr.HTML(message(_MISSING), apply_default_css=False)
        return
    name = next(iter(context.maps))
    faces = map_faces(context, name)
    view = first_view(name, faces.table, first_row(context, faces.table))
    gr.HTML(lead(_HELP), apply_default_css=False)
    choices = [(table_title(context, known), known) for known in context.maps]
    controls = MapControls.laid_out(view, faces.table, choices)
    figures, words = maps_and_trust(faces, view)
    maps = LinkedMaps(
        figures,
        labels=["Map of the faces by the first code", "Map of the faces by the second code"],
        height=440,
        scene=name,
        chosen=packed(view.chosen),
        thumbnail=lambda scene, row: map_faces(context, scene).uri(row) if scene in context.maps else "",
        elem_id="maps",
    )
    trust = gr.HTML(words, apply_default_css=False, elem_id="map-trust")
    notice = Notice()
    values = chosen(faces, view)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=4, min_width=300):
            room = 24 * (1 + len(faces.table.labels))  # a line for each fact, so that nothing moves below
            face = gr.HTML(values.face, apply_default_css=False, elem_id="chosen", min_height=max(room, 240))
        with gr.Column(scale=7, min_width=320):
            of_chosen = components(Chosen, face, *neighbour_rows(values[1:], "by"))
    gr.HTML('<h2 class="section">Selected faces</h2>', apply_default_css=False)
    summary = gr.HTML(selected(faces, view).summary, apply_default_css=False, elem_id="selection", min_height=44)
    gallery = Pick(elem_id="gallery")
    with gr.Row(elem_classes="downloads"):
        downloads = Downloads(["CSV", "Parquet"], "selection-files")
        probe = gr.Button("Test these for leakage", size="md", min_width=130, elem_id="probe-selection")
        clear = gr.Button("Clear the selection", size="md", min_width=130, elem_id="clear-selection")
    field, about = lay_out_placed_face(context)
    state, visitor = gr.State(view), gr.State(None)
    page = _Page(state, visitor, maps, trust, notice, of_chosen, components(Selected, summary, gallery), about)
    _connect_maps(context, page)
    _connect_neighbours(context, page)
    _connect_selection(context, page, controls, clear)
    _connect_controls(context, page, controls)
    _connect_probes(context, page, probe)
    connect_placed_face(context, field, state, visitor, maps, about)

    def file(kind: str, current: MapView) -> Made:
        return selection_file(
            map_faces(context, current.name).table, current.selected, current.spaces, current.method, kind
        )

    downloads.connect(listen, file, [state], notice)


def _connect_maps(context: AppContext, page: _Page) -> None:
    """Clicks on a face and on an empty place."""

    def choose(view: MapView, event: gr.EventData) -> tuple[MapView, Unpack[Chosen]]:
        faces = map_faces(context, view.name)
        view = replace(view, chosen=picked(event, len(faces.table)))
        return (view, *chosen(faces, view))

    def show_decoded(view: MapView, event: gr.EventData) -> str:
        table, (panel, x, y) = map_faces(context, view.name).table, posted_place(event)
        space = view.spaces[panel]
        editor = context.editor(context.model_of_map(view.name))
        found = decode_place(editor, table, space, view.method, (x, y), view.chosen)
        return decoded_facts(table, found, space, view.chosen)

    listen([page.maps.select], choose, [page.view], [page.view, *page.chosen], notice=page.notice)
    place = page.maps.place
    listen([place], show_decoded, [page.view], [page.chosen.face], notice=page.notice, heavy=True, latest=True)


def _connect_neighbours(context: AppContext, page: _Page) -> None:
    """Clicks on a picture: a neighbour of the chosen face or of the visitor's, or one of the selected faces."""

    def near(side: int, view: MapView, visitor: Visitor | None) -> list[int]:
        return map_faces(context, view.name).near(view.spaces[side], view.chosen)

    def near_visitor(side: int, view: MapView, visitor: Visitor | None) -> list[int]:
        return [] if visitor is None else visitor.placed_faces[view.spaces[side]].rows.tolist()

    def from_selection(view: MapView, visitor: Visitor | None) -> list[int]:
        return list(view.selected[:MOST_SHOWN])

    rows_of: dict[Pick, _RowsShown] = {
        page.chosen.left: partial(near, 0),
        page.chosen.right: partial(near, 1),
        page.placed.left: partial(near_visitor, 0),
        page.placed.right: partial(near_visitor, 1),
        page.selected.gallery: from_selection,
    }

    def chooser(rows_shown: _RowsShown) -> Callable[[MapView, Visitor | None, gr.EventData], _ChosenOnMaps]:
        def choose(view: MapView, visitor: Visitor | None, event: gr.EventData) -> _ChosenOnMaps:
            rows = rows_shown(view, visitor)
            view = replace(view, chosen=rows[picked(event, len(rows))])
            return (view, gr.update(chosen=packed(view.chosen)), *chosen(map_faces(context, view.name), view))

        return choose

    outputs = [page.view, page.maps, *page.chosen]
    for pictures, rows_shown in rows_of.items():
        listen([pictures.select], chooser(rows_shown), [page.view, page.visitor], outputs, notice=page.notice)


def _connect_selection(context: AppContext, page: _Page, controls: MapControls, clear: gr.Button) -> None:
    """An outline drawn on a map, a person looked for, and neither."""

    def outline(view: MapView, event: gr.EventData) -> tuple[MapView, Unpack[Selected]]:
        faces = map_faces(context, view.name)
        view = replace(view, selected=posted_rows(event, len(faces.table)))
        return (view, *selected(faces, view))

    def find(view: MapView, person: str | None) -> tuple[MapView, Update, Unpack[Selected]]:
        faces = map_faces(context, view.name)
        view = replace(view, selected=faces_of(faces.table, person))
        return (view, gr.update(selected=packed(list(view.selected))), *selected(faces, view))

    def forget(view: MapView) -> tuple[MapView, Update, Unpack[Selected], None]:
        return (*find(view, None), None)

    found = [page.view, page.maps, *page.selected]
    listen([page.maps.lasso], outline, [page.view], [page.view, *page.selected], notice=page.notice)
    listen([controls.person.input], find, [page.view, controls.person], found, notice=page.notice)
    listen([clear.click], forget, [page.view], [*found, controls.person], notice=page.notice)


def _connect_probes(context: AppContext, page: _Page, probe: gr.Button) -> None:
    """The selected faces go to the tab of the probes, which opens."""
    carried, tabs = carried_faces(), page_tabs()

    def carry(view: MapView, before: Carried | None) -> tuple[Carried, *tuple[Update, ...]]:
        table = map_faces(context, view.name).table
        if not view.selected:
            raise DataError("No faces are selected; draw around some on a map first.")
        keys = tuple(table.keys[row] for row in view.selected)
        turn = 0 if before is None else before.turn + 1
        return (Carried(view.name, keys, turn), *(gr.update(selected=_PROBED_BY) for _ in tabs))

    listen([probe.click], carry, [page.view, carried], [carried, *tabs], notice=page.notice)


def _connect_controls(context: AppContext, page: _Page, controls: MapControls) -> None:
    """Other maps of the same faces, and other faces."""

    def set_up(view: MapView, visitor: Visitor | None, pair: str, method: str, label: str) -> _Redrawn:
        faces = map_faces(context, view.name)
        view = check_view(replace(view, pair=pair, method=method, label=label), faces.table)
        figures, words = maps_and_trust(faces, view)
        star = None if visitor is None else stars(view, visitor.placed_faces)
        maps = gr.update(value=figures, selected=packed(list(view.selected)), placed=star)
        about = NOTHING_PLACED if visitor is None else placed(faces, view, visitor.placed_faces, visitor.crop)
        return (view, maps, words, *chosen(faces, view), *about)

    def change_table(name: str) -> _Arrival:
        table = map_faces(context, name).table
        return _arrival(context, first_view(name, table, first_row(context, table)), None)

    settings = [controls.pair, controls.method, controls.label]
    shown = [page.view, page.maps, page.trust, *page.chosen, *page.placed]
    inputs = [page.view, page.visitor, *settings]
    changed = [controls.pair.input, controls.method.input, controls.label.input]
    listen(changed, set_up, inputs, shown, notice=page.notice)
    outputs = [*shown, *page.selected, page.visitor, *controls]
    listen([controls.table.input], change_table, [controls.table], outputs, notice=page.notice)
    _connect_address(context, page, controls.person, outputs)


def _connect_address(context: AppContext, page: _Page, person: gr.Dropdown, outputs: list[Any]) -> None:
    """The page's address says what is set up here, and a link sets it up again."""

    def settings(view: MapView, name: str | None) -> dict[str, str | None]:
        return settings_of(context, view, name)

    def follow_link(event: gr.EventData) -> _Arrival | tuple[Update, ...]:
        found = read_link(context, settings_asked(event))
        return tuple(gr.skip() for _ in outputs) if found is None else _arrival(context, *found)

    address = Address(_HERE)
    listen([address.select], follow_link, [], outputs)
    listen([page.view.change], settings, [page.view, person], [address])


def _arrival(context: AppContext, view: MapView, person: str | None) -> _Arrival:
    """Everything that shows a view: maps, the faces beside them, no placed face, and the fields above."""
    faces = map_faces(context, view.name)
    figures, words = maps_and_trust(faces, view)
    shown = packed(list(view.selected))
    maps = gr.update(value=figures, scene=view.name, chosen=packed(view.chosen), selected=shown, placed=None)
    method = gr.update(choices=methods(faces.table), value=view.method)
    label = gr.update(choices=colour_labels(faces.table), value=view.label)
    found = gr.update(choices=people(faces.table), value=person)
    beside = (*chosen(faces, view), *NOTHING_PLACED, *selected(faces, view))
    controls = MapSettings(view.name, view.pair, method, label, found)
    return (view, maps, words, *beside, None, *controls)
