"""Standard output and error take every text: what an encoding lacks is written in letters that it has."""

from __future__ import annotations

import codecs
import io
import os
import sys

_PLAIN = {"×": "x", "–": "-", "—": "-", "…": "...", "█": "#", "·": "*", "→": "->", "−": "-", "²": "2"}


def write_any_text() -> None:
    """Let no output fail for want of letters, nor because a stream is closed."""
    codecs.register_error("knoll", _in_plain_letters)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the program runs)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="knoll")


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter) or ascii(letter)[1:-1] for letter in letters), error.end


def end_quietly() -> None:
    """The reader of a pipe, as `head`, has gone; without this Python would complain when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
