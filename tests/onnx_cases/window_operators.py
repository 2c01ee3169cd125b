"""ONNX operators that slide windows over images. One row makes an image of a signal; three axes are out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from adapter import REFUSED, Node, OutOfScope, composed, numbers, operator

import knoll
from knoll import Tensor
from knoll.nn import functional as F

Sides = tuple[tuple[int, int], ...]  # of rows and of columns, what is added before and behind

REFUSED |= {
    "ConvInteger": "quantised",
    "DeformConv": "no such layer",
    "LpPool": "no such layer",
    "QLinearConv": "quantised",
}


@dataclass(frozen=True)
class Slide:
    """How windows move over images, in ONNX's words made full."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    sides: Sides

    @classmethod
    def of(cls, node: Node, x: Tensor, kernel: Sequence[int]) -> Slide:
        """Over x of two axes behind the channels; what is not said is 1, or no padding."""
        axes = len(kernel)
        stride, dilation = (node[word] or [1] * axes for word in ("strides", "dilations"))
        pads = node["pads"] or [0] * (2 * axes)
        sides = tuple(zip(pads[:axes], pads[axes:], strict=True))
        if axes == 1:
            kernel, stride, dilation, sides = (1, *kernel), (1, *stride), (1, *dilation), ((0, 0), *sides)
        slide = cls(*(tuple(numbers) for numbers in (kernel, stride, dilation)), sides)
        return slide if node.kind == "ConvTranspose" else slide._padded_as(node["auto_pad"], x.shape[2:])

    @property
    def reach(self) -> tuple[int, ...]:
        """Rows and columns from the first to the last of a window."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def _padded_as(self, word: str, size: Sequence[int]) -> Slide:
        """With the padding that makes as many windows as strides fit, the odd row or column behind or before."""
        if word not in ("SAME_UPPER", "SAME_LOWER"):
            return self
        steps = zip(size, self.stride, self.reach, strict=True)
        more = [max((-(-n // s) - 1) * s + reach - n, 0) for n, s, reach in steps]
        return replace(self, sides=shared_out(more, word))

    @property
    def even(self) -> tuple[int, int] | None:
        """The padding as PyTorch says it: as much before as behind."""
        (above, below), (left, right) = self.sides
        return (above, left) if (above, left) == (below, right) else None

    @property
    def shallow(self) -> bool:
        """Whether PyTorch's pooling takes this padding: the same on both sides, and at most half a window."""
        return self.even is not None and all(2 * p <= k for p, k in zip(self.even, self.kernel, strict=True))


