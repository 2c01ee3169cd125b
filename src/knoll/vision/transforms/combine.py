"""Transforms made of others: applied at times, in a random order, or one of several; and functions as transforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.vision.transforms.chance import choice, happens, order, probability
from knoll.vision.transforms.transform import Transform, check_transform


class Lambda:
    """A function as a transform.

    >>> from knoll.vision.transforms import Lambda
    >>> Lambda(lambda image: image[:1])("abc")
    'a'
    """

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise ArgumentTypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """What the function makes of the image."""
        return self.lambd(img)

    def __repr__(self) -> str:
        return "Lambda()"


class _Several:
    """Transforms, of which a subclass says which are applied."""

    transforms: Sequence[Transform]

    def __init__(self, transforms: Sequence[Transform]) -> None:
        if not isinstance(transforms, Iterable) or isinstance(transforms, np.ndarray | str):
            raise ArgumentTypeError("Argument transforms should be a sequence", got=repr(transforms))
        self.transforms = list(transforms)
        for place, transform in enumerate(self.transforms):
            check_transform(f"transforms[{place}]", transform, needed=True)

    def _lines(self, *first: str) -> str:
        return "\n".join([f"{type(self).__name__}(", *(f"    {line}" for line in (*first, *self.transforms)), ")"])

    def __repr__(self) -> str:
        return self._lines()


class RandomApply(_Several):
    """Transforms that are applied one after the other with probability `p`, else none of them.

    >>> from knoll.vision.transforms import Lambda, RandomApply
    >>> RandomApply([Lambda(len)], p=1)("abc")
    3
    """

    def __init__(self, transforms: Sequence[Transform], p: float = 0.5) -> None:
        super().__init__(transforms)
        self.p: float = probability(p)

    def __call__(self, img: Any) -> Any:
        """The image after all of them, or as it was."""
        if happens(self.p):
            for transform in self.transforms:
                img = transform(img)
        return img

    def __repr__(self) -> str:
        return self._lines(f"p={self.p}")


class RandomOrder(_Several):
    """Transforms that are applied one after the other, in a random order.

    >>> import knoll
    >>> from knoll.vision.transforms import CenterCrop, Grayscale, RandomOrder
    >>> RandomOrder([CenterCrop(4), Grayscale()])(knoll.zeros(3, 8, 8)).shape
    (1, 4, 4)
    """

    def __call__(self, img: Any) -> Any:
        """The image after all of them."""
        for place in order(len(self.transforms)):
            img = self.transforms[place](img)
        return img


class RandomChoice(_Several):
    """One of several transforms, each as likely as its weight in `p` says, or all alike.

    Raises ArgumentError where there are more or fewer weights than transforms.

    >>> import knoll
    >>> from knoll.vision.transforms import CenterCrop, RandomChoice
    >>> RandomChoice([CenterCrop(2), CenterCrop(3)], p=[1.0, 0.0])(knoll.zeros(3, 8, 8)).shape
    (3, 2, 2)
    """

    def __init__(self, transforms: Sequence[Transform], p: Sequence[float] | None = None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise ArgumentTypeError("Argument p should be a sequence", got=repr(p))
        if p is not None and len(p) != len(self.transforms):
            raise ArgumentError(
                f"Length of p doesn't match the number of transforms: {len(p)} != {len(self.transforms)}"
            )
        self.p = p

    def __call__(self, *images: Any) -> Any:
        """The image after the one that was drawn."""
        drawn: Any = self.transforms[choice(self.p or [1.0] * len(self.transforms))]
        return drawn(*images)

    def __repr__(self) -> str:
        return f"{self._lines()}(p={self.p})"
