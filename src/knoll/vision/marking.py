"""Boxes and masks drawn on images, under torchvision's names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from knoll.calls import advised
from knoll.errors import ArgumentError, ArgumentTypeError, FileError, warn
from knoll.graph import Array
from knoll.pillow import ImageColor, ImageDraw, ImageFont
from knoll.tensor import Tensor, from_numpy, no_grad, tensor
from knoll.tensor.dtypes import float64, uint8
from knoll.tensor.elementwise.choose import where
from knoll.vision.transforms.functional import pil_to_tensor, to_pil_image
from knoll.vision.transforms.v2.functional import to_dtype

RGB: TypeAlias = tuple[int, ...]
Colour: TypeAlias = str | RGB
Colours: TypeAlias = Colour | list[Colour] | None
DASH = 5.0  # pixels of a dash, and of the gap behind it
SEEN = 100  # of 255: how much of a filled box covers what lies under it
MARGIN = 1  # pixels around a label


@advised
def draw_segmentation_masks(image: Tensor, masks: Tensor, alpha: float = 0.8, colors: Colours = None) -> Tensor:
    """An image with masks in colours on it; where masks overlap it becomes darker.

    Shapes: `image` (3, h, w) of uint8 from 0 to 255 or of floats from 0 to 1, `masks` (n, h, w) or (h, w) of truths →
    (3, h, w) of the type of the image. `alpha` is how much of a mask is seen: 0 nothing, 1 nothing else. `colors` is a
    colour or a list of them, as "red", "#FF00FF" or (240, 10, 157); by default each mask has its own.
    Raises ArgumentTypeError, ArgumentError.
    https://pytorch.org/vision/stable/generated/torchvision.utils.draw_segmentation_masks.html

    >>> import knoll
    >>> from knoll.vision.utils import draw_segmentation_masks
    >>> image = knoll.zeros(3, 1, 2, dtype=knoll.uint8)
    >>> draw_segmentation_masks(image, knoll.tensor([[True, False]]), alpha=1, colors="red")[0]
    tensor([[255,   0]], dtype=uint8)
    """
    masks = _checked_masks(image, masks)
    if not masks.shape[0]:
        warn("masks doesn't contain any mask. No mask was drawn")
        return image
    largest = 1 if image.dtype == uint8 else 255
    with no_grad():
        image = image.detach()
        covered = image
        for mask, colour in zip(masks, _colours(colors, masks.shape[0]), strict=False):
            shade = tensor([part / largest for part in colour], dtype=float64).to(image.dtype)
            covered = where(mask, shade.reshape(3, 1, 1), covered)
        covered = where(masks.sum(0) > 1, tensor(0).to(image.dtype), covered)
        return (image * (1 - alpha) + covered * alpha).to(image.dtype)


@advised
def draw_bounding_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: list[str] | None = None,
    colors: Colours = None,
    fill: bool | None = False,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
    label_colors: Colours = None,
    label_background_colors: Colours = None,
    fill_labels: bool = False,
) -> Tensor:
    """An image with boxes drawn on it, and their labels.

    Shapes: `image` (1 or 3, h, w) of uint8 from 0 to 255 or of floats from 0 to 1, `boxes` (n, 4), x and y of the left
    upper and of the right lower corner in pixels, or (n, 8), all four corners → (3, h, w) of the type of the image.

    - `labels`: a text for each box; `font` is a file of a TrueType font, `font_size` its size, 10 by default.
    - `colors`, `label_colors`, `label_background_colors`: a colour or a list of them, as "red", "#FF00FF" or
      (240, 10, 157); by default each box has its own, and labels that of their box.
    - `fill`: whether boxes are filled; `fill_labels`: whether labels have a background.
    - `width`: of the lines, in pixels.

    Raises ArgumentTypeError, ArgumentError; FileError for a font that cannot be read.
    https://pytorch.org/vision/stable/generated/torchvision.utils.draw_bounding_boxes.html

    >>> import knoll
    >>> from knoll.vision.utils import draw_bounding_boxes
    >>> draw_bounding_boxes(knoll.zeros(3, 3, 3), knoll.tensor([[0, 0, 2, 2]]), colors="red")[0]
    tensor([[1., 1., 1.],
            [1., 0., 1.],
            [1., 1., 1.]])
    """
    corners = _checked_boxes(image, boxes, labels)
    count = len(corners)
    if not count:
        warn("boxes doesn't contain any box. No box was drawn")
        return image
    outlines = _colours(colors, count)
    of_labels = _colours(label_colors or "black", count) if label_colors or fill_labels else outlines
    behind = _colours(label_background_colors, count) if fill_labels and label_background_colors else outlines
    picture = to_pil_image(to_dtype(_rgb(image), uint8, scale=True))
    draw = _drawing(picture, bool(fill))
    letters = _font(font, font_size)
    for place, box in enumerate(corners.astype(np.int64).tolist()):
        inside = (*outlines[place], SEEN) if fill else None
        if len(box) > 4:
            _draw_turned(draw, box, outlines[place], inside, width)
        else:
            draw.rectangle(box, fill=inside, outline=outlines[place], width=width)
        if labels is not None and labels[place] is not None:
            corner = box[0] + width + MARGIN, box[1] + width + MARGIN
            _draw_label(draw, corner, labels[place], letters, of_labels[place], behind[place] if fill_labels else None)
    return to_dtype(pil_to_tensor(picture), image.dtype, scale=True)


def _checked_masks(image: Any, masks: Tensor) -> Tensor:
    """Masks (n, h, w) that fit an image. Raises ArgumentTypeError, ArgumentError."""
    if not isinstance(image, Tensor):
        raise ArgumentTypeError(f"The image must be a tensor, got {type(image)}")
    _check_image(image)
    if image.shape[0] != 3:
        raise ArgumentError("Pass an RGB image. Other Image formats are not supported")
    masks = masks.unsqueeze(0) if masks.ndim == 2 else masks
    if masks.ndim != 3:
        raise ArgumentError("masks must be of shape (H, W) or (batch_size, H, W)")
    if masks.dtype != bool:
        raise ArgumentError(f"The masks must be of dtype bool. Got {masks.dtype}")
    if masks.shape[-2:] != image.shape[-2:]:
        raise ArgumentError("The image and the masks must have the same height and width")
    return masks


def _checked_boxes(image: Any, boxes: Tensor, labels: list[str] | None) -> Array:
    """The corners (n, 4 or 8) of boxes that fit an image and labels. Raises ArgumentTypeError, ArgumentError."""
    if not isinstance(image, Tensor):
        raise ArgumentTypeError(f"Tensor expected, got {type(image)}")
    _check_image(image)
    if image.shape[0] not in (1, 3):
        raise ArgumentError("Only grayscale and RGB images are supported")
    corners = boxes.detach().numpy()
    if corners.shape[-1] == 4 and (corners[:, :2] > corners[:, 2:]).any():
        raise ArgumentError(
            "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them"
        )
    if labels is not None and len(corners) and len(labels) != len(corners):
        raise ArgumentError(
            f"Number of boxes ({len(corners)}) and labels ({len(labels)}) mismatch. Please specify labels for each box."
        )
    return corners


def _check_image(image: Tensor) -> None:
    """Refuse what is no single image of bytes or floats."""
    if image.dtype != uint8 and not image.is_floating_point():
        raise ArgumentError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.ndim != 3:
        raise ArgumentError("Pass individual images, not batches")


def _rgb(image: Tensor) -> Tensor:
    return from_numpy(np.repeat(image.detach().numpy(), 3, axis=0)) if image.shape[0] == 1 else image.detach()


def _colours(given: Any, count: int) -> list[RGB]:
    """A colour for each of some objects, as red, green and blue from 0 to 255."""
    if given is None:  # torchvision's: multiples of three steps around a circle of 255
        return [tuple(place * (2**power - 1) % 255 for power in (25, 15, 21)) for place in range(count)]
    if isinstance(given, list):
        if len(given) < count:
            raise ArgumentError(
                f"Number of colors must be equal or larger than the number of objects, but got {len(given)} < {count}."
            )
    elif not isinstance(given, (tuple, str)):
        raise ArgumentError(f"colors must be a tuple or a string, or a list thereof, but got {given}.")
    elif isinstance(given, tuple) and len(given) != 3:
        raise ArgumentError(f"If passed as tuple, colors should be an RGB triplet, but got {given}.")
    else:
        given = [given] * count
    try:
        return [ImageColor.getrgb(each) if isinstance(each, str) else tuple(each) for each in given]
    except ValueError as error:
        raise ArgumentError(str(error)) from None


def _drawing(picture: Any, has_alpha: bool) -> ImageDraw.ImageDraw:
    return ImageDraw.Draw(picture, "RGBA") if has_alpha else ImageDraw.Draw(picture)


def _font(font: str | None, size: int | None) -> Any:
    if font is None:
        if size is not None:
            warn("Argument 'font_size' will be ignored since 'font' is not set.")
        return ImageFont.load_default()
    try:
        return ImageFont.truetype(font=font, size=size or 10)
    except OSError as error:
        raise FileError(str(error), got=repr(font)) from None


def _draw_label(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], label: str, font: Any, colour: RGB, background: RGB | None
) -> None:
    """A text, its left upper corner at `corner`, on a background where one is given."""
    if background is not None:
        left, top, right, bottom = draw.textbbox(corner, label, font=font)
        draw.rectangle((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN), fill=background)
    draw.text(corner, label, fill=colour, font=font)


def _draw_turned(draw: ImageDraw.ImageDraw, box: Sequence[int], outline: RGB, inside: RGB | None, width: int) -> None:
    """A box by its four corners: the first side dashed, so that one sees which it is."""
    corners = list(zip(box[::2], box[1::2], strict=True))
    for dash in _dashes(corners[0], corners[1]):
        draw.line(dash, fill=outline, width=width)
    for start, end in zip(corners[1:], [*corners[2:], corners[0]], strict=True):
        draw.line((start, end), fill=outline, width=width)
    draw.polygon(corners, fill=inside, outline=None, width=0)


def _dashes(start: tuple[float, float], end: tuple[float, float]) -> Iterator[list[tuple[float, float]]]:
    """The dashes of a line: each has a gap behind it."""
    left, angle = math.dist(start, end), math.atan2(end[1] - start[1], end[0] - start[0])
    is_dash = True
    while left > 0:
        length = min(left, DASH)
        stop = start[0] + math.cos(angle) * length, start[1] + math.sin(angle) * length
        if is_dash:
            yield [start, stop]
        start, left, is_dash = stop, left - length, not is_dash
