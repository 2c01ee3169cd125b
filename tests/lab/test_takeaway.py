"""Programs that are taken away run by themselves and give the numbers of the lab; files that are whole."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.lab.client import reached

from knoll.animate.runs import cells_of
from knoll.graph import Array
from knoll.lab.code import LIBRARIES, Library, program_of
from knoll.lab.families import families
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.subject import subject_of
from knoll.lab.views.takeaway import FILES, takeaway_view

MORE = (
    "Conv2d(3, 6, (3, 5), padding='same', dilation=2)",
    "Conv2d(3, 6, 3, groups=3, padding=1, padding_mode='reflect')",
    "Conv2d(3, 6, 3, stride=2, padding=2, padding_mode='circular', bias=False)",
    "Conv2d(3, 6, 3, padding=2, padding_mode='symmetric')",
    "Conv2d(3, 6, (5, 3), stride=(2, 3), padding=(2, 1), dilation=(1, 2))",
    "Sequential(Conv2d(3, 4, 3), Linear(14, 5))",
    "Sequential(Linear(4, 4), Tanh(), Flatten())",
    "MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
    "AvgPool2d(3, stride=2, padding=1, ceil_mode=True)",
    "AvgPool2d(3, stride=2, padding=1, count_include_pad=False)",
    "AvgPool2d(2, divisor_override=3)",
    "ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1)",
    "ConvTranspose2d(4, 4, 3, groups=2)",
    "AdaptiveAvgPool2d(1)",
    "ZeroPad2d((1, 2, 0, 1))",
    "Upsample(size=(32, 48))",
    "Sequential(Conv2d(3, 4, 3, stride=2), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 5), Softmax(1))",
    "Sequential(Conv2d(3, 4, 3), Sequential(BatchNorm2d(4), LeakyReLU(0.2)), AvgPool2d(2))",
)
TEXTS = [*(text for layers in families().values() for text in layers.values()), *MORE]
NEEDED: dict[Library, str] = {"pytorch": "torch", "keras": "keras", "onnx": "onnx"}


def results(library: Library, setting: Setting, images: Images) -> tuple[Array | None, Array, int]:
    """What the program gives, and what the lab shows; None where the library has no such layer."""
    subject = subject_of(setting, images)
    shown = np.asarray(cells_of(subject.layer, *subject.arrays).result)
    program = program_of(library, setting.layer, subject, (0,) * shown.ndim)
    if not program.text:
        assert program.notes
        return None, shown, 0
    names: dict[str, Array] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program.text, library, "exec"), names)  # noqa: S102 (a program of the lab's own)
    return np.asarray(names["y"]), shown, len(program.notes)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.filterwarnings("ignore")
def test_a_program_gives_what_the_lab_shows(text: str, library: Library) -> None:
    if library in NEEDED and importlib.util.find_spec(NEEDED[library]) is None:
        pytest.skip(f"{NEEDED[library]} is not installed")
    given, shown, _ = results(library, Setting(layer=text, size=16), Images())
    assert given is not None or library not in ("knoll", "pytorch") or "symmetric" in text
    if given is not None and not (library == "pytorch" and ("Dropout" in text or "RReLU" in text)):
        np.testing.assert_allclose(given, shown, rtol=1e-4, atol=1e-5)


COMMON = ("Conv2d", "MaxPool2d", "AvgPool2d", "ReLU", "Linear", "Flatten", "Sigmoid", "ConvTranspose2d")


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", COMMON)
def test_common_layers_are_there_in_every_library(kind: str, library: Library) -> None:
    text = next(layers[kind] for layers in families().values() if kind in layers)
    subject = subject_of(Setting(layer=text), Images())
    assert program_of(library, text, subject, ()).text


def test_every_picture_that_can_be_given_is_the_same_in_a_program() -> None:
    pixels = np.arange(256, dtype=np.uint8)
    assert ((pixels.astype(np.float32) / np.float32(100)) == np.round(pixels / 100, 2).astype(np.float32)).all()
    around = np.round(pixels / 127.5 - 1, 2).astype(np.float32)
    assert ((np.rint(around * 100).astype(np.float32)) / np.float32(100) == around).all()


def test_a_program_runs_alone_and_prints_what_is_told(tmp_path: Path) -> None:
    setting = Setting(layer="Conv2d(3, 6, 3, stride=2)", cell=(0, 4, 2, 7))
    view = takeaway_view(setting, Images())
    for library in ("knoll", "numpy"):
        file = tmp_path / f"lab_{library}.py"
        file.write_text(next(each.text for each in view.programs if each.library == library), encoding="utf-8")
        done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
        shape, number = done.stdout.strip().splitlines()
        told_shape, told_number = view.prints.splitlines()
        assert shape == told_shape
        assert float(number) == pytest.approx(float(told_number), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("layer", ["MaxPool2d(2)", "Linear(4, 3)", "CrossEntropyLoss()"])
def test_files_are_whole_and_ask_for_nothing(name: str, layer: str) -> None:
    answer = reached().get(f"/file/{name}", params={"layer": layer, "input": "numbers", "language": "zh"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    begins = {"html": b"<!DOCTYPE html>", "svg": b"<svg", "png": b"\x89PNG", "gif": b"GIF8"}[name.rpartition(".")[2]]
    assert answer.content.startswith(begins)
    if name.endswith("html"):
        assert not [word for word in ('src="http', "url(http", "@import", "<link") if word in answer.text]


def test_each_program_says_which_packages_it_needs() -> None:
    programs = takeaway_view(Setting(), Images()).programs
    for each in programs:
        assert "pip install" in each.notes[0]
        imported = re.findall(r"^(?:import|from) (\w+)", each.text, re.MULTILINE)
        others = {*imported} - sys.stdlib_module_names - {"numpy"}
        assert all(name in each.notes[0].lower() for name in others)
