"""Layers that change shapes and no numbers."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.errors import ArgumentTypeError
from knoll.nn.functional import arguments
from knoll.nn.module import Module
from knoll.nn.sizes import integer
from knoll.tensor import Tensor

__all__ = ["Flatten", "Unflatten"]

ANY = -(2**63)  # axes count from either end


class Flatten(Module):
    """Flattening: the axes from `start_dim` to `end_dim` become one, so that images become rows for a linear layer.

    Shapes: (n, c, h, w) → (n, c·h·w). One image (c, h, w) becomes (c, h·w): give images in batches, or start_dim=0.

    - `start_dim`: the first axis that is joined; 1 keeps the axis of samples.
    - `end_dim`: the last one; −1 is the last there is.

    Raises DimensionError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.Flatten()(knoll.ones(64, 64, 4, 4)).shape
    (64, 1024)
    """

    start_dim: int
    end_dim: int

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = integer(start_dim, "start_dim", ANY, "flatten")
        self.end_dim = integer(end_dim, "end_dim", ANY, "flatten")

    def forward(self, input: Tensor) -> Tensor:
        """The same numbers in fewer axes."""
        return arguments.tensor(input, "flatten").flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Unflattening: the axis `dim` is split into several.

    Shapes: (n, c·h·w) → (n, c, h, w) for dim=1 and unflattened_size=(c, h, w).

    - `dim`: the axis that is split.
    - `unflattened_size`: the sizes of the new axes; one of them may be −1, and is worked out.

    Raises ArgumentTypeError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.Unflatten(1, (64, 4, 4))(np.ones((8, 1024))).shape
    (8, 64, 4, 4)
    """

    dim: int
    unflattened_size: Sequence[int]

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)):
            raise ArgumentTypeError(
                f"unflattened_size must be a tuple of ints, but found type {type(unflattened_size).__name__}"
            )
        for position, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                raise ArgumentTypeError(
                    "unflattened_size must be tuple of ints, "
                    f"but found element of type {type(size).__name__} at pos {position}"
                )
        self.dim = integer(dim, "dim", ANY, "unflatten")
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """The same numbers in more axes."""
        return arguments.tensor(input, "unflatten").unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
