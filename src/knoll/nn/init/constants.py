"""Initial values that are not random: constants, identities, and convolutions that pass on what they get."""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError
from knoll.nn.init.rank import check_rank
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import public


@public("constant_")
def constant_(tensor: Tensor, val: float) -> Tensor:
    """The same number everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.constant_(knoll.empty(2), 3.0)
    tensor([3., 3.])
    """
    with no_grad():
        return tensor.fill_(val)


@public("ones_")
def ones_(tensor: Tensor) -> Tensor:
    """Ones everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.ones_(knoll.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


@public("zeros_")
def zeros_(tensor: Tensor) -> Tensor:
    """Zeros everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.zeros_(knoll.empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


@public("eye_")
def eye_(tensor: Tensor) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: a linear layer that passes on what it can. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.eye_(knoll.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    check_rank(tensor, 2)
    rows, columns = tensor.shape
    with no_grad():
        return tensor.copy_(np.eye(rows, columns))


@public("dirac_")
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A one in the middle of a window for each channel: a convolution that passes on what it can.

    Shapes: (k, c, length), (k, c, r, s) or (k, c, depth, r, s). Raises ArgumentError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.dirac_(knoll.empty(1, 1, 3))
    tensor([[[0., 1., 0.]]])
    """
    if len(tensor.shape) not in (3, 4, 5):
        raise ArgumentError("Only tensors with 3, 4, or 5 dimensions are supported", got=f"{tensor.shape}")
    k, c, *window = tensor.shape
    if groups < 1 or k % groups:
        raise ArgumentError("dim 0 must be divisible by groups", got=f"{k}, groups={groups}")
    numbers = np.zeros(tensor.shape, tensor.dtype)
    middle = tuple(size // 2 for size in window)
    for group in range(groups):
        for channel in range(min(k // groups, c)):
            numbers[(group * (k // groups) + channel, channel, *middle)] = 1
    with no_grad():
        return tensor.copy_(numbers)
