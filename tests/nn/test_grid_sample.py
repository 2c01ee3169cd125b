"""Sampling at the places of a grid, and grids of affine maps, against PyTorch: results, gradients, edges, refusals."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, UnsupportedError
from knoll.nn import functional as F

RNG = np.random.default_rng(5)
MODES, PADDINGS = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
PLACES = RNG.uniform(-3, 3, (2, 4, 6, 2))
ON_PIXELS = np.stack(np.meshgrid(*[np.arange(-4, 12) / 4 - 1] * 2), -1)[None].repeat(2, 0)


def sampled(library: Any, x: Any, grid: Any, *options: Any) -> list[Any]:
    """The result and both gradients."""
    leaves = [library.tensor(array, requires_grad=True) for array in (x, grid)]
    y = library.nn.functional.grid_sample(*leaves, *options)
    seed = np.cos(np.arange(y.numel())).reshape(tuple(y.shape)).astype(x.dtype)
    (y * library.tensor(seed)).sum().backward()
    return [y.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)]


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", MODES)
def test_results_and_gradients_are_pytorchs(torch: Any, mode: str, padding: str, corners: bool) -> None:
    for size in ((5, 7), (1, 3), (1, 1)):
        x = RNG.standard_normal((2, 3, *size))
        both = [sampled(library, x, PLACES, mode, padding, corners) for library in (knoll, torch)]
        for mine, truth in zip(*both, strict=True):
            np.testing.assert_allclose(mine, truth, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", MODES)
def test_places_on_pixels_and_edges_are_pytorchs(torch: Any, mode: str, padding: str) -> None:
    x = RNG.standard_normal((2, 2, 9, 9))  # a quarter of the way from −1 to 1 is a pixel, by corners
    both = [sampled(library, x, ON_PIXELS, mode, padding, True) for library in (knoll, torch)]
    for mine, truth in zip(*both, strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("padding", PADDINGS)
def test_volumes(torch: Any, mode: str, padding: str) -> None:
    x, grid = RNG.standard_normal((2, 2, 3, 4, 5)), RNG.uniform(-1.5, 1.5, (2, 3, 2, 4, 3))
    both = [sampled(library, x, grid, mode, padding, False) for library in (knoll, torch)]
    for mine, truth in zip(*both, strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-11, atol=1e-12)


def test_infinite_pixels_are_not_looked_at_from_beyond_them() -> None:
    x = np.array([[[[np.inf, 1.0, 2.0]]]])
    y = F.grid_sample(x, np.array([[[[1.0, 0.0], [0.5, 0.0]]]]), align_corners=True).numpy()
    np.testing.assert_array_equal(y, [[[[2.0, 1.5]]]])


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_gradients_are_finite_differences(mode: str) -> None:
    arrays = [RNG.standard_normal((2, 3, 5, 7)), PLACES.copy()]
    y, *slopes = sampled(knoll, *arrays, mode, "reflection", False)
    seed = np.cos(np.arange(y.size)).reshape(y.shape)
    for array, slope, at in zip(arrays, slopes, ((1, 1, 2, 3), (1, 2, 3, 1)), strict=True):
        sums = []
        for step in (1e-6, -1e-6):
            array[at] += step
            sums.append((sampled(knoll, *arrays, mode, "reflection", False)[0] * seed).sum())
            array[at] -= step
        assert slope[at] == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 3, 2, 3, 4)])
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
def test_grids_of_affine_maps(torch: Any, size: tuple[int, ...], corners: bool) -> None:
    axes = len(size) - 2
    theta = RNG.standard_normal((2, axes, axes + 1))
    results = []
    for library in (knoll, torch):
        leaf = library.tensor(theta, requires_grad=True)
        y = library.nn.functional.affine_grid(leaf, size, align_corners=corners)
        y.square().sum().backward()
        results.append((y.detach().numpy(), leaf.grad.numpy()))
    for mine, truth in zip(*results, strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-12, atol=1e-12)


def test_the_same_map_gives_the_image_again() -> None:
    x = RNG.standard_normal((2, 3, 5, 7))
    same = np.eye(2, 3)[None].repeat(2, 0)
    for corners, mode in itertools.product((False, True), MODES):
        grid = F.affine_grid(same, x.shape, align_corners=corners)
        np.testing.assert_allclose(F.grid_sample(x, grid, mode, align_corners=corners).numpy(), x, atol=1e-12)


def test_corners_left_out_warn(torch: Any) -> None:
    x, grid = np.ones((1, 1, 2, 2)), np.zeros((1, 1, 1, 2))
    for call in (lambda: F.grid_sample(x, grid), lambda: F.affine_grid(np.ones((1, 2, 3)), (1, 1, 2, 2))):
        with pytest.warns(UserWarning, match="Default grid_sample and affine_grid behavior has changed"):
            call()
    with pytest.warns(UserWarning, match="Since version 1.3.0"):
        F.affine_grid(np.ones((1, 2, 3)), (1, 1, 1, 2), align_corners=True)


def test_refusals(same_error: Any) -> None:
    def sample(k: Any, x: tuple[int, ...], grid: tuple[int, ...], *options: Any) -> Any:
        return k.F.grid_sample(k.x(*x), k.x(*grid), *(options or ("bilinear", "zeros")), False)

    def affine(k: Any, shape: tuple[int, ...], size: tuple[int, ...], **more: Any) -> Any:
        return k.F.affine_grid(k.x(*shape, **more), size, align_corners=False)

    x, grid = (1, 2, 3, 3), (1, 3, 3, 2)
    same_error(lambda k: sample(k, x, grid, "cubic", "zeros"), ArgumentError)
    same_error(lambda k: sample(k, x, grid, "nearest", "reflect"), ArgumentError)
    same_error(lambda k: sample(k, x, (2, 3, 3, 2)), ShapeError)
    same_error(lambda k: sample(k, x, (1, 3, 3, 3)), ShapeError)
    same_error(lambda k: sample(k, x, (1, 3, 2)), ShapeError)
    same_error(lambda k: sample(k, (1, 2, 0, 3), grid), ShapeError)
    same_error(lambda k: sample(k, (1, 3, 3), (1, 3, 1)), ShapeError)
    same_error(lambda k: sample(k, (*x, 3), (1, 3, 3, 3, 3), "bicubic", "zeros"), UnsupportedError)
    same_error(lambda k: k.F.grid_sample(k.x(*x), k.x(*grid, dtype="float64"), align_corners=False), DTypeError)
    same_error(lambda k: k.F.grid_sample(k.x(*x), 3, align_corners=False), ArgumentTypeError)
    same_error(lambda k: k.F.grid_sample(3, k.x(*grid), align_corners=False), ArgumentTypeError)
    integers = {"dtype": "int64"}
    same_error(
        lambda k: k.F.grid_sample(k.x(*x, **integers), k.x(*grid, **integers), align_corners=False), UnsupportedError
    )
    same_error(lambda k: affine(k, (1, 2, 3), (1, 1, 3)), UnsupportedError)
    same_error(lambda k: affine(k, (1, 2, 3), (1, 1, 3, 0)), ArgumentError)
