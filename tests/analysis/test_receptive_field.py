"""The closed form of receptive fields, against the very pixels that outputs depend on."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.analysis import Field, dependencies, receptive_fields, trace, unseen
from knoll.analysis.unseen import Unseen
from knoll.errors import ShapeError
from knoll.vision.models import get_model


def sizes(net: nn.Module, shape: tuple[int, ...]) -> list[int]:
    found = trace(net, shape)
    fields = receptive_fields(found)
    return [fields[call.outputs[0]][0].size for call in found.layers]


def last(net: nn.Module, shape: tuple[int, ...]) -> Field:
    found = trace(net, shape)
    return receptive_fields(found)[found.outputs[0]][0]


def test_the_practice_network() -> None:
    assert sizes(get_model("practice"), (3, 32, 32))[:6] == [5, 6, 14, 16, 32, 36]
    assert last(get_model("practice"), (3, 32, 32)).is_whole


@pytest.mark.parametrize(("name", "size"), [("resnet18", 435), ("resnet50", 427), ("mobilenet_v2", 491)])
def test_fields_that_others_published(name: str, size: int) -> None:
    """Before the pooling to one pixel. ResNet-50 strides in its 3×3 windows, as torchvision's does."""
    found = trace(get_model(name), (3, 224, 224))
    images = [call.outputs[0] for call in found.layers if call.output.rank == 4 and call.output.shape[2] > 1]
    field = receptive_fields(found)[images[-1]][0]
    assert (field.size, field.stride, field.is_whole) == (size, 32, False)


def test_the_example_of_the_paper_with_a_centre() -> None:
    """Two layers of 3×3, padding 1, stride 2."""
    field = last(nn.Sequential(*(nn.Conv2d(1, 1, 3, 2, 1) for _ in range(2))), (1, 9, 9))
    assert (field.size, field.stride, field.start, field.centre) == (7, 4, -3, 0)


layers = st.sampled_from(
    [
        lambda: nn.Conv2d(2, 2, 3, padding=1),
        lambda: nn.Conv2d(2, 2, (2, 3), stride=2),
        lambda: nn.Conv2d(2, 2, 3, dilation=2, padding=2, padding_mode="reflect"),
        lambda: nn.MaxPool2d(2),
        lambda: nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        lambda: nn.AvgPool2d(3, 1, 1),
        lambda: nn.ConvTranspose2d(2, 2, 2, stride=2),
        lambda: nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1),
        lambda: nn.Upsample(scale_factor=2),
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
        lambda: nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(8, 2, 1)),
        lambda: nn.Sequential(nn.Conv2d(2, 8, 1), nn.PixelShuffle(2)),
        lambda: nn.Sequential(nn.BatchNorm2d(2), nn.ReLU(), nn.ChannelShuffle(2)),
    ]
)


