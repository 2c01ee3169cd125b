"""What several commands print: errors, notes, commands to type next, a bar for each class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from knoll.messages import say

if TYPE_CHECKING:
    from pathlib import Path

    from knoll.document import Format
    from knoll.document.output import Shown
    from knoll.train.confusion import Confusion

_BAR = 30


def complain(text: str) -> None:
    """Print an error to the error stream, its first line in red."""
    first, *rest = text.split("\n")
    console = Console(stderr=True)
    console.print(Text(first, style="bold red"), soft_wrap=True)
    for line in rest:
        console.print(Text(line), soft_wrap=True)


def print_or_write(
    shown: Shown,
    format: Format | None = None,
    out: Path | None = None,
) -> None:
    """Print what a command has to show, or write it into a file and say so. Raises what `write` raises."""
    from knoll.document import write

    write(shown, format, out)
    if out is not None:
        Console().print(Text(say("cli.written", path=out)), soft_wrap=True)


def print_next(console: Console, commands: Iterable[str]) -> None:
    """Say what to type next."""
    console.print(say("cli.next"))
    for command in commands:
        console.print(Text("  " + command, style="cyan"), soft_wrap=True)


def print_note(console: Console, note: str, indent: str = "") -> None:
    """Print what is worth knowing and no error."""
    console.print(Text(indent + say("cli.note", note=note), style="yellow"), soft_wrap=True)


def print_iou(console: Console, classes: Sequence[str], confusion: Confusion) -> None:
    """The intersection over union of each class that occurs."""
    console.print("  " + say("cli.iou", mean=f"{confusion.mean_iou:.1%}"), highlight=False)
    shares = zip(classes, confusion.iou.tolist(), strict=True)
    print_bars(console, [(name, share) for name, share in shares if not math.isnan(share)])


def print_bars(console: Console, shares: Sequence[tuple[str, float]]) -> None:
    """A line for each name and share of 1, with a bar as long as the share."""
    width = max((cell_len(name) for name, _ in shares), default=0)
    for name, share in shares:
        bar = "█" * round(share * _BAR)
        line = Text(f"  {set_cell_size(name, width)}  {share:6.1%}  ").append(bar, "green")
        console.print(line, soft_wrap=True)
