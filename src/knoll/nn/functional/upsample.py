"""Enlarging and shrinking images as functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, UnsupportedError, warn
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.average_pool import adaptive_avg_pool2d, adaptive_mean
from knoll.nn.functional.resample import resampled
from knoll.nn.sizes import integer
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.resample.axes import Axis, Linear, Nearest
from knoll.ops.resample.interpolation import Antialiased, Cubic
from knoll.tensor import Tensor
from knoll.tensor.arguments import text, truthy

__all__ = ["interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}  # how many axes each of them is for
EVERY_RANK = ("nearest", "nearest-exact", "area")
OF_IMAGES = ("bilinear", "bicubic", "lanczos")
Scales = list[float] | None
Size = int | Sequence[int] | None  # one number for all axes, or one for each
Scale = float | Sequence[float] | None
# As PyTorch lists its modes.
JOINED = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"


def interpolate(
    input: Input,
    size: Size = None,
    scale_factor: Scale = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Interpolation: one, two or three axes behind samples and channels are enlarged or shrunk.

    Shapes: (n, c, w), (n, c, h, w) or (n, c, d, h, w) → the same with `size`, or with each axis `scale_factor` times as
    long, rounded down; one number stands for all axes.

    - `mode`: "nearest" takes an element for each result, "nearest-exact" the one whose centre is nearest, "area" means
      of parts, and "linear", "bilinear", "trilinear" (for one, two, three axes) weigh neighbours; "bicubic" weighs four
      neighbours of an image along each axis by a cubic, "lanczos" six by a sinc, and only with `antialias`.
    - `align_corners`: put the outermost results on the outermost elements; for the linear modes and "bicubic".
    - `recompute_scale_factor`: let results lie as the rounded sizes say, not as `scale_factor` does.
    - `antialias`: where an axis shrinks, weigh all elements under a result; for "bilinear", "bicubic" and "lanczos".

    Raises ShapeError, ArgumentError, ArgumentTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.interpolate(np.array([[[1.0, 2.0]]]), scale_factor=2, mode="linear")
    tensor([[[1.0000, 1.2500, 1.7500, 2.0000]]], dtype=float64)
    """
    x = tensor(input, "interpolate")
    mode = text(mode, "interpolate", "mode")
    if mode in EVERY_RANK and align_corners is not None:
        raise ArgumentError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    sizes, scales = _sizes(x.shape, size, scale_factor)
    if recompute_scale_factor:
        if scales is None:
            raise ArgumentError("recompute_scale_factor is not meaningful with an explicit size.")
        scales = None
    antialias = truthy(antialias, "interpolate", "antialias")
    align_corners = truthy(align_corners, "interpolate", "align_corners")
    _check_mode(mode, len(x.shape), antialias, align_corners)
    if mode == "area":
        return _area(x, sizes)
    _check_sizes(x.shape, sizes)
    _check_dtype(x, mode, antialias)
    way = _axis_maker(mode, align_corners, antialias)
    return resampled(x, *(way(one, scales[axis] if scales else None) for axis, one in enumerate(sizes)))


def _axis_maker(mode: str, corners: bool, antialias: bool) -> Callable[[int, float | None], Axis]:
    if antialias:
        return lambda size, scale: Antialiased(size, scale, corners, mode.removeprefix("bi"))
    if mode == "bicubic":
        return lambda size, scale: Cubic(size, scale, corners)
    if mode in LINEAR:
        return lambda size, scale: Linear(size, scale, corners)
    return lambda size, scale: Nearest(size, scale, exact=mode == "nearest-exact")


def _area(x: Tensor, sizes: list[int]) -> Tensor:
    """Means of parts of one, two or three axes."""
    if len(sizes) == 1:
        return adaptive_avg_pool2d(x.unsqueeze(2), (1, sizes[0])).squeeze(2)
    if len(sizes) == 2:
        return adaptive_avg_pool2d(x, (sizes[0], sizes[1]))
    return adaptive_mean(x, sizes, "adaptive_avg_pool3d")


def _sizes(shape: Shape, size: Size, scale_factor: Scale) -> tuple[list[int], Scales]:
    """How long each axis becomes, and its scale if that was given."""
    if size is not None and scale_factor is not None:
        raise ArgumentError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ArgumentError("either size or scale_factor should be defined")
    if size is not None:
        return _each_size(size, shape), None
    scales = _each_scale(scale_factor, shape)
    return [int(length * scale) for length, scale in zip(shape[2:], scales, strict=True)], scales


MOST = 2.0**63  # the first number that PyTorch's sizes do not hold


