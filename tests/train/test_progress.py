from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console

from knoll.language import set_language
from knoll.train import Trainer
from knoll.train.progress import ProgressWatcher


def test_plain_lines_where_there_is_no_terminal(trainer: Callable[..., Trainer], console: Console) -> None:
    training = trainer()
    with ProgressWatcher(console, training) as progress:
        training.run([progress])
    lines = console.file.getvalue().splitlines()
    assert len(lines) == 2
    for number, line in enumerate(lines, 1):
        assert line.startswith(f"epoch {number}/2  loss ")
        assert "accuracy" in line
    assert lines[-1].endswith("0:00 left")


def test_a_live_bar_in_a_terminal(trainer: Callable[..., Trainer]) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    training = trainer()
    set_language("zh")
    with ProgressWatcher(console, training) as progress:
        training.run([progress])
        progress._bar.refresh()
    text = console.file.getvalue()
    assert "张/秒" in text
    assert "第 2/2 轮" in text
    assert "\x1b[?25l" in text  # the cursor is hidden
    assert "\x1b[?25h" in text  # and shown again
