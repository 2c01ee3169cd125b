"""The inputs that a network is looked at with: shapes, arrays or tensors, and what was meant by anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor, zeros
from knoll.tensor.dtypes import float32


def as_inputs(given: Sequence[Input], module: Module) -> list[Tensor]:
    """A tensor for each input. Raises ArgumentError for what is no input, as the sizes of one shape, one by one.

    >>> from knoll import nn
    >>> [x.shape for x in as_inputs([(3, 8, 8), (4,)], nn.Identity())]
    [(1, 3, 8, 8), (1, 4)]
    """
    if len(given) > 1 and all(isinstance(each, int) for each in given):
        raise _no_shape(", ".join(map(repr, given)), repr(tuple(given)))
    return [_as_input(each, module) for each in given]


def _as_input(given: Input, module: Module) -> Tensor:
    """A tensor to trace with: zeros of the network's own element type for a shape."""
    if isinstance(given, Tensor):
        return given
    if isinstance(given, np.ndarray):
        return Tensor._over(given)
    shape = tuple(given) if isinstance(given, Sequence) else (given,)
    if not shape or not all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in shape):
        raise _no_shape(repr(given), _meant(given))
    floats = (p.dtype for p in module.parameters() if p.is_floating_point())
    return zeros(*(shape if len(shape) > 3 else (1, *shape)), dtype=next(floats, float32))


def _meant(given: object) -> str | None:
    """What to write for a shape in quotes, a picture, or numbers in lists."""
    if isinstance(given, str) and re.fullmatch(r"\s*\d+(\s*[x×,]\s*\d+)*\s*", given):
        return repr(tuple(map(int, re.findall(r"\d+", given))))
    if type(given).__module__.startswith("PIL."):
        return "ToTensor()(image)"
    if isinstance(given, list | tuple) and given and all(isinstance(each, list | tuple) for each in given):
        return 'numpy.array(…, "float32")'
    return None


def _no_shape(came: str, advice: str | None) -> ArgumentError:
    return ArgumentError(say("analysis.no_shape"), expected=say("analysis.shapes"), came=came, advice=advice)
