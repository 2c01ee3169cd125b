"""Embedding layers."""

from __future__ import annotations

import sys
from typing import Self

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn import init
from knoll.nn.convert import parameter_dtype
from knoll.nn.functional.embedding import padding_row, refuse_sparse
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import integer
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import tensor
from knoll.tensor.device import Device

__all__ = ["Embedding"]


class Embedding(Module):
    """Embedding: a table with a learned row for each of `num_embeddings` words, classes or positions.

    Shapes: int64 or int32 (…) → (…, embedding_dim). `weight` is (num_embeddings, embedding_dim), and begins normal with
    mean 0 and variance 1.

    - `num_embeddings`: how many rows the table has; its input are their numbers, from 0 on.
    - `embedding_dim`: how many numbers a row has.
    - `padding_idx`: a row that begins as zeros and gets no gradient; a negative one counts from the end.
    - `max_norm`: rows that are looked up and are longer are shortened to this norm, in the table itself.
    - `norm_type`: which norm that is: 2 is the Euclidean length.
    - `scale_grad_by_freq`: divide the gradient of a row by how often the input names it.
    - `sparse`: gradients are dense; True is refused.
    - `device`, `dtype`: "cpu", and the element type of the table, float32 unless given.

    Raises ArgumentError, ArgumentTypeError, UnsupportedError; DimensionError when called with a number of no row,
    DTypeError with numbers that are not int64 or int32.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Embedding(10, 3, padding_idx=0)
    >>> layer
    Embedding(10, 3, padding_idx=0)
    >>> layer(knoll.tensor([[1, 2, 4, 0], [4, 3, 9, 0]])).shape
    (2, 4, 3)
    """

    weight: Parameter
    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        refuse_sparse(sparse)
        self.num_embeddings, self.embedding_dim = _table_size(num_embeddings, embedding_dim)
        self.padding_idx = padding_row(padding_idx, self.num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        shape = (self.num_embeddings, self.embedding_dim)
        if _weight is None:
            self.weight = Parameter._empty(shape, parameter_dtype(device, dtype))
            self.reset_parameters()
        elif _weight.shape != shape:
            raise ArgumentError(
                "Shape of weight does not match num_embeddings and embedding_dim",
                expected=f"{shape}",
                got=f"{_weight.shape}",
            )
        else:
            self.weight = Parameter(_weight)
        self.weight.requires_grad = not _freeze

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """An embedding whose table is the tensor `embeddings`, (rows, d); `freeze` keeps it from learning.

        Raises ArgumentError.

        >>> import knoll
        >>> from knoll import nn
        >>> nn.Embedding.from_pretrained(knoll.tensor([[1.0, 2.3, 3.0], [4.0, 5.1, 6.3]]))(knoll.tensor([1]))
        tensor([[4.0000, 5.1000, 6.3000]])
        """
        table = tensor(embeddings, "from_pretrained", "embeddings")
        if table.ndim != 2:
            raise ArgumentError(
                "Embeddings parameter is expected to be 2-dimensional", expected="(rows, d)", got=f"{table.shape}"
            )
        rows, columns = table.shape
        return cls(
            rows,
            columns,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight=table,
            _freeze=freeze,
        )

    def reset_parameters(self) -> None:
        """Initialize the table anew: normal with mean 0 and variance 1, the row of the padding zeros."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        """The row of each number."""
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def _is_pure(self, *inputs: Tensor) -> bool:
        """Whether it leaves its table alone."""
        return super()._is_pure(*inputs) and self.max_norm is None

    def extra_repr(self) -> str:
        """The arguments, those with their default left out, as PyTorch prints them."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        parts += [f"padding_idx={self.padding_idx}"] if self.padding_idx is not None else []
        parts += [f"max_norm={self.max_norm}"] if self.max_norm is not None else []
        parts += [f"norm_type={self.norm_type}"] if self.norm_type != 2 else []
        parts += [f"scale_grad_by_freq={self.scale_grad_by_freq}"] if self.scale_grad_by_freq is not False else []
        return ", ".join(parts)


def _table_size(num_embeddings: int, embedding_dim: int) -> tuple[int, int]:
    """The rows of a table and their length. Raises ArgumentError for negative ones, ArgumentTypeError."""
    named = {"num_embeddings": num_embeddings, "embedding_dim": embedding_dim}
    rows, length = (integer(value, name, -sys.maxsize, "embedding") for name, value in named.items())
    least = min(rows, length)
    if least < 0:
        name = "num_embeddings" if rows < 0 else "embedding_dim"
        raise ArgumentError(
            f"Trying to create tensor with negative dimension {least}: [{rows}, {length}]",
            expected=say("nn.too_small", name=name, least=0),
            got=f"{name}={named[name]}",
        )
    return rows, length
