"""Events are read while they are written: nothing twice, nothing that is half there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knoll.errors import DataError
from knoll.train import Trainer
from knoll.train.event_reader import EventReader
from knoll.train.events import EventFile, EventWatcher


def test_what_is_new_is_read_and_nothing_else(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    assert not reader.read()
    file = EventFile(tmp_path, 0)
    file.scalar("loss", 2.0, 1)
    file.flush()
    assert reader.read()
    assert not reader.read()
    file.scalar("loss", 1.0, 2)
    file.close()
    assert reader.read()
    assert reader.curves == {"loss": {1: 2.0, 2: 1.0}}


def test_a_file_is_read_record_by_record_however_it_is_cut(tmp_path: Path) -> None:
    file = EventFile(tmp_path, None)
    for step in range(3):
        file.scalar("loss", step, step)
    file.close()
    data, path = file.path.read_bytes(), tmp_path / "growing"
    reader = EventReader(path)
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        reader.read()
        assert [*reader.curves.get("loss", {}).values()] == [*range(len(reader.curves.get("loss", {})))]
    assert reader.curves == {"loss": {0: 0.0, 1: 1.0, 2: 2.0}}


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "events"
    for values in ((5.0, 6.0, 7.0), (1.0,)):
        file = EventFile(tmp_path, None)
        for step, value in enumerate(values):
            file.scalar("loss", value, step)
        file.close()
        path.write_bytes(file.path.read_bytes())
        reader = EventReader(path) if len(values) == 3 else reader  # noqa: F821 (of the round before)
        reader.read()
    assert reader.curves == {"loss": {0: 1.0}}


def test_a_session_takes_back_histograms_too(tmp_path: Path) -> None:
    for first, numbers in ((0, [1.0, 2.0]), (5, [3.0, 5.0])):
        file = EventFile(tmp_path, first)
        file.histogram("weights/w", np.array(numbers), 5, 2)
        file.close()
    reader = EventReader(tmp_path)
    reader.read()
    (histogram,) = reader.histograms["weights/w"].values()
    assert histogram.bounds == (3.0, 4.0, 5.0)
    assert histogram.counts == (1.0, 1.0)


def test_what_stands_before_damage_is_read(tmp_path: Path) -> None:
    file = EventFile(tmp_path, None)
    file.scalar("loss", 1.0, 1)
    file.close()
    with file.path.open("ab") as end:
        end.write(bytes([3, *[0] * 11, 255, 255, 255, *[0] * 4]))
    reader = EventReader(tmp_path)
    for _ in range(2):
        with pytest.raises(DataError, match="cannot be read"):
            reader.read()
    assert reader.curves == {"loss": {1: 1.0}}


def test_every_parameter_has_histograms_of_its_numbers_and_its_gradient(
    trainer: Callable[..., Trainer], tmp_path: Path
) -> None:
    training = trainer()
    file = EventFile(tmp_path, 0)
    training.run([EventWatcher(file, training, (3, 32, 32))])
    file.close()
    reader = EventReader(tmp_path)
    reader.read()
    names = [name for name, _ in training.module.named_parameters()]
    assert {*reader.histograms} == {f"{kind}/{name}" for kind in ("weights", "gradients") for name in names}
    for name, parameter in training.module.named_parameters():
        found = reader.histograms[f"weights/{name}"]
        assert [*found] == [5, 10]
        assert sum(found[10].counts) == parameter.numel()
        assert found[10].bounds[0] == pytest.approx(float(parameter.detach().numpy().min()))
    step, picture = reader.pictures["feature maps/0 Conv2d"]
    assert step == 10
    assert picture.startswith(b"\x89PNG")
