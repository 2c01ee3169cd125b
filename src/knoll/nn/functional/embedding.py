"""Embedding as a function: rows of a table, picked by their numbers."""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, DTypeError, UnsupportedError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.ops.dtypes import scalar_name
from knoll.ops.indexing.embedding import embedding as embedding_op
from knoll.ops.indexing.embedding import embedding_renorm, renorm_meaning
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import integer, truth
from knoll.tensor.dtypes import bool_, int32, int64
from knoll.tensor.record import remembers
from knoll.tensor.storage.mutation import writing

__all__ = ["embedding"]


def embedding(
    input: Input,
    weight: Input,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Embedding: for each number of `input` the row of `weight` that it names.

    The arguments are those of `knoll.nn.Embedding`.

    Shapes: int64 or int32 (…), weight (rows, d) → (…, d). With `max_norm` rows that are longer are shortened in
    `weight` itself, without a gradient.
    Raises DimensionError for a number of no row, ArgumentError, ArgumentTypeError, DTypeError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.embedding(np.array([2, 0]), np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    tensor([[4., 5.],
            [0., 1.]], dtype=float64)
    """
    rows, picked = tensor(weight, "embedding", "weight", 1), tensor(input, "embedding", "indices", 2)
    padding = padding_row(padding_idx, rows.shape[0] if rows.shape else 0)
    refuse_sparse(sparse)
    by_frequency = truth(scale_grad_by_freq, "embedding", "scale_grad_by_freq", 4)
    if rows.ndim != 2:
        raise ArgumentError("'weight' must be 2-D", expected="(rows, d)", got=f"{rows.shape}")
    if max_norm is not None:
        _check_indices(picked, "embedding_renorm_", 2)
        most = number(max_norm, "embedding_renorm_", "max_norm", 3)
        rows = _shortened(rows, picked, most, number(norm_type, "embedding_renorm_", "norm_type", 4))
    _check_indices(picked, "embedding", 1)
    return apply(embedding_op, rows, picked, padding=padding, by_frequency=by_frequency)[0]


def padding_row(padding_idx: int | None, rows: int) -> int | None:
    """Which row the padding has, counted from the front; None without one. Raises ArgumentError, ArgumentTypeError.

    >>> padding_row(-1, 5)
    4
    """
    if padding_idx is None:
        return None
    row = integer(padding_idx, "embedding", "padding_idx", 3)
    if not -rows <= row < max(rows, 1):
        raise ArgumentError(
            "Padding_idx must be within num_embeddings",
            expected=say("ops.row_numbers", rows=rows, last=rows - 1),
            got=f"{row}",
        )
    return row % rows if rows else row


def refuse_sparse(sparse: bool) -> None:
    """Gradients are dense."""
    if truth(sparse, "embedding", "sparse", 5):
        raise UnsupportedError(say("nn.no_sparse"), advice=say("nn.no_sparse_advice"))


def _check_indices(indices: Tensor, function: str, position: int) -> None:
    if indices.dtype not in (int32, int64):
        name = "CPUBoolType" if indices.dtype == bool_ else f"torch.{scalar_name(indices.dtype)}Tensor"
        raise DTypeError(
            f"Expected tensor for argument #{position} 'indices' to have one of the following scalar types: Long, Int; "
            f"but got {name} instead (while checking arguments for {function})",
            advice=say("nn.long_indices"),
        )


def _shortened(rows: Tensor, picked: Tensor, most: float, p: float) -> Tensor:
    """The table with the rows that are picked brought to a norm of at most `most`, which it keeps."""
    if not remembers():  # a trace leaves the table as it is
        return apply(embedding_renorm, rows, picked, most=most, p=p)[0]
    (shortened,) = renorm_meaning(rows._realize(), picked._realize(), most=most, p=p)
    with writing(rows) as table:
        np.copyto(table, shortened)
    return rows
