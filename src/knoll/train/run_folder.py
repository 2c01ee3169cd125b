"""The folder of one training: its configuration, checkpoint, weights, and TensorBoard events."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from pathlib import Path

from knoll.atomic import replacing
from knoll.errors import FileError, MissingFileError, system_reason
from knoll.messages import say
from knoll.train.configuration import Configuration

RUNS = Path("runs")


@dataclass(frozen=True)
class RunFolder:
    """Where the files of one training stand."""

    path: Path

    @property
    def configuration(self) -> Path:
        """What the training was told, in JSON."""
        return self.path / "configuration.json"

    @property
    def checkpoint(self) -> Path:
        """Where the training stands."""
        return self.path / "checkpoint.safetensors"

    @property
    def weights(self) -> Path:
        """The network as it was after the last epoch, or when the training was stopped."""
        return self.path / "weights.safetensors"

    @property
    def example(self) -> Path:
        """A test image."""
        return self.path / "example.png"

    @property
    def example_mask(self) -> Path:
        """Its mask, where every pixel has a class."""
        return self.path / "example_mask.png"

    @property
    def diagnosis(self) -> Path:
        """What the training doctor found in the first steps, in JSON."""
        return self.path / "diagnosis.json"

    def is_run(self) -> bool:
        """Whether a training has used the folder."""
        return any(path.exists() for path in (self.configuration, self.checkpoint, self.weights)) or any(
            self.path.glob("events.out.tfevents.*")
        )

    def claim(self) -> bool:
        """Make the folder this training's; False where another has used it. Raises FileError where it cannot be made.

        Of several trainings that try at once, one succeeds: the one that makes the file of the configuration.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self.is_run():
                return False
            self.configuration.open("x").close()
        except OSError as error:
            if isinstance(error, FileExistsError) and self.configuration.exists():
                return False
            raise FileError.after(
                error,
                say("train.no_folder", path=self.path, reason=system_reason(error)),
                advice=say("train.no_folder_advice"),
            ) from None
        return True

    def begin(self, configuration: Configuration) -> None:
        """Write the configuration. Raises FileError where that cannot be done."""
        with replacing(self.configuration) as file:
            file.write(configuration.to_json().encode(errors="backslashreplace"))  # of paths that are no text


def new_run(name: str, out: Path | None = None) -> RunFolder:
    """A folder of this training alone: `out`, or one below `runs` named after the time and `name`.

    Where another training has used it, or begins at the same time, the next free number is added, so that two
    trainings never mix. Raises FileError where it cannot be made.
    """
    now = datetime.datetime.now().astimezone()
    wanted = RUNS / f"{now:%Y-%m-%d-%H%M%S}-{name}" if out is None else out.expanduser()
    numbered = (wanted.with_name(f"{wanted.name}-{number}") for number in itertools.count(2))
    return next(run for path in itertools.chain([wanted], numbered) if (run := RunFolder(path)).claim())


def existing_run(path: Path) -> RunFolder:
    """The folder of a training that can be gone on with, named by itself or by its checkpoint. Raises FileError."""
    run = RunFolder(path.expanduser() if path.is_dir() else path.expanduser().parent)
    if not run.checkpoint.is_file():
        raise MissingFileError(say("train.no_run", path=path), advice=say("train.no_run_advice"))
    return run
