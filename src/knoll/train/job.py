"""The main job: a training from its configuration to its weights, with everything that goes with it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from knoll.atomic import replacing
from knoll.errors import ArgumentError, FileError
from knoll.messages import say
from knoll.tensor import manual_seed
from knoll.train.checkpoint import configuration_of, load_checkpoint, save_checkpoint, save_weights
from knoll.train.configuration import Configuration, Pictures
from knoll.train.interrupt import Stop, stopping
from knoll.train.loop import Report, Trainer, Watcher
from knoll.train.progress import ProgressWatcher
from knoll.train.run_folder import RunFolder, existing_run, new_run
from knoll.train.run_lock import training_in
from knoll.train.sources import Source, source
from knoll.train.tally import Tally
from knoll.views import summary
from knoll.vision.datasets import MaskedImages
from knoll.vision.models import get_model


@dataclass(frozen=True)
class Outcome:
    """How a training ended: with the report of its last epoch, or stopped by a signal; `seconds` with the tests."""

    run: RunFolder
    source: Source
    report: Report | None
    stop: Stop
    epoch: int
    step: int
    seconds: float


class EventsIfPossible(Watcher):
    """Hands on to the events file until it cannot be written, which costs a warning, not the training."""

    def __init__(self, events: Watcher, console: Console) -> None:
        self._events: Watcher | None = events
        self._console = console

    def stepped(self, trainer: Trainer, batch: Tally) -> None:
        """Hand on."""
        self._try(lambda events: events.stepped(trainer, batch))

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        """Hand on."""
        self._try(lambda events: events.finished_epoch(trainer, report))

    def _try(self, tell: Callable[[Watcher], None]) -> None:
        if self._events is None:
            return
        try:
            tell(self._events)
        except FileError as error:
            self._events = None
            self._console.print(say("train.no_events", reason=error.reason), style="yellow", soft_wrap=True)


class CheckpointWatcher(Watcher):
    """Saves after every epoch. A disk that is full for a while costs a warning, not the training."""

    def __init__(self, run: RunFolder, console: Console) -> None:
        self.run = run
        self.console = console
        self.report: Report | None = None

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        """Write checkpoint and weights."""
        self.report = report
        try:
            self.save(trainer)
        except FileError as error:
            if trainer.epoch == trainer.configuration.epochs:
                raise
            self.console.print(say("train.not_saved", reason=error.reason), style="yellow", soft_wrap=True)

    def save(self, trainer: Trainer) -> None:
        """Write weights and checkpoint, or raise FileError.

        The checkpoint comes last: one that is complete then never stands beside the weights of an earlier epoch.
        """
        save_weights(self.run.weights, trainer)
        save_checkpoint(self.run.checkpoint, trainer)


def begin(
    configuration: Configuration,
    console: Console,
    out: Path | None = None,
    download: bool = False,
    check: bool = False,
    pictures: Pictures = "epochs",
) -> Outcome:
    """Train a new network; with `check` it and its first steps are looked at before, and taken back.

    `pictures` says when feature maps are drawn for TensorBoard (`train/events/watcher.py`).

    Everything that could fail is tried before the first step: the images are read, the folder is made and a first
    checkpoint written. Raises ArgumentError, DataError, FileError and StateError.
    """
    trainer = _trainer(configuration, download)
    if check:
        _look_at(trainer, console)
    run = new_run(configuration.data, out)
    if out is not None and run.path != out.expanduser():
        console.print(say("train.older_run", older=out, path=run.path), style="yellow", soft_wrap=True)
    with training_in(run.path):
        run.begin(configuration)
        return _carry_on(trainer, run, console, pictures)


def _look_at(trainer: Trainer, console: Console) -> None:
    """Tell what the checks of the network and of its first steps find. Raises ArgumentError if that is an error."""
    from knoll.check import diagnose  # which a training without --check does not need

    network, images = trainer.module, trainer.source
    report = network.check(
        images.image_shape,
        loss="CrossEntropyLoss",
        batch_size=trainer.configuration.batch_size,
        classes=len(images.classes),
        data=len(images.train),
    )
    diagnosis = diagnose(network, trainer.loss, trainer.optimizer, trainer.new_loader())
    console.print(report.document())
    console.print(diagnosis.document())
    if any(finding.severity == "error" for finding in (*report.findings, *diagnosis.findings)):
        raise ArgumentError(say("train.check_found"), advice=say("train.check_advice"))


def resume(path: Path, console: Console, check: bool = False, pictures: Pictures = "epochs", **changes: Any) -> Outcome:
    """Go on with a training that was stopped, as if it had not been; `check` and `pictures` as for `begin`.

    `changes` are values of the configuration that are not None: `root`, since data may have moved, and `epochs`, unless
    the schedule depends on them. Raises what `begin` raises, and StateError while another process trains there.
    """
    run = existing_run(path)
    with training_in(run.path):
        return _resumed(run, console, check, pictures, changes)


def _resumed(run: RunFolder, console: Console, check: bool, pictures: Pictures, changes: dict[str, Any]) -> Outcome:
    configuration = _changed(configuration_of(run.checkpoint), changes)
    trainer = _trainer(configuration, download=False)
    load_checkpoint(run.checkpoint, trainer)
    if trainer.epoch >= configuration.epochs:
        raise ArgumentError(
            say("train.complete", path=run.path, epochs=trainer.epoch),
            advice=None if configuration.schedule == "cosine" else say("train.more_epochs"),
        )
    if check:
        _look_at(trainer, console)
    run.begin(configuration)
    return _carry_on(trainer, run, console, pictures)


def _changed(configuration: Configuration, changes: dict[str, Any]) -> Configuration:
    changes = {name: value for name, value in changes.items() if value is not None}
    fixed = [name for name in changes if name not in ("root", "epochs")]
    if configuration.schedule == "cosine" and changes.get("epochs", configuration.epochs) != configuration.epochs:
        fixed.append("epochs")
    if fixed:
        raise ArgumentError(
            say("train.fixed", names=", ".join("--" + name.replace("_", "-") for name in fixed)),
            advice=say("train.fixed_advice"),
        )
    return dataclasses.replace(configuration, **changes)


def _trainer(configuration: Configuration, download: bool) -> Trainer:
    images = source(configuration, download)
    manual_seed(configuration.seed)
    network = get_model(configuration.model, num_classes=len(images.classes), input_shape=images.image_shape)
    return Trainer(network, images, configuration)


def _carry_on(trainer: Trainer, run: RunFolder, console: Console, pictures: Pictures) -> Outcome:
    saver = CheckpointWatcher(run, console)
    saver.save(trainer)
    _save_example(trainer, run)
    console.print(summary(trainer.module, trainer.source.image_shape).table())
    console.print(_recipe(trainer), soft_wrap=True, highlight=False)
    begun = time.perf_counter()
    with (
        stopping() as stop,
        _events(run, trainer, console, pictures) as events,
        _first_steps(run, trainer) as watchers,
        ProgressWatcher(console, trainer) as progress,
    ):
        finished = trainer.run([progress, saver, events, *watchers], stop)
        if not finished:
            saver.save(trainer)
    report = saver.report if finished else None
    return Outcome(run, trainer.source, report, stop, trainer.epoch, trainer.step, time.perf_counter() - begun)


def _save_example(trainer: Trainer, run: RunFolder) -> None:
    """A test image, and its mask, to try the network with, since the data may hold no pictures in files."""
    test = trainer.source.test
    with replacing(run.example) as file:
        test.image(0).save(file, "PNG")
    if isinstance(test, MaskedImages):
        with replacing(run.example_mask) as file:
            test.mask(0).save(file, "PNG")


@contextmanager
def _events(run: RunFolder, trainer: Trainer, console: Console, pictures: Pictures) -> Iterator[Watcher]:
    from knoll.train.events import EventFile, EventWatcher  # tensorboardX, which nothing else needs

    file = EventFile(run.path, trainer.step)
    try:
        yield EventsIfPossible(EventWatcher(file, trainer, trainer.source.image_shape, pictures), console)
    finally:
        with suppress(FileError):
            file.close()


@contextmanager
def _first_steps(run: RunFolder, trainer: Trainer) -> Iterator[Sequence[Watcher]]:
    """A doctor for a training that begins."""
    from knoll.train.first_steps import FirstSteps  # the rules of the checks, which nothing else needs

    watchers = [FirstSteps(run.diagnosis, trainer)] if trainer.step == 0 else []
    try:
        yield watchers
    finally:
        for watcher in watchers:
            watcher.finish()


def _recipe(trainer: Trainer) -> str:
    chosen = trainer.configuration
    return say(
        "train.recipe",
        data=chosen.data,
        train=f"{len(trainer.source.train):,}",
        test=f"{len(trainer.source.test):,}",
        optimizer=repr(trainer.optimizer).split(" ", 1)[0],
        lr=f"{chosen.lr:g}",
        schedule=say(f"train.{chosen.schedule}"),
        batch_size=chosen.batch_size,
        epochs=chosen.epochs,
        seed=chosen.seed,
    )
