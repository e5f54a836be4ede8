"""A visitor has expressions recognized: in a photo, by the live camera, in many photos."""

from __future__ import annotations

import base64
import csv
import re

import numpy as np
from playwright.sync_api import Page, expect

from fer_demo.data.loading import load_bundled
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.inference.study.tables import RECOGNITION_COLUMNS
from tests.browser.conftest import Visit, png

PEOPLE = re.compile("Of ten people, (about|perhaps|nearly) .* would say")

# A camera that shows one picture for ever; its track stays in window.track, so that a test can see it end.
CAMERA_WITH_PICTURE = """async (source) => {
  const picture = Object.assign(new Image(), {src: source});
  await picture.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width: picture.width, height: picture.height});
  const show = () => canvas.getContext('2d').drawImage(picture, 0, 0);
  setInterval(show, 50);
  show();
  navigator.mediaDevices.getUserMedia = async () => {
    const stream = canvas.captureStream(20);
    window.track = stream.getVideoTracks()[0];
    return stream;
  };
}"""


def upload(page: Page, name: str, content: bytes, mime: str = "image/png") -> None:
    page.locator("#photo input[type=file]").set_input_files({"name": name, "mimeType": mime, "buffer": content})


def test_there_is_an_answer_on_arrival(visit: Visit) -> None:
    page = visit("Recognize")
    expect(page.locator("#answer h2")).to_have_text(PEOPLE)
    expect(page.locator("#answer")).to_contain_text("not what the person feels")
    expect(page.locator("#crop img")).to_be_visible()
    expect(page.locator("#bars li")).to_have_count(8)
    fetched = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert fetched
    assert not [name for name in fetched if "Plotly" in name]  # megabytes, for tabs that draw figures


def test_choosing_an_example_shows_its_bars_and_the_evidence_for_any_expression(visit: Visit) -> None:
    page = visit("Recognize")
    before = page.locator("#crop img").get_attribute("src")
    page.get_by_role("group", name="Photo: examples").get_by_role("button").first.click()
    expect(page.locator("#crop img")).not_to_have_attribute("src", before or "")
    expect(page.locator("#bars li")).to_have_count(8)
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for "))
    page.get_by_label("Show the evidence for").click()
    page.get_by_role("option", name="surprise").click()
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for surprise"))
    page.locator("#bars").get_by_role("button", name="fear").click()
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for fear"))


def test_the_heat_map_gets_its_verdict_on_request_and_another_map_takes_it_away(visit: Visit) -> None:
    page = visit("Recognize")
    expect(page.locator("#map-verdict")).to_have_text("")
    page.get_by_role("button", name="Check this map").click()
    expect(page.locator("#map-check .speed")).to_have_text("15 of 15 checks")
    expect(page.locator("#map-verdict")).to_have_text(re.compile("(Faithful|Weak|Fails|No evidence): .*[.]"))
    page.get_by_label("Show the evidence for").click()
    page.get_by_role("option", name="surprise").click()
    expect(page.locator("#map-verdict")).to_have_text("")


def test_the_settings_stand_in_the_address_and_a_reload_brings_them_back(visit: Visit) -> None:
    page = visit("Recognize")
    page.get_by_label("Recognizer", exact=True).first.click()
    page.get_by_role("option").nth(1).click()
    page.locator("#coverage").get_by_label("80%").check()
    page.get_by_role("group", name="Photo: examples").get_by_role("button").last.click()
    page.get_by_role("button", name="Face 3 of 3").click()
    expect(page.locator("#answer")).to_contain_text("Face 3 of 3")
    expect(page).to_have_url(re.compile("tab=recognize.*coverage=0.8&example=group&face=3"))
    model = page.get_by_label("Recognizer", exact=True).first.input_value()
    heading = page.locator("#answer h2").inner_text()
    page.reload()
    expect(page.locator("#answer")).to_contain_text("Face 3 of 3")
    expect(page.locator("#answer h2")).to_have_text(heading)
    expect(page.get_by_label("Recognizer", exact=True).first).to_have_value(model)
    expect(page.locator("#coverage").get_by_label("80%")).to_be_checked()


def test_an_example_can_be_chosen_by_keyboard(visit: Visit) -> None:
    page = visit("Recognize")
    first = page.get_by_role("group", name="Photo: examples").get_by_role("button").first
    first.focus()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(first).to_be_focused()


