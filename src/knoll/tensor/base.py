"""What every tensor is, for modules that `Tensor` is made of."""

from __future__ import annotations


class TensorBase:
    """The base of `Tensor`: `isinstance(x, TensorBase)` asks whether x is a tensor."""

    __slots__ = ()
