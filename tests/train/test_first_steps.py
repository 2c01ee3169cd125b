"""The doctor at `knoll train`: what it finds in the first steps is left in the run folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from knoll.train import Trainer
from knoll.train.first_steps import FirstSteps


def test_a_sound_training_has_losses_and_no_findings(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    training, path = trainer(), tmp_path / "diagnosis.json"
    watcher = FirstSteps(path, training)
    training.run([watcher])
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["findings"] == []
    assert len(found["losses"]) == 8
    assert found["losses"][0] == pytest.approx(2.3, abs=0.5)


def test_a_rate_of_zero_is_found_in_both_languages(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    training, path = trainer(), tmp_path / "diagnosis.json"
    for group in training.optimizer.param_groups:
        group["lr"] = 0.0
    training.run([FirstSteps(path, training)])
    (finding,) = json.loads(path.read_text(encoding="utf-8"))["findings"]
    assert finding["rule"] == "step-size"
    assert finding["what"]["en"] != finding["what"]["zh"]


def test_the_network_is_as_before_when_the_steps_are_over(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    training = trainer(epochs=1)
    training.run([FirstSteps(tmp_path / "diagnosis.json", training)])  # five steps
    assert not (tmp_path / "diagnosis.json").exists()
    watcher = FirstSteps(tmp_path / "diagnosis.json", training)
    watcher.finish()
    watcher.finish()
    assert (tmp_path / "diagnosis.json").exists()
    assert "zero_grad" not in vars(training.module)


def test_a_diagnosis_that_cannot_be_written_ends_no_training(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    training = trainer()
    assert training.run([FirstSteps(tmp_path / "nowhere" / "diagnosis.json", training)])
