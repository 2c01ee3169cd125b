"""Random tensors within bounds, for tests.

Source: https://pytorch.org/docs/stable/testing.html#torch.testing.make_tensor
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError, warn
from knoll.graph import Array, Shape
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.arguments import Sizes, layout, real, truthy
from knoll.tensor.creation.filled import made, shape_of
from knoll.tensor.device import Device
from knoll.tensor.dtypes import dtype_of, float64
from knoll.tensor.random.generator import uniform
from knoll.tensor.random.rand import randint
from knoll.tensor.storage.memory_format import memory_format as Format

__all__ = ["make_tensor"]


def make_tensor(
    *shape: Sizes,
    dtype: DTypeLike,
    device: Device,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Format | None = None,
) -> Tensor:
    """A tensor of random numbers spread evenly over [low, high).

    - `shape`: sizes, or one sequence of them.
    - `low`, `high`: −9 and 9 for floats, −9 and 10 for integers, 0 and 10 for uint8, 0 and 2 for truths unless given;
      what lies beyond the range of the type is moved to its end.
    - `noncontiguous`: a view of every other element of a tensor twice as wide; not together with `memory_format`.
    - `exclude_zero`: zeros become 1, those of floats the smallest normal number.

    Raises ArgumentError for bounds that nothing lies between and for a gradient of integers, ArgumentTypeError,
    StateError for a negative size.
    Source: https://pytorch.org/docs/stable/testing.html#torch.testing.make_tensor

    >>> import knoll
    >>> x = knoll.testing.make_tensor(2, 3, dtype=knoll.float32, device="cpu", low=0, high=1)
    >>> x.shape, bool((x < 1).all())
    ((2, 3), True)
    """
    if dtype is None:  # which NumPy takes for float64
        raise ArgumentTypeError("The requested dtype 'None' is not supported by torch.testing.make_tensor().")
    wanted = dtype_of(dtype)
    flags = [("requires_grad", requires_grad), ("noncontiguous", noncontiguous), ("exclude_zero", exclude_zero)]
    wants_gradient, is_strided, is_without_zero = (truthy(flag, "make_tensor", name) for name, flag in flags)
    if memory_format is not None:
        layout(memory_format, "make_tensor", "memory_format")
        if is_strided:
            raise ArgumentError(
                "The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got "
                f"noncontiguous={noncontiguous} and memory_format=torch.{memory_format.name}"
            )
    if wants_gradient and wanted.kind != "f":
        raise ArgumentError(
            f"`requires_grad=True` is not supported for boolean and integral dtypes, but got dtype=torch.{wanted}"
        )
    sizes = shape_of(shape, "empty", wanted)
    is_strided = is_strided and math.prod(sizes) > 1
    if is_strided:
        sizes = shape_of(((*sizes[:-1], 2 * sizes[-1]),), "empty", wanted)
    array = _drawn(sizes, wanted, *_bounds(low, high, wanted))
    if is_without_zero:
        array[array == 0] = np.finfo(wanted).tiny if wanted.kind == "f" else 1
    result = made(array, device=device)
    if is_strided:
        result = result[..., 1::2]  # the first element is not the first of its storage
    elif memory_format is not None:
        result = result.clone(memory_format=memory_format)
    return result.requires_grad_(wants_gradient)


def _bounds(low: float | None, high: float | None, dtype: DType) -> tuple[float, float]:
    """From where to before where numbers are drawn; integers for integers. Raises ArgumentError."""
    least, end = _range(dtype)
    first, last = (0, 2) if dtype.kind == "b" else (-9, 9 if dtype.kind == "f" else 10)
    low = first if low is None else real(low, "make_tensor", "low")
    high = last if high is None else real(high, "make_tensor", "high")
    if math.isnan(low) or math.isnan(high):
        raise ArgumentError(f"`low` and `high` cannot be NaN, but got {low=} and {high=}")
    if low == high and dtype.kind == "f":
        warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated since 2.1 "
            "and will be removed in 2.3. Use `torch.full(...)` instead.",
            FutureWarning,
        )
    elif low >= high:
        raise ArgumentError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < least or low >= end:
        raise ArgumentError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), "
            f"but torch.{dtype} only supports [{least}, {end})"
        )
    low, high = min(max(low, least), end), min(max(high, least), end)
    return (low, high) if dtype.kind == "f" else (math.ceil(low), math.ceil(high))


def _range(dtype: DType) -> tuple[float, float]:
    """The least number of a type, and the end of its range: for floats and int64 the largest number, as in PyTorch."""
    if dtype.kind == "b":
        return 0, 2
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        return float(limits.min), float(limits.max)
    most = int(np.iinfo(dtype).max)
    return int(np.iinfo(dtype).min), most if dtype == np.int64 else most + 1


def _drawn(shape: Shape, dtype: DType, low: float, high: float) -> Array:
    """Random numbers of a type from `low` to before `high`."""
    if dtype.kind != "f":
        return np.array(randint(int(low), int(high), shape, dtype=dtype).numpy())
    first, last = (float(dtype.type(bound)) for bound in (low, high))
    shares = uniform(shape, float64)
    numbers = np.asarray(first * (1 - shares) + last * shares, dtype)  # high − low may be more than float64 holds
    numbers[(numbers < first) | (numbers >= last)] = first  # rounded out of the bounds
    return numbers
