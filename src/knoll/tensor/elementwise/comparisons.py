"""Comparisons of tensors and numbers, element by element; they give truth values.

Source: https://pytorch.org/docs/stable/torch.html#comparison-ops
"""

from __future__ import annotations

from knoll.ops.elementwise import comparisons
from knoll.tensor.arguments import Comparand, Left, Operand, public
from knoll.tensor.base import T
from knoll.tensor.elementwise.arithmetic import operate

__all__ = ["greater", "greater_equal", "less", "less_equal", "not_equal"]


@public("eq")
def equal(x: Left[T], other: Comparand, *, out: T | None = None) -> T:
    """Whether x equals `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.eq.html

    >>> import knoll
    >>> knoll.eq(knoll.tensor([1, 2]), 2)
    tensor([False,  True])
    """
    return operate(comparisons.equal, x, other)


@public("ne")
def not_equal(x: Left[T], other: Comparand, *, out: T | None = None) -> T:
    """Whether x differs from `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.ne.html

    >>> import knoll
    >>> knoll.ne(knoll.tensor([1, 2]), 2)
    tensor([ True, False])
    """
    return operate(comparisons.not_equal, x, other)


@public("lt")
def less(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Whether x is less than `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.lt.html

    >>> import knoll
    >>> knoll.lt(knoll.tensor([1, 2, 3]), 2)
    tensor([ True, False, False])
    """
    return operate(comparisons.less, x, other)


@public("le")
def less_equal(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Whether x is not greater than `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.le.html

    >>> import knoll
    >>> knoll.le(knoll.tensor([1, 2, 3]), 2)
    tensor([ True,  True, False])
    """
    return operate(comparisons.less_equal, x, other)


@public("gt")
def greater(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Whether x is greater than `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.gt.html

    >>> import knoll
    >>> knoll.gt(knoll.tensor([1, 2, 3]), 2)
    tensor([False, False,  True])
    """
    return operate(comparisons.greater, x, other)


@public("ge")
def greater_equal(x: Left[T], other: Operand, *, out: T | None = None) -> T:
    """Whether x is not less than `other`, element by element.

    Source: https://pytorch.org/docs/stable/generated/torch.ge.html

    >>> import knoll
    >>> knoll.ge(knoll.tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])
    """
    return operate(comparisons.greater_equal, x, other)
