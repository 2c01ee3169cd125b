"""Weighted sums of pixels at computed places, and their gradients, against their meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knoll
from against_meaning import check, elements, examples, in_machine_code, machines, same_with_any_threads, value
from knoll import nn
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine, host
from knoll.nn.functional import affine_grid, grid_sample
from knoll.ops.convolution.conv import conv2d
from knoll.ops.resample.sample import sample
from knoll.run import build as building
from knoll.run.compiled import CompiledProgram
from planned import SLIDE


def inputs(dtype: str, samples: int, channels: int, size: Any, taps: int, places: Any) -> tuple[Value, Value, Value]:
    at = samples, taps, places[0] * places[1]
    return value(dtype, samples, channels, *size), value(dtype, *at), value(dtype, *at)


def arrays_for(values: tuple[Value, ...], seed: int = 0) -> list[Array]:
    """Numbers; places in the image, some beyond it and some that are no number."""
    random = np.random.default_rng(seed)
    x, index, weight = (each.spec for each in values)
    places = random.integers(-2, x.shape[2] * x.shape[3] + 2, index.shape).astype(index.dtype)
    places[random.random(index.shape) < 0.05] = np.nan
    places[random.random(index.shape) < 0.02] = 1e30
    normal = [random.standard_normal(spec.shape).astype(spec.dtype) for spec in (x, weight)]
    return [normal[0], places, normal[1]]


@machines
@elements
@examples(4)
@given(
    st.integers(1, 35),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.sampled_from([1, 4, 16]),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_pixels_at_places(machine: Machine, dtype: str, channels: int, size: Any, taps: int, places: Any) -> None:
    values = inputs(dtype, 3, channels, size, taps, places)
    check(Graph(values, (sample(*values, size=places),)), machine, arrays_for(values), wrt=(0, 2))


@machines
def test_images_with_a_halo(machine: Machine) -> None:
    x, w = value("float64", 2, 3, 6, 5), value("float64", 20, 3, 3, 3)
    _, index, weight = values = inputs("float64", 2, 20, (6, 5), 4, (3, 7))
    y = conv2d(x, w, **SLIDE)
    again = value("float64", 4, 20, 3, 3)
    graph = Graph((x, w, index, weight, again), (sample(y, index, weight, size=(3, 7)), conv2d(y, again, **SLIDE)))
    random = np.random.default_rng(1)
    given_ = [random.standard_normal(each.spec.shape) for each in (x, w, again)]
    check(graph, machine, [*given_[:2], *arrays_for(values)[1:], given_[2]], wrt=(0, 1, 3, 4))


def test_an_infinite_pixel_is_none_beyond_the_edge() -> None:
    values = inputs("float32", 1, 2, (2, 2), 2, (1, 2))
    program = in_machine_code(Graph(values, (sample(*values, size=(1, 2)),)), (), host())
    x = np.full((1, 2, 2, 2), np.inf, np.float32)
    index = np.array([[[-1, 4], [np.nan, -0.5]]], np.float32)
    np.testing.assert_array_equal(program.forward([x, index, np.ones_like(index)])[0][0], 0)


def test_results_depend_neither_on_threads_nor_on_the_batch() -> None:
    values = inputs("float32", 7, 40, (8, 9), 4, (9, 8))
    program, arrays = (
        in_machine_code(Graph(values, (sample(*values, size=(9, 8)),)), (0, 2), host()),
        arrays_for(values),
    )
    seed = np.random.default_rng(2).standard_normal((7, 40, 9, 8)).astype(np.float32)

    def run() -> list[Array]:
        outputs, saved = program.forward(arrays)
        return [*outputs, *program.backward(saved, [seed])]

    together = same_with_any_threads(run)
    alone = [program.forward([each[i : i + 1] for each in arrays])[0][0] for i in range(7)]
    np.testing.assert_array_equal(np.concatenate(alone), together[0])


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_a_network_that_samples_at_an_affine_grid_is_one_program(mode: str, padding: str) -> None:
    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.theta, self.conv = nn.Linear(3 * 8 * 8, 6), nn.Conv2d(3, 4, 3, padding=1)

        def forward(self, x: Any) -> Any:
            grid = affine_grid(self.theta(x.flatten(1)).view(-1, 2, 3), x.size(), align_corners=False)
            return self.conv(grid_sample(x, grid, mode, padding, align_corners=False))

    built: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        make = building.build
        patch.setattr(building, "build", lambda *given_: built.append(make(*given_)) or built[-1])
        Transformer()(knoll.randn(2, 3, 8, 8)).square().sum().backward()
    assert built
    assert all(isinstance(program, CompiledProgram) for program in built)
