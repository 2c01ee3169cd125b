from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knoll.errors import DataError, FileError, StateError
from knoll.interop import safetensors_file
from knoll.nn import Flatten, Linear, Sequential
from knoll.tensor import rand
from knoll.train import Source, Trainer, load_checkpoint, save_checkpoint, save_weights

Make = Callable[..., Trainer]


def everything(trainer: Trainer) -> list[Any]:
    """All numbers of a training."""
    state = trainer.optimizer.state_dict()["state"]
    remembered = [entries[name] for entries in state.values() for name in sorted(entries) if entries[name] is not None]
    return [tensor.numpy() for tensor in [*trainer.module.state_dict().values(), *remembered]]


@pytest.mark.parametrize("stop_at", [1, 3, 5, 6, 9])  # in mid-epoch, after the last batch of one, and in the last
@pytest.mark.parametrize("chosen", [{"optimizer": "sgd"}, {"optimizer": "adamw"}, {"schedule": "constant"}])
def test_stopped_and_resumed_is_as_if_never_stopped(
    trainer: Make, tmp_path: Path, stop_at: int, chosen: dict[str, Any]
) -> None:
    whole = trainer(**chosen)
    whole.run()
    after = rand(3).numpy()

    stopped, steps = trainer(**chosen), count(1)
    assert not stopped.run(stop=lambda: next(steps) == stop_at)
    save_checkpoint(tmp_path / "checkpoint", stopped)
    resumed = trainer(**chosen)
    rand(5)  # random numbers drawn in between are of no account
    load_checkpoint(tmp_path / "checkpoint", resumed)
    assert resumed.run()

    assert (resumed.epoch, resumed.step) == (whole.epoch, whole.step)
    ends = everything(whole), everything(resumed)
    assert all(np.array_equal(a, b) for a, b in zip(*ends, strict=True))
    assert resumed.test() == whole.test()
    np.testing.assert_array_equal(rand(3).numpy(), after)


def test_the_report_of_an_epoch_counts_what_was_before_the_stop(trainer: Make, tmp_path: Path) -> None:
    stopped, steps = trainer(), count(1)
    stopped.run(stop=lambda: next(steps) == 3)
    save_checkpoint(tmp_path / "checkpoint", stopped)
    resumed = trainer()
    load_checkpoint(tmp_path / "checkpoint", resumed)
    assert resumed.tally == stopped.tally
    assert resumed.tally.seen == 24


def test_weights_are_under_pytorchs_names(trainer: Make, tmp_path: Path) -> None:
    save_weights(tmp_path / "weights.safetensors", trainer())
    arrays, metadata = safetensors_file.load(tmp_path / "weights.safetensors")
    assert set(arrays) == {"0.weight", "0.bias", "3.weight", "3.bias"}
    assert metadata["architecture"] == "Sequential"
    assert metadata["input_shape"] == "[3, 32, 32]"
    assert json.loads(metadata["classes"]) == list("0123456789")


def test_a_checkpoint_of_another_model_changes_nothing(trainer: Make, few: Source, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint", trainer())
    other = Trainer(Sequential(Flatten(), Linear(3072, 10)), few, trainer().configuration)
    before = [array.copy() for array in everything(other)]
    with pytest.raises(StateError, match="Missing key"):
        load_checkpoint(tmp_path / "checkpoint", other)
    assert all(np.array_equal(a, b) for a, b in zip(before, everything(other), strict=True))
    assert other.step == 0


def test_a_checkpoint_of_other_classes(trainer: Make, few: Source, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint", trainer())
    other = trainer()
    other.source = Source(few.train, few.test, ("cat", "dog"))
    with pytest.raises(StateError) as caught:
        load_checkpoint(tmp_path / "checkpoint", other)
    assert "another model" in str(caught.value)
    assert "cat" in str(caught.value)


def test_a_checkpoint_of_other_data(trainer: Make, few: Source, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint", trainer())
    other = trainer()
    other.source = Source(few.test, few.test, few.classes)
    with pytest.raises(StateError) as caught:
        load_checkpoint(tmp_path / "checkpoint", other)
    assert "39 images" in str(caught.value)
    assert "12 images" in str(caught.value)


def test_weights_are_no_checkpoint(trainer: Make, tmp_path: Path) -> None:
    save_weights(tmp_path / "weights", trainer())
    with pytest.raises(StateError, match="no state of a training"):
        load_checkpoint(tmp_path / "weights", trainer())


@pytest.mark.parametrize("kept", [0, 7, 300, -1])
def test_a_checkpoint_that_was_cut_short(trainer: Make, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "checkpoint"
    save_checkpoint(path, trainer())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="is not a complete safetensors file"):
        load_checkpoint(path, trainer())


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda _: "{", DataError, "damaged"),
        (lambda state: json.dumps({**state, "version": 9}), StateError, "another version"),
        (lambda state: json.dumps({k: v for k, v in state.items() if k != "loader"}), DataError, "'loader'"),
        (lambda state: json.dumps({**state, "tally": {"lost": 1}}), DataError, "damaged"),
    ],
)
def test_a_checkpoint_with_a_broken_state(
    trainer: Make, tmp_path: Path, change: Callable[[Any], str], error: type[Exception], words: str
) -> None:
    path = tmp_path / "checkpoint"
    save_checkpoint(path, trainer())
    arrays, metadata = safetensors_file.load(path)
    safetensors_file.save(path, arrays, {**metadata, "training": change(json.loads(metadata["training"]))})
    with pytest.raises(error, match=words):
        load_checkpoint(path, trainer())


def test_a_folder_that_is_not_there(trainer: Make, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        save_checkpoint(tmp_path / "nowhere" / "checkpoint", trainer())


def test_nothing_half_written_stays(trainer: Make, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint", trainer())
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
