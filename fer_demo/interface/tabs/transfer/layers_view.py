"""An edit stack as HTML: the face before and after, and a list of layers with what each result looks like."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from fer_demo.inference.transfer.edit_stack import EditStack, ScoredEdit
from fer_demo.inference.transfer.editing import EditLayer
from fer_demo.interface.tabs.transfer.edited_view import ANOTHER, person_kept
from fer_demo.interface.widgets.markup import lead, message, picture, side_by_side

NO_LAYERS = "No layer is kept yet. Move a slider, then keep what you see as a layer; the next one lies on top of it."


def edit_view(edit: ScoredEdit) -> str:
    """The face as it came beside what became of it, and its scores in words."""
    words = f"Read as {edit.judged.top}, {edit.judged.probabilities.max():.0%}"
    pictures = [
        picture(edit.edited.before, "The face before the edit", "Before"),
        picture(edit.edited.pixels, f"The edited face. {words}", words, synthetic=True),
    ]
    return side_by_side(pictures) + ("" if edit.kept is None else person_kept(edit.kept)) + _units(edit)


def layer_list(stack: EditStack | None) -> str:
    """Every kept layer with the scores of the face up to it."""
    if stack is None or not stack.edits:
        return message(NO_LAYERS)
    rows = "".join(f"<li>{_layer(edit)}</li>" for edit in stack.edits)
    return f'<ol class="layers" aria-label="Layers, the lowest first">{rows}</ol>'


def layer_in_words(layer: EditLayer) -> str:
    """What a layer does."""
    target = layer.target
    if isinstance(target, Mapping):
        moves = [f"{name} {value:+.2f}" for name, value in target.items() if value]
        what = ", ".join(moves) if moves else "nothing"
    else:
        what = f"towards {target}" if isinstance(target, str) else "towards the second face"
    where = "" if layer.region == "face" else f", {layer.region} only"
    return f"{what}{where}, amount {layer.intensity:g}"


def _layer(edit: ScoredEdit) -> str:
    outside = edit.kept is not None and not edit.kept.inside[0]
    scores = [f"read as {edit.judged.top} {edit.judged.probabilities.max():.0%}"]
    if edit.kept is not None:
        words = ANOTHER if outside else "same person"
        scores.append(f"distance {edit.kept.distances[0]:.2f} ({words})")
    if edit.purity is not None:
        scores.append(f"purity {edit.purity:.2f}")
    marked = ' class="outside"' if outside else ""
    return f"<b>{escape(layer_in_words(edit.layer))}</b> <span{marked}>{escape('; '.join(scores))}</span>"


def _units(edit: ScoredEdit) -> str:
    if edit.response is None or edit.purity is None:
        return ""
    return lead(
        f"Strength {edit.response:.0%}: the share of the wanted change that the editor itself finds in the result. "
        f"Purity {edit.purity:.2f}: at 1, nothing else changed."
    )
