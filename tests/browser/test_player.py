"""The player of an animation, driven as a reader drives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser.visitor import NARROW, WIDE, Visitor, faults

from knoll import nn
from knoll.animate import animate, compare
from knoll.draw import Animation, Element, Group, Text
from knoll.draw.player import page as page_around
from knoll.draw.text import said
from knoll.messages import LANGUAGES, Language

SHOWN = "e => getComputedStyle(e).visibility === 'visible'"
DRAWN = "e => e.getClientRects().length > 0"
TEXTS = f"[...root.querySelectorAll('svg[role=img] text')].filter({DRAWN}).filter({SHOWN})"
WORDS = f"(root) => {TEXTS}.map(e => e.textContent)"
CAPTION = f"(root) => [...root.querySelectorAll('.captions p')].filter({SHOWN}).map(e => e.textContent).join()"
AT = """(root, time) => root.getAnimations({subtree: true}).forEach(e => { e.pause(); e.currentTime = time; })"""


@pytest.fixture(scope="module")
def pooling() -> Animation:
    """Nine windows over a small image: nine frames."""
    return animate(nn.MaxPool2d(2, stride=1), (1, 4, 4))


def texts(elements: tuple[Element, ...], language: Language) -> Iterator[str]:
    """What a scene says, in the order of painting."""
    for element in elements:
        if isinstance(element, Group):
            yield from texts(element.elements, language)
        elif isinstance(element, Text):
            yield said(element.words, language)


def words(animation: Animation, frame: int, language: Language = "en") -> list[str]:
    """What the drawing of a frame says."""
    return [*texts(animation.scenes(language, captions=False)[frame].elements, language)]


def shows(page: Page, animation: Animation, frame: int, language: Language = "en") -> None:
    """Check that the only player of a page shows this frame, and tells of it."""
    figure = page.locator(".knoll-player")
    expect(page.locator("[data-player=count]")).to_have_text(f"{frame + 1} / {len(animation.frames)}")
    assert figure.evaluate(WORDS) == words(animation, frame, language)
    assert figure.evaluate(CAPTION) == said(animation.frames[frame].caption, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_plays_pauses_and_begins_again(visit: Visitor, pooling: Animation, language: Language) -> None:
    page = visit(pooling.page(language=language), clock=True)
    shows(page, pooling, 0, language)
    for frame in range(1, 9):
        page.clock.run_for(1000)
        shows(page, pooling, frame, language)
    page.clock.run_for(2900)
    shows(page, pooling, 8, language)  # rests
    page.clock.run_for(100)
    shows(page, pooling, 0, language)
    toggle = page.locator("[data-player=toggle]")
    expect(toggle).to_have_attribute("aria-label", {"en": "Pause", "zh": "暂停"}[language])
    toggle.click()
    expect(toggle).to_have_attribute("aria-label", {"en": "Play", "zh": "播放"}[language])
    page.clock.run_for(5000)
    shows(page, pooling, 0, language)
    page.locator("[data-player=speed]").select_option("4")
    toggle.click()
    page.clock.run_for(500)
    shows(page, pooling, 2, language)


def test_steps_and_the_slider(visit: Visitor, pooling: Animation) -> None:
    page = visit(pooling.page(language="en"), clock=True)
    on, back, slider = (page.locator(f"[data-player={name}]") for name in ("on", "back", "slider"))
    on.click()
    on.click()
    shows(page, pooling, 2)
    back.click()
    shows(page, pooling, 1)
    expect(page.locator("[data-player=told]")).to_have_text(str(pooling.frames[1].caption))
    slider.fill("7")
    shows(page, pooling, 6)
    for _ in range(5):
        on.click()
    shows(page, pooling, 8)  # the last
    page.clock.run_for(10_000)
    shows(page, pooling, 8)


def test_keys(visit: Visitor, pooling: Animation) -> None:
    page = visit(pooling.page(language="en"), clock=True)
    page.keyboard.press("Tab")
    expect(page.locator(".knoll-player")).to_be_focused()
    for key, frame in (("ArrowRight", 1), ("End", 8), ("ArrowRight", 8), ("ArrowLeft", 7), ("Home", 0)):
        page.keyboard.press(key)
        shows(page, pooling, frame)
    page.keyboard.press(" ")
    page.clock.run_for(2000)
    shows(page, pooling, 2)
    page.keyboard.press(" ")
    page.clock.run_for(2000)
    shows(page, pooling, 2)
    page.locator("[data-player=slider]").focus()
    page.keyboard.press("ArrowRight")
    shows(page, pooling, 3)


def test_a_click_on_an_output_cell_shows_its_window(visit: Visitor, pooling: Animation) -> None:
    page = visit(pooling.page(language="en"), clock=True)
    for cell, frame in (("output 0,1,1", 4), ("output 0,2,2", 8), ("output 0,0,0", 0)):
        page.locator(f'[data-cell="{cell}"]').locator("visible=true").click()
        shows(page, pooling, frame)
        assert pooling.frames[frame].cell == tuple(map(int, cell.split()[1].split(",")))


@pytest.mark.parametrize("compared", [None, {"stride": 2}, {"padding": 1}])
def test_a_telephone_shows_input_and_output_together(visit: Visitor, compared: dict[str, int] | None) -> None:
    layer = nn.Conv2d(1, 1, 3, padding=0 if compared else 1)
    nn.init.ones_(layer.weight)
    nn.init.ones_(layer.bias)
    animation = animate(layer, (1, 5, 5), compare=compared)
    page = visit(animation.page(language="en"), width=NARROW, height=844, reduced_motion="reduce")
    drawings = page.locator(".view svg[role=img]")
    assert drawings.count() == 2
    for width, shown in ((NARROW, 1), (WIDE, 0)):
        page.set_viewport_size({"width": width, "height": 844})
        assert drawings.evaluate_all(f"all => all.map({DRAWN})") == [number == shown for number in range(2)]
        box = drawings.nth(shown).bounding_box()
        assert box
        assert box["width"] <= width
        assert box["y"] + box["height"] <= 844
        page.locator('[data-cell="output 0,1,1"]').locator("visible=true").click()
        frame = next(i for i, each in enumerate(animation.frames) if each.cell == (0, 1, 1))
        expect(page.locator("[data-player=count]")).to_have_text(f"{frame + 1} / {len(animation.frames)}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_moves_without_javascript(visit: Visitor, pooling: Animation, language: Language) -> None:
    page = visit(pooling.page(language=language), java_script_enabled=False)
    figure = page.locator(".knoll-player")
    expect(page.locator("[data-player=controls]")).to_be_hidden()
    assert figure.evaluate("e => e.getAnimations({subtree: true}).every(each => each.playState === 'running')")
    for frame in range(9):
        figure.evaluate(AT, 1000 * frame + 500)
        assert figure.evaluate(WORDS) == words(pooling, frame, language)
        assert figure.evaluate(CAPTION) == said(pooling.frames[frame].caption, language)


def test_it_stands_still_for_those_who_prefer_that(visit: Visitor, pooling: Animation) -> None:
    page = visit(pooling.page(language="en"), clock=True, reduced_motion="reduce")
    page.clock.run_for(10_000)
    shows(page, pooling, 0)
    page.locator("[data-player=toggle]").click()
    page.clock.run_for(1000)
    shows(page, pooling, 1)
    still = visit(pooling.page(language="en"), java_script_enabled=False, reduced_motion="reduce")
    figure = still.locator(".knoll-player")
    assert figure.evaluate("e => e.getAnimations({subtree: true}).length") == 0
    assert figure.evaluate(WORDS) == words(pooling, 0)


def test_two_players_of_a_page_do_not_meet(visit: Visitor, pooling: Animation) -> None:
    other = animate(nn.AvgPool2d(2), (1, 4, 4))
    inner = pooling.html(language="en") + other.html(language="zh") + pooling.html(language="en")
    page = visit(page_around(inner, "players", "auto", "en"), clock=True, reduced_motion="reduce")
    players = page.locator(".knoll-player")
    second = players.nth(1)
    second.locator("[data-player=on]").click()
    second.locator('[data-cell="output 0,1,1"]').locator("visible=true").click()
    for number, (animation, frame, language) in enumerate(((pooling, 0, "en"), (other, 3, "zh"), (pooling, 0, "en"))):
        assert players.nth(number).evaluate(WORDS) == words(animation, frame, language)
    players.nth(2).locator("[data-player=slider]").fill("9")
    assert players.nth(2).evaluate(WORDS) == words(pooling, 8)
    assert players.nth(0).evaluate(WORDS) == words(pooling, 0)


ANIMATIONS: dict[str, Callable[[], Animation]] = {
    "convolution": lambda: animate(nn.Conv2d(3, 4, 3, padding=1), (3, 7, 7)),
    "backward": lambda: animate(nn.Conv2d(1, 2, 3), (1, 5, 5), backward=True),
    "network": lambda: animate(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2)), (1, 8, 8)),
    "attention": lambda: animate(nn.MultiheadAttention(4, 2)),
    "loss": lambda: animate(nn.CrossEntropyLoss()),
    "side by side": lambda: compare(nn.AvgPool2d(2), nn.MaxPool2d(2, stride=1), (1, 6, 6)),
    "transposed convolution": lambda: animate(nn.ConvTranspose2d(1, 1, 3, stride=2), (1, 3, 3)),
}


@pytest.mark.parametrize("kind", ANIMATIONS)
def test_cells_of_every_kind_of_animation_can_be_clicked(visit: Visitor, kind: str) -> None:
    page = visit(ANIMATIONS[kind]().page(language="en"), reduced_motion="reduce", height=2000)
    cells = json.loads(page.locator(".knoll-player").get_attribute("data-cells") or "")
    frames = page.locator("[data-player=count]")
    found = {}
    for name, frame in [*cells.items()][:: max(1, len(cells) // 12)]:
        cell = page.locator(f'[data-cell="{name}"]').locator("visible=true")
        if cell.count():
            cell.click()
            expect(frames).to_have_text(re.compile(f"^{frame + 1} / "))
            found[name] = frame
    assert len(set(found.values())) > 1
    assert kind != "side by side" or len({name.split()[0] for name in found}) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ANIMATIONS)
def test_nothing_stands_out_of_the_page(visit: Visitor, kind: str, language: Language) -> None:
    html = ANIMATIONS[kind]().page(language=language)
    for width in (NARROW, WIDE):
        assert faults(visit(html, width=width)) == []
