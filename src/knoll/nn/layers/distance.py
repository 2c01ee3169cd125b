"""How near vectors are, as layers."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """Cosine similarity of vectors: x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)), 1 where they point the same way.

    0 where they stand at right angles, −1 where they point away from each other; how long they are does not count.

    Shapes: (…), (…), which broadcast → the same without the axis `dim`.

    - `dim`: the axis along which the numbers of a vector stand; 1 for (n, d) and for the channels of (n, c, h, w).
    - `eps`: the least length that is divided by, so that zeros are not divided by 0.

    Raises ArgumentTypeError, ShapeError, DimensionError, DTypeError, StateError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.CosineSimilarity()(knoll.tensor([[3.0, 4.0], [1.0, 0.0]]), knoll.tensor([[4.0, 3.0], [0.0, 2.0]]))
    tensor([0.9600, 0.0000])
    """

    dim: int
    eps: float

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The similarity of each pair of vectors."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """Distance of pairs of vectors along the last axis: the p-norm of x1 − x2 + eps.

    Shapes: (…, d), (…, d), which broadcast → (…), or (…, 1) with `keepdim`.

    - `p`: the norm: 2 is the straight line, 1 the sum of the differences, ∞ the largest of them.
    - `eps`: added to each difference, so that equal vectors have a gradient.
    - `keepdim`: keep the last axis, with one number in it.

    Raises ArgumentTypeError, ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.PairwiseDistance(p=1)(knoll.tensor([[1.0, 5.0]]), knoll.tensor([[2.0, 2.0]]))
    tensor([4.])
    """

    norm: float
    eps: float
    keepdim: bool

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The distance of each pair of vectors."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
