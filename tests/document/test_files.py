"""Documents, and data that can be told as one, as files."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import knoll
from document.samples import Square
from knoll import nn
from knoll.document import Displayable, Document, Paragraph, Picture
from knoll.errors import ArgumentError, FileError
from knoll.explain import explain_optimizer, explain_schedule
from knoll.language import set_language
from knoll.messages import LANGUAGES, Language
from knoll.train import History


@dataclass(frozen=True, slots=True)
class Drawn(Displayable):
    """Data with drawings."""

    drawings: int = 2

    def document(self) -> Document:
        return Document("t", (Paragraph("中文"), *(Picture(Square(n + 1), f"p{n}") for n in range(self.drawings))))


def _network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())


def _optimizer() -> knoll.optim.Optimizer:
    return knoll.optim.SGD(_network().parameters(), lr=0.1)


TOLD: dict[str, Callable[[], Displayable]] = {
    "layer": lambda: nn.Conv2d(3, 4, 3).explain((3, 8, 8)),
    "network": lambda: _network().explain((3, 8, 8)),
    "optimizer": lambda: explain_optimizer(_optimizer()),
    "schedule": lambda: explain_schedule(knoll.optim.lr_scheduler.StepLR(_optimizer(), 3)),
    "summary": lambda: _network().summary((3, 8, 8)),
    "check": lambda: _network().check((3, 8, 8)),
    "history": lambda: History.of({"loss/train": [2.3, 1.9]}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_is_saved_by_the_suffix(name: str, language: Language, tmp_path: Path) -> None:
    told = TOLD[name]()
    document = told.document()
    for suffix, text in (
        ("txt", document.text(80, language)),
        ("html", document.html(language, page=True)),
        ("HTM", document.html(language, page=True)),
    ):
        told.save(tmp_path / f"a.{suffix}", language)
        assert (tmp_path / f"a.{suffix}").read_text("utf-8") == text
    told.save(str(tmp_path / "a.md"), language)
    without_pictures = document.markdown(language).partition("\n")[0]
    assert (tmp_path / "a.md").read_text("utf-8").startswith(without_pictures)
    told.save(tmp_path / "a.json", language)
    assert (tmp_path / "a.json").read_text("utf-8").startswith(f'{{\n  "type": "{type(told).__name__}"')


@pytest.mark.parametrize("name", TOLD)
def test_at_a_prompt_it_is_the_text(name: str) -> None:
    told = TOLD[name]()
    assert repr(told) == str(told) == told.text().rstrip("\n")


def test_without_a_language_it_is_that_spoken_now(tmp_path: Path) -> None:
    set_language("zh")
    nn.ReLU().explain((4,)).save(tmp_path / "a.txt")
    assert "负数变成 0" in (tmp_path / "a.txt").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawings_of_markdown_stand_beside_it_in_its_language(language: Language, tmp_path: Path) -> None:
    Drawn().save(tmp_path / "a b.md", language)
    assert sorted(os.listdir(tmp_path)) == ["a b-1.svg", "a b-2.svg", "a b.md"]
    assert "![p1](a%20b-2.svg)" in (tmp_path / "a b.md").read_text("utf-8")
    assert (tmp_path / "a b-2.svg").read_text("utf-8") == Square(2).svg(language=language)


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.gif", "a.docx", "a", ".html"])
def test_what_it_cannot_be_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="says no format") as refused:
        nn.ReLU().explain((4,)).save(tmp_path / name)
    assert "expected: .txt, .md, .markdown, .html, .htm, .json" in str(refused.value)
    assert "--format" not in str(refused.value)  # which is the command line's
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_made_leaves_the_old_one_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("before", encoding="utf-8")

    def failing(square: Square, *, language: Language | None = None) -> str:
        if square.side == 2:
            raise ArgumentError("no")
        return f"<svg>{language}</svg>"

    monkeypatch.setattr(Square, "svg", failing)
    with pytest.raises(ArgumentError, match="no"):
        Drawn().save(tmp_path / "a.md")
    assert os.listdir(tmp_path) == ["a.md"]
    assert (tmp_path / "a.md").read_text("utf-8") == "before"
    with pytest.raises(FileError, match="cannot be written"):
        Drawn(0).save(tmp_path / "no" / "a.md")
    for name in ("a.md", "a.txt", "a.html", "a.json"):
        with pytest.raises(ArgumentError, match="not 'fr'"):
            Drawn(0).save(tmp_path / name, "fr")
    assert (tmp_path / "a.md").read_text("utf-8") == "before"
