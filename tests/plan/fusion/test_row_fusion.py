"""Steps that are computed by rows together give the same bits as one after the other, however threads share them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.graph import Array
from knoll.nn.functional import relu6
from knoll.plan.fusion import row_fusion
from knoll.plan.plan import RowFusion
from knoll.run import compiled, step_table


@pytest.fixture(autouse=True)
def all_fusions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small images are fused as large ones are, and shared by as many threads as there are."""
    monkeypatch.setattr(row_fusion, "FAR", 0.0)
    monkeypatch.setattr(row_fusion, "MOST_WEIGHTS", inf)
    monkeypatch.setattr(step_table, "MOST_OVERLAP", inf)
    monkeypatch.setattr(compiled, "MIN_SHARED", 0)
    before = knoll.get_num_threads()
    yield
    knoll.set_num_threads(before)


class Inverted(nn.Module):
    """An inverted residual block: wide, depthwise, narrow, and the shortcut around it."""

    def __init__(self, c: int, window: int) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Conv2d(c, 3 * c, 1), nn.Conv2d(3 * c, c, 1)
        self.depthwise = nn.Conv2d(3 * c, 3 * c, window, padding=window // 2, groups=3 * c)

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        inner: knoll.Tensor = self.narrow(relu6(self.depthwise(relu6(self.wide(x)))))
        return x + inner


def fusions_of(program: knoll.nn.compile.CompiledModule[Array]) -> list[RowFusion]:
    return [fusion for phase in program.program.plan.forward for fusion in phase.fusions]


def compare(net: nn.Module, shape: tuple[int, ...]) -> list[RowFusion]:
    """Assert that two to four threads give the bits of one; other images in each call, as memory is used again."""
    net.eval()
    images = [np.random.default_rng(seed).normal(size=shape).astype(np.float32) for seed in range(4)]
    with knoll.no_grad():
        program = knoll.compile(net, images[0])
    knoll.set_num_threads(1)
    wanted = [program(x) for x in images]
    for threads in (2, 3, 4):
        knoll.set_num_threads(threads)
        for x, y in zip(images * 3, wanted * 3, strict=True):
            np.testing.assert_array_equal(program(x), y)
    return fusions_of(program)


def test_an_inverted_residual_block_is_one_fusion() -> None:
    (fusion,) = compare(nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU6(), Inverted(16, 3)), (1, 3, 64, 60))
    assert fusion.count == 4


def test_a_convolution_and_the_pooling_of_overlapping_windows_are_one_fusion() -> None:
    stem = nn.Sequential(nn.Conv2d(3, 16, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    (fusion,) = compare(stem, (1, 3, 64, 60))
    assert (fusion.count, len(fusion.bands)) == (2, 16)


@pytest.mark.parametrize("padding", [2, 3, 7])
def test_rows_that_read_nothing_but_padding(padding: int) -> None:
    net = nn.Sequential(nn.Conv2d(16, 4, 3, 2, 1), nn.Conv2d(4, 8, 1, padding=padding))
    (fusion,) = compare(net, (1, 16, 24, 22))
    assert all(parts.start <= parts.stop for band in fusion.bands for parts in band)


def test_every_part_belongs_to_a_band_and_bands_follow_each_other() -> None:
    net = nn.Sequential(nn.Conv2d(3, 16, 5, 2, 2), Inverted(16, 5), Inverted(16, 3))
    with knoll.no_grad():
        program = knoll.compile(net.eval(), np.zeros((1, 3, 50, 46), np.float32))
    for fusion in fusions_of(program):
        (phase,) = [phase for phase in program.program.plan.forward if fusion in phase.fusions]
        for i, step in enumerate(phase.steps[fusion.first :][: fusion.count]):
            ranges = [band[i] for band in fusion.bands]
            assert {part for parts in ranges for part in parts} == set(range(step.kernel.parts))
            assert all(a.start <= b.start and a.stop <= b.stop for a, b in pairwise(ranges))


SIZES = st.integers(12, 40)


@settings(max_examples=25)
@given(st.data(), SIZES, SIZES)
def test_random_chains(data: st.DataObject, h: int, w: int) -> None:
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1)]
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(["conv", "depthwise", "inverted", "pool", "overlapping", "1x1"]))
        window, stride, dilation = (data.draw(st.sampled_from(some)) for some in ((1, 3, 5), (1, 2), (1, 2)))
        if kind == "inverted":
            layers.append(Inverted(16, window))
        elif kind == "pool":
            layers += [nn.Conv2d(16, 16, 2), nn.MaxPool2d(2)]
        elif kind == "overlapping":
            padding, ceil = data.draw(st.integers(0, window // 2)), data.draw(st.booleans())
            layers += [nn.Conv2d(16, 16, 2), nn.MaxPool2d(window, stride, padding, dilation, ceil_mode=ceil), nn.ReLU()]
        elif kind == "1x1":
            layers += [nn.Conv2d(16, 24, 1), nn.ReLU(), nn.Conv2d(24, 16, 1)]
        else:
            groups = 16 if kind == "depthwise" else 1
            padding = dilation * (window // 2)
            layers += [nn.Conv2d(16, 16, window, stride, padding, dilation, groups), nn.ReLU()]
    net = nn.Sequential(*layers)
    try:
        net(knoll.zeros(1, 3, h, w))
    except RuntimeError:  # an image that is smaller than the window
        return
    compare(net, (data.draw(st.sampled_from([1, 3])), 3, h, w))
