"""A visitor has an answer explained by three methods, asks why it is not another one, and takes the figures home."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser.conftest import ANSWER_LIMIT, Visit

VERDICT = re.compile("(Faithful|Weak|Fails|No evidence): .*[.]")


def test_three_methods_with_verdicts_then_why_not_surprise_then_what_would_change_it_then_a_file(visit: Visit) -> None:
    page = visit("Explain")
    expect(page.locator("#explained figure")).to_have_count(3)
    expect(page.locator("#explained")).to_contain_text("Not checked yet")
    page.get_by_role("button", name="Check these maps").click()
    expect(page.locator("#explained .verdict")).to_have_text([VERDICT] * 3)
    expect(page.locator("#explained")).to_contain_text("What speaks for happy")
    before = page.locator("#explained img").first.get_attribute("src")
    page.locator("#opacity input[type=number]").fill("0.2")
    page.locator("#opacity input[type=number]").press("Enter")
    expect(page.locator("#explained img").first).not_to_have_attribute("src", before or "")
    page.get_by_role("button", name="The curves behind the verdicts").click()
    expect(page.locator("#curves .plot[data-drawn]")).to_have_count(3)
    page.get_by_label("And why not that one?").click()
    page.get_by_role("option", name="surprise").click()
    expect(page.locator("#explained")).to_contain_text("What speaks for happy and not surprise")
    expect(page.locator("#explained .verdict")).to_have_count(0)  # these maps answer another question
    check = page.get_by_role("button", name="Check these maps")
    check.click()
    check.click()  # begins anew
    expect(page.locator("#explained .verdict")).to_have_text([VERDICT] * 3)
    page.get_by_role("button", name="Find the change").click()
    expect(page.locator("#changed figure")).to_have_count(3)
    expect(page.locator("#changed")).to_contain_text("The label becomes surprise with: ")
    expect(page.locator("#changed")).to_contain_text(re.compile("By Expression judge, the label (becomes|stays) .*[.]"))
    with page.expect_download() as download:
        page.locator("#explained-files").get_by_role("button", name="Download JSON").click()
    found = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert found["question"] == "happy and not surprise"
    assert found["change"]["after"] == "surprise"
    assert list(found["methods"]) == ["Grad-CAM", "integrated gradients", "occlusion"]


def test_masks_and_codes_are_offered_by_the_models_that_have_them_and_nothing_jumps(visit: Visit) -> None:
    page = visit("Explain")
    expect(page.locator("#explained figure")).to_have_count(3)
    panel = page.locator("#tab-explain")
    before = page.locator("#explained").bounding_box()
    panel.get_by_label("Recognizer").click()
    page.get_by_role("option", name="Residual Masking Network").click()
    expect(page.get_by_label("mask of stage 2")).to_be_visible()
    expect(page.locator("#explained")).to_contain_text("by Residual Masking Network")
    assert page.locator("#explained").bounding_box() == before or before is None
    page.get_by_label("Grad-CAM", exact=True).uncheck()
    page.get_by_label("mask of stage 2").check()
    expect(page.locator("#explained figcaption").last).to_have_text("Mask of stage 2")
    panel.get_by_label("Recognizer").click()
    page.get_by_role("option", name="TDGAN", exact=True).click()
    expect(page.get_by_label("mask of stage 2")).to_have_count(0)
    page.get_by_label("What is explained").click()
    page.get_by_role("option", name="both codes, side by side").click()
    expect(page.locator("#explained figure")).to_have_count(4)
    expect(page.locator("#explained figcaption").last).to_have_text("Occlusion, happy in the expression code")


def test_the_faces_that_taught_an_answer_are_found(visit: Visit) -> None:
    page = visit("Explain", width=390)
    expect(page.locator("#explained figure")).to_have_count(3)
    page.get_by_role("button", name="Find the faces").click()
    expect(page.locator("#teachers")).to_contain_text(
        "trained again on 980 computer-made faces", timeout=2 * ANSWER_LIMIT
    )
    expect(page.locator("#teachers .thumbs").first.locator("img")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_network_that_cheats_is_found_out_by_its_map(visit: Visit) -> None:
    page = visit("Explain")
    page.get_by_role("button", name="A lesson: the network that cheats").click()
    lesson = page.locator("#lesson")
    expect(lesson.locator(".verdict")).to_have_count(3)
    expect(lesson.locator(".verdict").first).to_have_text("Faithful: all 5 checks passed.")
    expect(lesson.locator(".verdict").last).to_have_text(re.compile("Fails: .*"))
    expect(lesson).to_contain_text("right on 0 of 40")


def test_a_face_comes_over_from_recognize_and_too_many_methods_are_a_sentence(visit: Visit) -> None:
    page = visit("Recognize")
    page.get_by_role("button", name="More ways to explain it").click()
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Why this expression?")).to_have_value("happy")
    page.get_by_label("guided Grad-CAM").check()
    sentence = page.locator(".notice").get_by_text("Choose one to 3 methods; 4 are chosen.")
    expect(sentence).to_be_visible()
