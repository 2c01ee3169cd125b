"""The lab's networks, compiler and trainings in a real browser: layout, names for screen readers, keyboard, live."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.axe import violations
from tests.browser.visitor import NARROW, WIDE, Visitor, faults
from tests.lab.run_folders import add_epoch, write_run

import knoll
from knoll import nn
from knoll.messages import LANGUAGES, Language

pytest.importorskip("starlette", reason="the lab's libraries are not installed: pip install -e '.[lab]'")

VIEWS = {
    "network": "view=network",
    "row of numbers": "view=network&at=8",
    "typed network": "view=network&net=Sequential(Conv2d(3,70,3),ReLU())&at=1",
    "compiler": "view=compiler&measure=1",
    "training step": "view=compiler&mode=train&net=lenet",
    "training": "view=training&run=one&with=two",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two runs, one of which is not complete."""
    folder = tmp_path_factory.mktemp("runs")
    write_run(folder, "one", 1, of=3)
    write_run(folder, "two")
    return folder


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    """The address of a lab that runs."""
    words = [sys.executable, "-m", "knoll", "lab", "--no-browser", "--runs", str(runs), "--lang", "en"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+[^.\s]", process.stdout.readline())
        assert found is not None
        yield found.group()
        process.terminate()


def opened(visit: Visitor, address: str, query: str, **options: object) -> Page:
    """A view, once it shows what was asked for."""
    page = visit.at(f"{address}&{query}", **options)
    shows(page)
    return page


def shows(page: Page) -> None:
    """Wait until the view is there."""
    page.wait_for_selector("#view .view:not([aria-busy]) > :nth-child(2)", timeout=60_000)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_laid_out_and_has_names(visit: Visitor, address: str, name: str, language: Language) -> None:
    page = opened(visit, address, f"{VIEWS[name]}&language={language}", width=NARROW)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        assert faults(page) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []


def test_plots_of_a_training_are_seen_whole(visit: Visitor, address: str) -> None:
    page = opened(visit, address, f"{VIEWS['training']}&language=en", width=NARROW)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        boxes = page.evaluate(
            "[...document.querySelectorAll('.figures .scroll, .runs')].map((e) => [e.scrollWidth, e.clientWidth])"
        )
        assert len(boxes) > 3
        assert all(whole <= seen for whole, seen in boxes), boxes
        sizes = page.evaluate("[...document.querySelectorAll('.figures svg')].map((e) => e.getScreenCTM().a)")
        assert min(sizes) > 0.9, "words of a plot keep their size"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_compiler_measured_is_read_on_a_telephone(visit: Visitor, address: str, language: Language) -> None:
    page = opened(visit, address, f"{VIEWS['compiler']}&language={language}", width=NARROW)
    boxes = page.evaluate("[...document.querySelectorAll('.stage .scroll')].map((e) => [e.scrollWidth, e.clientWidth])")
    assert len(boxes) > 4
    assert all(whole <= seen for whole, seen in boxes), boxes
    names = page.evaluate(
        "[...document.querySelectorAll('.stage td')].map((e) => getComputedStyle(e, '::before').content)"
    )
    assert len(names) > 20
    assert all(len(name) > 2 for name in names)


@pytest.mark.parametrize("query", ["view=takeaway", VIEWS["compiler"]], ids=["programs", "compiler"])
def test_listings_are_read_on_a_telephone(visit: Visitor, address: str, query: str) -> None:
    page = opened(visit, address, f"{query}&language=en", width=NARROW)
    page.wait_for_selector("pre:not(:empty)", state="attached")
    page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
    boxes = page.evaluate("[...document.querySelectorAll('pre')].map((e) => [e.scrollWidth, e.clientWidth])")
    assert [seen for _, seen in boxes if seen]
    assert all(whole <= seen for whole, seen in boxes), boxes


def test_a_layer_is_opened_by_the_keyboard_and_keeps_the_focus(visit: Visitor, address: str) -> None:
    page = opened(visit, address, "view=network&language=en")
    page.locator("#layer-0").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#layer-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#opened")).to_contain_text("MaxPool2d(2)")
    expect(page.locator("#layer-1")).to_be_focused()
    page.locator("#place-channel").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".seen")).to_contain_text("Channel 1, row 8, column 8 is")
    expect(page.locator("#place-channel")).to_be_focused()
    page.locator("#way-alone").press("Enter")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Layer")
    assert "layer=MaxPool2d" in page.url


