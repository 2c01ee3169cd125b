"""The site: built without warnings in both languages, each page opened as a file, each sentence of ours translated.

No page asks for anything but its own files: `visit` sees to that.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pytest
from tests.browser.axe import violations
from tests.browser.links import broken_links
from tests.browser.site import DOCS, LANGUAGES, Builds
from tests.browser.visitor import NARROW, WIDE, Visitor, faults, faults_by_keyboard, faults_on_paper

if not all(map(find_spec, ("sphinx", "sklearn", "axe_playwright_python"))):
    pytest.skip("the site's libraries are not installed: pip install -e '.[test,docs]'", allow_module_level=True)

PAGES = sorted(
    ["genindex.html", "search.html"]
    + [path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")]
)
# What is folded is not seen, and yet lies where the next paragraphs are; unfolded, it is looked at, too.
UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
LARGEST = 1 << 20  # bytes of a page
ALREADY_BILINGUAL = {"glossary"}
OF_THE_WORK = {"accuracy", "benchmarks", "check", "decisions", "deviations", "onnx", "segmentation", "tried", "walk"}
LAGGING = 0.3  # of the sentences of such a page may wait for their Chinese: it changes with every measurement


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Builds the site where no worker has done so."""
    return Builds(tmp_path_factory)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_site_is_whole(language: str, builds: Builds, visit: Visitor) -> None:
    root = builds.html(language)
    for other in LANGUAGES:
        builds.html(other)  # which every page links to
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*.html")) == PAGES
    assert list(broken_links(root)) == []
    assert faults_by_keyboard(visit.open(root / "index.html")) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", WIDE), ("zh_CN", "dark", NARROW)])
def test_a_page_is_whole(
    language: str, theme: Literal["light", "dark"], width: int, name: str, builds: Builds, visit: Visitor
) -> None:
    path = builds.html(language) / name
    assert path.stat().st_size <= LARGEST
    page = visit.open(path, width=NARROW, color_scheme=theme)
    for each in (NARROW, WIDE):
        page.set_viewport_size({"width": each, "height": 900})
        assert faults(page) == [], f"at {each} pixels"
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(UNFOLD)
    page.wait_for_timeout(50)  # until the page has heard of it
    if language == "en" or not name.startswith("reference/"):  # whose texts are English in both: the longest pages
        assert violations(page) == []
    assert faults_on_paper(page) == []


# The animations that are wider than their place, or that leave no room on a telephone for what is said of them.
ANIMATIONS = """(highest) => {
  const faults = [];
  for (const e of document.querySelectorAll(".knoll-player .view")) {
    const box = e.querySelector("svg").getBoundingClientRect();
    if (e.scrollWidth > e.clientWidth) faults.push(`${e.scrollWidth - e.clientWidth} too wide`);
    if (box.height > highest) faults.push(`${box.height} high`);
  }
  return faults;
}"""
TELEPHONE = 844  # pixels from its top to its bottom


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_animation_is_seen_whole_on_a_telephone(language: str, builds: Builds, visit: Visitor) -> None:
    root, found = builds.html(language), dict[str, list[str]]()
    moving = [name for name in PAGES if 'class="knoll-player' in (root / name).read_text(encoding="utf-8")]
    assert len(moving) > 15
    page = visit.open(root / moving[0], width=NARROW, height=TELEPHONE)
    for name in moving:
        page.goto((root / name).as_uri())
        page.evaluate(UNFOLD)
        found[name] = page.evaluate(ANIMATIONS, 0.75 * TELEPHONE)
    assert {name: told for name, told in found.items() if told} == {}


