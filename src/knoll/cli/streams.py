"""Standard output and error take every text: what an encoding lacks is written in letters that it has."""

from __future__ import annotations

import io
import os
import sys

from knoll.messages.letters import PLAIN_ERRORS


def write_any_text() -> None:
    """Let no output fail for want of letters, nor because a stream is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the program runs)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN_ERRORS)


def end_quietly() -> None:
    """The reader of a pipe, as `head`, has gone; without this Python would complain when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
