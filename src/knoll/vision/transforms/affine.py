"""Images turned, shifted, scaled and sheared at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import uniform
from knoll.vision.transforms.functional.affine import affine
from knoll.vision.transforms.functional.dimensions import get_image_size
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.pixel_counts import are_numbers


class RandomRotation:
    """An image turned by a random angle: from −degrees to degrees, or (least, most), counter-clockwise.

    `expand` makes the result large enough for all of it, `center` is (x, y), by default the middle, `fill` the colour
    of what lies outside. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomRotation
    >>> RandomRotation((90, 90))(knoll.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    tensor([[[2., 4.],
             [1., 3.]]])
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        degrees: float | Sequence[float],
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        expand: bool = False,
        center: Sequence[float] | None = None,
        fill: Fill = 0,
    ) -> None:
        self.degrees: list[float] = _angles("degrees", degrees, (2,))
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.expand = expand
        self.center: Sequence[float] | None = _checked("center", center, (2,))
        self.fill: Fill = checked_colour(fill)

    @staticmethod
    def get_params(degrees: Sequence[float]) -> float:
        """The angle, in degrees."""
        return uniform(*degrees)

    def __call__(self, img: Picture) -> Picture:
        """The image, turned."""
        angle = self.get_params(self.degrees)
        turned: Picture = self._functional.rotate(img, angle, self.interpolation, self.expand, self.center, self.fill)
        return turned

    def __repr__(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        return (
            f"RandomRotation(degrees={self.degrees}, interpolation={self.interpolation}, expand={self.expand}{center}, "
            f"fill={self.fill})"
        )


class RandomAffine:
    """An image turned, shifted, scaled and sheared at random around its middle or `center` (x, y).

    `degrees`, `shear` are ranges of angles (clockwise; of `shear` two numbers along x, four along x and y); `translate`
    is the largest part of width and height that it is shifted by, `scale` the range of its size. `fill` is the colour
    of what lies outside. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomAffine
    >>> RandomAffine(10, translate=(0.1, 0.1), scale=(0.9, 1.1))(knoll.ones(3, 8, 8)).shape
    (3, 8, 8)
    """

    def __init__(
        self,
        degrees: float | Sequence[float],
        translate: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        shear: float | Sequence[float] | None = None,
        interpolation: InterpolationMode | str = InterpolationMode.NEAREST,
        fill: Fill = 0,
        center: Sequence[float] | None = None,
    ) -> None:
        self.degrees: list[float] = _angles("degrees", degrees, (2,))
        self.translate: Sequence[float] | None = _checked("translate", translate, (2,))
        if any(not 0.0 <= part <= 1.0 for part in self.translate or ()):
            raise ArgumentError("translation values should be between 0 and 1", got=str(translate))
        self.scale: Sequence[float] | None = _checked("scale", scale, (2,))
        if any(size <= 0 for size in self.scale or ()):
            raise ArgumentError("scale values should be positive", got=str(scale))
        self.shear: list[float] | None = None if shear is None else _angles("shear", shear, (2, 4))
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.fill: Fill = checked_colour(fill)
        self.center: Sequence[float] | None = _checked("center", center, (2,))

    @staticmethod
    def get_params(
        degrees: Sequence[float],
        translate: Sequence[float] | None,
        scale_ranges: Sequence[float] | None,
        shears: Sequence[float] | None,
        img_size: Sequence[int],
    ) -> tuple[float, tuple[int, int], float, tuple[float, float]]:
        """Angle, shift (right, down) in pixels, scale, and the angles of shear along x and y."""
        angle = uniform(*degrees)
        right, down = (
            round(uniform(-part * edge, part * edge)) for part, edge in zip(translate or (0, 0), img_size, strict=True)
        )
        scale = uniform(*(scale_ranges or (1.0, 1.0)))
        edges = [*(shears or ()), 0.0, 0.0, 0.0, 0.0][:4]
        return angle, (right, down), scale, (uniform(*edges[:2]), uniform(*edges[2:]))

    def __call__(self, img: Picture) -> Picture:
        """The image, transformed."""
        drawn = self.get_params(self.degrees, self.translate, self.scale, self.shear, get_image_size(img))
        return affine(img, *drawn, interpolation=self.interpolation, fill=self.fill, center=self.center)

    def __repr__(self) -> str:
        shown = {
            "translate": self.translate,
            "scale": self.scale,
            "shear": self.shear,
            "interpolation": None if self.interpolation is InterpolationMode.NEAREST else self.interpolation,
            "fill": None if self.fill == 0 else self.fill,
            "center": self.center,
        }
        rest = "".join(f", {name}={value}" for name, value in shown.items() if value is not None)
        return f"RandomAffine(degrees={self.degrees}{rest})"


def _angles(name: str, given: Any, lengths: tuple[int, ...]) -> list[float]:
    """A range of angles, (−given, given) of one number. Raises ArgumentError and ArgumentTypeError."""
    if isinstance(given, int | float | np.number) and not isinstance(given, bool):
        if given < 0:
            raise ArgumentError(f"If {name} is a single number, it must be positive.", got=str(given))
        return [-float(given), float(given)]
    return [float(angle) for angle in _checked(name, given, lengths) or ()]


def _checked(name: str, given: Any, lengths: tuple[int, ...]) -> Any:
    """A sequence of one of these lengths, or None. Raises ArgumentError and ArgumentTypeError."""
    sentence = f"{name} should be a sequence of length {' or '.join(map(str, lengths))}."
    if given is None and name != "degrees":
        return None
    if not isinstance(given, Sequence) or isinstance(given, str) or not are_numbers(given):
        raise ArgumentTypeError(sentence, got=repr(given))
    if len(given) not in lengths:
        raise ArgumentError(sentence, got=repr(given))
    return given


def checked_colour(fill: Any) -> Any:
    """A colour as transforms take it, None meaning 0. Raises ArgumentTypeError."""
    if fill is not None and not isinstance(fill, Sequence | int | float | np.number):
        raise ArgumentTypeError("Fill should be either a sequence or a number.", got=repr(fill))
    return 0 if fill is None else fill
