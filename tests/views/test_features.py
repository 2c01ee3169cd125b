"""Feature maps are what the layers give; images of any kind are taken; what the network looks at is where it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import Tensor, nn
from knoll.cli import main
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, FileError, ShapeError
from knoll.views import (
    filters_picture,
    image_input,
    occlusion_picture,
    receptive_field_picture,
    saliency_picture,
)
from knoll.views.looking import occlusion, saliency
from knoll.vision.models import practice


class Net(nn.Module):
    """A layer used twice, in place, in train mode, with a frozen part in eval mode."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(inplace=True)
        self.norm, self.head = nn.BatchNorm2d(3).eval(), nn.Linear(3, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv(x))
        return self.head(self.norm(self.relu(self.conv(x))).mean((2, 3)))


def test_features_are_what_the_layers_give() -> None:
    net, image = Net(), knoll.rand(3, 8, 6)
    before = [each.training for each in net.modules()]
    found = knoll.show(net, image)
    first = net.conv(image[None])
    second = net.conv(nn.functional.relu(first))
    assert [each.name for each in found.layers] == ["conv", "conv"]
    np.testing.assert_allclose(found.layers[0].numbers, first[0].detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(found.layers[1].numbers, second[0].detach().numpy(), atol=1e-6)
    assert [each.training for each in net.modules()] == before
    assert knoll.show(net, image, "head").layers[0].numbers.shape == (5,)
    assert knoll.show(net, image, net.norm).layers[0].name == "norm"


def test_dead_channels_are_told() -> None:
    layer = nn.Conv2d(1, 3, 1)
    with knoll.no_grad():
        layer.weight.copy_(knoll.tensor([0.0, 1.0, 0.0]).reshape(3, 1, 1, 1))
        layer.bias.zero_()
    found = knoll.show(nn.Sequential(layer, nn.ReLU()), knoll.rand(1, 4, 4))
    assert found.layers[0].dead == 2
    assert "2 channels are zero everywhere, of 3." in found.document().markdown("en")
    assert "3 个通道中有 2 个全为零" in found.document().html("zh")


MODES = {"1": 255, "L": 200, "LA": (200, 9), "P": 5, "RGB": (1, 2, 3), "RGBA": (1, 2, 3, 0), "CMYK": 1, "I;16": 9000}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_every_kind(mode: str, channels: int, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{'tif' if mode == 'CMYK' else 'png'}"
    Image.new(mode, (7, 5), MODES[mode]).save(path)
    given = image_input(path, nn.Conv2d(channels, 2, 3))
    assert (given.array.shape, given.array.dtype) == ((1, channels, 5, 7), np.float32)
    assert 0 <= given.array.min() <= given.array.max() <= 1
    wanted = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    assert bool(given.notes) == (mode != wanted)


def test_what_was_done_to_a_picture_is_said(tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    frames = [Image.new("L", (40, 20), shade) for shade in (0, 255)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    given = image_input(path, nn.Conv2d(3, 2, 3), (10, 12))
    assert given.array.shape == (1, 3, 10, 12)
    assert not given.array.any()
    told = " ".join(note.text("en") for note in given.notes)
    assert "the first of 2 frames" in told
    assert "from 20×40 to 10×12" in told


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.zeros((5, 7)), (1, 1, 5, 7)),
        (np.zeros((5, 7), np.uint8), (1, 1, 5, 7)),
        (np.full((5, 7, 3), 255, np.uint8), (1, 3, 5, 7)),
        (np.zeros((6, 5, 7), np.float32), (1, 6, 5, 7)),
        (np.zeros((4, 3, 5, 7), np.uint8), (1, 3, 5, 7)),
    ],
)
def test_arrays(array: Any, shape: tuple[int, ...]) -> None:
    assert image_input(array, nn.ReLU()).array.shape == shape
    assert image_input(knoll.from_numpy(array), nn.ReLU()).array.shape == shape


def test_arrays_of_bytes_are_pictures_and_other_numbers_are_taken_as_they_are() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    net = practice()
    for given in (picture, picture.transpose(2, 0, 1), knoll.from_numpy(picture[..., 0])):
        assert image_input(given, net).array.shape == (1, 3, 32, 32)
    floats = np.random.default_rng(0).normal(size=(3, 8, 8))
    given = image_input(floats, nn.Conv2d(3, 2, 3).double())
    assert given.array.dtype == np.float64
    assert (given.planes == floats).all()
    with pytest.raises(ArgumentError, match="Only pictures are resized"):
        image_input(floats, net, (4, 4))
    with pytest.raises(ArgumentTypeError, match="Give a layer or a network"):
        knoll.show("practice", picture)


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    text = tmp_path / "picture.png"
    text.write_text("no picture")
    with pytest.raises(DataError, match="cannot identify image file"):
        knoll.show(nn.ReLU(), text)
    with pytest.raises(FileError, match="cannot be read"):
        knoll.show(nn.ReLU(), tmp_path / "nowhere.png")
    with pytest.raises(ArgumentTypeError, match="This is not an image"):
        knoll.show(nn.ReLU(), 3)
    with pytest.raises(ArgumentError, match="This is not an image"):
        knoll.show(nn.ReLU(), np.zeros((2, 0, 3)))
    with pytest.raises(ArgumentError, match="this network takes 6"):
        knoll.show(nn.Conv2d(6, 2, 3), text)
    with pytest.raises(ArgumentError) as caught:
        knoll.show(Net(), knoll.rand(3, 8, 8), "cnov")
    assert caught.value.expected == "conv, norm"


def test_saliency_is_the_gradient_and_leaves_no_other() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(2 * 4 * 4, 3))
    array = np.random.default_rng(0).random((1, 2, 4, 4)).astype(np.float32)
    weight = net[1].weight.detach().numpy()[1].reshape(2, 4, 4)
    np.testing.assert_allclose(saliency(net, array, 1), np.abs(weight).max(axis=0), rtol=1e-6)
    assert net[1].weight.grad is None


