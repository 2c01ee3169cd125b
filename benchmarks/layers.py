"""The layers that networks are made of here, and their arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Pair = int | tuple[int, int]  # of rows and columns; one number for both


def pair(number: Pair) -> tuple[int, int]:
    """Rows and columns."""
    return number if isinstance(number, tuple) else (number, number)


class Plain:
    """A layer without arrays."""

    def state(self) -> Mapping[str, Array]:
        """Nothing."""
        return {}


@dataclass(frozen=True, eq=False)
class Convolution:
    """Weight (k, c / groups, r, s), bias (k,) or none; `padding` zeros on every side."""

    weight: Array
    bias: Array | None
    padding: Pair
    stride: Pair = 1
    groups: int = 1
    dilation: Pair = 1

    def state(self) -> Mapping[str, Array]:
        """The arrays by name."""
        return {"weight": self.weight} | ({} if self.bias is None else {"bias": self.bias})


@dataclass(frozen=True, eq=False)
class Transposed:
    """A transposed convolution: weight (c, k, r, s), bias (k,); `padding` rows and columns go on every side."""

    weight: Array
    bias: Array
    padding: int
    stride: int

    def state(self) -> Mapping[str, Array]:
        """The arrays by name."""
        return {"weight": self.weight, "bias": self.bias}


@dataclass(frozen=True, eq=False)
class BatchNorm:
    """(x − mean) / √(variance + epsilon) · scale + shift for each channel."""

    scale: Array
    shift: Array
    mean: Array
    variance: Array
    epsilon: float

    def state(self) -> Mapping[str, Array]:
        """The arrays by name."""
        return {
            "weight": self.scale,
            "bias": self.shift,
            "running_mean": self.mean,
            "running_var": self.variance,
            "num_batches_tracked": np.array(0),
        }


@dataclass(frozen=True)
class Relu(Plain):
    """What is above zero, and no more than `most` where there is one."""

    most: float | None = None


@dataclass(frozen=True)
class Tanh(Plain):
    """The hyperbolic tangent."""


@dataclass(frozen=True)
class MaxPool(Plain):
    """The largest of windows of `size` × `size`, side by side unless there is a `stride`; padding never wins.

    With `indices` an `Unpool` reads it, too.
    """

    size: int
    stride: int | None = None
    padding: int = 0
    indices: bool = False


@dataclass(frozen=True)
class Unpool(Plain):
    """Values back to where the `MaxPool` of the same size, its second source, found them; zeros elsewhere."""

    size: int


@dataclass(frozen=True)
class MeanPool(Plain):
    """The means of windows of `size` × `size`, side by side; of the whole image where there is no size."""

    size: int | None = None


@dataclass(frozen=True)
class Add(Plain):
    """The sum of two results of one shape."""


@dataclass(frozen=True)
class Flatten(Plain):
    """(n, c, h, w) → (n, c · h · w)."""


@dataclass(frozen=True, eq=False)
class Linear:
    """Weight (outputs, inputs) and bias (outputs,)."""

    weight: Array
    bias: Array

    def state(self) -> Mapping[str, Array]:
        """The arrays by name."""
        return {"weight": self.weight, "bias": self.bias}


@dataclass(frozen=True)
class Function(Plain):
    """A layer without parameters by its name in `torch.nn`, with its arguments by name."""

    name: str
    arguments: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, eq=False)
class Normalisation(Function):
    """A layer by its name in `torch.nn`, with a scale and a shift of so many numbers."""

    count: int = 1

    def state(self) -> Mapping[str, Array]:
        """The arrays by name."""
        return {"weight": np.linspace(0.5, 1.5, self.count, dtype=np.float32), "bias": np.ones(self.count, np.float32)}


Layer = (
    Convolution | Transposed | BatchNorm | Function | Relu | Tanh | MaxPool | Unpool | MeanPool | Add | Flatten | Linear
)
