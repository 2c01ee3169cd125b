"""Sampling images at places of a grid, as spatial transformers do, and grids of affine maps.

Sources: Jaderberg et al., Spatial transformer networks, 2015; `grid_sampler_compute_source_index` in PyTorch's
`aten/src/ATen/native/GridSampler.h`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError, warn
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.linear import linear
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.resample.sample import sample
from knoll.tensor import Tensor, apply, recording
from knoll.tensor.arguments import text, truthy
from knoll.tensor.elementwise.choose import where
from knoll.tensor.reduction.reduce import widened
from knoll.tensor.shapes.joining import stack

__all__ = ["affine_grid", "grid_sample"]

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")
A = -0.75  # how steep Keys' cubic is at a distance of 1
EXACT = 1 << 24  # floats of 32 bits hold all whole numbers below
Tap = tuple[Tensor, Tensor]  # places along an axis, and how much they count


def grid_sample(
    input: Input,
    grid: Input,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Sampling at the places of a grid: each result is read from the image at a place of its own, between pixels too.

    Both have gradients: that of the grid says where a result would be larger.

    Shapes: input (n, c, h, w), grid (n, rows, columns, 2) → (n, c, rows, columns); for volumes (n, c, d, h, w) and
    (n, depth, rows, columns, 3).

    - `input`: the images.
    - `grid`: places (x, y), or (x, y, z), from −1 at the left and the top to 1 at the right and the bottom.
    - `mode`: "bilinear" weighs neighbours, "nearest" takes one, "bicubic" weighs 16 pixels of an image by a cubic.
    - `padding_mode`: what lies beyond the edges: "zeros", the outermost pixel again ("border"), or the image mirrored
      ("reflection").
    - `align_corners`: whether −1 and 1 are the centres of the outermost pixels, else their outer edges; None is False,
      of which PyTorch warns.

    Raises ArgumentError, ShapeError, DTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.grid_sample(np.array([[[[1.0, 2.0]]]]), np.zeros((1, 1, 1, 2)), align_corners=False)
    tensor([[[[1.5000]]]], dtype=float64)
    """
    x, places = tensor(input, "grid_sampler"), tensor(grid, "grid_sampler", "grid", 2)
    mode, padding_mode = text(mode, "grid_sample", "mode"), text(padding_mode, "grid_sample", "padding_mode")
    if mode not in MODES:
        raise ArgumentError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in PADDINGS:
        raise ArgumentError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
            f"but got: '{padding_mode}'"
        )
    corners = _corners(align_corners, "grid_sample")
    _check(x, places, mode)
    dtype, x, places = x.dtype, widened(x), widened(places)
    n, c, *sizes = x.shape
    count = math.prod(places.shape[1:-1])
    last = len(sizes) - 1
    *rows, columns = places.shape[1:-1]
    with recording():  # the places and weights of all taps are computed with the result
        taps = [
            _taps(places[..., last - axis].reshape(n, count), size, mode, padding_mode, corners)
            for axis, size in enumerate(sizes)
        ]
        index, weights = (stack(parts, 1) for parts in zip(*_corner_pixels(taps, sizes), strict=True))
        image = x if len(sizes) == 2 else x.reshape(n, c, math.prod(sizes[:-1]), sizes[-1])
        result: Tensor = apply(sample, image, index, weights, size=(math.prod(rows), columns))[0]
        result = result if len(rows) == 1 else result.reshape(n, c, *rows, columns)
        del taps, index, weights, image
    return result.to(dtype)


def _corners(value: Any, name: str) -> bool:
    """`align_corners`; PyTorch warns where it is left out."""
    if value is None:
        warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details."
        )
        return False
    return truthy(value, name, "align_corners")


def _check(x: Tensor, grid: Tensor, mode: str) -> None:
    """Refuse sizes and element types that do not go together, in PyTorch's words."""
    sizes = f"but got input with sizes {list(x.shape)} and grid with sizes {list(grid.shape)}"
    rank = len(x.shape)
    if x.shape[:1] != grid.shape[:1]:
        raise ShapeError(f"grid_sampler(): expected grid and input to have same batch size, {sizes}")
    if grid.shape[-1:] != (rank - 2,):
        raise ShapeError(
            f"grid_sampler(): expected grid to have size {rank - 2} in last dimension, "
            f"but got grid with sizes {list(grid.shape)}"
        )
    for axis in range(2, rank):
        if x.shape[axis] == 0:
            raise ShapeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                f"{list(x.shape)} with dimension {axis} being empty"
            )
    if rank not in (4, 5) or len(grid.shape) != rank:
        kind = "4D" if rank == 4 else "5D"
        raise ShapeError(f"grid_sampler(): expected {kind} input and grid with same number of dimensions, {sizes}")
    if mode == "bicubic" and rank == 5:
        raise UnsupportedError("grid_sampler(): bicubic interpolation only supports 4D input")
    if not x.is_floating_point():
        refuse_dtype(f"grid_sampler_{rank - 2}d_cpu_kernel_impl" if rank == 4 else "grid_sampler3d_cpu", x.dtype)
    if x.dtype != grid.dtype:
        raise DTypeError(f"expected scalar type {scalar_name(x.dtype)} but found {scalar_name(grid.dtype)}")


