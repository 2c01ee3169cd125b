"""How near vectors are, and vectors of length one, as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from knoll.nn.functional.arguments import Input, number, tensor
from knoll.tensor import Tensor
from knoll.tensor.linear_algebra.distances import cosine_similarity as cosine_similarity
from knoll.tensor.linear_algebra.distances import pairwise_distance as pairwise_distance
from knoll.tensor.linear_algebra.distances import pdist as pdist
from knoll.tensor.out import written

__all__ = ["cosine_similarity", "normalize", "pairwise_distance", "pdist"]


def normalize(
    input: Input,
    p: float = 2.0,
    dim: int | Sequence[int] | None = 1,
    eps: float = 1e-12,
    out: Tensor | None = None,
) -> Tensor:
    """Vectors along `dim` divided by their p-norm, or by `eps` where that is larger: then their length is 1.

    Shapes: any → the same. `p` is the norm, 2 the Euclidean length; `dim` may be several axes, or None for all.
    With `out` the result is written there, which has no gradient. Raises DimensionError, DTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.normalize(np.array([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]], dtype=float64)
    """
    x = tensor(input, "normalize")
    length = x.norm(p, dim, keepdim=True).clamp(min=number(eps, "clamp_min", "min", 1))
    if out is None:
        return x / length
    return cast(Tensor, written(tensor(out, "div", "out", 3), "div", lambda: x / length))