def _each_size(size: Any, shape: Shape) -> list[int]:
    axes = max(len(shape) - 2, 0)
    if not isinstance(size, (list, tuple)):
        return [integer(size, "size", -(2**63), "interpolate")] * axes
    if len(size) != axes:
        raise ArgumentError(
            "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(shape[2:])} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
            "format and output size in (o1, o2, ...,oK) format.",
        )
    try:
        return [operator.index(one) for one in size]
    except TypeError:
        raise ArgumentTypeError(
            "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], "
            f"but got size with types {[type(one) for one in size]}",
        ) from None


def _each_scale(scale_factor: Any, shape: Shape) -> list[float]:
    axes = max(len(shape) - 2, 0)
    if isinstance(scale_factor, (list, tuple)) and len(scale_factor) != axes:
        raise ArgumentError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {list(shape[2:])} and scale_factor of shape {scale_factor}. Please provide input tensor in "
            "(N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.",
        )
    given = scale_factor if isinstance(scale_factor, (list, tuple)) else [scale_factor] * axes
    for n, one in zip(shape[2:], given, strict=True):
        if not hasattr(one, "__float__"):
            raise ArgumentTypeError(
                f"interpolate(): argument 'scale_factor' must be float, not {type(one).__name__}",
                got=f"scale_factor={scale_factor!r}",
            )
        try:
            with suppress(OverflowError):  # an integer that no float holds is too large, as is told below
                float(one)
        except (TypeError, ValueError, RuntimeError):
            raise ArgumentTypeError(
                f"interpolate(): argument 'scale_factor' must be float, not {type(one).__name__}", got=repr(one)
            ) from None
        if not -MOST < one < MOST or n * one >= MOST:  # neither infinite nor NaN
            raise ArgumentError("value cannot be converted to type int64_t without overflow", got=f"{scale_factor=}")
    return [float(one) for one in given]


def _check_mode(mode: str, rank: int, antialias: bool, corners: bool) -> None:
    """Refuse modes that do not go with so many axes, in PyTorch's words."""
    if antialias and not (mode in OF_IMAGES and rank == 4):
        raise ArgumentError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and rank == 4 and corners:
        raise ArgumentError("Lanczos mode does not support align_corners=True")
    if mode == "lanczos" and rank == 4 and not antialias:
        raise ArgumentError("Lanczos mode requires antialias=True")
    if 3 <= rank <= 5 and LINEAR.get(mode, rank - 2) != rank - 2:
        raise UnsupportedError(
            f"Got {rank}D input, but {mode} mode needs {LINEAR[mode] + 2}D input",
            advice=say("nn.mode_for", mode=[*LINEAR][rank - 3]),
        )
    if not 3 <= rank <= 5 or not (mode in (*EVERY_RANK, *LINEAR) or (rank == 4 and mode in OF_IMAGES)):
        raise UnsupportedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) "
            f"for the modes: {JOINED} (got {mode})"
        )


def _check_sizes(shape: Shape, sizes: Sequence[int]) -> None:
    """Refuse axes without elements; a batch may be empty."""
    if min(*shape[2:], *sizes) < 1:
        before, after = (
            ", ".join(f"{axis}: {n}" for axis, n in zip("DHW"[-len(sizes) :], each, strict=True))
            for each in (shape[2:], sizes)
        )
        words = f"({before}) and output ({after})" if len(sizes) == 1 else f"({before}) output ({after})"
        raise ShapeError(
            f"Input and output sizes should be greater than 0, but got input {words}", advice=say("nn.larger_size")
        )
    if shape[1] == 0:
        raise ShapeError(
            f"Non-empty {len(shape)}D data tensor expected but got a tensor with sizes {list(shape)}",
        )


def _check_dtype(x: Tensor, mode: str, antialias: bool) -> None:
    if antialias and x.dtype.name not in ("float32", "float64", "uint8"):
        refuse_dtype("compute_index_ranges_weights", x.dtype)
    axes = len(x.shape) - 2
    if x.dtype.kind == "f" or (x.dtype.name == "uint8" and (mode not in LINEAR or axes == 2)):
        return
    if mode == "bicubic":
        refuse_dtype("compute_indices_weights_cubic", x.dtype)
    kind = "linear" if mode in LINEAR else "nearest"
    name = (
        f"upsample_{'bi' * (kind == 'linear')}{kind}2d_channels_last"
        if axes == 2
        else f"compute_indices_weights_{kind}"
    )
    refuse_dtype(name, x.dtype)


def upsample(
    input: Input,
    size: Size = None,
    scale_factor: Scale = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Upsampling: `interpolate` by an older name; it warns."""
    _warn("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Input, size: Size = None, scale_factor: Scale = None) -> Tensor:
    """Nearest-neighbour upsampling: `interpolate` by an older name; it warns."""
    _warn("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Input, size: Size = None, scale_factor: Scale = None) -> Tensor:
    """Bilinear upsampling with aligned corners: `interpolate` by an older name; it warns."""
    _warn("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def _warn(name: str) -> None:
    warn(f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.")
