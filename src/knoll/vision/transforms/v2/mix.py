"""Batches in which each image is mixed with another one, and its label with that of the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.nn.functional import one_hot
from knoll.tensor import Tensor
from knoll.vision.pixels import is_image
from knoll.vision.transforms.chance import below, shares
from knoll.vision.transforms.v2.sample import alike, filled, is_plain, size_of
from knoll.vision.transforms.v2.transform import Transform
from knoll.vision.tv_tensors import Mask

LabelsGetter: TypeAlias = Callable[[Any], Any] | Literal["default"] | None


class _Mixed(Transform):
    """Images (n, c, h, w), each mixed with the one before it in the batch, and labels (n, classes) mixed alike."""

    def __init__(
        self, *, alpha: float = 1.0, num_classes: int | None = None, labels_getter: LabelsGetter = "default"
    ) -> None:
        if isinstance(alpha, bool) or not isinstance(alpha, int | float):
            raise ArgumentTypeError(say("vision.beta"), got=repr(alpha))
        if not 0 < alpha < math.inf:
            raise ArgumentError(say("vision.beta"), expected="> 0", got=repr(alpha))
        if num_classes is not None and (isinstance(num_classes, bool) or not isinstance(num_classes, int)):
            raise ArgumentTypeError(say("vision.whole", name="num_classes"), got=repr(num_classes))
        named = isinstance(labels_getter, str) and labels_getter == "default"
        if not named and labels_getter is not None and not callable(labels_getter):
            raise ArgumentError(
                f"labels_getter should either be 'default', a callable, or None, but got {labels_getter}."
            )
        self.alpha: float = float(alpha)
        self.num_classes: int | None = num_classes
        self._labels_getter: LabelsGetter = labels_getter

    def __call__(self, *inputs: Any) -> Any:
        """The batch with images and labels mixed; one argument comes back in its own structure."""
        sample, leaves, chosen = self._begin(inputs)
        labels = self._labels(sample)
        images = [leaf for leaf, takes in zip(leaves, chosen, strict=True) if takes and leaf is not labels]
        for image in images:
            _check_images(image, len(labels))
        params = self.make_params(images)
        mixed = iter([self.transform(image, params) for image in images])
        taken = {id(image) for image in images}
        new = [
            self._mixed_labels(leaf, params["lam"]) if leaf is labels else next(mixed) if id(leaf) in taken else leaf
            for leaf in leaves
        ]
        return filled(sample, iter(new))

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Refuse pictures and masks. Raises ArgumentError."""
        if any(is_image(leaf) or isinstance(leaf, Mask) for leaf in flat_inputs):
            raise ArgumentError(
                f"{type(self).__name__}() does not support PIL images, bounding boxes, keypoints and masks.",
                advice=say("vision.mix_batches"),
            )

    def _labels(self, sample: Any) -> Tensor:
        """The labels (n,) or (n, classes) of a sample. Raises ArgumentError."""
        getter = self._labels_getter
        found = _labels_in(sample) if getter == "default" else getter(sample) if callable(getter) else None
        if not isinstance(found, Tensor):
            raise ArgumentError(f"The labels must be a tensor, but got {type(found)} instead.")
        if found.ndim not in (1, 2):
            raise ArgumentError(
                "labels should be index based with shape (batch_size,) or probability based with shape "
                f"(batch_size, num_classes), but got a tensor of shape {tuple(found.shape)} instead."
            )
        if found.ndim == 2 and self.num_classes not in (None, found.shape[-1]):
            raise ArgumentError(
                "When passing 2D labels, the number of elements in last dimension must match num_classes: "
                f"{found.shape[-1]} != {self.num_classes}. You can Leave num_classes to None."
            )
        if found.ndim == 1 and self.num_classes is None:
            raise ArgumentError("num_classes must be passed if the labels are index-based (1D)")
        return found

    def _mixed_labels(self, labels: Tensor, lam: float) -> Tensor:
        shown = one_hot(labels, self.num_classes or -1) if labels.ndim == 1 else labels
        return _blended(shown if shown.is_floating_point() else shown.float(), lam)


