"""Terms are explained where they stand: once a sentence, escaped, and only as whole words."""

from __future__ import annotations

import re

from fer_demo.interface.widgets.glossary import GLOSSARY, explained

TERM = re.compile(r'<dfn class="term" tabindex="0" aria-description="(.*?)">(.*?)</dfn>')


def test_a_term_is_explained_at_its_first_use_only() -> None:
    assert TERM.findall(explained("A layer lies on a layer.")) == [(GLOSSARY["layer"], "layer")]


def test_the_longest_term_is_taken_in_any_case_and_number() -> None:
    assert [word for _, word in TERM.findall(explained("Identity distances"))] == ["Identity distances"]


def test_parts_of_words_are_not_terms() -> None:
    assert explained("A player counterrolls.") == "A player counterrolls."


def test_what_a_visitor_wrote_stays_text() -> None:
    assert explained("<b>FER+</b>").startswith("&lt;b&gt;<dfn ")
    assert explained("<b>FER+</b>").endswith("</dfn>&lt;/b&gt;")


def test_every_meaning_is_a_short_sentence() -> None:
    assert all(meaning[-1] in ".?" and len(meaning) <= 200 for meaning in GLOSSARY.values())
