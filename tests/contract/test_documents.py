"""The documents name what is there: links, files, settings and methods; the lines they print run as printed."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from PIL import Image

from fer_demo import __version__
from fer_demo.catalog import MODELS
from fer_demo.data.loading import load_bundled
from fer_demo.data.research_sets import LAYOUTS
from fer_demo.expressions import BASIC, OWN_WORDS, canonical
from fer_demo.settings import AppSettings
from tests.architecture.project import ROOT, files, name_of, python_files, text_of

README = ROOT / "README.md"
METHODS = ROOT / "docs" / "methods"
PICTURE_LIMIT = 300_000  # bytes
DOCUMENTS = [path for path in files() if path.suffix == ".md" and path.name != "PROVENANCE.md"]


def python_lines(document: Path) -> list[str]:
    """The Python blocks of a document, in order."""
    return re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


def anchors(document: Path) -> set[str]:
    """What links into a document may name after the #."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text_of(document)):
        place, _, anchor = link.partition("#")
        target = (document.parent / place).resolve() if place else document
        assert target.exists(), f"{name_of(document)} links to {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name_of(document)} links to {link}"


@pytest.mark.parametrize(
    "document", [*METHODS.glob("*.md"), ROOT / "docs" / "data.md", ROOT / "docs" / "settings.md"], ids=name_of
)
def test_every_file_that_a_page_names_is_there(document: Path) -> None:
    named = re.findall(r"`((?:fer_demo|training|tools|tests|docs)/[\w./-]+)`", text_of(document))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_pictures_are_small() -> None:
    pictures = [path for path in files() if path.is_relative_to(ROOT / "docs") and path.suffix in (".png", ".gif")]
    assert pictures
    assert not {name_of(path): path.stat().st_size for path in pictures if path.stat().st_size > PICTURE_LIMIT}


def test_the_readmes_lines_for_python_recognize_a_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = load_bundled()
    Image.fromarray(faces[faces.column("expression").index("happy")].image).save(tmp_path / "photo.jpg", quality=95)
    monkeypatch.chdir(tmp_path)
    exec(compile(python_lines(README)[0], "README.md", "exec"), {})
    printed = re.search(r"\[\[(.*?)\]\]", capsys.readouterr().out, re.DOTALL)
    assert printed is not None
    probabilities = [float(value) for value in printed[1].split(",")]
    assert BASIC[probabilities.index(max(probabilities))] == "happy"
    assert sum(probabilities) == pytest.approx(1, abs=1e-3)


def settings_table() -> dict[str, str]:
    """Variable -> default, as docs/settings.md has them."""
    rows = re.findall(r"^\| `(FER_DEMO_\w+)` \| (.*?) \|", text_of(ROOT / "docs" / "settings.md"), re.MULTILINE)
    return {name: default.strip("`") for name, default in rows}


def test_the_settings_page_lists_every_variable_that_code_reads() -> None:
    code = [path for path in python_files() if path != Path(__file__)]
    read = {name for path in code for name in re.findall(r"\bFER_DEMO_[A-Z]+(?:_[A-Z]+)*\b(?!_)", text_of(path))}
    assert set(settings_table()) == read
    assert OWN_WORDS in read


def test_the_settings_page_has_the_defaults_of_the_code() -> None:
    table = settings_table()
    stated = {field.name: table[f"FER_DEMO_{field.name.upper()}"] for field in fields(AppSettings)}
    assert stated == {field.name: str(field.default) or "none" for field in fields(AppSettings)}


def test_every_method_has_a_page_that_names_its_code_and_its_card() -> None:
    pages = {path.stem for path in METHODS.glob("*.md")} - {"README"}
    assert pages == set(MODELS)
    index = text_of(METHODS / "README.md")
    for name, entry in MODELS.items():
        page = text_of(METHODS / f"{name}.md")
        assert f"({name}.md)" in index
        assert f"`{entry.model_class.__module__.replace('.', '/')}.py`" in page
        card = ROOT / "fer_demo" / "assets" / "checkpoints" / name / "README.md"
        assert not card.exists() or f"{name}/README.md" in page


def test_the_page_on_data_names_every_research_set_and_words_that_are_known() -> None:
    page = text_of(ROOT / "docs" / "data.md")
    assert not [name for name in LAYOUTS if f"| {name} |" not in page]
    words = re.search(r"may say (.*?)\.", page)
    assert words is not None
    assert [canonical(word) for word in re.findall(r"\*(\w+)\*", words[1])] == ["happy", "angry", "angry", "surprise"]


def test_the_citation_file_is_of_this_version() -> None:
    citation = yaml.safe_load(text_of(ROOT / "CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == __version__
    assert {"title", "message", "authors"} <= set(citation)


def test_continuous_integration_starts_at_the_oldest_python_we_support() -> None:
    workflow = yaml.safe_load(text_of(ROOT / ".github" / "workflows" / "ci.yml"))
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    oldest = re.search(r'requires-python = ">=(.*?)"', text_of(ROOT / "pyproject.toml"))
    assert oldest is not None
    assert versions == [oldest[1], "3.12", "3.13"]


def test_forms_and_hooks_are_whole_yaml() -> None:
    forms = [*(ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"), ROOT / ".pre-commit-config.yaml"]
    assert len(forms) == 4
    for form in forms:
        assert isinstance(yaml.safe_load(text_of(form)), dict)