def _taps(place: Tensor, size: int, mode: str, padding: str, corners: bool) -> list[Tap]:
    """The elements of an axis that count for each result, some beyond the edges, and how much they count."""
    at = (place + 1) / 2 * (size - 1) if corners else ((place + 1) * size - 1) / 2
    if mode == "bicubic":
        low = at.floor()
        part = at - low
        distances = (part + 1, part, 1 - part, 2 - part)
        return [
            (_padded(low + (i - 1), size, padding, corners), _keys(d, near=i in (1, 2)))
            for i, d in enumerate(distances)
        ]
    at = _padded(at, size, padding, corners)
    if mode == "nearest":
        return [(at.round(), _ones_at(at))]
    low = at.floor()
    return [(low, low + 1 - at), (low + 1, at - low)]


def _ones_at(at: Tensor) -> Tensor:
    """1 for each place, 0 for NaN, and a gradient of zeros."""
    known = at == at
    return where(known, 1.0, where(known, at, 0.0))


def _keys(d: Tensor, near: bool) -> Tensor:
    """Keys' cubic at distances up to 1, or between 1 and 2."""
    return ((A + 2) * d - (A + 3)) * d * d + 1 if near else ((A * d - 5 * A) * d + 8 * A) * d - 4 * A


def _padded(at: Tensor, size: int, padding: str, corners: bool) -> Tensor:
    """Places beyond the edges, moved inside unless there are zeros; what is moved to an edge has no gradient."""
    if padding == "zeros":
        return at
    if padding == "reflection":
        at = _reflected(at, 0.0, size - 1.0) if corners else _reflected(at, -0.5, float(size))
    inside = where(at > 0, at, 0.0)  # NaN is moved to the edge, too
    return where(inside < size - 1, inside, float(size - 1))


def _reflected(at: Tensor, low: float, span: float) -> Tensor:
    """Places mirrored at `low` and `low` + `span` until they lie between."""
    if span == 0:
        return at * 0
    over = at - low
    over = where(over < 0, -over, over)
    turns = (over / span).floor()
    rest = over - turns * span
    return where((turns / 2).floor() * 2 == turns, rest + low, span - rest + low)


def _corner_pixels(taps: list[list[Tap]], sizes: Sequence[int]) -> list[Tap]:
    """Each combination of the elements of all axes: its number in reading order, −1 where there is none, its weight."""
    exact, found = math.prod(sizes) < EXACT, []
    axes = []
    for axis, (along, size) in enumerate(zip(taps, sizes, strict=True)):
        places = [place.detach() if exact else place.detach().double() for place, _ in along]
        apart = math.prod(sizes[axis + 1 :])
        parts = [((at >= 0) & (at <= size - 1), at if apart == 1 else at * apart) for at in places]
        axes.append([(*part, weight) for part, (_, weight) in zip(parts, along, strict=True)])
    for chosen in product(*axes):
        insides, numbers, weights = zip(*chosen, strict=True)
        number = where(reduce(operator.and_, insides), reduce(operator.add, numbers), -1.0)
        found.append((number, reduce(operator.mul, weights)))
    return found


def affine_grid(theta: Input, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """A grid for `grid_sample` from affine maps: where each result of an image of this size is read.

    Shapes: theta (n, 2, 3), size (n, c, h, w) → (n, h, w, 2); theta (n, 3, 4), size (n, c, d, h, w) → (n, d, h, w, 3).

    - `theta`: matrices by which (x, y, 1), or (x, y, z, 1), is multiplied.
    - `size`: the size of the output of `grid_sample`.
    - `align_corners`: as for `grid_sample`.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.affine_grid(np.array([[[1.0, 0, 0], [0, 1, 0]]]), (1, 1, 1, 2), align_corners=False)
    tensor([[[[-0.5000,  0.0000],
              [ 0.5000,  0.0000]]]], dtype=float64)
    """
    maps = tensor(theta, "affine_grid_generator", "theta")
    corners = _corners(align_corners, "affine_grid")
    if not maps.is_floating_point():
        raise ArgumentError(f"Expected theta to have floating point type, but got {maps.dtype}")
    axes = len(size) - 2
    if axes not in (2, 3):
        raise UnsupportedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. "
            f"Got size {size}."
        )
    if maps.shape[1:] != (axes, axes + 1):
        raise ArgumentError(
            f"Expected a batch of {axes}D affine matrices of shape Nx{axes}x{axes + 1} for size {size}. "
            f"Got {maps.shape}."
        )
    if corners and min(size[2:]) == 1:
        warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. "
            "This is not an intended use case of affine_grid. See the documentation of affine_grid for details."
        )
    elif min(size) <= 0:
        raise ArgumentError(f"Expected non-zero, positive output size. Got {size}")
    lines = [_line(n, corners) for n in size[2:]]
    places = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(tuple(size[2:]))], -1)
    base = Tensor._over(places.reshape(-1, axes + 1).astype(maps.dtype))
    return linear(maps, base).transpose(1, 2).reshape(maps.shape[0], *size[2:], axes)


def _line(count: int, corners: bool) -> Any:
    """Places of so many elements, from −1 to 1."""
    if count <= 1:
        return np.zeros(count)
    line = np.linspace(-1, 1, count)
    return line if corners else line * ((count - 1) / count)
