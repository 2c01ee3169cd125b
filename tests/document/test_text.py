"""Documents in a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from document.samples import Square, documents, languages
from knoll.document import Bullets, Code, Document, Formula, Heading, Listing, Note, Paragraph, Picture, Table
from knoll.errors import ArgumentError
from knoll.language import set_language
from knoll.messages import Language, Sentence

Phrase = Callable[..., Sentence]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_language_that_is_not_there_is_refused(form: str, phrase: Phrase) -> None:
    with pytest.raises(ArgumentError, match="Knoll speaks 'en' and 'zh', not 'fr'"):
        getattr(Document(phrase("slides"), ()), form)(language="fr")


def test_every_block_in_a_terminal(phrase: Phrase) -> None:
    document = Document(
        "Conv2d",
        (
            Paragraph((phrase("kernel", rows=3, pixels=9), phrase("slides"))),
            Heading("Size"),
            Formula(("h_out = ⌊(32 − 3) / 2⌋ + 1", "= 15")),
            Table(("layer", "parameters"), ((Code("Linear(1024, 64)"), 65600), ("ReLU()", "–")), ("total", 65600)),
            Note("trap", phrase("slides")),
            Heading("Code", 3),
            Listing("for x in y:\n\tpass"),
            Bullets((phrase("slides"), "b")),
            Picture(Square(), "a square"),
        ),
    )
    assert document.text(44) == (
        "Conv2d\n══════\n\n"
        "kernel_size=3: each output looks at 9\npixels. A window slides over the image.\n\n"
        "Size\n────\n\n"
        "    h_out = ⌊(32 − 3) / 2⌋ + 1\n          = 15\n\n"
        "layer             parameters\n────────────────────────────\n"
        "Linear(1024, 64)      65,600\nReLU()                     –\n────────────────────────────\n"
        "total                 65,600\n\n"
        "│ Trap: A window slides over the image.\n\n"
        "── Code\n\n"
        "    for x in y:\n        pass\n\n"
        "• A window slides over the image.\n• b\n\n"
        "[picture: a square]\n"
    )
    assert "│ 注意：窗口在图像上滑动。\n" in document.text(44, "zh")


@settings(deadline=None)
@given(documents, st.integers(20, 90), languages)
def test_no_line_is_wider_than_the_terminal(document: Document, width: int, language: Language) -> None:
    wrapped = Document(document.title, tuple(block for block in document.blocks if not isinstance(block, Listing)))
    lines = wrapped.text(width, language).split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert not [line for line in lines if line != line.rstrip(" ")]


@settings(deadline=None)
@given(documents, languages, st.sampled_from(["ascii", "gbk", "cp437", "cp1252", "latin-1", "utf-8"]))
def test_every_encoding_can_write_it(document: Document, language: Language, encoding: str) -> None:
    text = document.text(60, language, encoding=encoding)
    assert text.encode(encoding).decode(encoding) == text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), "nothing controls the terminal"
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=file, width=60).print(document, crop=False)


def test_what_ascii_lacks_is_written_in_ascii(phrase: Phrase) -> None:
    formula = Document("Größe", (Formula(("h = ⌊(5 − 2·1) / 2⌋ × 3 ≤ ∞", "= 3")), Bullets(("a → b",))))
    assert formula.text(60, encoding="ascii") == (
        "Gr\\xf6\\xdfe\n===========\n\n    h = floor((5 - 2*1) / 2) x 3 <= inf\n      = 3\n\n- a -> b\n"
    )
    set_language("zh")
    document = Document(phrase("slides"), ())
    assert document.text(60) == "窗口在图像上滑动。\n══════════════════\n"
    assert document.text(60, encoding="gbk").startswith("窗口")
    assert document.text(60, encoding="ascii").startswith("A window slides over the image.\n==="), "can be read"


def test_a_document_that_is_printed_is_its_text(monkeypatch: pytest.MonkeyPatch, phrase: Phrase) -> None:
    document = Document("a", (Formula(("⌊x⌋",)),))
    monkeypatch.setenv("COLUMNS", "300")
    long = Document("a", (Paragraph((phrase("slides"),) * 5),))
    assert max(map(len, str(long).split("\n"))) <= 100
    assert str(document) == "a\n═\n\n    ⌊x⌋"
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        assert str(document) == "a\n=\n\n    floor(x)"
        patch.setattr("sys.stdout", None)
        assert str(document) == "a\n═\n\n    ⌊x⌋"


def test_colours_are_for_terminals(phrase: Phrase, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    document = Document("a", (Paragraph(phrase("kernel", rows=3, pixels=9)), Note("tip", "b")))

    def printed(*, terminal: bool) -> str:
        file = io.StringIO()
        console = Console(file=file, force_terminal=terminal, width=80, color_system="standard" if terminal else None)
        console.print(document, crop=False)
        return file.getvalue()

    plain = printed(terminal=False)
    assert plain == document.text(80)
    coloured = printed(terminal=True)
    assert "\x1b[36mkernel_size=3" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[36m" not in printed(terminal=True)


def test_a_listing_stays_whole() -> None:
    code = "x = " + " + ".join(["features"] * 20)
    assert f"    {code}\n" in Document("a", (Listing(code),)).text(30)


def test_numbers_stand_below_each_other() -> None:
    table = Table(("name", "n"), (("a", 1), ("步长", 22), ("c", 12_354_176)))
    assert Document("t", (table,)).text(40).split("\n")[3:] == [
        "name           n", "────────────────", "a              1", "步长          22", "c     12,354,176", "",
    ]  # fmt: skip


LAYERS = Table(
    ("name", "layer", "output", "multiply-adds"),
    (
        ("layer1.0.conv1", "Conv2d(3, 32, 5, padding=2)", "32×32×32", 2_457_600),
        ("layer1.0.pool", "MaxPool2d(2)", "", "–"),
    ),
    ("total", "", "", 2_457_600),
)


def test_a_table_without_room_is_a_list() -> None:
    assert Document("t", (LAYERS,)).text(40).split("\n")[3:-1] == [
        "• name           layer1.0.conv1",
        "  layer          Conv2d(3, 32, 5,",
        "                 padding=2)",
        "  output         32×32×32",
        "  multiply-adds  2,457,600",
        "• name           layer1.0.pool",
        "  layer          MaxPool2d(2)",
        "  multiply-adds  –",
        "• name           total",
        "  multiply-adds  2,457,600",
    ]


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 70, 80, 120])
def test_words_of_a_table_are_cut_at_joints_alone(width: int) -> None:
    lines = Document("t", (LAYERS,)).text(width).split("\n")
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    whole = ("MaxPool2d", "32×32×32", "2,457,600", "padding=2)") if width >= 30 else ()
    assert all(word in text for word in whole)


def test_too_narrow_is_told() -> None:
    with pytest.raises(ArgumentError, match="at least 20 columns, not 19"):
        Document("a", ()).text(19)