def test_a_photo_with_two_faces_is_answered_face_by_face_and_by_all_models(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    upload(page, "two.png", photo_of_two)
    second = page.get_by_role("button", name="Face 2 of 2")
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    expect(page.locator("#everyone tbody tr")).to_have_count(2)
    before = page.locator("#crop img").get_attribute("src")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#answer")).to_contain_text("Face 2 of 2")
    expect(page.locator("#crop img")).not_to_have_attribute("src", before or "")
    expect(page.locator("#bars li")).to_have_count(8)
    expect(page.locator("#doubt")).to_have_text(re.compile("People would say|not calibrated"))
    page.get_by_role("button", name="Compare all models on this face").click()
    expect(page.locator("#compare .lead")).to_have_text(re.compile("models? (say|agree)"))
    expect(page.locator("#compare tbody th")).to_have_text([*WITH_CONTEMPT, "answers for", "percentages"])
    expect(page.locator("#compare td.top").first).to_have_css("display", "table-cell")
    upload(page, "wall.png", png(np.full((300, 300, 3), 128, np.uint8)))
    expect(page.locator("#compare")).to_contain_text("There is no face yet")
    expect(page.get_by_label("Show the evidence for")).to_be_hidden()


def test_what_ten_people_would_say_then_the_label_all_models_and_a_file(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    upload(page, "two.png", photo_of_two)
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    expect(page.locator("#answer h2")).to_have_text(PEOPLE)
    page.get_by_label("FER2013's label").check()
    expect(page.locator("#answer h2")).to_have_text(re.compile("Looks|Perhaps|Not sure"))
    expect(page.locator("#bars li")).to_have_count(7)
    expect(page.locator("#doubt")).to_have_text(re.compile("May be|not calibrated"))
    expect(page).to_have_url(re.compile("answer=label"))
    page.get_by_role("button", name="Compare all models on this face").click()
    expect(page.locator("#compare tr.quiet").first.locator("td").first).to_have_text("label")
    page.get_by_label("What people would say").check()
    expect(page.locator("#compare tr.quiet").first.locator("td").first).to_have_text("ten people")
    asked = page.locator("#compare tr.quiet").first
    expect(asked.locator("td", has_text=re.compile(r"^\s*label\s*$"))).to_have_count(4)  # both TDGANs, TER-GAN, IPD-FER
    page.get_by_label("Many photos").click()
    page.locator("#batch input[type=file]").set_input_files(
        {"name": "two.png", "mimeType": "image/png", "buffer": photo_of_two}
    )
    expect(page.locator("#batch .speed")).to_contain_text("1 photo done")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["answer"] for row in rows] == ["votes", "votes"]
    assert all(abs(sum(float(row[name]) for name in WITH_CONTEMPT) - 1) < 0.001 for row in rows)
    assert {row["people_disagree"] for row in rows} <= {"yes", "no"}


def test_doubts_about_the_photo_are_said_and_lower_the_claim(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    source = load_bundled()
    dark = source[source.column("expression").index("happy")].image // 8
    upload(page, "dark.png", png(dark))
    expect(page.locator("#notes")).to_contain_text("dark")
    expect(page.locator("#answer h2")).to_have_text(re.compile("Not sure"))


def test_how_far_to_trust_the_model_is_one_click_away(visit: Visit) -> None:
    page = visit("Recognize")
    page.get_by_role("button", name="How far to trust this model").click()
    words = re.compile("eight should|has not been measured yet")
    expect(page.locator("#trust .lead").first).to_have_text(words)


def test_a_file_that_is_no_photo_gets_a_sentence_and_the_app_goes_on(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    notice = page.locator("#photo .notice")
    for name, content, words in [
        ("letter.jpg", b"Dear all, this is not a picture.", "is not a picture"),
        ("nothing.png", b"", "empty"),
        ("half.png", photo_of_two[: len(photo_of_two) // 2], "incomplete"),
        ("dot.png", png(np.zeros((1, 1, 3), np.uint8)), "1 x 1"),
        ("wall.png", png(np.full((300, 300, 3), 128, np.uint8)), "No face"),
    ]:
        upload(page, name, content)
        expect(notice).to_contain_text(words)
    upload(page, "two.png", photo_of_two)
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    expect(notice).to_be_empty()


def test_the_camera_takes_a_photo(visit: Visit) -> None:
    page = visit("Recognize")
    page.locator("#photo").get_by_label("Capture from camera").click()
    page.locator("#photo").get_by_text(re.compile("Access Webcam", re.I)).click()
    page.wait_for_function("document.querySelector('#photo video')?.currentTime > 0.5")  # the camera shows something
    page.locator("#photo").get_by_label(re.compile("capture photo", re.I)).click()
    expect(page.locator("#photo .notice")).to_contain_text("No face")  # Chromium's invented camera shows a test picture


def test_the_live_camera_starts_measures_its_speed_and_stops(visit: Visit) -> None:
    page = visit("Recognize")
    page.get_by_label("Live camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#camera .speed")).to_have_text(re.compile(r"\d+\.\d frames a second, \d+ ms each"))
    expect(page.locator("#camera .answer")).to_have_text("Nobody in view")
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    expect(page.locator("#camera .speed")).to_be_empty()


def test_the_live_camera_follows_faces_and_stops_out_of_sight(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    page.evaluate(CAMERA_WITH_PICTURE, "data:image/png;base64," + base64.b64encode(photo_of_two).decode())
    page.get_by_label("Live camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#camera .face-box")).to_have_count(2)
    expect(page.locator("#camera .share-bars li")).to_have_count(8)
    expect(page.locator("#camera .answer")).to_have_text(PEOPLE)
    page.get_by_label("A photo", exact=True).click()
    page.wait_for_function("window.track.readyState === 'ended'")


def test_fifty_photos_give_a_table_and_a_file_and_a_broken_one_is_a_row(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    page.get_by_label("Many photos").click()
    source = load_bundled()
    faces = [png(source[row].image) for row in np.linspace(0, len(source) - 1, 47, dtype=int)]
    wall = png(np.full((120, 120, 3), 90, np.uint8))
    photos = {"two, faces.png": photo_of_two, "letter.jpg": b"Dear all, this is no picture.", "wall.png": wall}
    photos |= {f"face_{index:02}.png": face for index, face in enumerate(faces)}
    page.locator("#batch input[type=file]").set_input_files(
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in photos.items()]
    )
    expect(page.locator("#batch .speed")).to_contain_text("50 photos done", timeout=180_000)
    expect(page.locator("#batch tbody tr")).to_have_count(51)
    expect(page.locator("#batch tbody .failed")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(RECOGNITION_COLUMNS)
    assert [row["face"] for row in rows if row["file"] == "two, faces.png"] == ["0", "1"]
    assert {row["file"] for row in rows} == set(photos)
    assert "not a picture" in next(row["notes"] for row in rows if row["file"] == "letter.jpg")
    assert "No face" in next(row["notes"] for row in rows if row["file"] == "wall.png")
