"""Activations as layers that bend everywhere, or below zero only."""

from __future__ import annotations

from knoll.nn import functional as F  # noqa: N812 (the field's own name for it)
from knoll.nn.functional.smooth import check_alpha, check_approximate
from knoll.nn.module import Module
from knoll.nn.piecewise import InPlace
from knoll.tensor import Tensor


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


class SiLU(InPlace):
    """x times its sigmoid, also known as swish; 0 at −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html;
    Elfwing et al., Sigmoid-weighted linear units for neural network function approximation, 2017.

    >>> import numpy as np
    >>> SiLU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Zero far below, x far above."""
        return F.silu(input, self.inplace)


class Mish(InPlace):
    """x · tanh(log(1 + exp x)); 0 at −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Mish.html;
    Misra, Mish: a self regularized non-monotonic activation function, 2019.

    >>> import numpy as np
    >>> Mish()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Zero far below, x far above."""
        return F.mish(input, self.inplace)


class GELU(Module):
    """x times the share of a normal distribution below x; 0 at −∞. With `approximate="tanh"` nearly that.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.GELU.html;
    Hendrycks and Gimpel, Gaussian error linear units, 2016.

    >>> import numpy as np
    >>> GELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413], dtype=float64)
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        check_approximate(approximate)
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Zero far below, x far above."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """The approximation."""
        return f"approximate={self.approximate!r}"


class ELU(InPlace):
    """x where it is positive, else `alpha` · (exp(x) − 1).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ELU.html;
    Clevert et al., Fast and accurate deep network learning by exponential linear units, 2015.

    >>> import numpy as np
    >>> ELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-0.6321,  0.0000,  1.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Straight above zero, exponential below."""
        return F.elu(input, self.alpha, self.inplace)


class CELU(InPlace):
    """x where it is positive, else `alpha` · (exp(x / alpha) − 1), so that the slope at zero is 1.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.CELU.html;
    Barron, Continuously differentiable exponential linear units, 2017.

    >>> import numpy as np
    >>> CELU(2.0)(np.array([-2.0, 0.0, 1.0]))
    tensor([-1.2642,  0.0000,  1.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        check_alpha(alpha)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Straight above zero, exponential below."""
        return F.celu(input, self.alpha, self.inplace)


class SELU(InPlace):
    """A scaled `ELU` that keeps mean 0 and variance 1 from layer to layer.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.SELU.html;
    Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import numpy as np
    >>> SELU()(np.array([-1.0, 0.0, 1.0]))
    tensor([-1.1113,  0.0000,  1.0507], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Straight above zero, exponential below."""
        return F.selu(input, self.inplace)


class LogSigmoid(Module):
    """The logarithm of the sigmoid, without underflow.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html

    >>> import numpy as np
    >>> LogSigmoid()(np.array([-2.0, 0.0]))
    tensor([-2.1269, -0.6931], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Each element below 0."""
        return F.logsigmoid(input)


class Softplus(Module):
    """log(1 + exp(beta · x)) / beta, a smooth `ReLU`; x itself where beta · x is above `threshold`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html

    >>> import numpy as np
    >>> Softplus()(np.array([-1.0, 0.0, 30.0]))
    tensor([ 0.3133,  0.6931, 30.0000], dtype=float64)
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Each element above 0."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """x / (1 + |x|), element by element: between −1 and 1, which it is at ±∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html

    >>> import numpy as np
    >>> Softsign()(np.array([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Each element between −1 and 1."""
        return F.softsign(input)


class Tanhshrink(Module):
    """x − tanh x, exact near zero too.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html

    >>> import numpy as np
    >>> Tanhshrink()(np.array([0.0, 1.0]))
    tensor([0.0000, 0.2384], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """Flat near zero."""
        return F.tanhshrink(input)
