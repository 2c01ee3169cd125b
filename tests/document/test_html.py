"""Documents as HTML, read back by Python's own reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from document.samples import Square, documents, languages, lines
from knoll.document import Bullets, Code, Document, Formula, Heading, Line, Listing, Note, Paragraph, Picture, Table
from knoll.document.inline import letters
from knoll.language import set_language
from knoll.messages import Language, Sentence

Phrase = Callable[..., Sentence]
TAGS = {
    "article", "aside", "code", "div", "em", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "strong",
    "style", "svg", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
PAGE = TAGS | {"body", "head", "html", "meta"}


class Reader(HTMLParser):
    """Checks that every tag is closed in its turn, and keeps what it meets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = dict(attributes)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def text(self, tag: str) -> str:
        """What stands in the tag, with what stands in tags within it that only mark letters."""
        return "".join(data for within, data in self.texts if within in (tag, "code", "em"))


@settings(deadline=None)
@given(documents, languages)
def test_html_is_well_formed(document: Document, language: Language) -> None:
    fragment, page = document.html(language), document.html(language, page=True)
    assert set(Reader(fragment).tags) <= TAGS
    assert set(Reader(page).tags) <= PAGE
    assert fragment in page
    page.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)


@settings(deadline=None)
@given(lines)
def test_letters_stay_letters(line: Line) -> None:
    assert Reader(Document("", (Paragraph(line),)).html()).text("p") == letters(line, "en")


def test_every_block_as_html(phrase: Phrase) -> None:
    document = Document(
        "a < b",
        (
            Paragraph((phrase("kernel", rows=3, pixels=1), phrase("slides"))),
            Heading("Size", 3),
            Formula(("h = ⌊(32 − 3) / 2⌋", "= 14")),
            Table((Code("layer"), "n"), (("a", 65600),), ("total", 65600)),
            Note("trap", phrase("slides")),
            Listing("a < b"),
            Bullets(("x", "y")),
            Picture(Square(), 'a "square"'),
        ),
    )
    body = re.sub(r"<style>.*?</style>\n", "", document.html("zh"), flags=re.DOTALL)
    drawn = Square().svg(language="zh").replace('role="img"', 'role="img" aria-label="a &quot;square&quot;"')
    assert body == (
        '<article class="knoll-document" lang="zh-CN">\n'
        "<h1>a &lt; b</h1>\n"
        "<p><code>kernel_size=3</code>：每个输出看 1 个像素。窗口在图像上滑动。</p>\n"
        "<h3>Size</h3>\n"
        '<pre class="formula">h = ⌊(32 − 3) / 2⌋\n  = 14</pre>\n'
        '<div class="scroll" role="group" aria-label="表格" tabindex="0">\n<table>\n<thead>\n'
        '<tr><th scope="col"><code>layer</code></th><th scope="col" class="number">n</th></tr>\n</thead>\n<tbody>\n'
        '<tr><td>a</td><td class="number">65,600</td></tr>\n</tbody>\n<tfoot>\n'
        '<tr><td>total</td><td class="number">65,600</td></tr>\n</tfoot>\n</table>\n</div>\n'
        '<aside class="trap" role="note"><strong>注意：</strong>窗口在图像上滑动。</aside>\n'
        '<pre><code class="language-python">a &lt; b</code></pre>\n'
        "<ul>\n<li>x</li>\n<li>y</li>\n</ul>\n"
        f"<figure>\n{drawn}\n</figure>\n</article>\n"
    )


def test_a_column_without_a_name_has_no_header() -> None:
    html = Document("t", (Table(("", "n"), (("a", 1),)),)).html("en")
    assert '<tr><td></td><th scope="col" class="number">n</th></tr>' in html


def test_a_page_needs_nothing_else() -> None:
    page = Document("t", (Paragraph("p"),)).html(page=True)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert not re.search(r"https?:|@import|url\(|<script|<link", page)
    assert "<title>t</title>" in page


def test_the_style_touches_nothing_outside() -> None:
    style = re.search(r"<style>(.*?)</style>", Document("t", ()).html(), re.DOTALL)
    assert style is not None
    assert all(rule.strip().startswith(".knoll-document") for rule in re.findall(r"([^{}]+)\{", style[1]))
    assert len(style[1]) < 3000


def test_an_animation_is_played() -> None:
    class Film(Square):
        def html(self, *, language: Language | None = None) -> str:
            return f'<div class="player">{language}</div>'

    assert '<div class="player">zh</div>' in Document("t", (Picture(Film(), "a"),)).html("zh")


@pytest.mark.parametrize(("language", "label"), [("en", "Trap:"), ("zh", "注意：")])
def test_a_notebook_shows_the_language_spoken(language: Language, label: str) -> None:
    set_language(language)
    document = Document("t", (Note("trap", "a"),))
    assert label in document._repr_html_()
    assert label in document._repr_markdown_()
