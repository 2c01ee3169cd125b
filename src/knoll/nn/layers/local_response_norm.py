"""Local response normalisation."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["LocalResponseNorm"]


class LocalResponseNorm(Module):
    """Local response normalisation: x / (k + alpha · mean of x² over neighbouring channels) ^ beta.

    It stands in AlexNet and GoogLeNet; networks since then use batch normalisation in its place.

    Shapes: (n, c, …) with three axes or more → the same. Channels beyond the first and the last count as 0.

    - `size`: over how many channels, the number's own in the middle; of an even number the extra one comes before.
    - `alpha`: how much the neighbours count.
    - `beta`: the exponent.
    - `k`: what is divided by where all neighbours are 0, before the exponent.

    Raises ArgumentError, ArgumentTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LocalResponseNorm(5)
    >>> layer
    LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)
    >>> layer(knoll.ones(2, 8, 4, 4)).shape
    (2, 8, 4, 4)
    """

    size: int
    alpha: float
    beta: float
    k: float

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
