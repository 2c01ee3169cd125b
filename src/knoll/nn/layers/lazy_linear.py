"""The linear layer that need not be told how many features come in: it looks at the first input."""

from __future__ import annotations

from numpy.typing import DTypeLike

from knoll.graph import Shape
from knoll.nn.layers.lazy import Inferred
from knoll.nn.layers.linear import Linear
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["LazyLinear"]


class LazyLinear(Inferred, Linear):
    """Linear layer whose `in_features` is the size of the last axis of the first input; then it is a `Linear`.

    The arguments are those of `Linear`.

    Raises ArgumentError, ArgumentTypeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyLinear(10)
    >>> layer, layer.weight
    (LazyLinear(in_features=0, out_features=10, bias=True), <UninitializedParameter>)
    >>> layer(knoll.zeros(2, 1024)).shape
    (2, 10)
    >>> layer
    Linear(in_features=1024, out_features=10, bias=True)
    """

    cls_to_become = Linear
    missing = "in_features"

    def __init__(
        self, out_features: int, bias: bool = True, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(0, out_features, bias, device, dtype)
        self._begin()

    def _size_of(self, x: Tensor) -> int:
        return x.shape[-1]

    def _shape_of(self, name: str) -> Shape:
        return (self.out_features, self.in_features) if name == "weight" else (self.out_features,)

    def _size_held(self) -> int:
        return self.weight.shape[-1]

    def _check_loaded(self, x: Tensor) -> None:
        if x.shape[-1] != self._size_held():
            raise AssertionError(
                f"The in_features inferred from input: {x.shape[-1]} is not equal to in_features from self.weight: "
                f"{self._size_held()}"
            )
