"""Max pooling and max unpooling as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, cast, overload

from knoll.errors import ArgumentError
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.functional.max_pool import Pooled, unpool_window
from knoll.nn.module import Module
from knoll.nn.sizes import AdaptiveSize, Size, adaptive_size, pool_window
from knoll.ops.pooling.max_pool import check
from knoll.tensor import Tensor

__all__ = ["AdaptiveMaxPool2d", "MaxPool2d", "MaxUnpool2d"]

if TYPE_CHECKING:  # a default for a type variable: from Python 3.13 on in `typing`, before that known to type checkers
    from typing_extensions import TypeVar

    Y = TypeVar("Y", bound=Pooled, default=Tensor)
else:
    from typing import TypeVar

    Y = TypeVar("Y")


class MaxPool2d(Module, Generic[Y]):
    """2-D max pooling over images of shape (n, c, h, w): the largest value of each window.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n, where
    rows = ⌊(h + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; columns likewise.

    - `kernel_size`: the window in pixels: one number for both, or (rows, columns).
    - `stride`: pixels between neighbouring windows, likewise; None is `kernel_size`, so that windows do not overlap
      (that of a convolution is 1 unless given).
    - `padding`: pixels of −∞ added on each side, likewise, so that they are never the largest; at most half a window.
    - `dilation`: pixels between neighbouring elements of the window, likewise. 1 leaves no gaps.
    - `return_indices`: give the place of each value too, as int64, counted along the rows of its image: `MaxUnpool2d`
      takes them.
    - `ceil_mode`: round up in place of down, so that the last window may hang over the edge as long as it begins inside
      the image or the padding before it.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called. Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(knoll.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """

    stride: Size

    @overload
    def __init__(
        self: MaxPool2d[Tensor],
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: Literal[False] = False,
        ceil_mode: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: MaxPool2d[tuple[Tensor, Tensor]],
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        *,
        return_indices: Literal[True],
        ceil_mode: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: MaxPool2d[Pooled],
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None: ...
    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
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
        check(*pool_window("max_pool2d", kernel_size, stride, padding, dilation))

    def forward(self, input: Tensor) -> Y:
        """The pooled images, and the indices of their values if `return_indices`."""
        pooled = F.max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )
        return cast("Y", pooled)

    def extra_repr(self) -> str:
        """The arguments; `return_indices` is never printed."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class AdaptiveMaxPool2d(Module, Generic[Y]):
    """2-D adaptive max pooling: the largest values of as many windows as asked for, whatever the size of the images.

    Shapes: (n, c, h, w) → (n, c, rows, columns), or the same without n. Window i of the rows begins at ⌊i·h/rows⌋ and
    ends before ⌈(i+1)·h/rows⌉, so that windows may overlap; columns likewise.

    - `output_size`: (rows, columns), or one number for both; None for as many as the images have.
    - `return_indices`: give the place of each value too, as int64, counted along the rows of its image.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.AdaptiveMaxPool2d((7, None))(knoll.ones(1, 64, 10, 9)).shape
    (1, 64, 7, 9)
    """

    @overload
    def __init__(
        self: AdaptiveMaxPool2d[Tensor], output_size: AdaptiveSize, return_indices: Literal[False] = False
    ) -> None: ...
    @overload
    def __init__(
        self: AdaptiveMaxPool2d[tuple[Tensor, Tensor]], output_size: AdaptiveSize, return_indices: Literal[True]
    ) -> None: ...
    @overload
    def __init__(self: AdaptiveMaxPool2d[Pooled], output_size: AdaptiveSize, return_indices: bool = False) -> None: ...
    def __init__(self, output_size: AdaptiveSize, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices
        adaptive_size(output_size, "adaptive_max_pool2d")

    def forward(self, input: Tensor) -> Y:
        """The pooled images, and the indices of their values if `return_indices`."""
        return cast("Y", F.adaptive_max_pool2d(input, self.output_size, self.return_indices))

    def extra_repr(self) -> str:
        """The size; `return_indices` is never printed."""
        return f"output_size={self.output_size}"


class MaxUnpool2d(Module):
    """2-D max unpooling over images: values go back where they stood before a `MaxPool2d`, among zeros.

    Shapes: (n, c, h, w) and indices of that shape → (n, c, rows, columns), or the same without n, where
    rows = (h − 1)·stride − 2·padding + kernel_size; columns likewise. As images of different sizes pool to the same
    size, `forward` also takes an `output_size`, which differs from this by less than a stride.

    - `kernel_size`, `stride`, `padding`: those of the pooling, numbers or (rows, columns); `from_pool` takes them over.

    Of values that name the same place, as overlapping windows have, the last in reading order stays, and each of them
    has the gradient of that place. Wrong arguments are refused here: ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html; Badrinarayanan et al., SegNet, 2015.

    >>> import numpy as np
    >>> from knoll import nn
    >>> pool = nn.MaxPool2d(2, return_indices=True)
    >>> unpool = nn.MaxUnpool2d(2)
    >>> unpool
    MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))
    >>> unpool(*pool(np.arange(16.0).reshape(1, 4, 4)))
    tensor([[[ 0.,  0.,  0.,  0.],
             [ 0.,  5.,  0.,  7.],
             [ 0.,  0.,  0.,  0.],
             [ 0., 13.,  0., 15.]]], dtype=float64)
    """

    kernel_size: Pair
    stride: Pair
    padding: Pair

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = unpool_window(kernel_size, stride, padding)

    @classmethod
    def from_pool(cls, pool: MaxPool2d[Any]) -> Self:
        """The unpooling for `pool`, which must give its indices.

        With `dilation` the window counts with all pixels between its elements. Raises ArgumentError.

        >>> from knoll import nn
        >>> nn.MaxUnpool2d.from_pool(nn.MaxPool2d(3, 2, 1, dilation=2, return_indices=True))
        MaxUnpool2d(kernel_size=(5, 5), stride=(2, 2), padding=(1, 1))
        """
        if not pool.return_indices:
            raise ArgumentError(say("nn.no_indices"), got=repr(pool), advice="return_indices=True")
        kernel, stride, padding, dilation = pool_window(
            "max_pool2d", pool.kernel_size, pool.stride, pool.padding, pool.dilation
        )
        rows, columns = (d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        return cls((rows, columns), stride, padding)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """The unpooled images."""
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        """The arguments, as pairs."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
