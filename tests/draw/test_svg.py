"""Drawings as text: the same each time, well-formed, and safe beside others in one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.draw import Cell, Circle, Group, Image, Line, Path, Rect, Scene, Style, Text, arrow, beside
from knoll.errors import ArgumentError

PIXEL = bytes.fromhex("89504e470d0a1a0a")
ALL = (
    Rect(1, 2, 30, 40, Style("input-tint", "input", hatch="lines"), cell=Cell("output", (0, 1))),
    Text(5, 5, '<h & w> "quoted"'),
    Line(0, 0, 10, 10.12345, Style(stroke="ink", dash=(4, 3))),
    Path(((0, 0), (5, 5), (0, 5)), Style(fill="winner"), closed=True),
    Circle(4, 4, 2, Style(fill="kernel", opacity=0.5)),
    Image(0, 0, 8, 8, PIXEL),
    Group((arrow(0, 0, 10, 0), Text(1, 1, "x")), 100, 50, link="https://example.org/?a=1&b=<2>"),
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_every_element_is_written_as_well_formed_xml(theme: str) -> None:
    scene = Scene(200, 100, ALL, title="a < b & c", description='"d"')
    root = ElementTree.fromstring(scene.svg(theme))  # noqa: S314 (the text is our own)
    assert root.findtext(f"{SVG}title") == "a < b & c"
    assert root.findtext(f"{SVG}desc") == '"d"'
    assert root.get("role") == "img"
    assert '<h & w> "quoted"' in [text.text for text in root.iter(f"{SVG}text")]
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["https://example.org/?a=1&b=<2>"]
    assert [rect.get("data-cell") for rect in root.iter(f"{SVG}rect") if rect.get("data-cell")] == ["output 0,1"]


def test_a_drawing_is_the_same_text_each_time() -> None:
    assert Scene(200, 100, ALL).svg() == Scene(200, 100, tuple(ALL)).svg()


def test_names_in_one_page_do_not_clash() -> None:
    first, second = (Scene(w, 100, ALL).svg() for w in (200, 201))
    names = [set(re.findall(r'(?:id|class)="(k[0-9a-f]+)', text)) for text in (first, second)]
    assert all(names)
    assert not names[0] & names[1]
    assert all(text.count(f"url(#{min(found)}") for text, found in zip((first, second), names, strict=True))


def test_colours_need_no_css() -> None:
    text = Scene(10, 10, (Rect(0, 0, 5, 5, Style("input", "ink")),)).svg()
    assert 'fill="#0067a8" stroke="#1f2328"' in text
    assert "<style>" not in Scene(10, 10, ALL).svg("light")


@settings(deadline=None)
@given(st.text())
def test_any_words_can_be_drawn(words: str) -> None:
    root = ElementTree.fromstring(Scene(10, 10, (Text(0, 0, words),)).svg("light"))  # noqa: S314 (the text is our own)
    written = root.findtext(f"{SVG}text") or ""
    assert len(written) == len(words.replace("\r\n", "\n"))  # as XML reads the end of a line


def test_groups_move_what_is_in_them() -> None:
    inner = Group((Rect(1, 1, 2, 2, Style("ink")),), 10, 20)
    assert 'x="111" y="221"' in Scene(9, 9, (Group((inner,), 100, 200),)).svg()


def test_scenes_stand_beside_each_other() -> None:
    one = Scene(10, 10, (Rect(0, 0, 10, 10, Style("ink"), cell=Cell("x", (0, 0))),), title="one")
    two = Scene(10, 30, (Rect(0, 0, 10, 30, Style("ink"), cell=Cell("y", (0,))),))
    both = beside(one, two, gap=5)
    assert both.size == (25, 30)
    assert both.title == "one"
    assert both.box("x", (0, 0)) == (0, 10, 10, 10)
    assert both.box("y", (0,)) == (15, 0, 10, 30)
    assert beside().size == (0, 0)
    with pytest.raises(KeyError, match="z"):
        both.box("z", ())


@pytest.mark.parametrize("call", [Scene.svg, Scene.png])
def test_unknown_themes_and_languages_are_told(call: Callable[..., object]) -> None:
    with pytest.raises(
        ArgumentError, match=r"There is no such theme\.\n  expected: auto / light / dark\n  got: 'blue'"
    ):
        call(Scene(10, 10), theme="blue")
    with pytest.raises(ArgumentError, match=r"There is no such language\.\n  expected: en / zh\n  got: 'fr'"):
        call(Scene(10, 10), language="fr")
