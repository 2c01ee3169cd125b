"""What is done to an image between the data set and the network, under torchvision's names.

A transform takes one image. Those that have `apply_batch` can also be applied to many images of one size at once, as an
array (n, c, h, w), with the same result for each: `for_batches` asks for that. It is a fast path of `__call__`, not
taken where a subclass overrides that. https://pytorch.org/vision/stable/transforms.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knoll.data import draws, fast_path, replaces
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.pixels import channels_first, crop, height_and_width, is_image, pixels_of, scaled, window

if TYPE_CHECKING:
    from PIL.Image import Image

Array = NDArray[Any]
BatchTransform = Callable[[Array], Array]


class Transform(Protocol):
    """Anything that makes one image out of another."""

    def __call__(self, image: Any, /) -> Any:
        """The image, transformed."""
        ...


class InterpolationMode(StrEnum):
    """How a resized image gets its pixels out of the old ones."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


class Compose:
    """Several transforms, one after the other.

    >>> Compose([CenterCrop(28), ToTensor()])
    Compose(
        CenterCrop(size=(28, 28))
        ToTensor()
    )
    """

    transforms: list[Transform]

    def __init__(self, transforms: Sequence[Transform]) -> None:
        if not isinstance(transforms, Iterable):
            raise ArgumentTypeError(
                f"'{type(transforms).__name__}' object is not iterable", advice=say("vision.compose_list")
            )
        self.transforms = list(transforms)
        for place, transform in enumerate(self.transforms):
            check_transform(f"transforms[{place}]", transform, needed=True)

    def __call__(self, image: Any) -> Any:
        """The image after all transforms."""
        for transform in self.transforms:
            image = transform(image)
        return image

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w); for those whose transforms all have a form for batches."""
        for transform in self.transforms:
            step: Any = transform
            images = step.apply_batch(images)
        return images

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


class ToTensor:
    """An image, or an array (h, w, c), as a tensor (c, h, w); 8-bit values become float32 in [0, 1].

    Raises ArgumentTypeError for anything else, ArgumentError for an array that is not an image.

    >>> tensor = ToTensor()(np.full((2, 4, 3), 51, np.uint8))
    >>> tuple(tensor.shape), round(float(tensor.numpy().max()), 6)
    ((3, 2, 4), 0.2)
    """

    def __call__(self, image: Image | Array) -> Tensor:
        """The image as a tensor."""
        if isinstance(image, np.ndarray):
            pixels = image
        elif is_image(image):
            pixels = pixels_of(image)
        else:
            advice = say("vision.tensor_already") if isinstance(image, Tensor) else None
            raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {type(image)}", advice=advice)
        if pixels.ndim not in (2, 3):
            raise ArgumentError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
        return from_numpy(scaled(channels_first(pixels)))

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for 8-bit images (n, c, h, w)."""
        if images.dtype != np.uint8:
            raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {Tensor}")
        return scaled(images)

    def __repr__(self) -> str:
        return "ToTensor()"


class PILToTensor:
    """An image as a tensor (c, h, w) of its own values and type, not scaled."""

    def __call__(self, image: Image) -> Tensor:
        """The image as a tensor."""
        if not is_image(image):
            raise ArgumentTypeError(f"pic should be PIL Image. Got {type(image)}")
        return from_numpy(np.ascontiguousarray(channels_first(pixels_of(image))))

    def __repr__(self) -> str:
        return "PILToTensor()"


