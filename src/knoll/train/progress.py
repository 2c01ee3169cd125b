"""How a training goes, in the terminal: a live bar, and a line for every epoch."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from knoll.messages import say
from knoll.train.loop import Report, Trainer, Watcher
from knoll.train.tally import Tally


class ProgressWatcher(Watcher):
    """Loss, accuracy, images a second and time left; where the output is no terminal, a line for each epoch alone."""

    def __init__(self, console: Console, trainer: Trainer) -> None:
        self._console = console
        self._epochs = trainer.configuration.epochs
        self._images = len(trainer.source.train)
        self._done = 0  # images since the watcher began, which is not where the training began
        self._left = self._images * (self._epochs - trainer.epoch) - trainer.tally.seen
        self._begun = time.perf_counter()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), console=console,
            disable=not console.is_terminal, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=self._images, completed=trainer.tally.seen, words="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def stepped(self, trainer: Trainer, batch: Tally) -> None:
        """Move the bar."""
        self._done += batch.seen
        self._bar.update(
            self._task,
            completed=trainer.tally.seen,
            description=say("train.epoch", epoch=trainer.epoch + 1, epochs=self._epochs),
            words=say(
                "train.live",
                loss=f"{trainer.tally.mean_loss:.4f}",
                accuracy=f"{trainer.tally.accuracy:.1%}",
                speed=f"{self._speed():,.0f}",
                left=clock((self._left - self._done) / self._speed()),
            ),
        )

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        """Print how the epoch went."""
        line = say(
            "train.epoch_line",
            epoch=f"{report.epoch:>{len(str(self._epochs))}}",
            epochs=self._epochs,
            loss=f"{report.train.mean_loss:.4f}",
            accuracy=f"{report.train.accuracy:6.1%}",
            test=f"{report.test.accuracy:6.1%}" + (self._iou(report) if trainer.source.is_segmented else ""),
            seconds=f"{report.seconds:.1f}",
            left=clock((self._left - self._done) / self._speed()) if self._done else "–",
        )
        self._console.print(Text(line), soft_wrap=True)

    def _iou(self, report: Report) -> str:
        return "  " + say("train.mean_iou", iou=f"{report.confusion.mean_iou:.1%}")

    def _speed(self) -> float:
        """Images a second since the watcher began, the tests between included."""
        return max(self._done, 1) / max(time.perf_counter() - self._begun, 1e-9)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock(75), clock(3675)
    ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
