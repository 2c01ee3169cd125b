"""Operations that only copy: their meaning, given what their results are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.graph import Array, Spec, spec_of
from knoll.ops.quiet import quietly

Parts = Sequence[tuple[Any, Array]]  # a place of the result, and what is copied there


def by_copies(
    shape: Callable[..., tuple[Spec, ...]], copies: Callable[..., Parts], is_view: bool = False
) -> Callable[..., tuple[Array, ...]]:
    """The meaning of an operation whose result has the spec that `shape` gives, and is made of `copies`.

    The result of one that `is_view` lies where its operand does, if it lies in order there.

    >>> from knoll.graph import Spec
    >>> turned = by_copies(lambda x: (Spec(x.shape[::-1], x.dtype),), lambda x: [(..., x.T)])
    >>> turned(np.arange(4).reshape(2, 2))
    (array([[0, 2],
           [1, 3]]),)
    """

    def meaning(*arrays: Array, **attributes: Any) -> tuple[Array]:
        parts = copies(*arrays, **attributes)
        if is_view:
            ((_, part),) = parts
            return (np.asarray(part, order="C"),)
        (spec,) = shape(*map(spec_of, arrays), **attributes)
        made = np.empty(spec.shape, spec.dtype)
        for place, part in parts:
            quietly(copy, made[place], part)
        return (made,)

    return meaning


def copy(target: Array, source: Array) -> None:
    """Write a source, which broadcasts, converted to the element type of the target."""
    np.copyto(target, source, casting="unsafe")
