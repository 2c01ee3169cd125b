"""The line that says how far compiling has come: in terminals alone, late, and gone in the end."""

from __future__ import annotations

import io
import sys

import pytest

from knoll.messages import say, speaking
from knoll.run import progress_line
from knoll.run.parallel_map import parallel_map
from knoll.run.progress_line import ProgressLine, Status, heard


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float = 0) -> str:
    """What is written to a stream while three items are worked on."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress_line, "PATIENCE", patience)
    monkeypatch.setattr(progress_line, "PAUSE", 0)
    with ProgressLine(lambda done: say("run.compiling", done=done, total=3)) as line:
        assert list(map(line.counting(abs), (-1, -2, -3))) == [1, 2, 3]
    return stream.getvalue()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_terminal_shows_a_line_that_goes_again(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("KNOLL_LANG", language)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    _, *lines, blank, after = written(monkeypatch, terminal).split("\r")
    assert [line.rstrip() for line in lines] == [say("run.compiling", done=i, total=3) for i in (1, 2, 3)]
    assert blank.isspace()
    assert (
        len(blank)
        == {"en": len(lines[-1]), "zh": len(lines[-1]) + sum(letter > "\u2e7f" for letter in lines[-1])}[language]
    )
    assert after == ""


def test_work_that_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    assert written(monkeypatch, terminal, patience=60) == ""


def test_what_is_no_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file, a dumb terminal, and a stream that somebody has put in the place of the terminal, as notebooks do."""
    file = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", file)
    assert written(monkeypatch, file) == ""
    monkeypatch.setattr(sys, "__stderr__", io.StringIO())
    assert written(monkeypatch, Terminal()) == ""
    monkeypatch.setenv("TERM", "dumb")
    dumb = Terminal()
    monkeypatch.setattr(sys, "__stderr__", dumb)
    assert written(monkeypatch, dumb) == ""


def test_a_listener_is_told_whatever_thread_works() -> None:
    told: list[Status] = []
    with heard(told.append), ProgressLine(lambda done: say("run.compiling", done=done, total=2)) as line:
        parallel_map(line.counting(abs), [-1, -2], 2)
    with speaking("zh"):
        assert [words() for words in told] == [say("run.compiling", done=done, total=2) for done in (1, 2)]
    with ProgressLine(str) as line:
        line.counting(abs)(-1)
    assert len(told) == 2