class MixUp(_Mixed):
    """MixUp of a batch: λ times each image plus 1 − λ times the one before it, and the same of their labels.

    λ is drawn from a beta distribution with both parameters `alpha`, once for a batch. Labels (n,) become (n,
    `num_classes`), so that `CrossEntropyLoss` takes them as probabilities. `labels_getter` finds the labels of a batch
    that is not (images, labels) and has no entry "labels". Raises ArgumentError and ArgumentTypeError.
    H. Zhang et al., "mixup: beyond empirical risk minimization", 2017.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> images, labels = v2.MixUp(num_classes=10)(knoll.rand(4, 3, 8, 8), knoll.tensor([1, 2, 3, 4]))
    >>> images.shape, labels.shape
    ((4, 3, 8, 8), (4, 10))
    """

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The part of the image itself."""
        return {"lam": _beta(self.alpha)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The images, each mixed with the one before it."""
        return alike(_blended(inpt, params["lam"]), inpt)


class CutMix(_Mixed):
    """CutMix of a batch: a rectangle of each image comes from the one before it, and as large a part of its label.

    The rectangle's part of the area is 1 − λ, of which some may lie outside; λ is drawn from a beta distribution with
    both parameters `alpha`, once for a batch. Labels (n,) become (n, `num_classes`). Raises ArgumentError and
    ArgumentTypeError.
    S. Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features", 2019.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> images, labels = v2.CutMix(num_classes=10)(knoll.rand(4, 3, 8, 8), knoll.tensor([1, 2, 3, 4]))
    >>> float(labels.sum())
    4.0
    """

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The rectangle, and the part that is left of the image itself."""
        height, width = size_of(flat_inputs)
        half = 0.5 * math.sqrt(1.0 - _beta(self.alpha))
        column, row = below(width), below(height)
        left, right = max(column - int(half * width), 0), min(column + int(half * width), width)
        top, bottom = max(row - int(half * height), 0), min(row + int(half * height), height)
        return {
            "box": (left, top, right, bottom),
            "lam": 1.0 - (right - left) * (bottom - top) / (width * height),
        }

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The images, each with a rectangle of the one before it."""
        left, top, right, bottom = params["box"]
        mixed = inpt.clone()
        mixed[..., top:bottom, left:right] = inpt.roll(1, 0)[..., top:bottom, left:right]
        return alike(mixed, inpt)


def _beta(alpha: float) -> float:
    return float(shares(alpha, 2, 1)[0, 0])


def _blended(x: Tensor, lam: float) -> Tensor:
    """λ · x plus 1 − λ times the entry before each."""
    return x.roll(1, 0).mul_(1.0 - lam).add_(x.mul(lam))


def _check_images(images: Tensor, batch_size: int) -> None:
    if images.ndim != 4:
        raise ArgumentError(
            f"Expected a batched input with 4 dims, but got {images.ndim} dimensions instead.",
            advice=say("vision.mix_batches"),
        )
    if images.shape[0] != batch_size:
        raise ArgumentError(
            "The batch size of the image or video does not match the batch size of the labels: "
            f"{images.shape[0]} != {batch_size}."
        )


def _labels_in(sample: Any) -> Any:
    """The second of a tuple or list, or the entry of a dictionary, there or itself, that is called labels."""
    found = sample[1] if isinstance(sample, tuple | list) and len(sample) > 1 else sample
    if is_plain(found):
        return found
    if not isinstance(found, Mapping):
        raise ArgumentError(
            "When using the default labels_getter, the input passed to forward must be a dictionary or a two-tuple "
            f"whose second item is a dictionary or a tensor, but got {type(found)} instead."
        )
    exact = [key for key in found if str(key).lower() == "labels"]
    near = [key for key in found if "label" in str(key).lower()]
    if not exact and not near:
        raise ArgumentError(
            "Could not infer where the labels are in the sample. Try passing a callable as the labels_getter parameter?"
        )
    return found[(exact or near)[0]]
