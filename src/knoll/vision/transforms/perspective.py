"""Images seen from another side, at random."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.vision.transforms.affine import checked_colour
from knoll.vision.transforms.chance import below, happens, probability
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill
from knoll.vision.transforms.functional.perspective import perspective
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode


class RandomPerspective:
    """An image whose corners, with probability `p`, are moved inwards at random, straight lines staying straight.

    `distortion_scale`, from 0 to 1, is the part of half the width and half the height that a corner moves by at most;
    `fill` is the colour of what lies outside. Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms import RandomPerspective
    >>> RandomPerspective(0.6, p=1.0)(knoll.ones(3, 8, 8)).shape
    (3, 8, 8)
    """

    def __init__(
        self,
        distortion_scale: float = 0.5,
        p: float = 0.5,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: Fill = 0,
    ) -> None:
        if not isinstance(distortion_scale, int | float) or not 0 <= distortion_scale <= 1:
            raise ArgumentError("Argument distortion_scale value should be between 0 and 1", got=repr(distortion_scale))
        self.p: float = probability(p)
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.distortion_scale = distortion_scale
        self.fill: Fill = checked_colour(fill)

    @staticmethod
    def get_params(width: int, height: int, distortion_scale: float) -> tuple[list[list[int]], list[list[int]]]:
        """The corners (x, y) of the image, from the top left clockwise, and where they come to."""
        across, down = (int(distortion_scale * (edge // 2)) + 1 for edge in (width, height))
        startpoints = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        moved = [
            [width - across + below(across) if x else below(across), height - down + below(down) if y else below(down)]
            for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
        ]
        return startpoints, moved

    def __call__(self, img: Picture) -> Picture:
        """The image, seen from another side or as it was."""
        _, height, width = get_dimensions(img)
        if not happens(self.p):
            return img
        corners = self.get_params(width, height, self.distortion_scale)
        return perspective(img, *corners, self.interpolation, self.fill)

    def __repr__(self) -> str:
        return f"RandomPerspective(p={self.p})"
