"""Stochastic depth: whole branches of a residual network are left out at random while it is trained."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.nn import Module
from knoll.tensor import Tensor, empty

__all__ = ["StochasticDepth", "stochastic_depth"]


def stochastic_depth(input: Tensor, p: float, mode: str, training: bool = True) -> Tensor:  # noqa: A002 (PyTorch's name)
    """The input, of which each sample (`mode="row"`), or all at once ("batch"), is zero with probability `p`.

    What is kept is divided by 1 − p, so that the mean stays. Raises ArgumentError.
    Source: Huang, Sun, Liu, Sedra and Weinberger, Deep networks with stochastic depth, 2016

    >>> import knoll
    >>> from knoll.vision.ops import stochastic_depth
    >>> stochastic_depth(knoll.ones(2, 3), p=1.0, mode="batch")
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    if not 0 <= p <= 1:
        raise ArgumentError(f"drop probability has to be between 0 and 1, but got {p}")
    if mode not in ("batch", "row"):
        raise ArgumentError(f"mode has to be either 'batch' or 'row', but got {mode}")
    if not training or p == 0:
        return input
    size = (input.shape[0] if mode == "row" else 1, *[1] * (input.ndim - 1))
    noise = empty(size, dtype=input.dtype).bernoulli_(1 - p)
    return input * (noise.div_(1 - p) if p < 1 else noise)


class StochasticDepth(Module):
    """Samples, or the whole batch, set to zero at random in training; see `stochastic_depth`.

    >>> from knoll.vision.ops import StochasticDepth
    >>> StochasticDepth(0.2, "row")
    StochasticDepth(p=0.2, mode=row)
    """

    p: float
    mode: str

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The shape of the input."""
        return stochastic_depth(input, self.p, self.mode, self.training)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p}, mode={self.mode})"
