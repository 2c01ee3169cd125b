"""The gated linear unit as a layer."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["GLU"]


class GLU(Module):
    """Gated linear unit: the first half along one axis, times the sigmoid of the second half.

    Shapes: (…, 2·c, …) → (…, c, …).

    - `dim`: the axis that is halved, the last unless given.

    Raises ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.GLU.html;
    Dauphin et al., Language modeling with gated convolutional networks, 2017.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.GLU()(np.array([1.0, 2.0, 0.0, 0.0]))
    tensor([0.5000, 1.0000], dtype=float64)
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """The gated half."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"
