"""Where commands put what they show."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from document.samples import Square
from knoll.document import FORMATS, Document, Format, Formula, Paragraph, Picture, write
from knoll.draw import number_grid
from knoll.draw.animation import Animation, Frame
from knoll.errors import ArgumentError, FileError
from knoll.language import set_language
from knoll.messages import Language, Sentence


@dataclass(frozen=True)
class Told:
    """Data that can be told as a document."""

    rows: int = 3

    def document(self) -> Document:
        return Document("rows ≤ 3", (Formula((f"{self.rows}",)), Paragraph("中文")))


class Film(Square):
    """An animation that saves itself."""

    def save(self, path: str | os.PathLike[str], *, language: Language | None = None) -> None:
        Path(path).write_text(f"film {language}", encoding="utf-8")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_is_named_or_is_what_the_suffix_says(
    kind: Format, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Told(), kind)
    shown = capsys.readouterr().out
    suffix = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}[kind]
    write(Told(), None, tmp_path / f"a.{suffix}")
    write(Told(), kind, tmp_path / "b.whatever")
    assert capsys.readouterr().out == ""
    assert (tmp_path / f"a.{suffix}").read_text("utf-8") == (tmp_path / "b.whatever").read_text("utf-8") == shown
    document = Told().document()
    assert (
        shown
        == {
            "text": document.text(80),
            "markdown": document.markdown(),
            "html": document.html(page=True),
            "json": '{\n  "type": "Told",\n  "rows": 3\n}\n',
        }[kind]
    )


def test_without_a_format_the_terminal_gets_text(
    capsys: pytest.CaptureFixture[str], phrase: Callable[..., Sentence]
) -> None:
    set_language("zh")
    write(Document(phrase("slides"), ()))
    assert capsys.readouterr().out == "窗口在图像上滑动。\n══════════════════\n"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text", "rows <= 3\n=========\n\n    3\n\n\\u4e2d\\u6587\n"),
        ("markdown", "# rows &lt;= 3\n"),
        ("html", "<h1>rows &#8804; 3</h1>"),
        ("json", '"title": "rows \\u2264 3"'),
    ],
)
def test_standard_output_that_is_not_utf_8(kind: Format, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stdout)
    write(Told().document(), kind)
    stdout.flush()
    shown = stdout.buffer.getvalue().decode()
    assert expected.replace("&lt;=", "<=") in shown
    if kind == "json":
        assert json.loads(shown)["title"] == "rows ≤ 3"


def test_the_drawings_of_a_markdown_file_stand_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "my net.md"
    write(Document("t", (Picture(Square(), "a"), Picture(Square(3), "b"))), None, out)
    assert "![a](my%20net-1.svg)\n\n![b](my%20net-2.svg)\n" in out.read_text("utf-8")
    assert sorted(os.listdir(tmp_path)) == ["my net-1.svg", "my net-2.svg", "my net.md"]
    assert (tmp_path / "my net-2.svg").read_text("utf-8") == Square(3).svg(language="en")


def test_a_drawing_saves_itself(tmp_path: Path) -> None:
    set_language("zh")
    write(Film(), None, tmp_path / "a.gif")
    write(Film(), "html", tmp_path / "a.html")
    assert (tmp_path / "a.gif").read_text("utf-8") == (tmp_path / "a.html").read_text("utf-8") == "film zh"
    set_language("en")
    with pytest.raises(ArgumentError, match="A drawing needs a file") as nowhere:
        write(Film())
    assert "--out FILE.svg" in str(nowhere.value)
    with pytest.raises(ArgumentError, match=r"cannot be written to .*a\.md as markdown"):
        write(Film(), "markdown", tmp_path / "a.md")
    with pytest.raises(ArgumentError, match=r"cannot be written to .*b\.gif as html"):
        write(Film(), "html", tmp_path / "b.gif")


def test_a_file_that_cannot_be_written_is_told_and_nothing_changes(tmp_path: Path) -> None:
    out = tmp_path / "a.txt"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"the suffix \.docx says no format") as suffix:
        write(Told(), None, tmp_path / "a.docx")
    assert "expected: .txt, .md" in str(suffix.value)
    with pytest.raises(ArgumentError, match="the suffix – says no format"):
        write(Told(), None, tmp_path / "README")
    with pytest.raises(ArgumentError, match="no format 'pdf'"):
        write(Told(), "pdf", out)
    with pytest.raises(FileError, match="cannot be written"):
        write(Told(), None, tmp_path / "no" / "a.txt")
    assert out.read_text("utf-8") == "before"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_pictures_and_animations_of_the_drawing_package_fit(tmp_path: Path) -> None:
    scene = number_grid([[1, 2], [3, 4]], title="x")
    film = Animation(tuple(Frame(number_grid([[1, 2]], marks={(0, i): "winner"}), f"cell {i}") for i in range(2)))
    document = Document("t", (Picture(scene, "a"), Picture(film, "b")))
    assert document.html("zh").count('lang="zh-CN"') >= 3
    assert film.html(language="en") in document.html("en")
    write(document, None, tmp_path / "a.md")
    assert (tmp_path / "a-1.svg").read_text("utf-8") == scene.svg(language="en")
    write(film, None, tmp_path / "a.gif")
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF89a")
