"""Activations of straight pieces as layers: what is above a bound stays, what is below is bent or cut off."""

from __future__ import annotations

from knoll.errors import ArgumentError, warn
from knoll.nn import functional as F
from knoll.nn.functional.piecewise import check_width
from knoll.nn.module import Module
from knoll.tensor import Tensor
from knoll.tensor.arguments import real, truthy

__all__ = [
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "ReLU",
    "ReLU6",
    "Softshrink",
    "Threshold",
]


class InPlace(Module):
    """Base class of activations with an `inplace` argument."""

    shown: tuple[str, ...] = ()
    inplace: bool

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = truthy(inplace, type(self).__name__, "inplace")

    def extra_repr(self) -> str:
        """The arguments, and `inplace=True` where it is."""
        words = [f"{name}={getattr(self, name)}" for name in self.shown]
        return ", ".join([*words, "inplace=True"] if self.inplace else words)


class Threshold(InPlace):
    """Threshold: x where it is above `threshold`, else `value`, element by element; NaN stays.

    Shapes: any → the same.

    - `threshold`: the bound; a number equal to it is replaced too.
    - `value`: what is put in place of the others.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Threshold(1.0, -2.0)(np.array([0.5, 1.5]))
    tensor([-2.0000,  1.5000], dtype=float64)
    """

    shown: tuple[str, ...] = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.threshold(input, self.threshold, self.value, self.inplace)


class ReLU(InPlace):
    """Rectified linear unit: max(0, x), element by element; NaN stays.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.ReLU()(np.array([-1.0, 2.0]))
    tensor([0., 2.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.relu(input, self.inplace)


class LeakyReLU(InPlace):
    """Leaky rectified linear unit: x above zero, `negative_slope` · x below, element by element.

    Shapes: any → the same.

    - `negative_slope`: the slope below zero, 0.01 unless given, so that a gradient flows there too.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.LeakyReLU(0.5)(np.array([-1.0, 2.0]))
    tensor([-0.5000,  2.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("negative_slope",)

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class Hardtanh(InPlace):
    """Hard hyperbolic tangent: x clamped between `min_val` and `max_val`, element by element; NaN stays.

    Shapes: any → the same.

    - `min_val`, `max_val`: the least and the largest result, −1 and 1 unless given.
    - `inplace`: whether the tensor passed in is changed and given back.

    `min_value` and `max_value` are older names of `min_val` and `max_val`, of which PyTorch warns.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Hardtanh(-2, 2)(np.array([-3.0, 0.5, 3.0]))
    tensor([-2.0000,  0.5000,  2.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("min_val", "max_val")
    min_val: float
    max_val: float

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__(inplace)
        self.min_val = real(_renamed("min_val", min_val, "min_value", min_value), "hardtanh", "min_val")
        self.max_val = real(_renamed("max_val", max_val, "max_value", max_value), "hardtanh", "max_val")
        if self.max_val <= self.min_val:
            raise ArgumentError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


def _renamed(name: str, value: float, former: str, given: float | None) -> float:
    """The value by its former name, if somebody still gives that."""
    if given is None:
        return value
    warn(f"keyword argument `{former}` is deprecated and renamed to `{name}`", FutureWarning)
    return given


class ReLU6(Hardtanh):
    """Rectified linear unit that ends at 6: min(max(0, x), 6), element by element; NaN stays.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.ReLU6()(np.array([-1.0, 5.0, 7.0]))
    tensor([0., 5., 6.], dtype=float64)
    """

    shown: tuple[str, ...] = ()

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)


class Hardsigmoid(InPlace):
    """Hard sigmoid: (x + 3) / 6 clamped between 0 and 1; a sigmoid of straight lines, without an exponential.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Hardsigmoid()(np.array([-3.0, 0.0, 3.0]))
    tensor([0.0000, 0.5000, 1.0000], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Hardswish(InPlace):
    """Hard swish: x times the hard sigmoid of x; nearly SiLU, without an exponential; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html;
    Howard et al., Searching for MobileNetV3, 2019.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Hardswish()(np.array([-3.0, 0.0, 3.0]))
    tensor([-0., 0., 3.], dtype=float64)
    """

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.hardswish(input, self.inplace)

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Hardshrink(Module):
    """Hard shrinkage: 0 where |x| is at most `lambd`, else x, element by element; NaN stays.

    Shapes: any → the same.

    - `lambd`: the bound, 0.5 unless given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Hardshrink()(np.array([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.], dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The width."""
        return f"{self.lambd}"


class Softshrink(Module):
    """Soft shrinkage: 0 where |x| is at most `lambd`, else x moved towards zero by `lambd`; NaN stays.

    Shapes: any → the same.

    - `lambd`: the bound, 0.5 unless given; not negative.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Softshrink()(np.array([-1.0, 0.5, 2.0]))
    tensor([-0.5000,  0.0000,  1.5000], dtype=float64)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        check_width(lambd)
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The width."""
        return f"{self.lambd}"
