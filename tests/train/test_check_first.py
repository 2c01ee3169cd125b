"""`knoll train --check`: the network and its first steps are looked at, and the training is as without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knoll import nn
from knoll.cli import main
from knoll.interop import safetensors_file
from knoll.train import Source, job
from knoll.vision.datasets import ArrayImages, Digits
from knoll.vision.transforms import ToTensor

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digits = Digits(train=True)
    images = ArrayImages(digits.images[:100], np.array(digits.targets[:100]), ToTensor(), None)
    monkeypatch.setattr(job, "source", lambda *_: Source(images, images, tuple("0123456789")))


def test_it_is_told_and_the_training_ends_with_the_same_bits(capsys: Output) -> None:
    assert main(["train", "--epochs", "1", "--out", "plain"]) == 0
    assert "missing-activation" not in capsys.readouterr().out
    assert main(["train", "--epochs", "1", "--out", "checked", "--check"]) == 0
    told = capsys.readouterr().out
    assert "missing-activation" in told
    assert "The first steps of Practice" in told
    assert all(Path(run, "diagnosis.json").exists() for run in ("plain", "checked"))
    plain, checked = (safetensors_file.load(f"{run}/weights.safetensors")[0] for run in ("plain", "checked"))
    assert all(np.array_equal(plain[name], checked[name]) for name in plain)


def test_a_training_with_an_error_does_not_begin(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    def network(*_: str, **__: object) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10), nn.Softmax(dim=1))

    monkeypatch.setattr(job, "get_model", network)
    assert main(["train", "--epochs", "1", "--out", "run", "--check"]) == 1
    output = capsys.readouterr()
    assert "activation-before-loss" in output.out
    assert "the training did not begin" in output.err
    assert not Path("run").exists()
