"""Faces of an embedding table as HTML: one with everything known about it, its neighbours, a selection, a landing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.inference.latent_space.projection import FAR, Imagined, Landing
from fer_demo.interface.widgets.markup import Thumbnail, facts, message, picture, sentences, thumbnails

SPACE_TITLES = {
    "identity": "identity code",
    "expression": "expression code",
    "pixels": "raw pixels",
    "classifier": "classifier's features",
}
MOST_SHOWN = 60  # of a selection; more pictures would slow the page
_TOP = 4  # values of a label that a selection's summary names

Picture = Callable[[int], np.ndarray | None]  # the picture of a row, if there is one
Uri = Callable[[int], str]  # the same as a small data URI, or ""


def words(table: EmbeddingTable, row: int) -> str:
    """What a face is called under its picture."""
    known = [table.labels[name][row] for name in ("expression", "person") if name in table.labels]
    return ", ".join(str(value) for value in known if value is not None) or table.keys[row]


def face_facts(table: EmbeddingTable, row: int, shown: np.ndarray | None) -> str:
    """One face and all its labels."""
    rows = [("face", table.keys[row]), *((_plain(name), _value(values[row])) for name, values in table.labels.items())]
    image = message("There is no picture of this face.")
    if shown is not None:
        image = picture(shown, f"The chosen face: {words(table, row)}")
    return f'<div class="pictures chosen">{image}{facts(rows)}</div>'


def faces_row(table: EmbeddingTable, rows: Sequence[int], uri: Uri, label: str, layout: str = "row") -> str:
    """Faces as pickable thumbnails."""
    return thumbnails([Thumbnail(uri(row), words(table, row)) for row in rows], None, label, layout)


def selection_summary(table: EmbeddingTable, rows: Sequence[int]) -> str:
    """How many faces are selected and who and what they show."""
    if not rows:
        return '<p class="lead">Draw around faces on either map, or choose a person above.</p>'
    parts = [f"<b>{len(rows):,} of {len(table):,} faces</b>"]
    for name in ("expression", "person", "source"):
        if name in table.labels:
            counts = Counter(table.labels[name][row] for row in rows)
            top = ", ".join(f"{escape(_value(value))} {count:,}" for value, count in counts.most_common(_TOP))
            more = f" and {len(counts) - _TOP:,} more" if len(counts) > _TOP else ""
            parts.append(f"{_plain(name)}: {top}{more}")
    shown = f"<br>The first {MOST_SHOWN} are shown." if len(rows) > MOST_SHOWN else ""
    return f'<p class="lead">{". ".join(parts)}.{shown}</p>'


def trust_sentence(table: EmbeddingTable, spaces: Sequence[str], method_title: str, method: str) -> str:
    """How far the maps of these spaces can be trusted, in a few sentences."""
    info = table.info
    by_chance = info.neighbours / (len(table) - 1)

    def both(value: Callable[[str], float], form: str) -> str:
        return " and ".join(f"<b>{value(name):{form}}</b> ({SPACE_TITLES[name]})" for name in spaces)

    overlap = both(lambda name: table.space(name).maps[method].overlap.mean(), ".0%")
    trust = both(lambda name: table.space(name).maps[method].trust.mean(), ".2f")
    kept = " and ".join(f"{info.kept[name]:.0%}" for name in spaces)
    variance = " and ".join(f"{info.variance[name]:.0%}" for name in spaces)
    components = table.space(spaces[0]).codes.shape[1]
    return (
        f'<p class="lead">How far to trust these maps: of a face\'s {info.neighbours} nearest faces by code, {overlap} '
        f"are among its {info.neighbours} nearest on the {method_title} map (by chance {by_chance:.1%}); "
        f"trustworthiness {trust}, where 1 means that no stranger was placed among a face's neighbours. "
        f"Codes are compared by {components} principal components, which keep {variance} of their variance and {kept} "
        "of each face's nearest neighbours.</p>"
    )


def landing_facts(table: EmbeddingTable, landings: dict[str, Landing], spaces: Sequence[str], method: str) -> str:
    """What is known about where a face landed, for each of the spaces shown."""
    rows, doubts = [], []
    for name in spaces:
        landing, place = landings[name], landings[name].places[method]
        title = SPACE_TITLES[name]
        nearest = int(landing.rows[0])
        place_words = (
            f"nearest is {words(table, nearest)}, at distance {landing.distances[0]:.1f}, more than "
            f"{landing.lonelier_than:.0%} of the faces here have; around it the map keeps {place.overlap:.0%} of the "
            "neighbours"
        )
        rows.append((title, place_words))
        if landing.far:
            doubts.append(
                f"Far from the data by {title}: at least {FAR:.0%} of the faces here have a closer neighbour, so its "
                "place and its neighbours say little."
            )
        elif not landing.together(method):
            doubts.append(
                f"By {title} its nearest faces lie apart on this map, so trust the neighbours, not the place."
            )
    return facts(rows) + sentences(doubts)


def imagined_facts(table: EmbeddingTable, found: Imagined, space: str, row: int) -> str:
    """A decoded face, marked as one, and how it was made."""
    other = next(name for name in ("identity", "expression") if name != space)
    about = [
        ("made from", f"the mean {space} code of the {len(found.rows)} faces around that place"),
        ("with", f"the {other} code of the chosen face ({words(table, row)})"),
        ("distance to data", f"{found.distance:.1f}, more than {found.lonelier_than:.0%} of the faces have"),
        (
            "kept by the table",
            f"{table.info.variance[space]:.0%} of the variance of {space} codes; the rest is their mean",
        ),
    ]
    shown = picture(found.face, "A decoded face of nobody", "synthetic: decoded, nobody's face", synthetic=True)
    return f'<div class="pictures chosen imagined">{shown}{facts(about)}</div>'


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
