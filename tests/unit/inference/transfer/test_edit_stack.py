"""Layers are scored, kept and undone."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import SettingsError
from fer_demo.inference.transfer.edit_stack import MOST_LAYERS, EditStack, score_edit
from fer_demo.inference.transfer.editing import EditLayer, edit_face


def test_a_layer_lies_on_those_that_were_kept(photo_editor, recognizer, embedder, halves):
    empty = EditStack(halves(30, 200))
    smile, frown = EditLayer({"smile": 0.5}), EditLayer({"brow lower": 1.0}, region="eyes")
    first = score_edit(photo_editor, recognizer, embedder, empty, smile)
    second = score_edit(photo_editor, recognizer, embedder, empty.with_edit(first), frown)
    both = edit_face(photo_editor, empty.source, [smile, frown])
    np.testing.assert_array_equal(second.edited.pixels, both.pixels)
    assert second.kept is not None
    assert second.kept.distances.shape == (1,)
    assert -1 <= second.purity <= 1


def test_undoing_gives_back_what_was_there(photo_editor, recognizer, halves):
    empty = EditStack(halves(30, 200))
    edit = score_edit(photo_editor, recognizer, None, empty, EditLayer("happy"))
    assert edit.kept is None
    assert empty.with_edit(edit).undone().edits == ()


def test_where_nothing_is_asked_for_there_is_no_purity(photo_editor, recognizer, halves):
    edit = score_edit(photo_editor, recognizer, None, EditStack(halves(30, 200)), EditLayer({}))
    assert (edit.purity, edit.response) == (None, None)
    np.testing.assert_array_equal(edit.edited.pixels, edit.edited.before)


def test_a_stack_does_not_grow_for_ever(photo_editor, recognizer, halves):
    empty = EditStack(halves(30, 200))
    edit = score_edit(photo_editor, recognizer, None, empty, EditLayer({"blink": 0.1}))
    full = EditStack(empty.source, (edit,) * MOST_LAYERS)
    with pytest.raises(SettingsError, match="undo one"):
        full.with_edit(edit)
