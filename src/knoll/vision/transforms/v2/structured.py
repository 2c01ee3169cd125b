"""Transforms of one image as transforms of samples."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any, ClassVar, Literal

from knoll.data import Draws, drawing
from knoll.data.fast_path import FastPath, static
from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.chance import below
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.v2 import functional
from knoll.vision.transforms.v2.sample import alike, size_of
from knoll.vision.transforms.v2.transform import Transform
from knoll.vision.tv_tensors import Mask

Masks = Literal["moved", "kept", "refused"]


class Structured(Transform):
    """A transform of one image, which the class after this one is, as a transform of samples.

    Where a sample has several images, all get the same random numbers. A mask is moved as the images are, with its
    nearest pixels; kept where only colours change; or refused.
    """

    _masks: ClassVar[Masks] = "moved"
    _functional: ClassVar[Any] = functional

    def __init_subclass__(cls) -> None:
        """What the class after this one does to many images at once is right for samples of one image, too."""
        super().__init_subclass__()
        found = static(cls, "apply_batch")
        if cls.__module__.startswith(__package__) and isinstance(found, FastPath):
            for_samples = found.with_others("make_params", "transform")
            for_samples.__set_name__(cls, "apply_batch")
            type.__setattr__(cls, "apply_batch", for_samples)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The seed of the random numbers of all images; none for a single one, which draws its own."""
        if len(flat_inputs) < 2:
            return {"seed": None}
        if self._masks == "moved":
            size_of(flat_inputs)
        return {"seed": below(1 << 32)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The image as the class after this one makes it; a mask moved, kept or refused."""
        if isinstance(inpt, Mask) and self._masks == "kept":
            return inpt
        if isinstance(inpt, Mask) and self._masks == "refused":
            raise ArgumentTypeError(
                f"Inputs of type Mask are not supported by {type(self).__name__}()", advice=say("vision.mask_apart")
            )
        seed = params["seed"]
        with nullcontext() if seed is None else drawing(Draws(seed, 0, [0])):
            return alike(self._of_mask(inpt) if isinstance(inpt, Mask) else self._of_image(inpt), inpt)

    def _of_image(self, image: Any) -> Any:
        single: Any = super(Transform, self)
        return single.__call__(image)

    def _of_mask(self, mask: Mask) -> Any:
        nearest = copy.copy(self)
        if hasattr(self, "interpolation"):
            nearest.__dict__["interpolation"] = InterpolationMode.NEAREST
        moved = nearest._of_image(mask.unsqueeze(0) if mask.ndim == 2 else mask)
        return moved.squeeze(0) if mask.ndim == 2 else moved

    def __repr__(self) -> str:
        return super(Transform, self).__repr__()
