"""Images and masks of a random size, all of a sample alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.vision.transforms.chance import below, uniform
from knoll.vision.transforms.functional.pad import check_fill
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.pixel_counts import are_numbers, pixel_count
from knoll.vision.transforms.v2.filled import FillByKind, check_kinds, fill_of, one_fill
from knoll.vision.transforms.v2.functional import pad, resize
from knoll.vision.transforms.v2.sample import size_of
from knoll.vision.transforms.v2.transform import SometimesTransform, Transform


def _range(name: str, given: Sequence[float], least: float) -> tuple[float, float]:
    """The ends of a range. Raises ArgumentTypeError for anything but two numbers, ArgumentError for other ranges."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ArgumentTypeError(f"{name} should be a sequence of length 2.", got=repr(given))
    if len(given) != 2:
        raise ArgumentError(f"{name} should be a sequence of length 2.", got=repr(given))
    if not are_numbers(given):
        raise ArgumentTypeError(f"{name} should be a sequence of length 2.", got=repr(given))
    if not least <= given[0] <= given[1]:
        raise ArgumentError(f"Invalid {name.replace('_', ' ')} provided {given}.")
    return given[0], given[1]


class _Resized(Transform):
    """Images and masks of a size that a subclass draws."""

    def __init__(self, interpolation: InterpolationMode | str | int, antialias: bool | None) -> None:
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.antialias = antialias

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The image or mask in the size that was drawn."""
        return resize(inpt, params["size"], interpolation=self.interpolation, antialias=self.antialias)


class RandomResize(_Resized):
    """Images and masks whose shorter edge has a random length from `min_size` to below `max_size`.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.RandomResize(8, 9)(knoll.ones(3, 4, 6)).shape
    (3, 8, 12)
    """

    def __init__(
        self,
        min_size: int,
        max_size: int,
        interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        self.min_size: int = pixel_count("min_size", min_size, 1)
        self.max_size: int = pixel_count("max_size", max_size, self.min_size + 1)
        super().__init__(interpolation, antialias)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The length of the shorter edge."""
        return {"size": [self.min_size + below(self.max_size - self.min_size)]}


class RandomShortestSize(_Resized):
    """Images and masks whose shorter edge has a length drawn from `min_size`.

    The longer edge has at most `max_size`, where that is given.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.RandomShortestSize([8], max_size=10)(knoll.ones(3, 4, 8)).shape
    (3, 5, 10)
    """

    def __init__(
        self,
        min_size: int | Sequence[int],
        max_size: int | None = None,
        interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        sizes = list(min_size) if isinstance(min_size, Sequence) and not isinstance(min_size, str) else [min_size]
        if not sizes:
            raise ArgumentError("min_size should have at least one size", got=repr(min_size))
        self.min_size: list[int] = [pixel_count("min_size", size, 1) for size in sizes]
        self.max_size: int | None = None if max_size is None else pixel_count("max_size", max_size, 1)
        super().__init__(interpolation, antialias)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Height and width."""
        height, width = _edges(flat_inputs)
        factor = self.min_size[below(len(self.min_size))] / min(height, width)
        if self.max_size is not None:
            factor = min(factor, self.max_size / max(height, width))
        return {"size": _times(height, width, factor)}


class ScaleJitter(_Resized):
    """Images and masks that fit into `target_size` (h, w), times a random factor from `scale_range`.

    G. Ghiasi et al., "Simple copy-paste is a strong data augmentation method for instance segmentation", 2020.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> from knoll.vision import tv_tensors
    >>> image = tv_tensors.Image(knoll.zeros(3, 32, 24))
    >>> v2.ScaleJitter((16, 16), scale_range=(1.0, 1.0))(image).shape
    (3, 16, 12)
    """

    def __init__(
        self,
        target_size: tuple[int, int],
        scale_range: Sequence[float] = (0.1, 2.0),
        interpolation: InterpolationMode | str | int = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        if not isinstance(target_size, Sequence) or len(target_size) != 2:
            raise ArgumentTypeError("target_size should be a sequence of length 2.", got=repr(target_size))
        self.target_size: tuple[int, int] = (
            pixel_count("target_size", target_size[0], 1),
            pixel_count("target_size", target_size[1], 1),
        )
        self.scale_range: tuple[float, float] = _range("scale_range", scale_range, 0.0)
        super().__init__(interpolation, antialias)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Height and width."""
        height, width = _edges(flat_inputs)
        # torchvision divides the second by the height and the first by the width.
        fits = min(self.target_size[1] / height, self.target_size[0] / width)
        return {"size": _times(height, width, fits * uniform(*self.scale_range))}


class RandomZoomOut(SometimesTransform):
    """Images and masks at a random place on a larger canvas of the colour `fill`, with probability `p`.

    The canvas is as many times as large as is drawn from `side_range`. Raises ArgumentError and ArgumentTypeError.
    W. Liu et al., "SSD: single shot multibox detector", 2015.

    >>> import knoll
    >>> from knoll.vision.transforms import v2
    >>> v2.RandomZoomOut(side_range=(2, 2), p=1)(knoll.ones(3, 4, 6)).shape
    (3, 8, 12)
    """

    def __init__(self, fill: FillByKind = 0, side_range: Sequence[float] = (1.0, 4.0), p: float = 0.5) -> None:
        super().__init__(p)
        check_fill(one_fill(fill))
        self.fill: FillByKind = check_kinds(fill) if isinstance(fill, Mapping) else fill
        self.side_range: tuple[float, float] = _range("side_range", side_range, 1.0)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The borders: left, top, right and bottom."""
        height, width = size_of(flat_inputs)
        factor = uniform(*self.side_range)
        left, right = _borders(width, int(width * factor))
        top, bottom = _borders(height, int(height * factor))
        return {"padding": [left, top, right, bottom]}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """The image or mask with its borders."""
        return pad(inpt, params["padding"], fill_of(self.fill, inpt))


def _edges(flat_inputs: list[Any]) -> tuple[int, int]:
    """Height and width of the images and masks. Raises ArgumentError where they have no pixels."""
    height, width = size_of(flat_inputs)
    if not height or not width:
        raise ArgumentError(say("vision.no_pixels"), got=f"{height} × {width}")
    return height, width


def _times(height: int, width: int, factor: float) -> tuple[int, int]:
    """Both edges times a factor, at least a pixel."""
    return max(int(height * factor), 1), max(int(width * factor), 1)


def _borders(length: int, canvas: int) -> tuple[int, int]:
    """A border before and one behind, which fill the canvas."""
    before = int((canvas - length) * uniform(0, 1))
    return before, canvas - length - before
