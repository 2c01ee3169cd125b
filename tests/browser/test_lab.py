"""The page of the lab in a browser: a newcomer's way through it, every view, by keyboard, on a telephone, for all."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from tests.browser.visitor import NARROW, WIDE, Visitor, faults

from knoll.lab.app import application
from knoll.lab.resources import Resources
from knoll.messages import LANGUAGES, Language

TOKEN = "a-token-of-the-tests"  # noqa: S105 (opens nothing else)
PATIENCE = 30_000  # milliseconds: the server may have to share the processor
VIEWS = ("layer", "compare", "solve", "takeaway")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A lab on a free port; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(application(Resources(), port, TOKEN), log_level="error", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


class Lab:
    """Opens the lab with a setting."""

    def __init__(self, visitor: Visitor, server: str) -> None:
        self.visitor, self.server = visitor, server

    def __call__(self, setting: str = "", **options: object) -> Page:
        page = self.visitor.at(f"{self.server}/?t={TOKEN}&{setting}", **options)
        expect(page.locator("#text")).not_to_have_value("")
        expect(page.locator("#view > *")).to_be_visible()
        return page


@pytest.fixture
def lab(chromium: Browser, server: str, tmp_path: Path) -> Iterator[Lab]:
    expect.set_options(timeout=PATIENCE)
    visitor = Visitor(chromium, tmp_path)
    yield Lab(visitor, server)
    expect.set_options(timeout=5000)
    visitor.close()


def outputs(page: Page) -> str:
    """The shape of the output that is shown."""
    return page.locator(".stack").last.locator("figcaption b").first.inner_text()


def width_of_a_map(page: Page) -> float:
    """How wide a channel of the output is drawn."""
    box = page.locator("button.cells").first.bounding_box()
    assert box
    return box["width"]


def test_a_newcomer_halves_a_picture_and_takes_the_program(lab: Lab, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    pixels = np.random.default_rng(3).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(picture)
    page = lab()
    expect(page.locator(".stack").last).to_contain_text("6×30×30")
    page.locator("#file").set_input_files(picture)
    expect(page.locator("#input")).to_have_value("own")
    whole = width_of_a_map(page)
    page.locator("#argument-stride").fill("2")
    page.locator("#argument-stride").press("Enter")
    expect(page.locator(".stack").last).to_contain_text("6×15×15")
    assert 0.4 * whole < width_of_a_map(page) < 0.6 * whole
    expect(page.locator("#text")).to_have_value("Conv2d(3, 6, 3, stride=2)")
    page.locator("button.cells").nth(1).click(position={"x": 20, "y": 20})
    expect(page.locator("#caption")).to_contain_text("output[1, ")
    expect(page.locator(".sum")).to_contain_text("c = 2:")
    index = re.findall(r"\d+", page.locator("#caption").inner_text())[:3]
    page.get_by_role("tab", name="Take away").click()
    program = page.locator(".code").first
    expect(program).to_contain_text(f"print(y[0, {', '.join(index)}])")
    file = tmp_path / "taken.py"
    file.write_text(program.inner_text(), encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    shape, number = done.stdout.strip().splitlines()
    told = page.locator(".prints").inner_text().strip().splitlines()
    assert shape == told[0] == "(1, 6, 15, 15)"
    assert float(number) == pytest.approx(float(told[1]), rel=1e-5, abs=1e-6)


def test_a_layer_of_numbers_is_not_said_to_be_given_a_picture(lab: Lab) -> None:
    page = lab()
    expect(page.locator("#input")).to_have_value("mound")
    page.locator("#kind").select_option("Linear")
    expect(page.locator("#input")).to_have_value("numbers")
    expect(page.locator(".drop")).to_be_hidden()
    expect(page.locator("#size")).to_be_hidden()
    drawing = page.locator(".input .numbers svg")
    expect(drawing).to_be_visible()
    expect(drawing).to_contain_text("input")
    page.locator("#kind").select_option("CrossEntropyLoss")
    expect(drawing).to_contain_text("target")
    page.locator("#kind").select_option("MaxPool2d")
    expect(drawing).to_have_count(0)
    expect(page.locator("#input")).to_have_value("mound")
    expect(page.locator(".drop")).to_be_visible()


def test_the_address_holds_the_state_and_goes_back(lab: Lab) -> None:
    page = lab()
    page.locator("#kind").select_option("MaxPool2d")
    expect(page.locator(".stack").last).to_contain_text("3×16×16")
    page.locator("#argument-kernel_size").fill("4")
    page.locator("#argument-kernel_size").press("Enter")
    expect(page.locator(".stack").last).to_contain_text("3×8×8")
    assert "layer=MaxPool2d%284%29" in page.url
    assert TOKEN not in page.url
    page.go_back()
    expect(page.locator(".stack").last).to_contain_text("3×16×16")
    page.go_back()
    expect(page.locator("#text")).to_have_value("Conv2d(3, 6, 3)")
    page.go_forward()
    page.reload()
    expect(page.locator("#text")).to_have_value("MaxPool2d(2)")


def test_what_is_impossible_is_explained_and_mended_by_a_button(lab: Lab) -> None:
    page = lab("layer=Conv2d(3, 6, 3)")
    page.locator("#argument-groups").fill("2")
    page.locator("#argument-groups").press("Enter")
    expect(page.locator(".refused")).to_contain_text("in_channels must be divisible by groups")
    page.get_by_role("button", name="groups=3").click()
    expect(page.locator(".refused")).to_be_hidden()
    expect(page.locator("#text")).to_have_value("Conv2d(3, 6, 3, groups=3)")
    page.locator("#text").fill("Conv3d(3)")
    page.locator("#text").press("Enter")
    expect(page.locator(".refused")).to_contain_text("Conv2d")


def test_a_choice_that_pytorch_lacks_is_offered_with_this_word(lab: Lab) -> None:
    page = lab("layer=Conv2d(3, 6, 3, padding=1)&language=en")
    choices = page.locator("#argument-padding_mode option")
    assert choices.all_text_contents() == ["zeros", "reflect", "replicate", "circular", "symmetric (not in PyTorch)"]
    page.select_option("#argument-padding_mode", "symmetric")
    expect(page.locator("#text")).to_have_value(re.compile("padding_mode='symmetric'"))


def test_a_slider_is_dragged_by_keyboard(lab: Lab) -> None:
    page = lab()
    slider = page.locator(".argument input[type=range]").nth(4)
    slider.focus()
    for size in ("32×32", "34×34", "36×36"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".stack").last).to_contain_text(size)
    expect(page.locator("#argument-padding")).to_have_value("3")
    expect(page.locator("#argument-padding-words")).to_contain_text("3")
    page.locator(".argument .more").nth(4).press("Enter")
    expect(page.locator("#argument-padding-words")).to_be_hidden()


def test_numbers_are_walked_over_by_keyboard_and_by_the_player(lab: Lab) -> None:
    page = lab("layer=MaxPool2d(2)&input=1 2 3 4; 5 6 7 8; 9 1 2 3; 4 5 6 7&cell=0,0,0,0")
    caption = page.locator("#caption")
    expect(caption).to_contain_text("= 6")
    page.locator("button.cells").focus()
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("= 8")
    page.keyboard.press("ArrowDown")
    expect(caption).to_contain_text("= 7")
    page.get_by_role("button", name="One number back").click()
    expect(caption).to_contain_text("= 9")
    page.get_by_role("button", name="Where its gradient goes").click()
    expect(caption).to_contain_text("dx[0, 2, 0]")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".player output")).not_to_have_text("3 / 4")
    page.get_by_role("button", name="Pause").click()


def test_tabs_are_chosen_with_arrow_keys(lab: Lab) -> None:
    page = lab("layer=MaxPool2d(2)&input=1 2 3; 4 5 6; 7 8 9")
    page.get_by_role("tab", name="Layer").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".sides")).to_contain_text("stride=")
    page.get_by_role("button", name="Show both at work").click()
    expect(page.frame_locator(".player-frame").locator("[data-player=count]")).to_contain_text("1 / ")


def test_a_size_that_is_wanted_is_found_and_tried(lab: Lab) -> None:
    page = lab("view=solve")
    page.locator("#wanted").fill("15")
    page.locator("#wanted").press("Enter")
    expect(page.locator(".sizes")).to_contain_text("15×15")
    page.get_by_role("button", name="Try stride=2").click()
    expect(page.locator(".stack").last).to_contain_text("6×15×15")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_laid_out_and_open_to_all(lab: Lab, view: str, language: Language) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for width, scheme in ((NARROW, "light"), (WIDE, "dark")):
        page = lab(f"view={view}&language={language}", width=width, color_scheme=scheme, bypass_csp=True)
        page.wait_for_load_state("networkidle")
        assert faults(page) == []
        found = axe.run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert page.locator("#status").inner_text() == ""
        page.close()


def test_a_head_of_attention_is_chosen_and_left_where_there_is_none(lab: Lab) -> None:
    page = lab("layer=TransformerEncoderLayer(4, 2, 8)", width=NARROW)
    caption, head = page.locator("#caption"), page.locator("#head")
    expect(caption).to_contain_text("in the mean of 2 heads")
    assert head.locator("option").all_inner_texts() == ["mean of all", "0", "1"]
    head.select_option("1")
    expect(caption).to_contain_text("in head 1")
    assert "head=1" in page.url
    assert faults(page) == []
    page.locator("#argument-nhead").fill("1")
    page.locator("#argument-nhead").press("Enter")
    expect(caption).not_to_contain_text("in head")
    expect(head).to_be_hidden()
    page.locator("#kind").select_option("ReLU")
    expect(page.locator("#text")).to_have_value("ReLU()")
    assert "head=" not in page.url
