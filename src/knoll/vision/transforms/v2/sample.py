"""Samples: an image, or tuples, lists and dictionaries of images, masks and whatever else belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor
from knoll.vision.pixels import is_image
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.tv_tensors import Image, Mask, TVTensor, wrap


def flattened(sample: Any) -> list[Any]:
    """What stands in a sample, in order: whatever is no tuple, list or dictionary."""
    if isinstance(sample, dict):
        return [leaf for part in sample.values() for leaf in flattened(part)]
    if isinstance(sample, tuple | list):
        return [leaf for part in sample for leaf in flattened(part)]
    return [sample]


def filled(sample: Any, leaves: Iterator[Any]) -> Any:
    """A sample of the same structure, with these leaves."""
    if isinstance(sample, dict):
        pairs = [(key, filled(part, leaves)) for key, part in sample.items()]
        return type(sample)(pairs)
    if isinstance(sample, tuple | list):
        parts = [filled(part, leaves) for part in sample]
        return type(sample)(*parts) if hasattr(sample, "_fields") else type(sample)(parts)
    return next(leaves)


def is_plain(leaf: object) -> bool:
    """Whether it is a tensor that does not say what it is."""
    return isinstance(leaf, Tensor) and not isinstance(leaf, TVTensor)


def shows(leaf: object) -> bool:
    """Whether it is an image: a picture of Pillow, an `Image`, or a plain tensor."""
    return is_plain(leaf) or isinstance(leaf, Image) or is_image(leaf)


def dimensions_of(leaves: list[Any]) -> tuple[int, int, int]:
    """Channels, height and width of the images in a sample. Raises ArgumentError where they differ."""
    channels, height, width = _only({tuple(get_dimensions(leaf)) for leaf in leaves if shows(leaf)}, "CxHxW")
    return channels, height, width


def size_of(leaves: list[Any]) -> tuple[int, int]:
    """Height and width of the images and masks in a sample. Raises ArgumentError where they differ."""
    found = {tuple(get_dimensions(leaf)[1:]) for leaf in leaves if shows(leaf) or isinstance(leaf, Mask)}
    height, width = _only(found, "HxW")
    return height, width


def _only(found: set[tuple[int, ...]], axes: str) -> tuple[int, ...]:
    if not found:
        raise ArgumentTypeError("No image or video was found in the sample")
    if len(found) > 1:
        raise ArgumentError(f"Found multiple {axes} dimensions in the sample: {sorted(found)}")
    return next(iter(found))


def alike(made: Any, given: Any) -> Any:
    """Tensors that were made of an image or a mask as what it was."""
    if not isinstance(given, TVTensor):
        return made
    if isinstance(made, tuple):
        return tuple(alike(each, given) for each in made)
    return wrap(made, like=given) if isinstance(made, Tensor) else made
