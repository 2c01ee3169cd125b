"""A training that is killed at any point and resumed ends as one that was never stopped, bit for bit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from knoll import nn
from knoll.errors import ArgumentError, MissingFileError
from knoll.interop import safetensors_file
from knoll.tensor.random.generator import rng_position
from knoll.train import Configuration, Source, Trainer, job
from knoll.train.events import EventFile, EventWatcher

EPOCHS = 2


class Killed(BaseException):
    """The end of the process, which nothing catches."""


def network(**_: Any) -> nn.Module:
    """A small network that draws random numbers, and has numbers that are no parameters."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(6), nn.Flatten(), nn.Dropout(0.5), nn.Linear(100, 10)
    )


@contextmanager
def no_events(*_: object) -> Iterator[Any]:
    """In place of the pictures for TensorBoard, which take most of the time."""
    from knoll.train.loop import Watcher

    yield Watcher()


@pytest.fixture
def small(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings are of the small network and the few digits."""
    monkeypatch.setattr(job, "source", lambda *_: few)
    monkeypatch.setattr(job, "get_model", lambda _, **chosen: network(**chosen))
    monkeypatch.setattr(job, "_events", no_events)


def recipe(**chosen: Any) -> Configuration:
    return Configuration.recipe("digits", **{"epochs": EPOCHS, "batch_size": 8, **chosen})


def killing(monkeypatch: pytest.MonkeyPatch, point: int) -> None:
    """Kill at the point of this number: there are two in every step, and three where a file is written."""
    passed = 0

    def at_a_point(function: Callable[..., Any], before: bool, after: bool) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            nonlocal passed
            passed += before
            if before and passed == point:
                raise Killed("here")
            result = function(*arguments, **options)
            passed += after
            if after and passed == point:
                raise Killed("here")
            return result

        return wrapped

    monkeypatch.setattr(os, "fsync", at_a_point(os.fsync, True, False))
    monkeypatch.setattr(os, "replace", at_a_point(os.replace, True, True))
    monkeypatch.setattr(Trainer, "_train", at_a_point(Trainer._train, True, True))


def end(folder: Path) -> tuple[dict[str, Any], dict[str, str], bytes]:
    """All that stands in a folder at the end: numbers, optimiser, random numbers, and the weights alone."""
    arrays, metadata = safetensors_file.load(folder / "checkpoint.safetensors")
    return arrays, metadata, (folder / "weights.safetensors").read_bytes()


def same(first: Path, second: Path) -> None:
    (arrays, metadata, weights), (others, other_metadata, other_weights) = end(first), end(second)
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)
    assert metadata == other_metadata
    assert weights == other_weights


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("chosen", "points"),
    [({}, range(1, 44, 2)), ({"optimizer": "sgd", "schedule": "constant"}, range(2, 44, 7))],
    ids=["adamw", "momentum"],
)
def test_killed_at_any_point_and_resumed_is_as_if_never_stopped(
    chosen: dict[str, Any], points: range, tmp_path: Path, console: Console
) -> None:
    job.begin(recipe(**chosen), console, tmp_path / "whole")
    for point in points:
        folder = tmp_path / str(point)
        with pytest.MonkeyPatch.context() as patch:
            killing(patch, point)
            with pytest.raises(Killed, match="here"):
                job.begin(recipe(**chosen), console, folder)
        try:
            job.resume(folder, console)
        except MissingFileError:  # it had not begun
            assert not (folder / "checkpoint.safetensors").exists()
            continue
        except ArgumentError:  # it was complete
            pass
        same(tmp_path / "whole", folder)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", [1, 5, 7])
def test_stopped_by_a_signal_and_resumed_too(
    step: int, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.begin(recipe(), console, tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        run = Trainer.run
        patch.setattr(
            Trainer, "run", lambda self, watchers, stop: run(self, watchers, lambda: stop() or self.step == step)
        )
        assert job.begin(recipe(), console, tmp_path / "stopped").report is None
    job.resume(tmp_path / "stopped", console)
    same(tmp_path / "whole", tmp_path / "stopped")


def test_watching_draws_no_random_numbers(few: Source, tmp_path: Path) -> None:
    trainer = Trainer(network(), few, recipe())
    before = rng_position()
    file = EventFile(tmp_path, 0)
    watcher = EventWatcher(file, trainer, few.image_shape)
    watcher.stepped(trainer, trainer.test())
    file.close()
    assert rng_position() == before
