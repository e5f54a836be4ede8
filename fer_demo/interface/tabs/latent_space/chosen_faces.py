"""Faces of an embedding table as HTML: one with its facts, its neighbours, a selection, and one that was placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.inference.latent_space.projection import FAR, DecodedFace, PlacedFace
from fer_demo.interface.tabs.latent_space.label_titles import label_title, label_value
from fer_demo.interface.widgets.markup import Thumbnail, facts, lead, message, picture, sentences, thumbnails

SPACE_TITLES = {
    "identity": "identity code",
    "expression": "expression code",
    "pixels": "raw pixels",
    "classifier": "plain classifier",
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
    labels = ((label_title(name), label_value(name, values[row])) for name, values in table.labels.items())
    rows = [("face", table.keys[row]), *labels]
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
            top = ", ".join(
                f"{escape(label_value(name, value))} {count:,}" for value, count in counts.most_common(_TOP)
            )
            more = f" and {len(counts) - _TOP:,} more" if len(counts) > _TOP else ""
            parts.append(f"{label_title(name)}: {top}{more}")
    shown = f"<br>The first {MOST_SHOWN} are shown." if len(rows) > MOST_SHOWN else ""
    return f'<p class="lead">{". ".join(parts)}.{shown}</p>'


def trust_sentence(table: EmbeddingTable, spaces: Sequence[str], method_title: str, method: str) -> str:
    """How far the maps of these spaces can be trusted, in a few sentences."""
    info = table.info
    by_chance = info.neighbours / (len(table) - 1)

    def both(value: Callable[[str], float], form: str) -> str:
        return " and ".join(f"{value(name):{form}} ({SPACE_TITLES[name]})" for name in spaces)

    overlap = both(lambda name: table.space(name).maps[method].overlap.mean(), ".0%")
    trust = both(lambda name: table.space(name).maps[method].trust.mean(), ".2f")
    kept = " and ".join(f"{info.kept[name]:.0%}" for name in spaces)
    components = table.space(spaces[0]).codes.shape[1]
    return lead(
        f"How far to trust these maps: a flat map cannot show everything. Of the {info.neighbours} "
        f"faces most like a face, {overlap} are also among its {info.neighbours} nearest dots on the {method_title} "
        f"map. By chance it would be {by_chance:.1%}. Trustworthiness is {trust}; 1 is the best. "
        f"Two faces are compared by {components} numbers of each code. These find {kept} of the most similar faces "
        "that the whole codes find."
    )


def placed_facts(table: EmbeddingTable, placed_faces: dict[str, PlacedFace], spaces: Sequence[str], method: str) -> str:
    """What is known about where a face was placed, for each of the spaces shown."""
    rows, doubts = [], []
    for name in spaces:
        face, place = placed_faces[name], placed_faces[name].places[method]
        title = SPACE_TITLES[name]
        nearest = int(face.rows[0])
        place_words = (
            f"Most like {words(table, nearest)}. {face.lonelier_than:.0%} of the faces here have a closer "
            f"neighbour. Around the star, the map shows {place.overlap:.0%} of the most similar faces."
        )
        rows.append((title, place_words))
        if face.far:
            doubts.append(
                f"By {title}, your face is unlike all faces here: at least {FAR:.0%} of them have a closer neighbour. "
                "Its place and its neighbours say little."
            )
        elif not face.together(method):
            doubts.append(
                f"By {title}, the faces most like yours lie apart on this map. Trust these faces, not the star's place."
            )
    return facts(rows) + sentences(doubts)


def decoded_facts(table: EmbeddingTable, found: DecodedFace, space: str, row: int) -> str:
    """A decoded face, marked as one, and how it was made."""
    other = next(name for name in ("identity", "expression") if name != space)
    about = [
        ("made from", f"the average {space} code of the {len(found.rows)} faces around that spot"),
        ("with", f"the {other} code of the chosen face ({words(table, row)})"),
        ("how unusual", f"{found.lonelier_than:.0%} of the faces here have a closer neighbour"),
        ("detail", f"{table.info.variance[space]:.0%} of what differs between {space} codes; the rest is averaged"),
    ]
    shown = picture(
        found.face, "A face made by the model, of nobody", "synthetic: made by the model, nobody's face", synthetic=True
    )
    return f'<div class="pictures chosen decoded">{shown}{facts(about)}</div>'