@given(st.lists(layers, min_size=1, max_size=4), st.data())
@settings(max_examples=40, deadline=None)
def test_pixels_lie_within_the_field_and_fill_it(made: list[object], data: st.DataObject) -> None:
    net = nn.Sequential(*(make() for make in made))
    try:
        found = trace(net, (2, 64, 48))
    except ShapeError:  # an odd size before PixelUnshuffle
        reject()
    fields, rank = receptive_fields(found)[found.outputs[0]], 4
    shape = found.outputs[0].spec.shape
    for axis, field in zip((2, 3), fields, strict=True):
        number = data.draw(st.integers(0, shape[axis] - 1))
        index = (0, 0, *(number if i == axis else shape[i] // 2 for i in (2, 3)))
        mask = dependencies(found, index=index).any(axis=tuple(i for i in range(rank) if i != axis))
        pixels = np.flatnonzero(mask)
        first = field.start + number * field.stride
        assert first <= pixels.min()
        assert pixels.max() <= first + field.extent - 1
        assert len(pixels) <= field.size
        inside = math.ceil(first) >= 0 and first + field.extent <= mask.size
        if inside and field.stride.denominator == 1 and not upsamples(net):
            assert (pixels.min(), pixels.max()) == (first, first + field.size - 1)


def upsamples(net: nn.Module) -> bool:
    return any(isinstance(m, (nn.Upsample, nn.ConvTranspose2d, nn.PixelShuffle)) for m in net.modules())


@pytest.mark.parametrize(
    ("layer", "size", "stride"),
    [
        (nn.ConvTranspose2d(1, 1, 3, stride=2), 2, Fraction(1, 2)),
        (nn.Upsample(scale_factor=3), 1, Fraction(1, 3)),
        (nn.Upsample(scale_factor=2, mode="bilinear"), 2, Fraction(1, 2)),
        (nn.AdaptiveAvgPool2d(4), 3, Fraction(3)),
        (nn.AdaptiveMaxPool2d(5), 4, Fraction(12, 5)),
    ],
)
def test_enlarging_and_sharing_out(layer: nn.Module, size: int, stride: Fraction) -> None:
    field = last(layer, (1, 12, 12))
    assert (field.size, field.stride, field.is_whole) == (size, stride, False)


@pytest.mark.parametrize(
    "layer", [nn.AdaptiveAvgPool2d(1), nn.MaxPool2d(6), nn.Sequential(nn.Flatten(), nn.Linear(36, 2))], ids=str
)
def test_the_whole_image(layer: nn.Module) -> None:
    assert last(layer, (1, 6, 6)).is_whole


class Gate(nn.Module):
    """A shortcut past two convolutions, gated by the mean of the image."""

    def __init__(self, gated: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 5, padding=2))
        self.gated = gated

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        y = self.body(x) + x
        return y * y.mean((2, 3), keepdim=True).sigmoid() if self.gated else y


def test_where_ways_meet_the_field_covers_both() -> None:
    field = last(Gate(gated=False), (1, 9, 9))
    assert (field.size, field.start, field.is_whole) == (7, -3, False)
    assert last(Gate(gated=True), (1, 9, 9)).is_whole


def test_without_images_there_are_no_fields() -> None:
    assert receptive_fields(trace(nn.Linear(3, 2), np.ones((5, 3), np.float32))) == {}


@pytest.mark.parametrize(
    ("layer", "rows"),
    [
        (nn.MaxPool2d(2), Unseen(dropped=(6,))),
        (nn.MaxPool2d(2, ceil_mode=True), Unseen()),
        (nn.MaxPool2d(2, 3), Unseen(dropped=(5, 6), skipped=(2,))),
        (nn.Conv2d(1, 1, 2, dilation=5), Unseen(skipped=(2, 3, 4))),
        (nn.Conv2d(1, 1, 3, stride=4, padding=1), Unseen(skipped=(2,), dropped=(6,))),
        (nn.ZeroPad2d((0, 0, -1, 2)), Unseen(skipped=(0,))),
        (nn.Flatten(), Unseen()),
    ],
    ids=str,
)
def test_rows_that_are_never_looked_at(layer: nn.Module, rows: Unseen) -> None:
    assert unseen(trace(layer, (1, 7, 6)))[0] == rows
    assert bool(rows) == bool(rows.dropped or rows.skipped)


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ([nn.LocalResponseNorm(5)], 1),
        ([nn.LocalResponseNorm(2)], 1),
        ([nn.Conv2d(4, 4, 3), nn.LocalResponseNorm(3), nn.Conv2d(4, 4, 3)], 5),
        ([nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.Conv2d(4, 4, 3)], 3),
        ([nn.ChannelShuffle(2), nn.Conv2d(4, 4, 3)], 3),
        ([nn.Flatten(), nn.ReLU(), nn.Unflatten(1, (4, 7, 9)), nn.Conv2d(4, 4, 3)], 3),
    ],
)
def test_axes_that_are_joined_and_split_again(layers: list[nn.Module], size: int) -> None:
    found = trace(nn.Sequential(*layers), (4, 7, 9))
    rows, columns = receptive_fields(found)[found.outputs[0]]
    assert (rows.size, columns.size) == (size, size)
    mask = dependencies(found, index=(0, 0, 1, 1)).any(axis=(0, 1))
    assert (int(mask.any(axis=1).sum()), int(mask.any(axis=0).sum())) == (size, size)
