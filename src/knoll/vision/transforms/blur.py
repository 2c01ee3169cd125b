"""Blurred images."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.errors import ArgumentError
from knoll.vision.transforms.chance import uniform
from knoll.vision.transforms.functional.filter import gaussian_blur
from knoll.vision.transforms.functional.pixelwise import Picture
from knoll.vision.transforms.functional.sizes import height_width
from knoll.vision.transforms.pixel_counts import are_numbers


class GaussianBlur:
    """An image blurred by a Gaussian bell of `kernel_size` (across, down) odd numbers of pixels.

    `sigma` is its standard deviation in pixels, or the range that this is drawn from. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.vision.transforms import GaussianBlur
    >>> GaussianBlur(3, sigma=1.0)(knoll.ones(3, 8, 8)).shape
    (3, 8, 8)
    """

    def __init__(self, kernel_size: int | Sequence[int], sigma: float | Sequence[float] = (0.1, 2.0)) -> None:
        self.kernel_size: tuple[int, int] = height_width(
            kernel_size, "Kernel size should be a tuple/list of two integers"
        )
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ArgumentError("Kernel size value should be an odd and positive number.", got=str(kernel_size))
        if isinstance(sigma, int | float):
            if sigma <= 0:
                raise ArgumentError("If sigma is a single number, it must be positive.", got=str(sigma))
            self.sigma: tuple[float, float] = (float(sigma), float(sigma))
        elif isinstance(sigma, Sequence) and len(sigma) == 2 and are_numbers(sigma):
            if not 0.0 < sigma[0] <= sigma[1]:
                raise ArgumentError("sigma values should be positive and of the form (min, max).", got=str(sigma))
            self.sigma = (sigma[0], sigma[1])
        else:
            raise ArgumentError("sigma should be a single number or a list/tuple with length 2.", got=repr(sigma))

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """The standard deviation, in pixels."""
        return uniform(sigma_min, sigma_max)

    def __call__(self, img: Picture) -> Picture:
        """The image, blurred."""
        sigma = self.get_params(*self.sigma)
        return gaussian_blur(img, self.kernel_size, [sigma, sigma])

    def __repr__(self) -> str:
        return f"GaussianBlur(kernel_size={self.kernel_size}, sigma={self.sigma})"
