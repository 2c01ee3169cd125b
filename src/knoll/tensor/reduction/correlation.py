"""How the rows of a matrix vary together.

Source: https://pytorch.org/docs/stable/generated/torch.cov.html
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from knoll.errors import DTypeError, StateError, warn
from knoll.ops.dtypes import scalar_name
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.elementwise.arithmetic import divide, matmul, multiply, subtract
from knoll.tensor.elementwise.choose import clamp
from knoll.tensor.elementwise.exponential import sqrt
from knoll.tensor.indexing.diagonals import diag
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.shaping import reshape, transpose

__all__ = ["corrcoef", "cov"]


@public("cov")
def cov(x: T, *, correction: int = 1, fweights: T | None = None, aweights: T | None = None) -> T:
    """How the rows of x vary together: their covariances, a matrix.

    `fweights` says how often each column was observed, `aweights` how much it weighs.
    Raises StateError, DTypeError.

    >>> import knoll
    >>> knoll.cov(knoll.tensor([[0.0, 2.0, 4.0], [4.0, 2.0, 0.0]])).tolist()
    [[4.0, -4.0], [-4.0, 4.0]]
    """
    _check_rows("cov", x)
    rows = reshape(x, (1, -1)) if len(x.shape) < 2 else x
    weights: T | None = _weights(rows.shape[1], fweights, aweights)
    total: Any = rows.shape[1] if weights is None else sum_(weights)
    if weights is not None and float(total) == 0:
        raise StateError("cov(): weights sum to zero, can't be normalized")
    freedom = total - correction
    if weights is not None and aweights is not None and correction:
        freedom = total - float(correction) * cast(Any, sum_(multiply(weights, aweights))) / total
    if float(freedom) <= 0:
        warn("cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.")
        freedom = 0
    mean = divide(sum_(rows if weights is None else multiply(rows, weights), 1, keepdim=True), total)
    away = subtract(rows, mean)
    weighed = away if weights is None else multiply(away, weights)
    found = divide(matmul(away, transpose(weighed, 0, 1)), freedom)
    return reshape(found, ()) if rows.shape[0] == 1 else found


def _check_rows(name: str, x: TensorBase) -> None:
    if len(x.shape) > 2:
        raise StateError(
            f"{name}(): expected input to have two or fewer dimensions but got an input with {len(x.shape)} dimensions"
        )
    if x._dtype.kind == "b":
        raise DTypeError("cov(): bool dtype is not supported for input")


def _weights(count: int, often: Any, much: Any) -> Any:
    """The weight of each column; None where all weigh the same."""
    found = None
    for name, given, kinds, word in (("fweights", often, "iu", "integral"), ("aweights", much, "f", "floating point")):
        if given is None:
            continue
        size = int(np.prod(given.shape))
        if len(given.shape) > 1:
            raise StateError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with {len(given.shape)} "
                "dimensions"
            )
        if given._dtype.kind not in kinds:
            raise DTypeError(
                f"cov(): expected {name} to have {word} dtype but got {name} with {scalar_name(given._dtype)} dtype"
            )
        if size != count:
            raise StateError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but got {size} "
                f"!= {count}"
            )
        if size and given._realize().min() < 0:
            raise StateError(f"cov(): {name} cannot be negative")
        found = given if found is None else multiply(found, given)
    return found


@public("corrcoef")
def corrcoef(x: T) -> T:
    """The correlations of the rows of x, from −1 to 1: their covariances over their standard deviations.

    Raises StateError, DTypeError. Source: https://pytorch.org/docs/stable/generated/torch.corrcoef.html

    >>> import knoll
    >>> knoll.corrcoef(knoll.tensor([[0.0, 1.0, 2.0], [4.0, 2.0, 0.0]])).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    _check_rows("corrcoef", x)
    found = cov(x)
    if not found.shape:
        return divide(found, found)
    spread = sqrt(diag(found))
    return clamp(divide(divide(found, reshape(spread, (-1, 1))), reshape(spread, (1, -1))), -1, 1)
