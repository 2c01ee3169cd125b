"""What a transform of samples is: which of their leaves it changes, with the same random numbers for all of them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

from knoll.errors import ArgumentTypeError
from knoll.tensor import Tensor
from knoll.vision.pixels import is_image
from knoll.vision.transforms.chance import happens, probability
from knoll.vision.transforms.v2.sample import filled, flattened, is_plain
from knoll.vision.tv_tensors import Image


class Transform:
    """A transform of samples; a subclass says in `transform` what becomes of an image, in `make_params` what is drawn.

    A sample is an image or, in tuples, lists and dictionaries, images, masks and whatever belongs to them; several
    arguments are a sample, too. Plain tensors count as images only where no picture and no `tv_tensors.Image` is in the
    sample, and of these only the first: all others are labels. What is no image stays as it is.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> class Darker(v2.Transform):
    ...     def make_params(self, flat_inputs):
    ...         return {"factor": 0.5}
    ...
    ...     def transform(self, inpt, params):
    ...         return inpt * params["factor"]
    >>> Darker()(knoll.ones(1, 1, 2), 7)
    (tensor([[[0.5000, 0.5000]]]), 7)
    """

    _kinds: ClassVar[tuple[Callable[[Any], bool], ...]] = (lambda leaf: isinstance(leaf, Tensor), is_image)

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Refuse samples that this transform does not take, by an exception."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """What is drawn once for a sample, of which `flat_inputs` are the images and masks."""
        return {}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """An image or a mask of the sample, transformed."""
        raise NotImplementedError

    def __call__(self, *inputs: Any) -> Any:
        """The sample, transformed; several arguments come back as a tuple."""
        sample, leaves, chosen = self._begin(inputs)
        return self._finish(sample, leaves, chosen)

    def _begin(self, inputs: tuple[Any, ...]) -> tuple[Any, list[Any], list[bool]]:
        """The sample, its leaves, and which of them are transformed. Raises ArgumentTypeError for no argument."""
        if not inputs:
            raise ArgumentTypeError(f"{type(self).__name__}() missing 1 required positional argument: 'inputs'")
        sample = inputs if len(inputs) > 1 else inputs[0]
        leaves = flattened(sample)
        self.check_inputs(leaves)
        return sample, leaves, self._chosen(leaves)

    def _chosen(self, leaves: list[Any]) -> list[bool]:
        plain_left = not any(isinstance(leaf, Image) or is_image(leaf) for leaf in leaves)
        chosen = []
        for leaf in leaves:
            takes = any(kind(leaf) for kind in self._kinds)
            if takes and is_plain(leaf):
                takes, plain_left = plain_left, False
            chosen.append(takes)
        return chosen

    def _finish(self, sample: Any, leaves: list[Any], chosen: list[bool]) -> Any:
        params = self.make_params([leaf for leaf, takes in zip(leaves, chosen, strict=True) if takes])
        new = [self.transform(leaf, params) if takes else leaf for leaf, takes in zip(leaves, chosen, strict=True)]
        return filled(sample, iter(new))

    def __repr__(self) -> str:
        told = {name: value for name, value in vars(self).items() if isinstance(value, _TOLD) and name[0] != "_"}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in told.items())})"


_TOLD = (bool, int, float, str, tuple, list, Enum)


class SometimesTransform(Transform):
    """A transform of samples that happens with probability `p`."""

    def __init__(self, p: float) -> None:
        self.p: float = probability(p)

    def __call__(self, *inputs: Any) -> Any:
        """The sample, transformed or as it was."""
        sample, leaves, chosen = self._begin(inputs)
        return self._finish(sample, leaves, chosen) if happens(self.p) else sample
