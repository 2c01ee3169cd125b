"""`knoll predict` with networks that Knoll did not train: what their files do not say, the user does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.cli.app import main
from knoll.interop import safetensors_file
from knoll.nn import Module
from knoll.vision.models import resnet18, unet

OWN = """from knoll import nn


class Grey(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)

    def forward(self, x):
        return self.linear(self.conv(x).mean((2, 3)))


class Two(Grey):
    def forward(self, x):
        return x, x
"""
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with pictures, a file of networks, and no other words than English ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KNOLL_LANG", "en")
    Path("own.py").write_text(OWN, encoding="utf-8")
    for number in range(3):
        path = Path("pictures", f"kind {number}", f"{number}.png")
        path.parent.mkdir(parents=True)
        pixels = np.random.default_rng(number).integers(0, 256, (9, 12, 3), np.uint8)
        Image.fromarray(pixels).save(path)


def _save(net: Module, path: str) -> None:
    safetensors_file.save(Path(path), {name: tensor.numpy() for name, tensor in net.state_dict().items()})


def _own(name: str = "Grey") -> Module:
    names: dict[str, type[Module]] = {}
    exec(OWN, names)  # noqa: S102 (the classes of the file)
    return names[name]().eval()


def test_a_network_of_the_library_with_other_classes_and_normalised_images(capsys: Output) -> None:
    net = resnet18(num_classes=4).eval()
    _save(net, "theirs.safetensors")
    Path("names.txt").write_text("ant\nbee\ncat\ndog\n", encoding="utf-8")
    options = "--model resnet18 --input 3x32x32 --classes names.txt --mean 0.5,0.4,0.3 --std 0.2,0.3,0.4 --top 4 --json"
    assert main(["predict", "theirs.safetensors", "pictures/kind 1/1.png", *options.split()]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    with Image.open("pictures/kind 1/1.png") as opened:
        image = opened.resize((32, 32), Image.Resampling.BILINEAR)
    pixels = (np.asarray(image, np.float32) / 255 - np.float32([0.5, 0.4, 0.3])) / np.float32([0.2, 0.3, 0.4])
    scores = net(knoll.from_numpy(pixels.transpose(2, 0, 1)[None].copy())).detach().numpy()[0].astype(np.float64)
    chances = np.exp(scores) / np.exp(scores).sum()
    assert [each["class"] for each in found["classes"]] == [
        ["ant", "bee", "cat", "dog"][k] for k in np.argsort(-chances)
    ]
    np.testing.assert_allclose([each["probability"] for each in found["classes"]], np.sort(chances)[::-1], rtol=1e-3)


def test_a_network_of_a_file_and_pictures_of_folders(capsys: Output) -> None:
    _save(_own(), "own.safetensors")
    Path("pictures/notes.txt").write_text("no picture", encoding="utf-8")
    options = ["--model", "own.py:Grey", "--input", "1x8x8", "--top", "1", "--classes", "a, b, c"]
    assert main(["predict", "own.safetensors", "pictures", *options]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if line.endswith(".png")] == [
        f"pictures/kind {number}/{number}.png" for number in range(3)
    ]
    assert "needs --mean and --std" in shown
    assert "numbered" not in shown


def test_a_picture_that_is_none_is_told_in_its_place(capsys: Output) -> None:
    _save(_own(), "own.safetensors")
    Path("pictures/kind 1/broken.png").write_text("no picture", encoding="utf-8")
    assert main(["predict", "own.safetensors", "pictures", "--model", "own.py:Grey", "--input", "1x8x8", "--json"]) == 1
    shown = capsys.readouterr()
    found = json.loads(shown.out)
    assert ["error" in each for each in found] == [False, False, True, False]
    assert "cannot identify image file" in shown.err


def test_a_segmenter(capsys: Output) -> None:
    _save(unet(num_classes=2), "seg.safetensors")
    options = ["--model", "unet", "--input", "3x32x32", "--json", "--out", "."]
    assert main(["predict", "seg.safetensors", "pictures/kind 0/0.png", *options]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert sum(each["share"] for each in found["classes"]) == pytest.approx(1)
    with Image.open(found["picture"]) as picture:
        assert picture.size[1] >= 32


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", "not the practice network: --model resnet18 or --model FILE.py:Net"),
        ("--model own.py:Grey", "how large the images"),
        ("--model own.py:Grey --input 8x8", "how large the images"),
        ("--model own.py:Grey --input 5x8x8", "one channel or three"),
        ("--model own.py:Grey --input 1x2x2", "Kernel size"),
        ("--model own.py:Grey --input 1x8x8 --classes a,b", "as many names"),
        ("--model own.py:Two --input 1x8x8", "no scores of classes"),
        ("--model own.py:Grey --input 1x8x8 --mean 1", "belong together"),
        ("--model own.py:Grey --input 1x8x8 --mean 1,2 --std 1", "belong together"),
        ("--model own.py:Grey --input 1x8x8 --mean 1,2 --std 1,2", "a number for each channel"),
        ("--model own.py:Grey --input 1x8x8 --mean x --std 1", "--mean takes numbers"),
        ("--model own.py:Grey --input 1x8x8 --top 0", "At least one class"),
        ("--model own.py:Grey --input 1x8x8 --classes missing.txt", "missing.txt cannot be read"),
        ("--model resnet19", "no network 'resnet19'"),
        ("--model resnet18", "Missing key(s)"),
    ],
)
def test_what_cannot_be(options: str, words: str, capsys: Output) -> None:
    _save(_own(), "own.safetensors")
    assert main(["predict", "own.safetensors", "pictures", *options.split()]) == 1
    assert words in capsys.readouterr().err


def test_a_folder_without_pictures(capsys: Output) -> None:
    _save(_own(), "own.safetensors")
    Path("empty").mkdir()
    assert main(["predict", "own.safetensors", "empty", "--model", "own.py:Grey", "--input", "1x8x8"]) == 1
    assert "No pictures are in the folder empty" in capsys.readouterr().err
