"""Functions of images that keep what a tensor is: an image stays an image, a mask a mask."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from knoll.errors import ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.functional.resize import InterpolationMode
from knoll.vision.transforms.v2.sample import alike
from knoll.vision.tv_tensors import Mask, TVTensor

F = TypeVar("F", bound=Callable[..., Any])


def moving(function: F) -> F:
    """The function for masks too, whose pixels are the nearest ones."""
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def moved(inpt: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(inpt, Mask):
            return alike(function(inpt, *args, **options), inpt)
        if "interpolation" in names:
            given = dict(zip(names[1:], args, strict=False)) | options
            args, options = (), given | {"interpolation": InterpolationMode.NEAREST}
        made = function(inpt.unsqueeze(0) if inpt.ndim == 2 else inpt, *args, **options)
        return alike(made.squeeze(0) if inpt.ndim == 2 else made, inpt)

    return cast("F", moved)


def colouring(function: F) -> F:
    """The function for images only: a mask has no colours. Raises ArgumentTypeError for one."""

    @functools.wraps(function)
    def coloured(inpt: Any, *args: Any, **options: Any) -> Any:
        if isinstance(inpt, Mask):
            raise ArgumentTypeError(
                f"Functional F.{function.__name__} supports inputs of type Image, but got {type(inpt)} instead.",
                advice=say("vision.mask_apart"),
            )
        made = function(inpt, *args, **options)
        return alike(made, inpt) if isinstance(inpt, TVTensor) else made

    return cast("F", coloured)
