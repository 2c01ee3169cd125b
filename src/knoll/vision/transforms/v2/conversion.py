"""Transforms that make one kind of leaf out of another: pictures, tensors, and their element types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from knoll.data import replaces
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.dtypes import dtype_of, float32
from knoll.vision.pixels import is_image
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image, to_tensor
from knoll.vision.transforms.to_tensor import ToTensor as SingleToTensor
from knoll.vision.transforms.transform import Array
from knoll.vision.transforms.v2.functional.conversion import to_dtype, to_image
from knoll.vision.transforms.v2.sample import is_plain, shows
from knoll.vision.transforms.v2.transform import Transform
from knoll.vision.tv_tensors import Image, TVTensor

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


def _is_array(leaf: object) -> bool:
    return isinstance(leaf, np.ndarray)


class ToImage(Transform):
    """Pictures, arrays (h, w, c) and tensors (c, h, w) as `tv_tensors.Image`; their values and type stay.

    >>> from PIL import Image
    >>> from knoll.vision.transforms import v2
    >>> v2.ToImage()(Image.new("L", (3, 1), 200), 5)
    (Image([[[200, 200, 200]]], dtype=uint8), 5)
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (is_plain, is_image, _is_array)

    def transform(self, inpt: Tensor | PillowImage | np.ndarray[Any, Any], params: dict[str, Any]) -> Image:
        """The picture as an image."""
        return to_image(inpt)

    @replaces("__call__", "transform")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        return images


class PILToTensor(Transform):
    """Pictures as tensors (c, h, w) of their own values and type, not scaled.

    >>> from PIL import Image
    >>> from knoll.vision.transforms import v2
    >>> v2.PILToTensor()(Image.new("RGB", (24, 32))).shape
    (3, 32, 24)
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (is_image,)

    def transform(self, inpt: PillowImage, params: dict[str, Any]) -> Tensor:
        """The picture as a tensor."""
        return pil_to_tensor(inpt)


class ToTensor(Transform):
    """Pictures and arrays (h, w, c) as tensors (c, h, w) from 0 to 1; torchvision advises `ToImage` and `ToDtype`."""

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (is_image, _is_array)

    def transform(self, inpt: PillowImage | np.ndarray[Any, Any], params: dict[str, Any]) -> Tensor:
        """The picture as a tensor."""
        return to_tensor(inpt)

    @replaces("__call__", "transform")
    def apply_batch(self, images: Array) -> Array:
        """The same for 8-bit images (n, c, h, w)."""
        return SingleToTensor().apply_batch(images)


class ToPILImage(Transform):
    """Tensors (c, h, w) and arrays (h, w, c) as pictures; `mode` is Pillow's name for what the channels mean.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.ToPILImage()(knoll.zeros(3, 32, 24)).size
    (24, 32)
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (
        lambda leaf: is_plain(leaf) or isinstance(leaf, Image),
        _is_array,
    )

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def transform(self, inpt: Tensor | np.ndarray[Any, Any], params: dict[str, Any]) -> PillowImage:
        """The tensor as a picture."""
        return to_pil_image(inpt, mode=self.mode)


class ToPureTensor(Transform):
    """Images and masks as plain tensors, with the same numbers.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> type(v2.ToPureTensor()(image)).__name__
    'Tensor'
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (lambda leaf: isinstance(leaf, TVTensor),)

    def transform(self, inpt: TVTensor, params: dict[str, Any]) -> Tensor:
        """The same numbers as a tensor."""
        return Tensor(inpt)


Dtypes = DType | dict[type | str, DType | None]


class ToDtype(Transform):
    """Images of another element type; with `scale` their values go from the range of the one to that of the other.

    A dictionary says the type of each kind of tensor, `tv_tensors.Image`, `tv_tensors.Mask` or `Tensor`, and that of
    "others"; None leaves it. Raises ArgumentError for a kind without a type, and for pixels that the type cannot hold.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.ToDtype(knoll.float32, scale=True)(knoll.tensor([[[0, 51, 255]]], dtype=knoll.uint8))
    tensor([[[0.0000, 0.2000, 1.0000]]])
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (lambda leaf: isinstance(leaf, Tensor),)

    def __init__(self, dtype: Dtypes, scale: bool = False) -> None:
        kinds: Any = dtype.values() if isinstance(dtype, dict) else [dtype]
        if not isinstance(dtype, dict) and dtype is None:
            raise ArgumentError(f"dtype must be a dict or a torch.dtype, got {type(dtype)} instead")
        for kind in kinds:
            if kind is not None:
                dtype_of(kind)
        self.dtype = dtype
        self.scale = scale

    def transform(self, inpt: Tensor, params: dict[str, Any]) -> Tensor:
        """The image in the type of its kind."""
        dtype = self._dtype_of(inpt)
        return inpt if dtype is None else to_dtype(inpt, dtype=dtype, scale=self.scale)

    @replaces("__call__", "transform")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        made: Array = self(from_numpy(images)).numpy()
        return made

    def _dtype_of(self, inpt: Tensor) -> DType | None:
        if not isinstance(self.dtype, dict):
            return self.dtype if shows(inpt) else None
        for kind in (type(inpt), "others"):
            if kind in self.dtype:
                return self.dtype[kind]
        raise ArgumentError(f"No dtype was specified for type {type(inpt)}.", advice=say("vision.dtype_of_others"))


class ConvertImageDtype(ToDtype):
    """Images of another element type, scaled to its range: `ToDtype(dtype, scale=True)`.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.full((1, 1, 2), 255, dtype=knoll.uint8))
    >>> v2.ConvertImageDtype(knoll.float32)(image).tolist()
    [[[1.0, 1.0]]]
    """

    def __init__(self, dtype: DType = float32) -> None:
        super().__init__(dtype, scale=True)


class Identity(Transform):
    """Samples as they are.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.Identity()(image) is image
    True
    """

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The leaf itself."""
        return inpt


class Lambda(Transform):
    """A function of each leaf of a sample, or of those of some `types`.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.Lambda(lambda label: label + 1, int)(knoll.zeros(2), 6)
    (tensor([0., 0.]), 7)
    """

    def __init__(self, lambd: Callable[[Any], Any], *types: type) -> None:
        if not callable(lambd):
            raise ArgumentTypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        if not all(isinstance(each, type) for each in types):
            raise ArgumentTypeError("Argument types should be types", got=repr(types))
        self.lambd = lambd
        self.types: tuple[type, ...] = types or (object,)

    def _chosen(self, leaves: list[Any]) -> list[bool]:
        return [isinstance(leaf, self.types) for leaf in leaves]

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """What the function makes of the leaf."""
        return self.lambd(inpt)

    def __repr__(self) -> str:
        name = getattr(self.lambd, "__name__", "")
        return f"Lambda({name + ', ' if name else ''}types={[each.__name__ for each in self.types]})"
