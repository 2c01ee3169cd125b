"""Sequences of numbers, evenly apart on a line or on a scale of powers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, StateError, warn
from knoll.graph import Array
from knoll.graph.memory_limit import check
from knoll.graph.spec import DType
from knoll.ops.dtypes import refuse_dtype
from knoll.run.arrays import copy_of
from knoll.tensor.arguments import public
from knoll.tensor.creation.filled import made
from knoll.tensor.creation.from_data import tensor
from knoll.tensor.device import Device
from knoll.tensor.dtypes import bool_, dtype_of, dtype_or, fitting, float32, float64, int64
from knoll.tensor.tensor import Tensor

__all__ = ["arange", "linspace", "logspace"]


@public("arange")
def arange(
    start: float | None = None,
    end: float | None = None,
    step: float = 1,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` to before `end`, `step` apart; int64 if all three are integers.

    Source: https://pytorch.org/docs/stable/generated/torch.arange.html

    >>> import knoll
    >>> knoll.arange(3), knoll.arange(1, 2, 0.5)
    (tensor([0, 1, 2]), tensor([1.0000, 1.5000]))
    """
    if end is None:
        start, end = None, start
    if end is None:
        raise ArgumentTypeError('arange() missing 1 required positional arguments: "end"')
    start = 0 if start is None else start
    given = None if dtype is None else dtype_of(dtype)
    if given is not None and given.kind in "iu" and math.isfinite(start + end + step):
        start, end, step = int(start), int(end), int(step)
    _check_steps(start, end, step, f"{start} -> {end}")
    whole = all(isinstance(part, (int, np.integer)) for part in (start, end, step))
    wanted = given if given is not None else int64 if whole else float32
    if wanted == bool_:
        refuse_dtype("arange_cpu", wanted)
    count = math.ceil((end - start) / step)
    check((count,), int64)
    return made(_steps(start, step, count, wanted), requires_grad, device)


def _steps(start: float, step: float, count: int, dtype: DType) -> Array:
    """So many numbers, `step` apart: of integers int64, else float64, as another type."""
    whole = isinstance(start, (int, np.integer)) and isinstance(step, (int, np.integer))
    numbers: Array = np.arange(count, dtype=np.int64 if whole else np.float64)
    if step != 1:
        numbers *= step
    numbers += start
    return numbers if dtype == numbers.dtype else copy_of(numbers, dtype)


def _check_steps(start: float, end: float, step: float, bounds: str) -> None:
    """Refuse steps that do not lead from one number to another, of which `bounds` tells, and integers too large."""
    for number in (start, end, step):
        if isinstance(number, int):
            fitting(number, int64)
    if step == 0 or step != step:
        raise StateError("step must be nonzero")
    if not math.isfinite(end - start):
        raise StateError(f"unsupported range: {bounds}")
    if (end - start) * step < 0:
        raise StateError("upper bound and lower bound inconsistent with step sign")


@public("range")
def range_(
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` to `end`, which counts, `step` apart; `arange` is what to write instead.

    Source: https://pytorch.org/docs/stable/generated/torch.range.html

    >>> import knoll
    >>> knoll.arange(1, 3 + 1)  # in place of knoll.range(1, 3)
    tensor([1, 2, 3])
    """
    if end is None:
        raise ArgumentTypeError('range() missing 1 required positional arguments: "end"')
    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end)."
    )
    wanted = dtype_or(dtype, float32)
    _check_steps(start, end, step, f"{start:g} -> {end:g}")
    if wanted == bool_:
        refuse_dtype("range_cpu", wanted)
    count = int((end - start) / step) + 1
    check((count,), int64)
    return made(_steps(start, step, count, wanted), requires_grad, device)


@public("linspace")
def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included.

    Source: https://pytorch.org/docs/stable/generated/torch.linspace.html

    >>> import knoll
    >>> knoll.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    wanted = dtype_or(dtype, float32)
    if steps < 0:
        raise StateError("number of steps must be non-negative")
    check((steps,), float64)
    if wanted == bool_:
        refuse_dtype("linspace_cpu", wanted)
    return made(np.linspace(start, end, steps).astype(wanted), requires_grad, device)


@public("logspace")
def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: DTypeLike | None = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of `base`, whose exponents lie evenly from `start` to `end`, both included.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.logspace.html

    >>> import knoll
    >>> knoll.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    wanted = dtype_or(dtype, float32)
    if steps < 0:
        raise StateError("number of steps must be non-negative")
    check((steps,), float64)
    if wanted == bool_:
        refuse_dtype("logspace_cpu", wanted)
    first, last = (start, end) if wanted.kind == "f" else (int(start), int(end))
    powers = np.power(float(base), np.linspace(first, last, steps)).astype(wanted)
    return tensor(powers, device=device, requires_grad=requires_grad)