def test_a_click_on_a_map_chooses_its_number(visit: Visitor, address: str) -> None:
    page = opened(visit, address, "view=network&at=1&language=en")
    box = page.locator("[data-pick]").bounding_box()
    assert box is not None
    page.locator("[data-pick]").click(position={"x": box["width"] * 2.5 / 16, "y": box["height"] * 3.5 / 16})
    expect(page.locator(".seen")).to_contain_text("Channel 0, row 3, column 2 is")
    expect(page.locator(".seen")).to_contain_text("rows 4 to 9 and columns 2 to 7")
    page.go_back()
    page.go_forward()


def test_a_network_that_does_not_fit_says_why_and_can_be_mended(visit: Visitor, address: str) -> None:
    page = opened(visit, address, "view=network&language=en")
    with visit.refused(400):
        page.locator("#net-typed").fill("Sequential(Conv2d(3, 2, 3), Flatten(), Linear(10, 2))")
        page.locator("#net-typed").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("in_features=1800")
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("in_features=1800")
    page.locator("#net-typed").fill("Sequential(Conv2d(3, 2, 3), Flatten(), Linear(1800, 2))")
    page.locator("#net-look").click()
    expect(page.locator(".walk li")).to_have_count(3)


def test_a_file_that_is_too_large_is_not_sent(visit: Visitor, address: str, tmp_path: Path) -> None:
    page = opened(visit, address, "view=network&language=en")
    large = tmp_path / "large.png"
    large.write_bytes(bytes(9 << 20))
    page.locator("#net-file").set_input_files(large)
    expect(page.locator("#status")).to_contain_text("The file is too large: the lab takes at most 8 MB.")


def test_a_picture_and_weights_are_given(visit: Visitor, address: str, tmp_path: Path) -> None:
    page = opened(visit, address, "view=network&language=en&net=Conv2d(3, 2, 3)")
    Image.new("RGB", (40, 30), (200, 30, 30)).save(tmp_path / "red.png")
    page.locator("#net-file").set_input_files(tmp_path / "red.png")
    expect(page.locator("#net-input")).to_have_value(re.compile("^image:"))
    knoll.save(nn.Conv2d(3, 2, 3).state_dict(), tmp_path / "net.pth")
    page.locator("#net-weights").set_input_files(tmp_path / "net.pth")
    expect(page.locator(".summary")).not_to_contain_text("The weights are random")
    page.locator("#net-without").click()
    expect(page.locator(".summary")).to_contain_text("The weights are random")


def test_a_step_is_opened_and_its_loops_are_shown(visit: Visitor, address: str) -> None:
    page = opened(visit, address, "view=compiler&language=en")
    first = page.locator("#stage-loops pre").inner_text()
    page.locator("#stage-plan > div button").first.click()
    expect(page.locator("#stage-loops pre")).not_to_have_text(first)
    page.locator("#measure").click()
    expect(page.locator("#stage-speed svg")).to_have_count(2)


def test_a_training_is_followed_while_it_is_written(visit: Visitor, address: str, runs: Path) -> None:
    page = opened(visit, address, "view=training&run=one&language=en")
    row = page.locator("tr", has=page.locator("#run-one"))
    expect(row).to_contain_text("1 / 3")
    add_epoch(runs / "one", 2, 0.875)
    expect(row).to_contain_text("2 / 3", timeout=10_000)
    expect(row).to_contain_text("87.5%")
    with visit.refused(400):
        page.evaluate("fetch('run/stop?run=one', { method: 'POST' })")
        page.wait_for_timeout(200)