# Lines of programs that are wider than their place.
LISTINGS = """() => [...document.querySelectorAll(".highlight-python pre, .highlight-bash pre")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim().slice(0, 60))"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_of_the_note_are_seen_whole_on_a_telephone(language: str, builds: Builds, visit: Visitor) -> None:
    root, found = builds.html(language), dict[str, list[str]]()
    pages = [name for name in PAGES if name.startswith(("note/", "start"))]
    assert len(pages) > 15
    page = visit.open(root / pages[0], width=NARROW, height=TELEPHONE)
    for name in pages:
        page.goto((root / name).as_uri())
        page.evaluate(UNFOLD)
        found[name] = page.evaluate(LISTINGS)
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_page_leads_to_the_same_page_in_the_other_language(width: int, builds: Builds, visit: Visitor) -> None:
    english, chinese = (builds.html(language) / "note" / "conv2d" / "stride.html" for language in LANGUAGES)
    page = visit.open(english, width=width)
    page.evaluate("location.hash = '#at-work'")
    for name, path in (("中文", chinese), ("English", english)):
        page.get_by_role("link", name=name, exact=True).click()
        assert page.url == f"{path.as_uri()}#at-work"


# What the theme says, and what it tells a screen reader; not the titles of pages, which are in the sentences.
THEME = """() => {
  const theirs = (e) => !e.closest("article, .sidebar-tree, .related-pages .title, .toc-tree, script, style, title");
  const all = [...document.body.querySelectorAll("*"), ...document.querySelectorAll("symbol title")];
  return all.filter(theirs).flatMap((e) => [
    e.ariaLabel ?? "", e.title ?? "", e.placeholder ?? "",
    ...[...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data.trim())]);
}"""
NAMES = ("Knoll", "Sphinx", "Furo", "@pradyunsg", "English")


@pytest.mark.parametrize("name", ["index", "note/index", "note/conv2d/stride", "search", "genindex"])
def test_the_theme_speaks_chinese(name: str, builds: Builds, visit: Visitor) -> None:
    told = visit.open(builds.html("zh_CN") / f"{name}.html").evaluate(THEME)
    assert [text for text in told if re.search("[A-Za-z]", re.sub("|".join(NAMES), "", text))] == []


def test_the_glossary_has_a_chinese_title(builds: Builds, visit: Visitor) -> None:
    page = visit.open(builds.html("zh_CN") / "glossary.html")
    titles = page.locator("h1, h2").evaluate_all("all => all.map(e => e.firstChild.textContent)")
    assert titles == ["术语表", "层", "编译器", "绘图"]
    assert page.locator(".sidebar-tree a", has_text="术语表").inner_text() == "术语表"


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="b.html#here">b</a> <a href="c.html">c</a> <a href="#a">a</a>')
    (tmp_path / "b.html").write_text('<p id="there"><a href="https://example.org/x">x</a> <a href="http://x y/">y</a>')
    assert list(broken_links(tmp_path)) == [
        "a.html: b.html#here",
        "a.html: c.html",
        "a.html: #a",
        "b.html: http://x y/",
    ]


def test_what_axe_forbids_is_found(visit: Visitor) -> None:
    page = visit("<!DOCTYPE html><html lang=en><title>t</title><main><h1>t</h1><p style='color:#ccc'>pale</p></main>")
    assert [told.partition(":")[0] for told in violations(page)] == ["color-contrast"]


def test_a_pale_word_among_many_is_found(visit: Visitor) -> None:
    words = "".join(f"<span style='color:{each}'>word</span> " for each in ["#000"] * 40 + ["#bbb"] + ["#000"] * 40)
    on_black = "<p style='background:#000'><b style='color:#fff'>white</b> <span style='color:#222'>black</span></p>"
    page = visit(f"<!DOCTYPE html><html lang=en><title>t</title><main><h1>t</h1><pre>{words}</pre>{on_black}</main>")
    found = page.evaluate("document.querySelectorAll('span').length"), violations(page)
    assert found[0] == 82
    assert [told.partition(":")[0] for told in found[1]] == ["color-contrast"]
    page.evaluate("document.querySelectorAll('pre span')[40].style.color = '#000'")
    assert "color:#222" in violations(page)[0]


def test_what_paper_cannot_show_is_found(visit: Visitor) -> None:
    page = visit(
        "<nav class=sidebar-drawer>all pages</nav><article><pre style='width:9em'>a line that is cut off</pre>"
    )
    assert faults_on_paper(page) == ["shown: sidebar-drawer", "cut off: a line that is cut off"]


def has_words(page: str, text: str) -> bool:
    """Whether a sentence or a cell needs Chinese: code, numbers and ONNX's operators are the same in it."""
    if page == "onnx" and text.isidentifier():
        return False
    return re.search("[A-Za-z]{3}", re.sub("`[^`]*`", "", text)) is not None


@pytest.fixture(scope="module")
def sentences(builds: Builds) -> dict[str, tuple[set[str], dict[str, str]]]:
    """The sentences of each page, and those of them that have a translation, with it."""
    from babel.messages.pofile import read_po

    folder, found = builds.gettext(), {}
    for template in sorted(folder.rglob("*.pot")):
        name = template.relative_to(folder).with_suffix("").as_posix()
        if name in ALREADY_BILINGUAL:
            continue
        with template.open("rb") as file:
            asked = {message.id for message in read_po(file) if message.id}
        with (DOCS / "locale" / "zh_CN" / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
            found[name] = asked, {message.id: message.string for message in read_po(file) if message.id}
    return found


def test_every_sentence_is_translated(sentences: dict[str, tuple[set[str], dict[str, str]]]) -> None:
    pages = {name: each for name, each in sentences.items() if name not in OF_THE_WORK}
    missing = [(name, text) for name, (asked, given) in pages.items() for text in asked if not given.get(text)]
    superfluous = [(name, text) for name, (asked, given) in pages.items() for text in given if text not in asked]
    assert (missing, superfluous) == ([], [])


@pytest.mark.parametrize("page", sorted(OF_THE_WORK))
def test_pages_of_the_work_are_translated(page: str, sentences: dict[str, tuple[set[str], dict[str, str]]]) -> None:
    asked, given = sentences[page]
    words = {text for text in asked if has_words(page, text)}
    missing = [text for text in words if not given.get(text)]
    assert len(missing) <= LAGGING * len(words), missing
