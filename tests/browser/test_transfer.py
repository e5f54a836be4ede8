"""A visitor gives a face another expression."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect

from fer_demo.data.loading import load_bundled
from fer_demo.images import resize
from tests.browser.conftest import ROOT, Visit, png


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_bytes()


def upload(page: Page, field: str, row: int) -> None:
    """Give a field a bundled face, enlarged, as a visitor's own photo."""
    photo = png(resize(load_bundled()[row].image, 300))
    face = {"name": "me.png", "mimeType": "image/png", "buffer": photo}
    page.locator(f"#{field} input[type=file]").set_input_files(face)
    expect(page.locator(f"#{field} .stage img")).to_have_attribute("alt", re.compile("your photo"))


def move(page: Page, slider: str, value: str) -> None:
    field = page.locator(f"#{slider} input[type=number]")
    field.fill(value)
    field.press("Enter")
    field.blur()


def open_painting(page: Page) -> None:
    """Open the panel of guidance, before anything else is done: Gradio undoes what is set just as a panel appears."""
    page.get_by_role("button", name="How the mouth is painted").click()
    expect(page.locator("#by-expression input[type=number]")).to_have_value("1")
    expect(page.locator("#strip li")).to_have_count(11)


def assert_replayed(study: Path) -> str:
    """The study run again by the command line gives every number exactly; what it says."""
    command = [sys.executable, "-m", "fer_demo", "replay", str(study)]
    replay = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert replay.stdout.splitlines()[-1] == "Every number is reproduced exactly.", replay.stdout + replay.stderr
    assert replay.returncode == 0
    return replay.stdout


def with_codes(page: Page) -> None:
    """Turn to TDGAN if another editor comes first: only a model with identity codes can change the face."""
    if page.locator("#along").is_hidden():
        page.get_by_label("Model", exact=True).last.click()
        page.get_by_role("option", name="TDGAN:").click()
        expect(page.locator("#along")).to_be_visible()


def test_a_strip_is_there_on_arrival(visit: Visit) -> None:
    page = visit("Transfer")
    expect(page.locator("#strip li")).to_have_count(11)
    expect(page.locator("#strip li").first).to_contain_text(re.compile(r"happy\s*0\.\d\d\s*distance\s*\d\.\d\d"))
    expect(page.get_by_text("two photos no farther apart are taken to show one person")).to_be_visible()
    expect(page.locator("#result")).to_contain_text(re.compile(r"Identity distance \d\.\d\d\."))
    expect(page.locator("#result")).to_contain_text(re.compile(r"Natural size \d\.\d \(1\.0 = as people smile\)"))
    expect(page.locator("#result img")).to_have_count(2)


