"""Layers that enlarge images."""

from __future__ import annotations

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F
from knoll.nn.module import Module
from knoll.nn.sizes import Size
from knoll.tensor import Tensor
from knoll.tensor.arguments import truthy

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """Upsampling of sequences, images or volumes by interpolation; it can shrink them too.

    Shapes: (n, c, w), (n, c, h, w) or (n, c, d, h, w) → the same with other sizes behind the channels: `size`, or
    ⌊size of the input · scale_factor⌋.

    - `size`: the sizes of the output, in elements; one number stands for all axes.
    - `scale_factor`: how many times as long each axis becomes, likewise; one of the two is given.
    - `mode`: "nearest" takes one element for each result, "nearest-exact" the one whose centre is nearest, "area" the
      mean of a window; "linear", "bilinear" and "trilinear" (for one, two and three axes) weight the neighbours;
      "bicubic" weights the 16 pixels around each result of an image by a cubic.
    - `align_corners`: whether the outermost results lie on the outermost elements; for the linear modes and "bicubic".
    - `recompute_scale_factor`: whether positions follow from the rounded sizes and not from `scale_factor`.

    Raises ShapeError, ArgumentError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Upsample(scale_factor=2)
    >>> layer
    Upsample(scale_factor=2.0, mode='nearest')
    >>> layer(knoll.tensor([[[[1.0, 2.0]]]]))
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """

    name: str
    scale_factor: float | tuple[float, ...] | None

    def __init__(
        self,
        size: int | tuple[int, ...] | None = None,
        scale_factor: float | tuple[float, ...] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(map(_factor, scale_factor))
        elif scale_factor is None or not truthy(scale_factor, "interpolate", "scale_factor"):
            self.scale_factor = None
        else:
            self.scale_factor = _factor(scale_factor)
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """The resized input."""
        return F.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            recompute_scale_factor=self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        """The size or its factor, and the mode."""
        given = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{given}, mode={self.mode!r}"


def _factor(value: float) -> float:
    """A factor as a float; what Python makes none of is refused in Python's words."""
    try:
        return float(value)
    except TypeError as error:
        raise ArgumentTypeError(str(error), got=f"scale_factor={value!r}") from None
    except (ValueError, OverflowError) as error:
        raise ArgumentError(str(error), got=f"scale_factor={value!r}") from None


class UpsamplingNearest2d(Upsample):
    """Nearest-neighbour upsampling of images: an older name for `Upsample`.

    Shapes: (n, c, h, w) → (n, c, rows, columns).

    - `size`: (rows, columns), or one number for both.
    - `scale_factor`: how many times the rows and columns; one of the two is given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html

    >>> from knoll import nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)
    UpsamplingNearest2d(scale_factor=2.0, mode='nearest')
    """

    def __init__(self, size: Size | None = None, scale_factor: float | tuple[float, float] | None = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """Bilinear upsampling of images with aligned corners: an older name for `Upsample`.

    Shapes: (n, c, h, w) → (n, c, rows, columns).

    - `size`: (rows, columns), or one number for both.
    - `scale_factor`: how many times the rows and columns; one of the two is given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html

    >>> from knoll import nn
    >>> nn.UpsamplingBilinear2d(size=(4, 6))
    UpsamplingBilinear2d(size=(4, 6), mode='bilinear')
    """

    def __init__(self, size: Size | None = None, scale_factor: float | tuple[float, float] | None = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