def test_occlusion_is_the_fall_of_the_score() -> None:
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    array = np.zeros((1, 1, 16, 16), np.float32)
    array[0, 0, :2, :2] = 1.0
    found = occlusion(net, array, 0)
    mean = 4 / 256
    assert found.shape == (15, 15)
    np.testing.assert_allclose(found[0, 0], 4 * (1 - mean) / 256, rtol=1e-4)
    np.testing.assert_allclose(found[8, 8], -4 * mean / 256, rtol=1e-3)


def test_pictures_of_what_a_network_looks_at() -> None:
    net, image = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)), knoll.rand(3, 8, 8)
    assert "4 × 4 pixels" in receptive_field_picture(net, image, (1, 1)).svg(language="en")
    assert "3 × 3 pixels" in receptive_field_picture(net, image, (1, 1), "0").svg(language="en")
    assert "Row 3, column 3" in receptive_field_picture(net, image, layer="0").svg(language="en")
    with pytest.raises(ArgumentError, match="no number there"):
        receptive_field_picture(net, image, (3, 0))
    for picture in (saliency_picture, occlusion_picture):
        assert "class 2" in picture(net, image, 2).svg(language="en")
        with pytest.raises(ArgumentError, match="no class 3"):
            picture(net, image, 3)
        with pytest.raises(ArgumentError, match="no scores of classes"):
            picture(net[0], image)
    with pytest.raises(ArgumentError, match="Only a convolution"):
        filters_picture(net[3])


@pytest.mark.parametrize(
    "words", ["", "--kind filters", "--kind field --cell 2x3", "--kind saliency", "--layer model1.2"]
)
def test_the_command(words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "picture.png"
    Image.new("L", (50, 40), 90).save(picture)
    out = tmp_path / "features.svg"
    assert main(["features", "practice", str(picture), *words.split(), "--out", str(out)]) == 0
    assert "<svg" in out.read_text(encoding="utf-8")
    assert main(["features", "practice", str(picture), "--layer", "model1.9"]) == 1
    assert "model1.8" in capsys.readouterr().err


@pytest.mark.parametrize("side", [32, 48])
def test_a_size_that_the_network_can_take_is_named(side: int) -> None:
    picture = Image.new("RGB", (64, 40))
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * (side - 2) ** 2, 2))
    for look in (knoll.show, receptive_field_picture, saliency_picture, occlusion_picture):
        with pytest.raises(ShapeError, match=f"size=\\({side}, {side}\\)"):
            look(net, picture)
        look(net, picture, size=(side, side))
    with pytest.raises(ShapeError, match=r"size=\((rows|行数)"):
        knoll.show(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(7, 2)), picture)


@pytest.mark.parametrize(("target", "words"), [("practice", "untrained: random"), ("net.py:net", "unless it loads")])
def test_weights_without_training_are_told(
    target: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KNOLL_LANG", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("from knoll import nn\nnet = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())\n")
    Image.new("RGB", (32, 32)).save("picture.png")
    assert main(["features", target, "picture.png", "--out", "out.svg"]) == 0
    assert words in capsys.readouterr().out


def test_a_stage_of_the_compiler_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    for more in (["--format", "json"], ["--out", "loops.html"]):
        assert main(["show", "practice", "loops", *more]) == 1
        assert more[1].removeprefix("--") in capsys.readouterr().err
