"""Pictures as tensors, tensors as pictures, and pixels of another type."""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.dtypes import dtype_of, float32
from knoll.vision.pixels import channels_first, is_image, pixels_of, scaled
from knoll.vision.transforms.functional.pixelwise import Array, greatest
from knoll.vision.transforms.functional.recorded import computed, typed

# The modes that a picture of so many channels may have; the first is taken where none is asked for.
MODES: dict[int, tuple[str, ...]] = {2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}
_MODES_OF_ONE_CHANNEL = {"uint8": "L", "int16": "I;16", "int32": "I", "float32": "F"}


def to_tensor(pic: Image.Image | Array) -> Tensor:
    """A picture, or an array (h, w, c), as a tensor (c, h, w); 8-bit values become float32 in [0, 1].

    Raises ArgumentTypeError for anything else, ArgumentError for an array that is no image.
    """
    if isinstance(pic, np.ndarray):
        pixels = pic
    elif is_image(pic):
        pixels = pixels_of(pic)
    else:
        advice = say("vision.tensor_already") if isinstance(pic, Tensor) else None
        raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}", advice=advice)
    if pixels.ndim not in (2, 3):
        raise ArgumentError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
    return from_numpy(scaled(channels_first(pixels)))


def pil_to_tensor(pic: Image.Image) -> Tensor:
    """A picture as a tensor (c, h, w) of its own values and type, not scaled; black and white alone are truths.

    Raises ArgumentTypeError.
    """
    if not is_image(pic):
        raise ArgumentTypeError(f"pic should be PIL Image. Got {type(pic)}")
    pixels = np.array(pic) if pic.mode == "1" else pixels_of(pic)
    return from_numpy(np.ascontiguousarray(channels_first(pixels)))


def to_pil_image(pic: Tensor | Array, mode: str | None = None) -> Image.Image:
    """A tensor (c, h, w) or an array (h, w, c) as a picture; floating-point values count from 0 to 1.

    `mode` is Pillow's name for what the channels mean. Raises ArgumentTypeError and ArgumentError for what is no image.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import to_pil_image
    >>> to_pil_image(knoll.ones(3, 2, 4)).getpixel((0, 0))
    (255, 255, 255)
    """
    if not isinstance(pic, Tensor | np.ndarray):
        raise ArgumentTypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    pixels = pic.detach().numpy() if isinstance(pic, Tensor) else pic
    if pixels.ndim not in (2, 3):
        raise ArgumentError(f"pic should be 2/3 dimensional. Got {pixels.ndim} dimensions.")
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    elif isinstance(pic, Tensor):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.shape[-1] > 4:
        raise ArgumentError(
            f"pic should not have > 4 channels. Got {pixels.shape[-1]} channels.",
            advice=say("vision.channels_last_array") if isinstance(pic, np.ndarray) else None,
        )
    if np.issubdtype(pixels.dtype, np.floating) and mode != "F":
        pixels = (pixels * 255).astype(np.uint8)
    return _picture(pixels, _mode(pixels, mode))


def _mode(pixels: Array, mode: str | None) -> str:
    channels, dtype = pixels.shape[-1], pixels.dtype
    if channels == 1:
        expected = _MODES_OF_ONE_CHANNEL.get(dtype.name)
        if mode is not None and mode != expected:
            raise ArgumentError(f"Incorrect mode ({mode}) supplied for input type {dtype.type}. Should be {expected}")
    else:
        if mode is not None and mode not in MODES[channels]:
            raise ArgumentError(
                f"Only modes {list(MODES[channels])} are supported for {channels}D inputs", got=repr(mode)
            )
        expected = mode or (MODES[channels][0] if dtype == np.uint8 else None)
    if expected is None:
        raise ArgumentTypeError(f"Input type {dtype} is not supported", advice=say("vision.bytes_first"))
    return expected


def _picture(pixels: Array, mode: str) -> Image.Image:
    height, width, _ = pixels.shape
    if not pixels.size:
        return Image.new(mode, (width, height))
    return Image.frombytes(mode, (width, height), np.ascontiguousarray(pixels).tobytes())


def convert_image_dtype(image: Tensor, dtype: DType = float32) -> Tensor:
    """A tensor of pixels of another type: floating-point values count from 0 to 1, others to the largest of their type.

    Raises ArgumentTypeError for anything but a tensor.

    >>> import knoll
    >>> from knoll.vision.transforms.functional import convert_image_dtype
    >>> convert_image_dtype(knoll.tensor([[[0, 255]]], dtype=knoll.uint8))
    tensor([[[0., 1.]]])
    """
    if not isinstance(image, Tensor):
        raise ArgumentTypeError("Input img should be Tensor Image", got=str(type(image)))
    target = dtype_of(dtype)
    return computed(image, lambda pixels: converted(pixels, target))


def converted(pixels: Array, target: DType) -> Array:
    """Pixels of another type, from 0 to 1 or to the largest number of the type. Raises ArgumentError."""
    if pixels.dtype == target:
        return pixels
    from_floats, to_floats = (np.issubdtype(each, np.floating) for each in (pixels.dtype, target))
    if from_floats and to_floats:
        floats: Array = typed(pixels, target)
        return floats
    if to_floats:
        scaled_down: Array = pixels.astype(target) / target.type(greatest(pixels.dtype))
        return scaled_down
    if from_floats:
        if (pixels.dtype == np.float32 and target.itemsize >= 4) or (pixels.dtype == np.float64 and target == np.int64):
            raise ArgumentError(
                f"The cast from {pixels.dtype} to {target} cannot be performed safely.",
                advice=say("vision.smaller_type"),
            )
        # The factor is a little smaller than the number of values, so that 1 becomes the largest of them.
        made: Array = typed(pixels * pixels.dtype.type(greatest(target) + 1.0 - 1e-3), target)
        return made
    return _between_integers(pixels, target)


def _between_integers(pixels: Array, target: DType) -> Array:
    have, want = int(greatest(pixels.dtype)), int(greatest(target))
    if have > want:
        return (pixels // ((have + 1) // (want + 1))).astype(target)
    wider: Array = pixels.astype(target) * target.type((want + 1) // (have + 1))
    return wider
