"""Rectangles of tensors that are written over."""

from __future__ import annotations

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Tensor | float, inplace: bool = False) -> Tensor:
    """A tensor (…, h, w) whose rectangle of `h` by `w` pixels at row `i`, column `j` has the value `v`.

    Raises ArgumentTypeError for anything but a tensor.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import erase
    >>> erase(knoll.ones(1, 2, 3), 0, 1, 2, 2, 0.0)
    tensor([[[1., 0., 0.],
             [1., 0., 0.]]])
    """
    if not isinstance(img, Tensor):
        raise ArgumentTypeError(
            f"img should be Tensor Image. Got {type(img)}", advice=say("vision.to_tensor_before_erasing")
        )
    i, j, h, w = (integer(each, "erase", name) for name, each in (("i", i), ("j", j), ("h", h), ("w", w)))
    target = img if inplace else img.clone()
    target[..., i : i + h, j : j + w] = v
    return target