def test_a_named_expression_gives_a_measured_strip_to_take_away(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#named").get_by_text("surprise").click()
    expect(page.locator("#strip li").first).to_contain_text("surprise")
    assert downloaded(page, "Download GIF").startswith(b"GIF89a")
    assert downloaded(page, "Download PNG").startswith(b"\x89PNG")
    table = downloaded(page, "Download CSV").decode().splitlines()
    assert table[0].startswith("frame,alpha,angry")
    assert table[0].endswith(
        "same_person,identity_distance_to_target,step,pose_drift,brightness_drift,stray,natural_size,"
        "guidance_person,guidance_expression"
    )
    assert len(table) == 12
    assert re.search(r",0\.\d{4},(yes|no),,0\.\d{4},", table[-1])


def test_a_frame_of_the_strip_becomes_the_result(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#strip .thumb").nth(3).click()
    expect(page.locator("#alpha input[type=number]")).to_have_value("0.3")
    expect(page.locator("#result img").first).to_have_attribute("alt", re.compile("amount 0.30"))
    page.get_by_label("Show how the model made it").check()
    expect(page.locator("#trace img")).to_have_count(2)
    expect(page.locator("#trace")).to_contain_text(re.compile(r"Arrows: .* at most \d+\.\d% of the picture's width"))
    page.get_by_label("Show how the model made it").uncheck()
    expect(page.locator("#trace img")).to_have_count(0)


def test_another_face_can_give_the_expression(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#kind").get_by_text("from another face").click()
    examples = page.get_by_role("group", name="Second face: examples")
    expect(examples).to_be_visible()
    before = page.locator("#strip img").last.get_attribute("src")
    examples.get_by_role("button").nth(3).click()
    expect(page.locator("#strip img").last).not_to_have_attribute("src", before or "")


def test_the_face_can_change_at_a_fixed_expression(visit: Visit) -> None:
    page = visit("Transfer")
    with_codes(page)
    before = page.locator("#strip img").last.get_attribute("src")
    page.locator("#along").get_by_text("the face; the expression stays").click()
    expect(page.get_by_role("group", name="Second face: examples")).to_be_visible()
    expect(page.locator("#strip img").last).not_to_have_attribute("src", before or "")
    expect(page.locator("#strip li")).to_have_count(11)
    expect(page.locator("#result img")).to_have_count(1)


def test_an_unreadable_second_face_is_told_beside_its_field(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#kind").get_by_text("from another face").click()
    file = {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    page.locator("#driver input[type=file]").set_input_files(file)
    expect(page.locator("#driver .notice")).to_contain_text("is not a picture")
    expect(page.locator("#source .notice")).to_be_empty()


def test_two_photos_give_a_study_that_replays_to_the_same_numbers(visit: Visit, tmp_path: Path) -> None:
    page = visit("Transfer")
    page.locator("#kind").get_by_text("from another face").click()
    before = page.locator("#strip img").last.get_attribute("src")
    upload(page, "source", 3)
    upload(page, "driver", 900)
    expect(page.locator("#strip img").last).not_to_have_attribute("src", before or "")
    expect(page.locator("#drift svg")).to_have_count(4)
    expect(page.locator("#link")).to_contain_text("your own photo is not kept")
    study = tmp_path / "study.zip"
    study.write_bytes(downloaded(page, "Download study (ZIP)"))
    with zipfile.ZipFile(study) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("frames.csv").decode())))
        assert {"inputs/source.png", "inputs/target.png", "film.mp4", "methods.txt", "models.bib"} < set(
            archive.namelist()
        )
    shown = page.locator("#strip li").last.inner_text()
    assert f"{float(rows[-1]['identity_distance']):.2f}" in shown
    assert_replayed(study)


def test_a_link_opens_the_same_settings(visit: Visit) -> None:
    page = visit("Transfer")
    open_painting(page)
    page.locator("#named").get_by_text("sad").click()
    expect(page.locator("#strip li").first).to_contain_text("sad")
    link = page.get_by_role("link", name="Link to these settings")
    move(page, "by-expression", "3.5")
    expect(link).to_have_attribute("href", re.compile(r"guidance=1%2C3\.5"))
    move(page, "alpha", "0.5")
    expect(link).to_have_attribute("href", re.compile(r"alpha=0\.5"))
    page.goto(page.url.split("?")[0] + (link.get_attribute("href") or ""))
    expect(page.get_by_role("tab", name="Transfer", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#strip li").first).to_contain_text("sad")
    expect(page.locator("#named").get_by_label("sad")).to_be_checked()
    expect(page.locator("#alpha input[type=number]")).to_have_value("0.5")
    page.get_by_role("button", name="How the mouth is painted").click()
    expect(page.locator("#by-expression input[type=number]")).to_have_value("3.5")


def test_a_smile_is_painted_by_other_guidance_and_its_study_replays(visit: Visit, tmp_path: Path) -> None:
    page = visit("Transfer")
    open_painting(page)
    upload(page, "source", 900)
    expect(page.locator("#link")).to_contain_text("your own photo is not kept")
    page.locator("#named").get_by_text("happy").click()
    expect(page.locator("#strip li").first).to_contain_text("happy")
    zoomed = page.locator("#result .picture").first
    zoomed.locator(".zoom").click()
    expect(zoomed).to_have_css("height", "900px")
    page.keyboard.press("Escape")
    result, last = page.locator("#result img").first, page.locator("#strip img").last
    for slider, value in (("by-expression", "4"), ("by-person", "2.5")):
        before = [picture.get_attribute("src") or "" for picture in (result, last)]
        move(page, slider, value)
        expect(result).not_to_have_attribute("src", before[0])
        expect(last).not_to_have_attribute("src", before[1])
    study = tmp_path / "study.zip"
    study.write_bytes(downloaded(page, "Download study (ZIP)"))
    with zipfile.ZipFile(study) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("frames.csv").decode())))
    assert {(row["guidance_person"], row["guidance_expression"]) for row in rows} == {("2.5000", "4.0000")}
    shown = page.locator("#strip li").last.inner_text()
    assert f"{float(rows[-1]['happy']):.2f}" in shown
    assert f"{float(rows[-1]['identity_distance']):.2f}" in shown
    assert_replayed(study)


def test_a_slider_moves_the_face_and_layers_are_kept_and_undone(visit: Visit) -> None:
    page = visit("Transfer")
    page.get_by_role("tab", name="Fine control").click()
    edited = page.locator("#edited img").last
    expect(edited).to_be_visible()
    first = edited.get_attribute("src")
    move(page, "slider-smile", "0.8")
    expect(edited).not_to_have_attribute("src", first or "")
    expect(page.locator("#edited")).to_contain_text(re.compile(r"Strength \d+%: .*Purity \d\.\d\d"))
    page.get_by_role("button", name="Keep this layer").click()
    expect(page.locator("#layers li")).to_have_count(1)
    expect(page.locator("#layers li")).to_contain_text(re.compile(r"smile \+0\.80.*distance \d\.\d\d", re.DOTALL))
    expect(page.locator("#slider-smile input[type=number]")).to_have_value("0")
    move(page, "slider-brow-lower", "1")
    page.get_by_role("button", name="Keep this layer").click()
    expect(page.locator("#layers li")).to_have_count(2)
    for left in (1, 0):
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#layers li")).to_have_count(left)
    expect(edited).to_have_attribute("src", first or "")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("There is no layer to undo.")).to_be_visible()


