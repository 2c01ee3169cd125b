"""Transforms of samples made of others: in a row, at times, in a random order, or one of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.data import replaces
from knoll.errors import ArgumentError
from knoll.vision.transforms.chance import choice, happens, order
from knoll.vision.transforms.combine import RandomApply as SingleRandomApply
from knoll.vision.transforms.combine import RandomChoice as SingleRandomChoice
from knoll.vision.transforms.combine import RandomOrder as SingleRandomOrder
from knoll.vision.transforms.compose import Compose as SingleCompose
from knoll.vision.transforms.compose import in_turn
from knoll.vision.transforms.transform import Array, Transform


def _applied(transforms: list[Transform], inputs: tuple[Any, ...]) -> Any:
    """The sample after these transforms, one after the other."""
    several = len(inputs) != 1
    for transform in transforms:
        every: Any = transform
        made = every(*inputs)
        inputs = made if several else (made,)
    return inputs if several else inputs[0]


class Compose(SingleCompose):
    """Several transforms of a sample, one after the other.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> transform = v2.Compose([v2.CenterCrop(2), v2.ToDtype(knoll.float32, scale=True)])
    >>> transform(knoll.full((1, 4, 4), 255, dtype=knoll.uint8), 7)
    (tensor([[[1., 1.],
             [1., 1.]]]), 7)
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        super().__init__(transforms)
        if not self.transforms:
            raise ArgumentError("Pass at least one transform")

    def __call__(self, *inputs: Any) -> Any:
        """The sample after all transforms."""
        return _applied(self.transforms, inputs)

    @replaces("__call__")
    def apply_batch(self, images: Array) -> Array:
        """The same for images (n, c, h, w); for those whose transforms all have a form for batches."""
        return in_turn(self.transforms, images)


class RandomApply(SingleRandomApply):
    """Transforms of a sample that are applied one after the other with probability `p`, else none of them.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomApply([v2.CenterCrop(16)], p=1.0)(image).shape
    (3, 16, 16)
    """

    def __call__(self, *inputs: Any) -> Any:
        """The sample after all of them, or as it was."""
        return _applied(list(self.transforms) if happens(self.p) else [], inputs)


class RandomOrder(SingleRandomOrder):
    """Transforms of a sample that are applied one after the other, in a random order.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomOrder([v2.CenterCrop(16), v2.Grayscale()])(image).shape
    (1, 16, 16)
    """

    def __call__(self, *inputs: Any) -> Any:
        """The sample after all of them."""
        return _applied([self.transforms[place] for place in order(len(self.transforms))], inputs)


class RandomChoice(SingleRandomChoice):
    """One of several transforms of a sample, each as likely as its weight in `p` says, or all alike.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.RandomChoice([v2.CenterCrop(16), v2.RandomCrop(16)])(image).shape
    (3, 16, 16)
    """

    def __call__(self, *inputs: Any) -> Any:
        """The sample after the one that was drawn."""
        return _applied([self.transforms[choice(self.p or [1.0] * len(self.transforms))]], inputs)
