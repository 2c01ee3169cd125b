"""Activations: what stands between layers, so that many are more than one."""

from __future__ import annotations

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.module import Module
from knoll.tensor import Tensor


class ReLU(Module):
    """max(0, x), element by element; NaN stays. With `inplace` the tensor passed in becomes the result.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html

    >>> import numpy as np
    >>> ReLU()(np.array([-1.0, 2.0]))
    tensor([0., 2.], dtype=float64)
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """What is above zero."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """`inplace=True` where it is."""
        return "inplace=True" if self.inplace else ""


class Sigmoid(Module):
    """1 / (1 + exp(−x)), element by element: between 0 and 1.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html

    >>> import numpy as np
    >>> Sigmoid()(np.array([0.0]))
    tensor([0.5000], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Each element between 0 and 1."""
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent, element by element: between −1 and 1.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html

    >>> import numpy as np
    >>> Tanh()(np.array([0.0]))
    tensor([0.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Each element between −1 and 1."""
        return F.tanh(input)


class Softmax(Module):
    """exp(x) as a share of its sum along `dim`, which must be given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html

    >>> import numpy as np
    >>> Softmax(dim=1)(np.zeros((1, 4)))
    tensor([[0.2500, 0.2500, 0.2500, 0.2500]], dtype=float64)
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Shares that sum to one."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of `Softmax`, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html

    >>> import numpy as np
    >>> LogSoftmax(dim=0)(np.array([0.0, 1000.0]))
    tensor([-1000.,     0.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Logarithms of shares that sum to one."""
        return F.log_softmax(input, self.dim)
