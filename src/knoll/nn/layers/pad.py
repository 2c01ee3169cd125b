"""Padding layers: rows and columns before and after, for axes behind channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar, cast

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.functional import arguments
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["CircularPad2d", "ConstantPad2d", "ReflectionPad2d", "ReplicationPad2d", "ZeroPad2d"]

Sides = tuple[int, int, int, int]  # (left, right, above, below)
Ends = tuple[int, int]  # (before, after)
S = TypeVar("S", bound=tuple[int, ...])


class Padding(Module, Generic[S]):
    """Base class of padding layers; `axes` are padded, the last first."""

    axes = 2
    mode = "constant"
    padding: S

    def __init__(self, padding: int | S) -> None:
        super().__init__()
        given = isinstance(padding, Iterable) and getattr(padding, "shape", None) != ()
        self.padding = cast(S, tuple(cast(S, padding)) if given else (padding,) * (2 * self.axes))

    def forward(self, input: Tensor) -> Tensor:
        """The padded input."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The numbers, one for each side."""
        return f"{self.padding}"


class CircularPadding(Padding[S]):
    """Base class of layers that go round."""

    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """The padded input."""
        rank = len(arguments.tensor(input, "pad").shape)
        if rank - self.axes not in (1, 2):
            raise ArgumentError(
                f"expected {self.axes + 1}D or {self.axes + 2}D input (got {rank}D input)", expected=say("nn.pad_axes")
            )
        return super().forward(input)


class ConstantPadding(Padding[S]):
    """Base class of layers that put one number everywhere."""

    value: float

    def __init__(self, padding: int | S, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """The padded input."""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The numbers, one for each side, and the value."""
        return f"padding={self.padding}, value={self.value}"


class ZeroPadding(ConstantPadding[S]):
    """Base class of layers that put zeros."""

    def __init__(self, padding: int | S) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The numbers, one for each side."""
        return f"{self.padding}"


class ReflectionPad2d(Padding[Sides]):
    """2-D reflection padding: images are mirrored at their edges, which are not repeated: `cb|abcd|cb`.

    Shapes: (n, c, h, w) → (n, c, top + h + bottom, left + w + right), or the same without n.

    - `padding`: pixels to add, (left, right, top, bottom), or one number for all; each less than that axis of images.
      A negative number crops as many pixels.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ReflectionPad2d((2, 1, 0, 0))(knoll.arange(4.0).reshape(1, 1, 4))
    tensor([[[2., 1., 0., 1., 2., 3., 2.]]])
    """

    mode = "reflect"


class ReplicationPad2d(Padding[Sides]):
    """2-D replication padding: the edges of images are repeated: `aa|abcd|dd`.

    Shapes: (n, c, h, w) → (n, c, top + h + bottom, left + w + right), or the same without n.

    - `padding`: pixels to add, (left, right, top, bottom), or one number for all.
      A negative number crops as many pixels.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ReplicationPad2d((2, 1, 0, 0))(knoll.arange(4.0).reshape(1, 1, 4))
    tensor([[[0., 0., 0., 1., 2., 3., 3.]]])
    """

    mode = "replicate"


class CircularPad2d(CircularPadding[Sides]):
    """2-D circular padding: each edge is followed by the opposite one: `cd|abcd|ab`.

    Shapes: (n, c, h, w) → (n, c, top + h + bottom, left + w + right), or the same without n.

    - `padding`: pixels to add, (left, right, top, bottom), or one number for all; at most that axis of the image.
      A negative number crops as many pixels.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.CircularPad2d((2, 1, 0, 0))(knoll.arange(4.0).reshape(1, 1, 4))
    tensor([[[2., 3., 0., 1., 2., 3., 0.]]])
    """


class ConstantPad2d(ConstantPadding[Sides]):
    """2-D constant padding: one number around images.

    Shapes: (*, h, w) → (*, top + h + bottom, left + w + right).

    - `padding`: pixels to add, (left, right, top, bottom), or one number for all.
      A negative number crops as many pixels.
    - `value`: the number that is put there.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ConstantPad2d((2, 1, 0, 0), 7)(knoll.arange(4.0).reshape(1, 1, 4))
    tensor([[[7., 7., 0., 1., 2., 3., 7.]]])
    """


class ZeroPad2d(ZeroPadding[Sides]):
    """2-D zero padding: zeros around images.

    Shapes: (*, h, w) → (*, top + h + bottom, left + w + right).

    - `padding`: pixels to add, (left, right, top, bottom), or one number for all.
      A negative number crops as many pixels.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ZeroPad2d((2, 1, 0, 0))(knoll.arange(4.0).reshape(1, 1, 4))
    tensor([[[0., 0., 0., 1., 2., 3., 0.]]])
    """