class Normalize:
    """Subtract a mean from each channel and divide by a standard deviation: (x - mean) / std.

    Raises ArgumentError where a deviation is zero, ArgumentTypeError for anything but a float tensor.

    >>> Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])(from_numpy(np.ones((3, 1, 1), np.float32))).numpy().ravel().tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, mean: Sequence[float] | float, std: Sequence[float] | float, inplace: bool = False) -> None:
        for name, values in (("mean", mean), ("std", std)):
            _check_values(name, values)
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def __call__(self, tensor: Tensor) -> Tensor:
        """The tensor (…, c, h, w), normalised."""
        if not isinstance(tensor, Tensor):
            raise ArgumentTypeError(
                f"img should be Tensor Image. Got {type(tensor)}", advice=say("vision.to_tensor_first")
            )
        result = from_numpy(self.apply_batch(tensor.numpy()))
        return tensor.copy_(result) if self.inplace else result

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        if not np.issubdtype(images.dtype, np.floating):
            raise ArgumentTypeError(
                f"Input tensor should be a float tensor. Got {images.dtype}.", advice=say("vision.to_tensor_first")
            )
        if images.ndim < 3:
            raise ArgumentError(
                f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {list(images.shape)}"
            )
        mean, std = (self._by_channel(values, images) for values in (self.mean, self.std))
        if not std.all():
            raise ArgumentError(
                f"std evaluated to zero after conversion to {images.dtype}, leading to division by zero.",
                came=str(self.std),
            )
        result: Array = images - mean
        result /= std
        return result

    def _by_channel(self, values: Sequence[float] | float, images: Array) -> Array:
        """The values as an array (c, 1, 1) that fits the images."""
        column = np.asarray(values, images.dtype).reshape(-1, 1, 1)
        if len(column) not in (1, images.shape[-3]):
            raise ShapeError(
                f"The size of tensor a ({images.shape[-3]}) must match the size of tensor b ({len(column)}) "
                "at non-singleton dimension 0",
                expected=say("vision.value_per_channel", channels=images.shape[-3]),
                came=str(values),
                advice=say("vision.rgb_first") if images.shape[-3] in (1, 4) and len(column) == 3 else None,
            )
        return column

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


class Resize:
    """An image of another size: `(h, w)`, or an int for the shorter edge, the longer one keeping the proportion.

    With an int, `max_size` bounds the longer edge. Pixels are averaged over the area they come from (antialias).
    Raises ArgumentTypeError for a tensor: put Resize before ToTensor.
    """

    interpolation: InterpolationMode

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,  # noqa: ARG002 (torchvision's; pictures are always resized so)
    ) -> None:
        if isinstance(size, str | bool) or not isinstance(size, int | Sequence):
            raise ArgumentTypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ArgumentError("If size is a sequence, it should have 1 or 2 values")
        for edge in size if isinstance(size, Sequence) else (size,):
            _pixels("size", edge, 1)
        self.size = size
        self.interpolation = _interpolation(interpolation)
        self.max_size = max_size
        self._check_max_size()

    def __call__(self, image: Image) -> Image:
        """The image, resized."""
        from PIL.Image import Resampling

        if not is_image(image):
            raise ArgumentTypeError(f"img should be PIL Image. Got {type(image)}", advice=say("vision.resize_first"))
        height, width = self._target(image.height, image.width)
        if (height, width) == (image.height, image.width):
            return image
        return image.resize((width, height), Resampling[self.interpolation.name])

    def _check_max_size(self) -> None:
        if self.max_size is None:
            return
        if isinstance(self.size, Sequence) and len(self.size) != 1:
            raise ArgumentError(
                "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
                "an int or a sequence of length 1 in torchscript mode."
            )
        short = self.size[0] if isinstance(self.size, Sequence) else self.size
        if _pixels("max_size", self.max_size, 1) <= short:
            raise ArgumentError(
                f"max_size = {self.max_size} must be strictly greater than the requested size for the smaller edge "
                f"size = {self.size}"
            )

    def _target(self, height: int, width: int) -> tuple[int, int]:
        if isinstance(self.size, Sequence) and len(self.size) == 2:
            return self.size[0], self.size[1]
        short = self.size if isinstance(self.size, int) else self.size[0]
        long = int(short * max(height, width) / min(height, width))
        if self.max_size is not None and long > self.max_size:
            short, long = int(self.max_size * short / long), self.max_size
        return (long, short) if width <= height else (short, long)

    def __repr__(self) -> str:
        return f"Resize(size={self.size}, interpolation={self.interpolation}, max_size={self.max_size}, antialias=True)"


class CenterCrop:
    """The middle of an image; one smaller than `size` gets a black border.

    >>> CenterCrop(2)(from_numpy(np.arange(16.0).reshape(1, 4, 4))).numpy().tolist()
    [[[5.0, 6.0], [9.0, 10.0]]]
    """

    size: tuple[int, int]

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _height_width(size)

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """The middle of the image."""
        return crop(image, *self._corner(*height_and_width(image)), *self.size)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w)."""
        return window(images, *self._corner(*images.shape[-2:]), *self.size)

    def _corner(self, height: int, width: int) -> tuple[int, int]:
        # torchvision rounds half to even where it cuts, and down where it adds a border.
        top, left = (
            round((have - want) / 2) if have >= want else -((want - have) // 2)
            for have, want in zip((height, width), self.size, strict=True)
        )
        return top, left

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


class RandomCrop:
    """A window of an image at a random place, after a black border of `padding` pixels is added.

    `padding` is one number for all sides, (left and right, top and bottom), or (left, top, right, bottom).
    Raises ArgumentError where the padded image is smaller than the window.
    """

    size: tuple[int, int]

    def __init__(self, size: int | Sequence[int], padding: int | Sequence[int] | None = None) -> None:
        self.size = _height_width(size)
        self.padding = padding
        _borders(padding)

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """A window of the image."""
        left, top, _, _ = _borders(self.padding)
        tops, lefts = self._corners(*height_and_width(image))
        return crop(image, int(tops[0]) - top, int(lefts[0]) - left, *self.size)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), at another place for each."""
        height, width = images.shape[-2:]
        left, top, right, bottom = _borders(self.padding)
        tops, lefts = self._corners(height, width)
        padded = window(images, -top, -left, height + top + bottom, width + left + right)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.size, axis=(2, 3))
        return windows[np.arange(len(images)), :, tops, lefts]

    def _corners(self, height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the windows begin in the padded images."""
        left, top, right, bottom = _borders(self.padding)
        padded = (height + top + bottom, width + left + right)
        if padded[0] < self.size[0] or padded[1] < self.size[1]:
            raise ArgumentError(
                f"Required crop size {self.size} is larger than input image size {padded}",
                advice=say("vision.smaller_crop"),
            )
        numbers = draws()
        return numbers.below(padded[0] - self.size[0] + 1), numbers.below(padded[1] - self.size[1] + 1)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip:
    """An image mirrored left to right with probability `p`, else as it was.

    >>> RandomHorizontalFlip(p=1)(from_numpy(np.array([[[1.0, 2.0]]]))).numpy().tolist()
    [[[2.0, 1.0]]]
    """

    def __init__(self, p: float = 0.5) -> None:
        if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
            raise ArgumentError(say("vision.probability"), came=repr(p))
        self.p = p

    def __call__(self, image: Image | Tensor) -> Image | Tensor:
        """The image or its mirror image."""
        height_and_width(image)  # anything that is no image is refused, whether or not it would be mirrored
        if draws().uniform()[0] >= self.p:
            return image
        if isinstance(image, Tensor):
            return from_numpy(np.ascontiguousarray(image.numpy()[..., ::-1]))
        from PIL import ImageOps

        return ImageOps.mirror(image)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w), each by its own chance."""
        chosen = draws().uniform() < self.p
        mirrored = images.copy()
        mirrored[chosen] = images[chosen][..., ::-1]
        return mirrored

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


def for_batches(transform: Transform | None) -> BatchTransform | None:
    """The same transform for 8-bit images (n, c, h, w), giving numbers (n, c, …); None where some step takes one only.

    >>> for_batches(Compose([Resize(8), ToTensor()])) is None
    True
    """
    steps = _steps(transform)
    forms = [fast_path(step, "apply_batch") for step in steps]
    return None if None in forms or ToTensor not in map(type, steps) else fast_path(transform, "apply_batch")


def alike(transform: Transform | None) -> BatchTransform | None:
    """The same transform for images (n, c, h, w) of any kind; None where some step takes single images only."""
    forms = [fast_path(step, "apply_batch") for step in _steps(transform)]
    return None if None in forms else fast_path(transform, "apply_batch")


def _steps(transform: Any) -> list[Any]:
    """The transforms that are applied one after the other; a Compose that was changed is one of its own."""
    if isinstance(transform, Compose) and fast_path(transform, "apply_batch") is not None:
        return [step for inner in transform.transforms for step in _steps(inner)]
    return [transform]


def check_transform(name: str, transform: object, needed: bool = False) -> None:
    """Refuse what cannot be called, and a class whose objects are meant. Raises ArgumentTypeError."""
    if transform is None and not needed:
        return
    if isinstance(transform, type) and any("__call__" in vars(base) for base in transform.__mro__):
        raise ArgumentTypeError(
            say("vision.class_for_object", name=transform.__name__), where=name, advice=f"{transform.__name__}(…)"
        )
    if not callable(transform):
        raise ArgumentTypeError(f"'{type(transform).__name__}' object is not callable", where=name)


def _check_values(name: str, values: Any) -> None:
    """Refuse what is neither a number nor a row of numbers, one for each channel."""
    try:
        array = np.asarray(values.detach().numpy() if isinstance(values, Tensor) else values)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.ndim > 1 or array.dtype.kind not in "iuf":
        raise ArgumentTypeError(say("vision.values", name=name), expected="[0.5, 0.5, 0.5]", came=repr(values))


def _interpolation(given: InterpolationMode | str | int) -> InterpolationMode:
    """A way to resize, by its name or by Pillow's number. Raises ArgumentError."""
    numbers = dict(enumerate(("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")))
    try:
        return InterpolationMode(numbers.get(given, "") if isinstance(given, int) else given)
    except ValueError:
        raise ArgumentError(
            say("vision.interpolation"), expected=", ".join(InterpolationMode), came=repr(given)
        ) from None


