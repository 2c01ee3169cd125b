"""A transform of one image as one of many images at once, where each of its steps has such a form."""

from __future__ import annotations

from typing import Any

from knoll.data import fast_path
from knoll.vision.transforms.compose import Compose
from knoll.vision.transforms.to_tensor import ToTensor
from knoll.vision.transforms.transform import BatchTransform, Transform
from knoll.vision.transforms.v2 import conversion

# Those that make tensors of pictures.
_MAKERS = {ToTensor, conversion.ToTensor, conversion.ToImage}


def for_batches(transform: Transform | None) -> BatchTransform | None:
    """The same transform for 8-bit images (n, c, h, w), which it makes tensors; None where a step takes one image only.

    >>> from knoll.vision.transforms import Compose, Resize, ToTensor, for_batches
    >>> for_batches(Compose([Resize(8), ToTensor()])) is None
    True
    """
    return batched(transform) if _MAKERS.intersection(map(type, _steps(transform))) else None


def batched(transform: Transform | None) -> BatchTransform | None:
    """The same transform for images (n, c, h, w) of any element type; None where a step takes one image only."""
    forms = [fast_path(step, "apply_batch") for step in _steps(transform)]
    return None if None in forms else fast_path(transform, "apply_batch")


def _steps(transform: Any) -> list[Any]:
    """The transforms that are applied one after the other; a Compose that was changed is one of its own."""
    if isinstance(transform, Compose) and fast_path(transform, "apply_batch") is not None:
        return [step for inner in transform.transforms for step in _steps(inner)]
    return [transform]