def shared_out(total: Sequence[int], word: str) -> Sides:
    """What is added before and behind; the odd one goes behind if the word is SAME_UPPER."""
    halves = [(size // 2, size - size // 2) for size in total]
    return tuple(halves if word == "SAME_UPPER" else [(more, less) for less, more in halves])


def images(*tensors: Tensor) -> list[Tensor]:
    """Signals as images of one row; images as they are."""
    if tensors[0].ndim > 4:
        raise OutOfScope("images of three axes")
    return [x.unsqueeze(-2) if x.ndim == 3 else x for x in tensors]


def like(x: Tensor, y: Tensor) -> Tensor:
    """The result for a signal without the row that was lent to it."""
    return y.squeeze(-2) if x.ndim == 3 else y


def padded(x: Tensor, sides: Sides, value: float = 0.0) -> Tensor:
    composed()
    (above, below), (left, right) = sides
    return F.pad(x, (left, right, above, below), value=value)


@operator("Conv")
def conv(node: Node, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    image, window = images(x, w)
    slide = Slide.of(node, image, w.shape[2:])
    if slide.even is None:
        image, slide = padded(image, slide.sides), replace(slide, sides=((0, 0), (0, 0)))
    return like(x, F.conv2d(image, window, b, slide.stride, slide.even, slide.dilation, node["group"]))


@operator("ConvTranspose")
def conv_transpose(node: Node, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """Padding takes away here: PyTorch's as much on both sides, what is over is cut off."""
    image, window = images(x, w)
    slide = Slide.of(node, image, w.shape[2:])
    sides, more = _taken_away(node, slide, image.shape[2:])
    less = tuple(min(pair) for pair in sides)
    y = F.conv_transpose2d(image, window, b, slide.stride, less, more, node["group"], slide.dilation)
    rest: Any = [tuple(p - side for side in pair) for p, pair in zip(less, sides, strict=True)]
    return like(x, padded(y, rest) if any(map(any, rest)) else y)


def _taken_away(node: Node, slide: Slide, size: Sequence[int]) -> tuple[Sides, tuple[int, ...]]:
    """The padding that is said, or that leaves as much as is said, and what is added behind."""
    more = (0, 0, *(node["output_padding"] or ()))[-2:]
    wanted = node["output_shape"]
    if node["auto_pad"].startswith("SAME"):
        wanted = [n * s for n, s in zip(size, slide.stride, strict=True)]
    if not wanted:
        return slide.sides, more
    terms = zip(size, slide.stride, slide.reach, more, wanted, strict=True)
    over = [(n - 1) * s + reach + o - rows for n, s, reach, o, rows in terms]
    lacking = tuple(o + max(-rows, 0) for o, rows in zip(more, over, strict=True))
    return shared_out([max(rows, 0) for rows in over], node["auto_pad"]), lacking


@operator("MaxPool")
def max_pool(node: Node, x: Tensor) -> Any:
    """Values, and places in the whole tensor; where PyTorch has no word for the padding, the image is padded first."""
    (image,) = images(x)
    slide = Slide.of(node, image, node["kernel_shape"])
    wide, before = image, (0, 0)
    if not slide.shallow:
        _even_ends(node)
        lowest = -np.inf if x.is_floating_point() else np.iinfo(x.dtype).min
        before = (slide.sides[0][0], slide.sides[1][0])
        wide, slide = padded(image, slide.sides, lowest), replace(slide, sides=((0, 0), (0, 0)))
    arguments = (slide.kernel, slide.stride, slide.even, slide.dilation, bool(node["ceil_mode"]))
    if len(node.outputs) == 1:
        return like(x, F.max_pool2d(wide, *arguments))
    values, places = F.max_pool2d(wide, *arguments, return_indices=True)
    rows, columns = places // wide.shape[3] - before[0], places % wide.shape[3] - before[1]
    return like(x, values), like(x, _in_whole_tensor(image, rows, columns, bool(node["storage_order"])))


def _in_whole_tensor(image: Tensor, rows: Tensor, columns: Tensor, by_columns: bool) -> Tensor:
    """Places counted through all planes, along rows or along columns."""
    composed()
    n, c, h, w = image.shape
    planes = knoll.arange(n * c).reshape((n, c, 1, 1))
    return planes * (h * w) + (columns * h + rows if by_columns else rows * w + columns)


@operator("MaxUnpool")
def max_unpool(node: Node, x: Tensor, places: Tensor, shape: Tensor | None = None) -> Tensor:
    """Places count in a tensor of the size that the windows make, whatever size is asked for."""
    image, indices = images(x, places)
    slide = Slide.of(node, image, node["kernel_shape"])
    if slide.even is None:
        raise OutOfScope("unpooling with unequal padding")
    steps = zip(image.shape[2:], slide.stride, slide.kernel, slide.even, strict=True)
    h, w = ((n - 1) * s + k - 2 * p for n, s, k, p in steps)
    y = F.max_unpool2d(image, indices % (h * w), slide.kernel, slide.stride, slide.even)
    if shape is not None:
        composed()
        rows, columns = numbers(shape)[-2:]
        y = F.pad(y, (0, columns - w, 0, rows - h))
    return like(x, y)


def _even_ends(node: Node) -> None:
    """A last window that is not whole may begin in PyTorch's padding, and not in what was padded first."""
    if node["ceil_mode"]:
        raise OutOfScope("windows rounded up, with padding that PyTorch has no word for")


@operator("AveragePool")
def average_pool(node: Node, x: Tensor) -> Tensor:
    """Where PyTorch has no word for the padding: the sums of windows, and the number of pixels in each."""
    (image,) = images(x)
    slide = Slide.of(node, image, node["kernel_shape"])
    if slide.dilation != (1, 1):
        raise OutOfScope("averages with dilation")
    if slide.shallow:
        arguments = (slide.kernel, slide.stride, slide.even, bool(node["ceil_mode"]), bool(node["count_include_pad"]))
        return like(x, F.avg_pool2d(image, *arguments))
    _even_ends(node)
    inside = padded(knoll.ones_like(image), slide.sides, float(node["count_include_pad"] or 0))
    sums, counts = (
        F.avg_pool2d(wide, slide.kernel, slide.stride, divisor_override=1)
        for wide in (padded(image, slide.sides), inside)
    )
    return like(x, sums / counts)


@operator("GlobalAveragePool")
def global_average_pool(_: Node, x: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(x, 1)


@operator("GlobalMaxPool")
def global_max_pool(_: Node, x: Tensor) -> Tensor:
    return F.adaptive_max_pool2d(x, 1)