def _pixels(name: str, value: Any, least: int) -> int:
    """A number of pixels. Raises ArgumentTypeError where it is no whole number, ArgumentError where it is smaller."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not float(value).is_integer():
        raise ArgumentTypeError(say("vision.pixels", name=name), came=repr(value))
    if value < least:
        raise ArgumentError(say("vision.pixels", name=name), expected=f">= {least}", came=str(value))
    return int(value)


def _height_width(size: int | Sequence[int]) -> tuple[int, int]:
    if not isinstance(size, Sequence):
        return _pixels("size", size, 1), _pixels("size", size, 1)
    if len(size) not in (1, 2):
        raise ArgumentError("Please provide only two dimensions (h, w) for size.", came=str(size))
    return _pixels("size", size[0], 1), _pixels("size", size[-1], 1)


def _borders(padding: int | Sequence[int] | None) -> tuple[int, int, int, int]:
    """Left, top, right and bottom."""
    if padding is None:
        return 0, 0, 0, 0
    if not isinstance(padding, Sequence):
        return (_pixels("padding", padding, 0),) * 4
    if len(padding) not in (1, 2, 4):
        raise ArgumentError(
            f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple",
        )
    left, top, right, bottom = [_pixels("padding", border, 0) for border in (tuple(padding) * 4)[:4]]
    return left, top, right, bottom
