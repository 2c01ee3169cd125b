"""Softmax along one axis as layers, softmin and the logarithm of softmax."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.nn import functional as F
from knoll.nn.functional.arguments import tensor
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class _Softmax(Module):
    """What softmax and its relatives have: the axis."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether it does not warn that the axis is guessed."""
        return super()._is_pure() and self.dim is not None

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class Softmax(_Softmax):
    """Softmax along one axis: exp(x) divided by its sum along `dim`, so that the results are positive and sum to 1.

    Shapes: any → the same.

    - `dim`: the axis; 1 is the axis of the classes in (n, classes). Without it PyTorch guesses, and warns.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softmax(dim=1)(np.zeros((1, 4)))
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The softmax along `dim`."""
        return F.softmax(input, self.dim, _stacklevel=6)


class Softmin(_Softmax):
    """Softmin along one axis: the softmax of −x, so that the smallest element has the largest result.

    Shapes: any → the same.

    - `dim`: the axis; 1 is the axis of the classes in (n, classes).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softmin(dim=0)(np.array([0.0, 1000.0]))
    tensor([1., 0.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The softmin along `dim`."""
        return F.softmin(input, self.dim, _stacklevel=6)


class LogSoftmax(_Softmax):
    """Logarithm of the softmax along one axis, computed without overflow.

    Shapes: any → the same.

    - `dim`: the axis; 1 is the axis of the classes in (n, classes).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.LogSoftmax(dim=0)(np.array([0.0, 1000.0]))
    tensor([-1000.,     0.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The logarithm of the softmax along `dim`."""
        return F.log_softmax(input, self.dim, _stacklevel=6)


class Softmax2d(Module):
    """2-D softmax over images: the softmax over the channels of each pixel.

    Shapes: (n, c, h, w) or (c, h, w). Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softmax2d()(np.zeros((2, 1, 1)))
    tensor([[[0.5000]],
    <BLANKLINE>
            [[0.5000]]], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The softmax over the channels."""
        rank = len(tensor(input, "softmax").shape)
        if rank not in (3, 4):
            raise ArgumentError(f"Softmax2d: expected input to be 3D or 4D, got {rank}D instead")
        return F.softmax(input, -3)
