"""Tensors that say what they are, under torchvision's names: an image, or a mask with a class for every pixel.

`transforms.v2` moves both together, gives masks their nearest pixels, and changes the colours of images only.
https://pytorch.org/vision/stable/tv_tensors.html
"""

from __future__ import annotations

from typing import Any, TypeVar

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor import Tensor, as_tensor
from knoll.tensor.arguments import truth
from knoll.vision.pixels import is_image
from knoll.vision.transforms.functional.conversion import pil_to_tensor

__all__ = ["Image", "Mask", "TVTensor", "wrap"]

Kind = TypeVar("Kind", bound="TVTensor")


class TVTensor(Tensor):
    """A tensor that says what its numbers are; operations on it give plain tensors.

    `data` is a tensor, whose memory is shared, a picture of Pillow, or what `as_tensor` takes.

    >>> import knoll
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(1, 2, 2))
    >>> type(image).__name__, type(image + 1).__name__
    ('Image', 'Tensor')
    """

    __slots__ = ()

    def __init__(
        self, data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool | None = None
    ) -> None:
        wanted = isinstance(data, Tensor) and data.requires_grad
        if requires_grad is not None:
            wanted = truth(requires_grad, type(self).__name__, "requires_grad")
        given = as_tensor(pil_to_tensor(data) if is_image(data) else data, dtype=dtype, device=device)
        self._hold(self._checked(given))
        if wanted:
            self.requires_grad = True

    @staticmethod
    def _checked(data: Tensor) -> Tensor:
        return data

    def __repr__(self) -> str:
        name = type(self).__name__ + "("
        return name + super().__repr__().removeprefix("tensor(").replace("\n       ", "\n" + " " * len(name))


class Image(TVTensor):
    """An image (…, c, h, w); one of shape (h, w) gets an axis of one channel. Raises ArgumentError below two axes.

    >>> import knoll
    >>> from knoll.vision import tv_tensors
    >>> tv_tensors.Image(knoll.zeros(4, 5)).shape
    (1, 4, 5)
    """

    __slots__ = ()

    @staticmethod
    def _checked(data: Tensor) -> Tensor:
        if data.ndim < 2:
            raise ArgumentError(f"Tensor must be 2D or higher, got {data.ndim}D tensor.")
        return data.unsqueeze(0) if data.ndim == 2 else data


class Mask(TVTensor):
    """A mask (…, h, w): the class of every pixel.

    >>> import knoll
    >>> from knoll.vision import tv_tensors
    >>> tv_tensors.Mask(knoll.ones(2, 2, dtype=knoll.int64))
    Mask([[1, 1],
          [1, 1]])
    """

    __slots__ = ()


def wrap(wrappee: Tensor, *, like: Kind) -> Kind:
    """The same numbers as a tensor of the kind of `like`. Raises ArgumentTypeError where that is no such tensor.

    >>> import knoll
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(1, 2, 2))
    >>> type(tv_tensors.wrap(image + 1, like=image)).__name__
    'Image'
    """
    if not isinstance(like, TVTensor):
        raise ArgumentTypeError(say("vision.wrap_like"), got=repr(type(like)))
    return type(like)(wrappee)
