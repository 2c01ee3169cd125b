"""The trainings in a folder of runs: which there are, how each of them stands, and what it has written so far."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from knoll.errors import ArgumentError, KnollError
from knoll.lab.chosen_network import run_named, run_names
from knoll.messages import say
from knoll.train.configuration import Configuration
from knoll.train.event_reader import EventReader
from knoll.train.run_folder import RunFolder
from knoll.train.run_lock import process_training_in

MOST_READERS = 8
MOST_BYTES = 1 << 20  # of a diagnosis or a configuration
MOST_LISTED = 200
TAIL = 2000  # letters of what a process said at the end
EPOCHS = "accuracy/test"  # a curve with a point for each epoch

State = Literal["running", "starting", "complete", "stopped", "empty"]


@dataclass(frozen=True, slots=True)
class Run:
    """How a training stands; `process` trains it now. `fault` says what of it cannot be read."""

    name: str
    state: State
    epoch: int
    step: int
    accuracy: float | None
    loss: float | None
    configuration: Configuration | None
    process: int | None = None
    fault: str = ""

    @property
    def epochs(self) -> int | None:
        """How many epochs it is to have."""
        return self.configuration.epochs if self.configuration is not None else None


class Runs:
    """The runs of a folder, read on from where the last look ended; those that were not looked at for long anew."""

    folder: Path | None

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._readers: OrderedDict[str, EventReader] = OrderedDict()
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._known: dict[str, tuple[tuple[object, ...], Run]] = {}

    def names(self) -> list[str]:
        """The names of the runs, the newest first, of folders that a training has used."""
        if self.folder is None:
            return []
        folder = self.folder
        return [name for name in run_names(folder)[::-1] if RunFolder(folder / name).is_run()][:MOST_LISTED]

    def events(self, name: str) -> tuple[EventReader, str]:
        """What a run has written, and what of it cannot be read. Raises EntryError for a run that is not there."""
        path = run_named(name, self.folder)
        reader = self._readers.pop(name, None) or EventReader(path)
        self._readers[name] = reader
        while len(self._readers) > MOST_READERS:
            self._readers.popitem(last=False)
        try:
            reader.read()
        except KnollError as error:
            return reader, error.reason
        return reader, ""

    def run(self, name: str) -> Run:
        """How a run stands; it is read again where something changed. Raises EntryError for one that is not there."""
        files = self._files(name, run_named(name, self.folder))
        known = self._known.get(name)
        if known is None or known[0] != files:
            known = self._known[name] = files, self._read(name)
        return known[1]

    def _read(self, name: str) -> Run:
        folder = RunFolder(run_named(name, self.folder))
        reader, fault = self.events(name)
        configuration = _configuration(folder)
        tested, steps = reader.curves.get(EPOCHS, {}), reader.curves.get("loss/batch", {})
        losses, process = reader.curves.get("loss/test", {}), process_training_in(folder.path)
        return Run(
            name,
            self._state(name, folder, process, len(tested), configuration),
            len(tested),
            max(steps, default=0),
            tested[max(tested)] if tested else None,
            losses[max(losses)] if losses else None,
            configuration,
            process,
            fault,
        )

    def _state(
        self, name: str, folder: RunFolder, process: int | None, epoch: int, configuration: Configuration | None
    ) -> State:
        started = self._started.get(name)
        if process is not None:
            return "running"
        if started is not None and started.poll() is None:
            return "starting"
        if configuration is not None and epoch >= configuration.epochs:
            return "complete"
        return "stopped" if folder.checkpoint.is_file() else "empty"

    def diagnosis(self, name: str) -> dict[str, Any] | None:
        """What the doctor found in the first steps of a run; None where it has not said anything yet."""
        found = _json(RunFolder(run_named(name, self.folder)).diagnosis)
        return found if isinstance(found, dict) else None

    def said(self, name: str) -> str:
        """The last that a process said which the lab has begun."""
        path = log_of(run_named(name, self.folder))
        with suppress(OSError), path.open("rb") as file:
            file.seek(max(path.stat().st_size - TAIL, 0))
            return file.read().decode(errors="replace")
        return ""

    def version(self, names: Sequence[str]) -> str:
        """A digest that changes whenever there is something new: of the list of the runs, and of the files of these."""
        found: list[object] = [*self.names()]
        for name in names:
            with suppress(KnollError, OSError):
                found += self._files(name, run_named(name, self.folder))
        return hashlib.sha256(repr(found).encode()).hexdigest()[:16]

    def _files(self, name: str, path: Path) -> tuple[object, ...]:
        """What changes whenever a run does: its files with their sizes and times, and the processes that train it."""
        started = self._started.get(name)
        found: list[object] = [process_training_in(path), started is not None and started.poll()]
        with suppress(OSError), os.scandir(path) as entries:
            found += sorted((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in entries)
        return tuple(found)

    def stop(self, name: str) -> None:
        """Ask the process that trains a run to stop after its step, as Ctrl-C does.

        Raises EntryError for a run that is not there, ArgumentError where no process of this machine trains.
        """
        process = process_training_in(run_named(name, self.folder))
        if process is None or process == os.getpid():
            raise ArgumentError(say("lab_runs.not_running", name=name))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGINT)

    def resume(self, name: str) -> None:
        """Begin a process that goes on with a run; it goes on when the lab ends.

        Raises EntryError for a run that is not there, ArgumentError where it cannot be gone on with.
        """
        path, state = run_named(name, self.folder), self.run(name).state
        if state != "stopped":
            raise ArgumentError(say("lab_runs.not_stopped", name=name, state=say(f"lab_runs.{state}")))
        words = [sys.executable, "-m", "knoll", "train", "--resume", str(path)]
        with log_of(path).open("wb") as log:
            self._started[name] = subprocess.Popen(  # noqa: S603 (this Python, a folder of the runs)
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def close(self) -> None:
        """Forget the processes that have ended; those that train go on."""
        self._started = {name: each for name, each in self._started.items() if each.poll() is None}


def log_of(path: Path) -> Path:
    """Where a process that the lab begins writes what it says."""
    return path / "resumed.log"


def _configuration(folder: RunFolder) -> Configuration | None:
    try:
        return Configuration.of(_json(folder.configuration))
    except KnollError:
        return None


def _json(path: Path) -> Any:
    """What a file holds; None for one that is not there, half-written or far too long."""
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