def test_on_a_phone_the_face_stays_in_sight_while_the_last_slider_is_moved(visit: Visit) -> None:
    page = visit("Transfer", width=390, height=844)
    page.get_by_role("tab", name="Fine control").click()
    edited = page.locator("#edited img").last
    expect(edited).to_be_visible()
    page.locator("#slider-lip-press").scroll_into_view_if_needed()
    expect(edited).to_be_in_viewport(ratio=0.9)


def test_all_seven_expressions_come_in_one_go_and_go_home(visit: Visit) -> None:
    page = visit("Transfer")
    page.get_by_role("tab", name="All expressions").click()
    page.get_by_role("button", name="Make them all").click()
    expect(page.locator("#matrix td")).to_have_count(7)
    expect(page.locator("#matrix")).to_contain_text(re.compile(r"\d of 7 pictures"))
    assert downloaded(page, "Download PNG").startswith(b"\x89PNG")
    with zipfile.ZipFile(io.BytesIO(downloaded(page, "All photos (ZIP)"))) as photos:
        assert len(photos.namelist()) == 7
        assert all(re.fullmatch(r"01-[\w-]+_landmark_editor_[a-z]+_1\.00\.png", name) for name in photos.namelist())


def test_several_people_and_expressions_give_one_study_with_one_replay(visit: Visit, tmp_path: Path) -> None:
    page = visit("Transfer")
    page.get_by_role("tab", name="All expressions").click()
    page.locator("#grid-kind").get_by_text("my photos").click()
    photos = [
        {"name": f"person {row}.png", "mimeType": "image/png", "buffer": png(resize(load_bundled()[row].image, 300))}
        for row in (3, 900)
    ]
    letter = {"name": "letter.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("#grid-photos input[type=file]").set_input_files([*photos, letter])
    expect(page.locator("#grid-people figure")).to_have_count(2)
    expect(page.locator("#grid-people")).to_contain_text("letter.png: ")
    for name in ("angry", "disgust", "fear", "surprise", "neutral"):
        page.locator("#grid-wanted").get_by_label(name).uncheck()
    page.get_by_role("button", name="Make them all").click()
    expect(page.locator("#matrix td")).to_have_count(4)
    expect(page.locator("#matrix")).to_contain_text("of 4 pictures")
    study = tmp_path / "study.zip"
    study.write_bytes(downloaded(page, "One study (ZIP)"))
    with zipfile.ZipFile(study) as archive:
        assert {"01-person-3/happy/strip.png", "02-person-900/sad/frames.csv"} < set(archive.namelist())
    assert "of 4 studies were compared" in assert_replayed(study)


def test_a_matrix_of_drawn_people_grows_row_by_row_and_names_its_worst_cells(visit: Visit) -> None:
    page = visit("Transfer")
    page.get_by_role("tab", name="All expressions").click()
    page.locator("#grid-kind").get_by_text("random people").click()
    page.get_by_role("button", name="Make them all").click()
    expect(page.locator("#matrix tbody tr")).to_have_count(5)
    expect(page.locator("#matrix")).to_contain_text(re.compile(r"\d+ of 35 pictures"))
    page.locator("#grid-kind").get_by_text("two people, two expressions").click()
    page.get_by_role("button", name="Make them all").click()
    answer = page.locator("#matrix").get_by_text("Down: from the first person").or_(page.get_by_text("choose TDGAN"))
    expect(answer.first).to_be_visible()


@pytest.mark.parametrize("width", [1366, 390])
def test_a_driver_is_read_aloud_and_can_be_corrected(visit: Visit, width: int) -> None:
    page = visit("Transfer", width=width, height=800)
    page.locator("#kind").get_by_text("from another face").click()
    expect(page.locator("#reading")).to_contain_text(re.compile(r"was read as surprise \(\d+%\)"))
    page.locator("#said input").click()
    page.get_by_role("option", name="fear").click()
    expect(page.locator("#reading")).to_contain_text("You said that it shows fear")
    expect(page.locator("#strip li").first).to_contain_text("fear")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").first.click()
    assert re.fullmatch(
        r"[\w-]+_landmark_editor_from-[\w-]+-said-to-be-fear_strip\.csv", waiting.value.suggested_filename
    )
    page.get_by_role("group", name="Second face: examples").get_by_role("button").nth(3).click()
    expect(page.locator("#reading")).to_contain_text("was read as happy")
    expect(page.locator("#said input")).to_have_value("as it was read")


def test_the_edited_photo_goes_home_at_its_own_size_from_everywhere(visit: Visit) -> None:
    page = visit("Transfer")
    upload(page, "source", 3)
    expect(page.locator("#link")).to_contain_text("your own photo is not kept")
    sizes = []
    with Image.open(io.BytesIO(downloaded(page, "Download photo"))) as photo:
        sizes.append(photo.size)
        assert "Synthetic" in photo.info["Description"]
    page.get_by_role("tab", name="Fine control").click()
    move(page, "slider-smile", "0.8")
    expect(page.locator("#edited")).to_contain_text("Strength")
    with Image.open(io.BytesIO(downloaded(page, "Download edited photo"))) as photo:
        sizes.append(photo.size)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare all").click()
    expect(page.locator("#comparison .editor").first).to_contain_text("sharpness")
    with zipfile.ZipFile(io.BytesIO(downloaded(page, "Download photos (ZIP)"))) as photos:
        for name in photos.namelist():
            with Image.open(io.BytesIO(photos.read(name))) as photo:
                sizes.append(photo.size)
    assert set(sizes) == {(300, 300)}
    assert len(sizes) >= 4


def test_a_program_gets_the_face_or_the_whole_photo(address: str, tmp_path: Path) -> None:
    path = tmp_path / "me.png"
    path.write_bytes(png(resize(load_bundled()[3].image, 300)))
    client = Client(address, verbose=False, download_files=str(tmp_path))
    sizes = []
    for whole in (False, True):
        asked = {"photo": handle_file(path), "expression": "sad", "alpha": None, "model": "landmark_editor"}
        made = client.predict(**asked, whole_photo=whole, api_name="/transfer")
        with Image.open(made) as picture:
            sizes.append(picture.size)
            assert "Synthetic" in picture.info["Description"]
    assert sizes == [(256, 256), (300, 300)]
    other = client.predict(**asked, guidance_expression=4, api_name="/transfer")
    usual = client.predict(**asked, guidance_person=1, guidance_expression=1, api_name="/transfer")
    pictures = [np.asarray(Image.open(path)) for path in (client.predict(**asked, api_name="/transfer"), usual, other)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    with pytest.raises(AppError, match="between 0 and 4, not 9"):
        client.predict(**asked, guidance_expression=9, api_name="/transfer")
    with pytest.raises(AppError, match="TDGAN has no guidance"):
        client.predict(**{**asked, "model": "tdgan"}, guidance_person=1, api_name="/transfer")
    with pytest.raises(AppError, match="was replaced by landmark_editor"):
        client.predict(**{**asked, "model": "warp_editor"}, whole_photo=True, api_name="/transfer")
    half, whole = (client.predict("happy", alpha, api_name="/expression_size")["natural_size"] for alpha in (0.5, 1))
    assert half == pytest.approx(whole / 2, abs=1e-3)


def test_an_expression_that_the_face_shows_is_not_the_first_that_is_offered(visit: Visit) -> None:
    page = visit("Transfer")
    expect(page.locator("#named").get_by_label("happy")).to_be_checked()
    page.get_by_role("group", name="Face: examples", exact=True).get_by_role("button").nth(3).click()
    expect(page.locator("#offer")).to_contain_text("shows happy already, so surprise is offered")
    expect(page.locator("#named").get_by_label("surprise")).to_be_checked()
    expect(page.locator("#strip li").first).to_contain_text("surprise")
    page.locator("#named").get_by_text("happy").click()
    expect(page.locator("#strip li").first).to_contain_text("happy")


@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (390, "dark")])
def test_pictures_and_strips_fill_the_screen_and_come_back(visit: Visit, width: int, theme: str) -> None:
    page = visit("Transfer", theme=theme, width=width, height=768)
    for part in ("#result .picture >> nth=1", "#source .stage", "#strip .zoomable"):
        zoomed = page.locator(part)
        zoomed.locator(".zoom").scroll_into_view_if_needed()
        before = zoomed.bounding_box()
        zoomed.locator(".zoom").click()
        expect(zoomed).to_have_css("width", f"{width}px")
        expect(zoomed).to_have_css("height", "768px")
        picture = zoomed.locator("img").first
        fitting = (picture.bounding_box() or {"width": 0})["width"]
        page.get_by_role("button", name="Larger").click()
        assert (picture.bounding_box() or {"width": 0})["width"] >= fitting
        page.keyboard.press("Escape")
        assert zoomed.bounding_box() == before


