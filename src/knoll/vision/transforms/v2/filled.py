"""Colours of what lies outside of an image: one for all, or one for each kind of image and mask."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.functional.pad import Fill, check_fill
from knoll.vision.transforms.v2.structured import Structured

FillByKind = Fill | Mapping[type | Literal["others"], Fill]


def one_fill(fill: FillByKind) -> Fill:
    """The colour, where there is one for all; 0 where there is one for each kind."""
    return 0 if isinstance(fill, Mapping) else fill


def check_kinds(fill: Mapping[Any, Fill]) -> dict[Any, Fill]:
    """The colours by kind, with "others" for the rest. Raises ArgumentTypeError, and ArgumentError for other words."""
    for kind, colour in fill.items():
        if kind != "others" and not isinstance(kind, type):
            raise ArgumentError(say("vision.fill_kind"), got=repr(kind))
        try:
            check_fill(colour)
        except ArgumentTypeError as error:
            error.where = f"fill[{kind if kind == 'others' else kind.__name__}]"
            raise
    return dict(fill)


def fill_of(fill: FillByKind, inpt: object) -> Fill:
    """The colour for this image or mask: that of its own class, else of the others, else 0."""
    if not isinstance(fill, Mapping):
        return fill
    colour = fill.get(type(inpt), fill.get("others", 0))
    return 0 if colour is None else colour


class Filled(Structured):
    """A transform of one image, with a colour for what lies outside of it, as a transform of samples.

    `fill` may be a dictionary: `{tv_tensors.Mask: 255, "others": 0}` has one colour for masks and one for the rest. A
    class is that of the image itself, as `tv_tensors.Image`, `PIL.Image.Image`, `knoll.Tensor`.
    """

    def _fill_by_kind(self, fill: FillByKind) -> None:
        """Keep the colours by kind. What is done to many images at once knows neither kinds nor colours of channels."""
        if isinstance(fill, Mapping):
            self.__dict__["fill"] = check_kinds(fill)
        if isinstance(fill, Mapping | Sequence):
            self.__dict__["apply_batch"] = None

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The image or mask, with the colour for its kind."""
        fill: Any = self.__dict__["fill"]
        if not isinstance(fill, Mapping):
            return super().transform(inpt, params)
        one = copy.copy(self)
        one.__dict__["fill"] = fill_of(fill, inpt)
        return super(Filled, one).transform(inpt, params)
