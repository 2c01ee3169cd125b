"""`knoll animate`: layers as they are typed, on numbers and on images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.cli.app import main

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KNOLL_LANG", "en")
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[10:18, 20:28] = 255 * (np.indices((8, 8)).sum(axis=0) % 2)[..., None]
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    return tmp_path


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_an_image_is_cropped_to_where_something_happens(suffix: str, folder: Path, capsys: Output) -> None:
    assert main(["animate", "MaxPool2d(3, ceil_mode=True)", "--image", "cat.png", "--out", f"x.{suffix}"]) == 0
    assert "rows 10–17 of 30, columns 20–27 of 40" in capsys.readouterr().out
    assert "= max(" in (folder / f"x.{suffix}").read_text(encoding="utf-8")


def test_without_a_file_it_is_a_page_that_has_the_name_of_the_layer(folder: Path, capsys: Output) -> None:
    assert main(["animate", "nn.ReLU", "--input", "1x2x2", "--lang", "zh"]) == 0
    assert "ReLU.html：4 帧" in capsys.readouterr().out
    assert "斜率" in (folder / "ReLU.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["Conv2d(1, 1, 3, padding=1)", "--compare", "padding_mode=reflect"], "'zeros' | padding_mode='reflect'"),
        (["Conv2d(1, 1, 3)", "--compare", "stride=2", "--compare", "bias=False"], "bias=True | stride=2, bias=False"),
        (["Linear(4, 2)", "--backward"], "Linear(4, 2) – backward"),
        (["CrossEntropyLoss"], "CrossEntropyLoss()"),
        (["MultiheadAttention(4, 2)"], "MultiheadAttention(4, 2"),
        (["MultiheadAttention(4, 2)", "--head", "1"], "MultiheadAttention(4, 2"),
        (["Conv2d(3, 1, 3)", "--image", "cat.png", "--input", "3x6x6"], "Conv2d(3, 1, 3)"),
    ],
)  # fmt: skip
def test_what_can_be_shown(words: list[str], title: str, capsys: Output) -> None:
    assert main(["animate", *words, "--out", "x.svg"]) == 0
    assert title in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Conv2d(4, 1, 3)", "--image", "cat.png"], "an image has 1 or 3 channels, and this layer takes 4"),
        (["ReLU", "--image", "broken.png"], "cannot identify image file"),
        (["MultiheadAttention(4, 2)", "--head", "2"], "there is no such head to show"),
        (["ReLU", "--image", "none.png"], "none.png cannot be read"),
        (["Konv2d(1, 1, 3)"], "there is no layer Konv2d"),
        (["Conv2d(1, 1, 3, stride=0)"], "non-positive stride is not supported"),
        (["Conv2d(1, 1, 3)", "--compare", "strides=2"], "Conv2d has no argument strides"),
        (["Conv2d(1, 1, 3)", "--compare", "stride"], "a comparison is an argument with another value"),
        (["ReLU", "--out", "x.bmp"], "its suffix says no kind of file"),
        (["ReLU", "--input", "0x3x3"], "the output has no numbers"),
        (["Sequential(Flatten(), Linear(77, 3))"], "needs to be told the shape of its input"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(words: list[str], told: str, folder: Path, capsys: Output) -> None:
    assert main(["animate", *words]) == 1
    assert told in capsys.readouterr().err
    assert not [*folder.glob("*.html")]
