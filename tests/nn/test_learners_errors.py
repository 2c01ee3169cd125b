"""What learners of the course stumble over, and the line of advice that they get."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.data import DataLoader
from knoll.errors import KnollError
from knoll.nn import functional as F
from knoll.tensor.autograd.gradient_edge import AutogradNode
from knoll.vision import transforms
from knoll.vision.datasets import Digits

MATRIX = knoll.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]])


def images(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.ones(shape, dtype)


def told(call: Callable[[], object]) -> str:
    with pytest.raises(KnollError) as caught:
        call()
    return str(caught.value)


CHANNELS = {
    "a PNG with transparency": ((1, 4, 32, 32), "image.convert('RGB')"),
    "a grey picture": ((1, 1, 32, 32), "in_channels=1"),
    "a batch of NumPy pictures": ((8, 32, 48, 3), None),
    "NumPy pictures": ((8, 32, 32, 3), "x.permute(0, 3, 1, 2)"),
    "one NumPy picture": ((32, 32, 3), "x.permute(2, 0, 1)"),
    "one NumPy picture with transparency": ((32, 32, 4), "x.permute(2, 0, 1)"),
}


@pytest.mark.parametrize(("shape", "advice"), CHANNELS.values(), ids=CHANNELS)
def test_pictures_with_other_channels(shape: tuple[int, ...], advice: str | None) -> None:
    text = told(lambda: nn.Sequential(nn.Conv2d(3, 6, 3))(images(*shape)))
    assert "to have 3 channels, but got" in text
    assert "where: 0 Conv2d(3, 6," in text
    assert (advice or "x.permute(0, 3, 1, 2)") in text


def test_a_layer_that_expects_what_the_one_before_does_not_give() -> None:
    text = told(lambda: nn.Sequential(nn.Conv2d(3, 6, 3), nn.Conv2d(3, 6, 3))(images(1, 3, 32, 32)))
    assert "where: 1 Conv2d" in text
    assert "in_channels=6 in this layer" in text
    # As many columns as the layer takes channels is no reason to turn a feature map round.
    assert "permute" not in told(lambda: nn.Conv2d(32, 8, 3)(images(1, 64, 32, 32)))


def test_a_matrix_typed_as_whole_numbers() -> None:
    x = MATRIX.reshape(-1, 1, 5, 5)
    assert nn.MaxPool2d(3, ceil_mode=True)(x).tolist() == [[[[2, 3], [5, 1]]]]
    for layer, given in ((nn.Conv2d(1, 1, 3), x), (nn.Linear(5, 2), MATRIX)):
        text = told(lambda layer=layer, given=given: layer(given))
        assert "without a decimal point" in text
        assert "x.to(knoll.float32)" in text
    assert nn.Conv2d(1, 1, 3)(x.float()).shape == (1, 1, 3, 3)


def test_numbers_of_another_type() -> None:
    layer = nn.Conv2d(3, 6, 3)
    assert "ToTensor()" in told(lambda: layer(images(1, 3, 8, 8, dtype="uint8")))
    assert "x.to(knoll.float32) / 255" in told(lambda: layer(images(1, 3, 8, 8, dtype="uint8")))
    assert "layer.double()" in told(lambda: layer(images(1, 3, 8, 8, dtype="float64")))


@pytest.mark.parametrize("layer", [nn.Conv2d(1, 1, 3), nn.MaxPool2d(3)], ids=["Conv2d", "MaxPool2d"])
def test_a_matrix_without_its_other_axes(layer: nn.Module) -> None:
    text = told(lambda: layer(MATRIX.float()))
    assert "got: 2 dimensions: (5, 5)" in text
    assert "x.reshape(1, 1, 5, 5)" in text
    assert "x.reshape(-1, 1, 5, 5)" in text


def test_a_window_without_its_other_axes() -> None:
    text = told(lambda: F.conv2d(MATRIX.reshape(1, 1, 5, 5), MATRIX[:3, :3]))
    assert "weight should have at least three dimensions" in text
    assert "weight.reshape(1, 1, 3, 3)" in text


FEATURES = {
    "wrong in_features": (100, (2, 5400), "in_features=5400"),
    "Flatten is missing": (5400, (2, 6, 30, 30), "nn.Flatten() before this layer: (2, 6, 30, 30) → (2, 5400)"),
    "both": (100, (2, 6, 30, 30), "(2, 6, 30, 30) → (2, 5400), and in_features=5400"),
    "the batch is flattened too": (3072, (64 * 3072,), "flatten(x, 1) or nn.Flatten() keeps them apart"),
    "the last batch is smaller": (64 * 3072, (16 * 3072,), "flatten(x, 1) or nn.Flatten() keeps them apart"),
}


@pytest.mark.parametrize(("features", "shape", "advice"), FEATURES.values(), ids=FEATURES)
def test_features_that_do_not_fit(features: int, shape: tuple[int, ...], advice: str) -> None:
    text = told(lambda: nn.Linear(features, 10)(images(*shape)))
    assert "mat1 and mat2 shapes cannot be multiplied" in text
    assert advice in text


def test_a_batch_size_written_into_a_reshape() -> None:
    last = knoll.ones(16, 6, 30, 30)
    text = told(lambda: last.reshape(64, 6, 900))
    assert "shape '[64, 6, 900]' is invalid for input of size 86400" in text
    assert "(-1, 6, 900) makes it 16" in text
    assert last.reshape(-1, 6, 900).shape == (16, 6, 900)
    assert "try:" not in told(lambda: last.reshape(64, 3, 30, 30))  # 32 samples of 16 would be others
    assert "try:" not in told(lambda: last.reshape(64, 7, 30, 30))
    assert "try:" not in told(lambda: last.reshape(64, 0))


def test_pooling_drops_the_border_and_ceil_mode_keeps_it_by_a_rule() -> None:
    def rows(size: int, *arguments: int, ceil: bool) -> int:
        return nn.MaxPool2d(*arguments, ceil_mode=ceil)(images(1, 1, size, size)).shape[2]

    assert (rows(32, 3, ceil=False), rows(32, 3, ceil=True)) == (10, 11)
    assert (rows(5, 3, ceil=False), rows(5, 3, ceil=True)) == (1, 2)
    # The last window must begin inside: at 4 of 4 rows it would not.
    assert (rows(4, 1, 2, ceil=False), rows(4, 1, 2, ceil=True)) == (2, 2)
    assert "larger images, or fewer pooling layers" in told(lambda: nn.MaxPool2d(5)(images(1, 1, 3, 3)))


def test_several_sizes_pool_to_one_and_unpooling_must_be_told_which() -> None:
    pooled, places = nn.MaxPool2d(2, return_indices=True)(knoll.arange(25.0).reshape(1, 1, 5, 5))
    unpool = nn.MaxUnpool2d(2)
    assert unpool(pooled, places, output_size=(5, 5)).shape == (1, 1, 5, 5)
    text = told(lambda: unpool(pooled, places))
    assert "Found an invalid max index: 16" in text
    assert "output_size as the images had it before pooling" in text
    assert "output_size[0] from 3 to 5" in told(lambda: unpool(pooled, places, output_size=(9, 9)))
    assert "another layer between" in told(lambda: unpool(pooled, places[:, :, :1], output_size=(5, 5)))
    assert "return_indices=True" in told(lambda: unpool(pooled, places.float(), output_size=(5, 5)))


def test_overlapping_windows_name_a_place_more_than_once() -> None:
    bright = knoll.zeros(1, 1, 4, 4)
    bright[0, 0, 1, 1] = 9
    pooled, places = nn.MaxPool2d(3, 1, return_indices=True)(bright)
    assert places.tolist() == [[[[5, 5], [5, 5]]]]
    assert knoll.equal(nn.MaxUnpool2d(3, 1)(pooled, places), bright)


def test_padding_that_cannot_be() -> None:
    assert "k // 2" in told(lambda: nn.Conv2d(1, 1, 3, stride=2, padding="same"))
    assert "padding=1, padding_mode='reflect'" in told(lambda: nn.Conv2d(1, 1, 3, padding="reflect"))
    assert "try:" not in told(lambda: nn.Conv2d(1, 1, 3, padding="some"))
    text = told(lambda: nn.Conv2d(1, 1, 9, padding=4, padding_mode="reflect")(images(1, 1, 4, 4)))
    assert "padding of at most 3" in text
    assert "padding_mode='replicate'" in text


def test_symmetric_padding_is_numpys_and_has_no_limit() -> None:
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    sides = ((0, 0), (0, 0), (4, 2), (1, 9))
    np.testing.assert_array_equal(F.pad(x, (1, 9, 4, 2), mode="symmetric").numpy(), np.pad(x, sides, "symmetric"))
    layer = nn.Conv2d(1, 1, 3, padding=1, padding_mode="symmetric", bias=False, dtype=knoll.float64)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "symmetric")
    np.testing.assert_allclose(layer(x).detach().numpy(), F.conv2d(padded, layer.weight).detach().numpy())
    p = nn.Parameter(x)
    F.pad(p, (1, 9, 4, 2), mode="symmetric").sum().backward()
    assert p.grad.sum().item() == 9 * 14
    assert "zeros, reflect, replicate, circular, symmetric" in told(lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"))


def test_a_sum_of_losses_does_not_hold_every_step() -> None:
    net, images_ = nn.Linear(3, 2), knoll.ones(4, 3)
    total = knoll.zeros(())

    def nodes() -> list[AutogradNode]:
        gc.collect()
        return [thing for thing in gc.get_objects() if type(thing) is AutogradNode and id(thing) not in before]

    before: set[int] = set()
    earlier = nodes()
    before |= set(map(id, earlier))
    counts = []
    for _ in range(4):
        loss = net(images_).square().mean()
        loss.backward()
        total = total + loss
        counts.append(len(nodes()))
    # Each step leaves its square, its mean and the sum, with the numbers of losses alone.
    assert np.diff(counts).tolist() == [3, 3, 3]
    assert {array.ndim for node in nodes() for array in node.inputs} == {0}
    assert total.item() > 0


def test_transforms_in_the_wrong_place() -> None:
    picture, transparent = Image.new("RGB", (20, 20)), Image.new("RGBA", (20, 20))
    to_tensor, normalize = transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)
    assert "put Resize before the crop" in told(lambda: transforms.RandomCrop(32)(picture))
    assert "put ToTensor() before it" in told(lambda: normalize(picture))
    assert "image.convert('RGB')" in told(lambda: normalize(to_tensor(transparent)))
    assert "image.convert('RGB')" in told(lambda: normalize(to_tensor(picture.convert("L"))))
    assert "try:" not in told(lambda: transforms.Normalize([0.5] * 2, [0.5] * 2)(to_tensor(picture)))
    assert "it is a tensor already" in told(lambda: to_tensor(to_tensor(picture)))
    assert "Size should be int or sequence. Got <class 'str'>" in told(lambda: transforms.Resize("32"))
    assert "ToTensor() for pictures" in told(lambda: nn.Conv2d(3, 6, 3)(picture))
    assert "transform=ToTensor()" in told(lambda: next(iter(DataLoader(Digits(), 4))))


def test_there_is_no_graphics_card_to_move_to() -> None:
    for move in (lambda: nn.Conv2d(3, 6, 3).cuda(), lambda: knoll.ones(3).to("cuda:0")):
        assert "leave .cuda() out" in told(move)
    assert not knoll.cuda.is_available()
    assert nn.Conv2d(3, 6, 3).to(knoll.device("cpu"))(images(1, 3, 8, 8)).shape == (1, 6, 6, 6)
