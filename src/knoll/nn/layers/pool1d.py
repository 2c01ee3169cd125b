"""Pooling layers along one axis: max, average and adaptive pooling, max unpooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, Self, cast, overload

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.functional.max_pool import Pooled
from knoll.nn.functional.pool1d import unpool_window_1d
from knoll.nn.layers.max_pool import Y
from knoll.nn.lengths import Length, Single, single, single_or
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "MaxPool1d", "MaxUnpool1d"]


class MaxPool1d(Module, Generic[Y]):
    """1-D max pooling over sequences of shape (n, c, l): the largest value of each window.

    Shapes: (n, c, l) → (n, c, l_out), or the same without n, where
    l_out = ⌊(l + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1.

    - `kernel_size`: how many elements the window has.
    - `stride`: elements between neighbouring windows; None is `kernel_size`, so that windows do not overlap.
    - `padding`: elements of −∞ added at both ends, so that they are never the largest; at most half a window.
    - `dilation`: elements between neighbouring elements of the window. 1 leaves no gaps.
    - `return_indices`: give the place of each value too, as int64: `MaxUnpool1d` takes them.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the end as long as it begins inside
      the sequence or the padding before it.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called. Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.MaxPool1d(2)
    >>> layer
    MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(knoll.tensor([[3.0, 1.0, 4.0, 1.0, 5.0]]))
    tensor([[3., 4.]])
    """

    stride: Length

    @overload
    def __init__(
        self: MaxPool1d[Tensor],
        kernel_size: Length,
        stride: Length | None = None,
        padding: Length = 0,
        dilation: Length = 1,
        return_indices: Literal[False] = False,
        ceil_mode: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: MaxPool1d[tuple[Tensor, Tensor]],
        kernel_size: Length,
        stride: Length | None = None,
        padding: Length = 0,
        dilation: Length = 1,
        *,
        return_indices: Literal[True],
        ceil_mode: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: MaxPool1d[Pooled],
        kernel_size: Length,
        stride: Length | None = None,
        padding: Length = 0,
        dilation: Length = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None: ...
    def __init__(
        self,
        kernel_size: Length,
        stride: Length | None = None,
        padding: Length = 0,
        dilation: Length = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        for name, value in (("kernel_size", kernel_size), ("padding", padding), ("dilation", dilation)):
            single(value, name, "max_pool1d")
        single_or((1,), stride, "stride", "max_pool1d")

    def forward(self, input: Tensor) -> Y:
        """The pooled sequences, and the indices of their values if `return_indices`."""
        pooled = F.max_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )
        return cast("Y", pooled)

    def extra_repr(self) -> str:
        """The arguments; `return_indices` is never printed."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class AvgPool1d(Module):
    """1-D average pooling over sequences of shape (n, c, l): the mean of each window.

    Shapes: (n, c, l) → (n, c, l_out), or the same without n, where
    l_out = ⌊(l + 2·padding − kernel_size) / stride⌋ + 1.

    - `kernel_size`: how many elements the window has.
    - `stride`: elements between neighbouring windows; None is `kernel_size`, so that windows do not overlap.
    - `padding`: zeros added at both ends; at most half a window.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the end as long as it begins inside
      the sequence or the padding before it. What hangs over the padding never counts.
    - `count_include_pad`: whether padding counts as elements of the mean.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called. Source: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.AvgPool1d(2)
    >>> layer
    AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))
    >>> layer(knoll.tensor([[3.0, 1.0, 4.0, 2.0, 5.0]]))
    tensor([[2., 3.]])
    """

    kernel_size: Single
    stride: Single
    padding: Single

    def __init__(
        self,
        kernel_size: Length,
        stride: Length | None = None,
        padding: Length = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = single(kernel_size, "kernel_size", "avg_pool1d")
        self.stride = self.kernel_size if stride is None else single(stride, "stride", "avg_pool1d")
        self.padding = single(padding, "padding", "avg_pool1d")
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """The pooled sequences."""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """The first three arguments, as PyTorch prints them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool1d(Module):
    """1-D adaptive average pooling: the means of as many windows as asked for, whatever the length of the sequences.

    Shapes: (n, c, l) → (n, c, output_size), or the same without n. Window i begins at ⌊i·l/output_size⌋ and ends before
    ⌈(i+1)·l/output_size⌉, so that windows may overlap.

    - `output_size`: how many windows. 1 is global average pooling: the mean of each channel.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.AdaptiveAvgPool1d(2)(knoll.arange(6.0).reshape(1, 6))
    tensor([[1., 4.]])
    """

    output_size: Length

    def __init__(self, output_size: Length) -> None:
        super().__init__()
        single(output_size, "output_size", "adaptive_avg_pool1d")
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """The pooled sequences."""
        return F.adaptive_avg_pool1d(input, self.output_size)

    def extra_repr(self) -> str:
        """The size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(Module, Generic[Y]):
    """1-D adaptive max pooling: the largest values of as many windows as asked for, whatever the length.

    Shapes: (n, c, l) → (n, c, output_size), or the same without n. Window i begins at ⌊i·l/output_size⌋ and ends before
    ⌈(i+1)·l/output_size⌉, so that windows may overlap.

    - `output_size`: how many windows.
    - `return_indices`: give the place of each value too, as int64.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.AdaptiveMaxPool1d(2)(knoll.arange(6.0).reshape(1, 6))
    tensor([[2., 5.]])
    """

    output_size: Length

    @overload
    def __init__(
        self: AdaptiveMaxPool1d[Tensor], output_size: Length, return_indices: Literal[False] = False
    ) -> None: ...
    @overload
    def __init__(
        self: AdaptiveMaxPool1d[tuple[Tensor, Tensor]], output_size: Length, return_indices: Literal[True]
    ) -> None: ...
    @overload
    def __init__(self: AdaptiveMaxPool1d[Pooled], output_size: Length, return_indices: bool = False) -> None: ...
    def __init__(self, output_size: Length, return_indices: bool = False) -> None:
        super().__init__()
        single(output_size, "output_size", "adaptive_max_pool1d")
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Y:
        """The pooled sequences, and the indices of their values if `return_indices`."""
        return cast("Y", F.adaptive_max_pool1d(input, self.output_size, self.return_indices))

    def extra_repr(self) -> str:
        """The size; `return_indices` is never printed."""
        return f"output_size={self.output_size}"


class MaxUnpool1d(Module):
    """1-D max unpooling over sequences: values go back where they stood before a `MaxPool1d`, among zeros.

    Shapes: (n, c, l) and indices of that shape → (n, c, l_out), or the same without n, where
    l_out = (l − 1)·stride − 2·padding + kernel_size. As sequences of different lengths pool to the same one, the call
    takes `output_size`.

    - `kernel_size`, `stride`, `padding`: those of the pooling; `stride` None is `kernel_size`.

    Raises ArgumentError, ArgumentTypeError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> pool, unpool = nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2)
    >>> unpool(*pool(knoll.tensor([[3.0, 1.0, 1.0, 4.0]])))
    tensor([[3., 0., 0., 4.]])
    """

    kernel_size: Single
    stride: Single
    padding: Single

    def __init__(self, kernel_size: Length, stride: Length | None = None, padding: Length = 0) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = unpool_window_1d(kernel_size, stride, padding)

    @classmethod
    def from_pool(cls, pool: MaxPool1d[Any]) -> Self:
        """The unpooling for `pool`, which must give its indices. Raises ArgumentError.

        >>> from knoll import nn
        >>> nn.MaxUnpool1d.from_pool(nn.MaxPool1d(3, 2, 1, return_indices=True))
        MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(1,))
        """
        if not pool.return_indices:
            raise ArgumentError(say("nn.no_indices"), got=repr(pool), advice="return_indices=True")
        ((taps,), (apart,)) = (
            single(value, name, "max_pool1d")
            for name, value in (("kernel_size", pool.kernel_size), ("dilation", pool.dilation))
        )
        return cls(apart * (taps - 1) + 1, pool.stride, pool.padding)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The unpooled sequences."""
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
