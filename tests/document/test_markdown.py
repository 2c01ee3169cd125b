"""Documents as Markdown, read back by a reader of Markdown."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from document.samples import Square, documents, languages, lines, tables, texts
from knoll.document import Bullets, Code, Document, Formula, Heading, Line, Listing, Note, Paragraph, Picture, Table
from knoll.document.blocks import line_of
from knoll.document.inline import Code as InlineCode
from knoll.document.inline import code_lines, letters
from knoll.messages import Language, Sentence

Phrase = Callable[..., Sentence]


def read(document: Document, language: Language = "en") -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document.markdown(language))


def told(token: Token) -> str:
    """The letters of a line, without what is code and emphasis."""
    return "".join(
        child.content for child in token.children or () if child.type in ("text", "code_inline", "text_special")
    )


def inlines(tokens: list[Token]) -> list[str]:
    return [told(token) for token in tokens if token.type == "inline"]


def shapes(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens if token.type != "inline"]


def test_every_block_as_markdown(phrase: Phrase) -> None:
    document = Document(
        "Conv2d",
        (
            Paragraph((phrase("kernel", rows=3, pixels=1), phrase("slides"))),
            Heading("Size"),
            Formula(("h = ⌊(32 − 3) / 2⌋ + 1", "= 15")),
            Table(("layer", "n"), ((Code("a|b"), 65600), ("0.5", "–")), ("total", 65600)),
            Note("trap", phrase("slides")),
            Listing("```\nx", "python"),
            Bullets((phrase("slides"), "1. b")),
            Bullets(("c",)),
            Picture(Square(), "a [square]"),
        ),
    )
    assert document.markdown("zh", address=lambda _: "square.svg") == (
        "# Conv2d\n\n"
        "`kernel_size=3`：每个输出看 1 个像素。窗口在图像上滑动。\n\n"
        "## Size\n\n"
        "```text\nh = ⌊(32 − 3) / 2⌋ + 1\n  = 15\n```\n\n"
        "| layer | n |\n| --- | ---: |\n| <code>a&#124;b</code> | 65,600 |\n| 0.5 | – |\n"
        "| <strong>total</strong> | <strong>65,600</strong> |\n\n"
        "> <strong>注意：</strong>窗口在图像上滑动。\n\n"
        "````python\n```\nx\n````\n\n"
        "- 窗口在图像上滑动。\n- 1\\. b\n\n<!-- -->\n\n- c\n\n"
        "![a \\[square\\]](square.svg)\n"
    )


@settings(deadline=None)
@given(lines)
@example("1. a")
@example("- a")
@example("# a #")
@example("<b>a</b> &amp; &lt;")
@example("http://a.b/_c_ **d** ~~e~~ __f__ `g`")
@example("[a](b) ![c](d) [^1]: e")
@example("a\\")
@example("！")
@example(("", Code(" "), "0"))
@example((Code("a"), " \t", Code("b")))
def test_letters_stay_letters(line: Line) -> None:
    document = Document("t", (Paragraph(line), Heading(line), Bullets((line,)), Note("tip", line)))
    tokens = read(document)
    expected = letters(line, "en")
    wanted = ["paragraph_open", "paragraph_close"] if expected else []
    bullets = ["bullet_list_open", "list_item_open", *wanted, "list_item_close", "bullet_list_close"]
    assert shapes(tokens) == [
        "heading_open", "heading_close", *wanted, "heading_open", "heading_close", *bullets,
        "blockquote_open", "paragraph_open", "paragraph_close", "blockquote_close",
    ]  # fmt: skip
    tip = letters(("Tip:", expected), "en")
    assert inlines(tokens) == ["t", *[expected] * bool(expected), expected, *[expected] * bool(expected), tip]


@settings(deadline=None)
@given(tables(), languages)
def test_tables_stay_tables(table: Table, language: Language) -> None:
    tokens = read(Document("t", (table,)), language)
    rows = [table.header, *table.rows, *((table.footer,) if table.footer else ())]
    assert shapes(tokens).count("tr_open") == len(rows)
    expected = [letters(line_of(cell), language) for row in rows for cell in row]
    assert inlines(tokens)[1:] == expected


@settings(deadline=None)
@given(texts, st.lists(texts, max_size=3))
def test_code_stays_code(code: str, steps: list[str]) -> None:
    tokens = read(Document("t", (Listing(code), Formula(tuple(steps)), Paragraph(InlineCode(code)))))
    fences = [token for token in tokens if token.type == "fence"]
    assert fences[0].content == "\n".join(code_lines(code)) + "\n"
    assert fences[0].info == "python"
    assert [line.strip() for line in fences[1].content.split("\n")[:-1]] == [letters(step, "en") for step in steps]
    assert len(fences) == 2


@settings(deadline=None)
@given(documents, languages)
def test_everything_can_be_written(document: Document, language: Language) -> None:
    tokens = read(document, language)
    assert document.markdown(language).encode()
    assert shapes(tokens)[:2] == ["heading_open", "heading_close"]


def test_emphasis_beside_a_mark_is_emphasis(phrase: Phrase) -> None:
    line = phrase("product", name="(五)")
    assert "*不是*" in Document("t", (Paragraph(line),)).markdown("zh")
    assert "`2*3`<em>(五)</em>" in Document("t", (Paragraph(line),)).markdown("zh")


def test_words_stand_in_for_a_drawing() -> None:
    assert Document("t", (Picture(Square(), "a [b]"),)).markdown() == "# t\n\n\\[picture: a \\[b\\]\\]\n"
