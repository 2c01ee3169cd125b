"""Direct convolution: its hot loop leaves the stack alone, and weights stream past in groups of vectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from against_meaning import check, elements, in_machine_code, machines, value
from hot_loops import LAYERS, RELU, leaves_the_stack_alone, long_epilogue, loop_is_unchanged, on_fused_machines, window
from knoll.graph import Graph
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.layout.layout import NO_HALO, Halo, Images
from knoll.machine import NAMED, Machine, host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.ops.elementwise.arithmetic import add, exp
from knoll.ops.pooling.max_pool import max_pool2d
from planned import POOL
from single_kernel import at_cache_line, run


def convolution(machine: Machine, element: str, layer: tuple[Any, ...], **fused: Any) -> DirectConvolution:
    """A layer of a network, with a bias and its pooling."""
    c, size, k, kernel, pool, first = layer
    lanes = machine.lanes(np.dtype(element))
    source, taps = window(c, size, kernel, c if first else lanes)
    covered, target = size // pool * pool, Images(k, size // pool, size // pool, lanes)
    return DirectConvolution(
        machine, element, source, target, taps, (covered, covered), (k, c), bias=True, pool=(pool, pool), **fused
    )


@on_fused_machines
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("codes", [False, True])
def test_its_loop(machine: Machine, element: str, layer: tuple[Any, ...], codes: bool) -> None:
    leaves_the_stack_alone(convolution(machine, element, layer, epilogue=RELU, codes=codes and layer[4] > 1))


@on_fused_machines
@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer[4] == 1] + [(3, 112, 64, 7, 1, True)])
def test_its_loop_where_the_result_is_plain(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    kernel = convolution(machine, element, layer, epilogue=RELU)
    leaves_the_stack_alone(replace(kernel, target=replace(kernel.target, block=1)))


@on_fused_machines
@pytest.mark.parametrize("layer", LAYERS)
def test_what_follows_leaves_its_loop_alone(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    target = convolution(machine, element, layer).target
    epilogue = long_epilogue(target.with_halo(((1, 1), (1, 1))))
    loop_is_unchanged(convolution(machine, element, layer, codes=layer[4] > 1, epilogue=epilogue))


@pytest.mark.parametrize("layer", [(96, 56, 24, 1, 1, False), (32, 28, 96, 3, 1, False), (16, 28, 48, 3, 2, False)])
def test_a_tile_of_three_vectors_fills_all_registers(layer: tuple[Any, ...]) -> None:
    machine = NAMED["x86-64-v3"]
    kernel = convolution(machine, "float32", layer, epilogue=RELU)
    assert kernel.tile.sums + kernel.tile.vectors + 1 == machine.registers
    leaves_the_stack_alone(kernel)
    loop_is_unchanged(replace(kernel, epilogue=long_epilogue(kernel.target.with_halo(((1, 1), (1, 1))))))


def test_one_pixel_sums_all_taps_of_all_channels() -> None:
    machine = host()
    lanes = machine.lanes(np.dtype(np.float32))
    source, taps = window(3, 3, 3, 3)
    kernel = DirectConvolution(machine, "float32", source, Images(lanes, 3, 3, lanes), taps, (3, 3), (lanes, 3))
    x, y = np.zeros(source.size, np.float32), np.zeros(kernel.target.size, np.float32)
    for i, j in np.ndindex(3, 3):
        x[source.at(i, j) : source.at(i, j) + 3] = 1
    run(kernel, x, at_cache_line(np.ones(kernel.group_weights, np.float32)), y)
    assert y[: 9 * lanes : lanes].reshape(3, 3).tolist() == [[12, 18, 12], [18, 27, 18], [12, 18, 12]]
    assert kernel.work == 9 * 3 * 9 * lanes


def test_what_does_not_stay_in_the_cache_is_read_once() -> None:
    machine = NAMED["x86-64-v3"]

    def by_rows(c: int, size: int, k: int) -> bool:
        source, taps = window(c, size, 1, 8)
        return DirectConvolution(
            machine, "float32", source, Images(k, size, size, 8), taps, (size, size), (k, c)
        ).by_rows

    assert by_rows(256, 56, 64), "the image is large, the weights are small"
    assert not by_rows(512, 7, 2048), "the weights are large, the image is small"
    assert not by_rows(64, 28, 8), "one tile of outputs goes over the image once"


@machines
@pytest.mark.parametrize(("channels", "window"), [(512, 3), (128, 5), (2048, 1), (1000, 1)])
def test_deep_channels_round_little_more_than_a_pairwise_sum(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, channels: int, window: int
) -> None:
    """In one running sum they round five times as much and more: nine times with 512 channels of 3×3."""
    monkeypatch.setenv("KNOLL_WINOGRAD", "off")
    size, pad = 3, window // 2
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((pad, pad), (pad, pad)), "dilation": (1, 1), "groups": 1}
    x, w, bias = (
        value("float32", 3, channels, size, size),
        value("float32", 40, channels, window, window),
        value("float32", 40),
    )
    generator = np.random.default_rng(0)
    numbers = [generator.standard_normal(v.spec.shape).astype(np.float32) for v in (x, w, bias)]
    numbers[0] = np.abs(numbers[0])
    ((y,), _) = in_machine_code(Graph((x, w, bias), (conv2d(x, w, bias, **slide),)), (), machine).forward(numbers)
    (truth,) = meaning(*(each.astype(np.float64) for each in numbers), **slide)
    padded = np.pad(numbers[0], ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (window, window), axis=(2, 3)).transpose(
        0, 2, 3, 1, 4, 5
    )
    columns = windows.reshape(-1, channels * window**2)
    pairwise = np.array([(columns * kernel.reshape(-1)).sum(1) for kernel in numbers[1]]) + numbers[2][:, None]
    rounding = np.linalg.norm(pairwise.reshape(40, 3, size, size).swapaxes(0, 1) - truth)
    assert np.linalg.norm(y - truth) < 4 * rounding


@machines
@pytest.mark.parametrize("size", [(7, 7), (3, 3), (11, 1), (11, 8)])
def test_joined_rows_give_the_same(machine: Machine, size: tuple[int, int]) -> None:
    """Behind another convolution, with a sum that is read beside it, forward and backward."""
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    x, beside = value("float32", 3, 20, *size), value("float32", 3, 512, *size)
    v, w, bias = value("float32", 24, 20, 1, 1), value("float32", 512, 24, 1, 1), value("float32", 512)
    y = relu(add(conv2d(conv2d(x, v, **slide), w, bias, **slide), exp(beside)))
    check(Graph((x, beside, v, w, bias), (y,)), machine)


@machines
@elements
@pytest.mark.parametrize("outputs", [2, 8, 20, 24])
@pytest.mark.parametrize("groups", [1, 2])
def test_an_empty_half_of_a_vector_gives_the_same(machine: Machine, dtype: str, outputs: int, groups: int) -> None:
    """With a bias, beside another sum, in chains of many channels, and pooled."""
    slide: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": groups}
    x, w, bias = value(dtype, 2, 4, 9, 7), value(dtype, outputs, 4 // groups, 3, 3), value(dtype, outputs)
    single = slide | {"padding": ((0, 0), (0, 0)), "groups": 1}
    deep, v = value(dtype, 2, 400, 9, 7), value(dtype, outputs, 400, 1, 1)
    y = relu(add(conv2d(x, w, bias, **slide), conv2d(deep, v, **single)))
    check(Graph((x, w, bias, deep, v), (y,)), machine)
    check(Graph((x, w, bias), (max_pool2d(conv2d(x, w, bias, **slide), **POOL),)), machine)


def test_half_a_vector_is_left_out_where_that_saves_time() -> None:
    def half(machine: Machine, k: int, per_group: int = 0) -> bool:
        source, taps = window(16, 28, 1, 16)
        target = Images(k, 28, 28, 16)
        kernel = DirectConvolution(machine, "float32", source, target, taps, (28, 28), (per_group or k, 16))
        return kernel.tile.half

    v4 = NAMED["x86-64-v4"]
    assert [k for k in range(1, 49) if half(v4, k)] == [*range(1, 9), *range(17, 25), *range(33, 41)]
    assert not half(v4, 24, per_group=12)
    assert not half(replace(v4, multiply_adds=2), 24)


def test_rows_are_joined_where_tiles_fit_them_better() -> None:
    def joined(size: int, k: int, halo: Halo = NO_HALO, machine: str = "x86-64-v3") -> tuple[int, int]:
        images, (_, taps) = Images(64, size, size, 8, halo), window(64, size, 1, 8)
        target = Images(k, size, size, 8)
        kernel = DirectConvolution(NAMED[machine], "float32", images, target, taps, (size, size), (k, 64))
        return kernel.with_long_rows.size

    assert joined(7, 512) == (1, 49)
    assert joined(7, 32) == (7, 7), "threads have nothing to share"
    assert joined(7, 512, ((1, 1), (1, 1))) == (7, 7)
    assert joined(56, 512) == (56, 56)