def test_editors_are_compared_on_the_same_face(visit: Visit) -> None:
    page = visit("Transfer")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Beside the true picture of the same person").click()
    expect(page.locator("#truth")).to_contain_text("London: neutral to happy, by name")
    page.get_by_role("button", name="Measured on many faces").click()
    expect(page.locator("#evaluation")).to_contain_text("expression reached")
    page.get_by_role("button", name="Compare all").click()
    expect(page.locator("#comparison .editor").first).to_contain_text("sharpness")
    expect(page.locator("#compare-all .speed")).to_contain_text(re.compile(r"(\d+) of \1 pictures"))
    assert downloaded(page, "Download CSV").decode().startswith("editor,wanted,alpha")


@pytest.mark.parametrize(("width", "theme"), [(1366, "light"), (390, "dark")])
def test_a_face_goes_through_all_methods_and_the_best_ones_page_is_opened(visit: Visit, width: int, theme: str) -> None:
    page = visit("Transfer", theme=theme, width=width, height=800)
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-what").get_by_text("all seven expressions").click()
    page.get_by_role("button", name="Compare all").click()
    expect(page.locator("#comparison .editor").first).to_contain_text("read as")  # before the others are done
    expect(page.locator("#compare-all .speed")).to_contain_text(re.compile(r"(\d+) of \1 pictures"))
    methods = page.locator(".leaders tbody a[data-method]").count()
    expect(page.locator("#comparison .editor")).to_have_count(7 * methods)
    first = page.locator(".leaders tbody tr").first
    gain = page.get_by_role("columnheader", name="L1 gain, by name")
    gain.get_by_role("button").click()
    expect(gain).to_have_attribute("aria-sort", "descending")
    values = page.locator(".leaders tbody tr").evaluate_all("rows => rows.map(row => row.cells[3].dataset.value)")
    known = [float(value) for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert None not in values[: len(known)]  # what was not measured comes last
    name = first.locator("a[data-method]").inner_text()
    first.locator("a[data-method]").click()
    expect(page.get_by_role("tab", name="About")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_in_viewport()
