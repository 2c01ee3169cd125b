"""The training doctor at a training of `knoll train`: it watches the first steps, and leaves what it found."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from knoll.atomic import replacing
from knoll.check import Diagnosis, Doctor
from knoll.check.doctor import ENOUGH
from knoll.check.symptoms import SYMPTOMS, dead_units
from knoll.errors import FileError
from knoll.train.loop import Trainer, Watcher
from knoll.train.tally import Tally


class FirstSteps(Watcher):
    """Watches the first steps of a training and writes the diagnosis as JSON; nothing of the training changes."""

    def __init__(self, path: Path, trainer: Trainer) -> None:
        self._path = path
        self._doctor: Doctor | None = Doctor(trainer.module, trainer.loss, trainer.optimizer)
        self._doctor.__enter__()
        self._losses: list[float] = []

    def stepped(self, trainer: Trainer, batch: Tally) -> None:  # noqa: ARG002 (a watcher's)
        """Note the loss; after enough steps write the diagnosis."""
        if self._doctor is not None:
            self._losses.append(batch.mean_loss)
            if len(self._losses) == ENOUGH:
                self.finish()

    def finish(self) -> None:
        """Stop watching, and write what was found, if that can be done."""
        doctor, self._doctor = self._doctor, None
        if doctor is None:
            return
        doctor.__exit__(None, None, None)
        # Units that are dead are told by --check alone: for them all activations are computed once more.
        symptoms = (symptom for symptom in SYMPTOMS if symptom is not dead_units)
        findings = tuple(finding for symptom in symptoms for finding in symptom(doctor.watch))
        diagnosis = Diagnosis(type(doctor.watch.net).__name__, tuple(self._losses), findings)
        with suppress(FileError), replacing(self._path) as file:  # a full disk does not end a training
            file.write(diagnosis.json().encode())
