"""`torch.functional`: functions of tensors under a second name, and `F`, which is `knoll.nn.functional`.

https://github.com/pytorch/pytorch/blob/v2.13.0/torch/functional.py

>>> import knoll
>>> from knoll.functional import F, norm
>>> norm(F.relu(knoll.tensor([-1.0, 3.0])))
tensor(3.)
"""

from knoll.calls import advise
from knoll.nn import functional as F
from knoll.tensor.indexing.places import unravel_index
from knoll.tensor.linear_algebra.contractions import einsum, tensordot
from knoll.tensor.linear_algebra.distances import cdist
from knoll.tensor.linear_algebra.p_norm import norm
from knoll.tensor.linear_algebra.products import chain_matmul
from knoll.tensor.reduction.counting import unique, unique_consecutive
from knoll.tensor.shapes.broadcasting import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_shapes,
    broadcast_tensors,
    meshgrid,
)
from knoll.tensor.shapes.joining import block_diag, cartesian_prod
from knoll.tensor.shapes.splitting import split

__all__ = [
    "F",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "broadcast_shapes",
    "broadcast_tensors",
    "cartesian_prod",
    "cdist",
    "chain_matmul",
    "einsum",
    "meshgrid",
    "norm",
    "split",
    "tensordot",
    "unique",
    "unique_consecutive",
    "unravel_index",
]

advise(__name__)
