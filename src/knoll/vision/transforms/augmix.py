"""AugMix: several augmented images, mixed with the one that they come from."""

from __future__ import annotations

from typing import Any, ClassVar

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy
from knoll.vision.transforms import functional
from knoll.vision.transforms.chance import below, shares
from knoll.vision.transforms.functional.conversion import pil_to_tensor, to_pil_image
from knoll.vision.transforms.functional.dimensions import get_dimensions
from knoll.vision.transforms.functional.pad import Fill, check_fill
from knoll.vision.transforms.functional.pixelwise import Array, Picture, as_floats, by_kind
from knoll.vision.transforms.functional.resize import InterpolationMode, interpolation_mode
from knoll.vision.transforms.pixel_counts import are_numbers
from knoll.vision.transforms.policies import Strengths, applied, counted, magnitude, strengths

_STRENGTHS = 10
_COLOURS = ("Brightness", "Color", "Contrast", "Sharpness")


class AugMix:
    """An image mixed with `mixture_width` others, each of them the same image after a chain of drawn operations.

    A chain has `chain_depth` operations, 1 to 3 where that is not positive, of strengths below `severity`, at most 10;
    without `all_ops` brightness, contrast, colour and sharpness stay. The shares are those of a Dirichlet distribution
    with `alpha` for each. Tensors (…, 1 or 3, h, w) are of type uint8; `fill` is the colour of what lies outside of the
    image. Raises ArgumentError and ArgumentTypeError.
    D. Hendrycks et al., "AugMix: a simple data processing method to improve robustness and uncertainty", 2019.

    >>> import knoll
    >>> from knoll.vision.transforms import AugMix
    >>> AugMix(severity=5)(knoll.zeros(3, 8, 8, dtype=knoll.uint8)).shape
    (3, 8, 8)
    """

    _functional: ClassVar[Any] = functional  # whose functions are called

    def __init__(
        self,
        severity: int = 3,
        mixture_width: int = 3,
        chain_depth: int = -1,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: InterpolationMode | str = InterpolationMode.BILINEAR,
        fill: Fill = None,
    ) -> None:
        check_fill(fill)
        self.severity: int = counted("severity", severity, -(1 << 31))
        if not 1 <= self.severity <= _STRENGTHS:
            raise ArgumentError(f"The severity must be between [1, {_STRENGTHS}]. Got {severity} instead.")
        if not are_numbers([alpha]):
            raise ArgumentTypeError(say("vision.alpha"), got=repr(alpha))
        if not alpha > 0:
            raise ArgumentError(say("vision.alpha"), expected="> 0", got=repr(alpha))
        self.mixture_width: int = counted("mixture_width", mixture_width, 1)
        self.chain_depth: int = counted("chain_depth", chain_depth, -(1 << 31))
        self.alpha = alpha
        self.all_ops = all_ops
        self.interpolation: InterpolationMode = interpolation_mode(interpolation)
        self.fill: Fill = fill

    def _augmentation_space(self, num_bins: int, image_size: tuple[int, int]) -> dict[str, Strengths]:
        height, width = image_size
        space = strengths(num_bins, 0.3, (width / 3.0, height / 3.0), 30.0, 0.9, (4, 4))
        colours = {name: space.pop(name) for name in _COLOURS}
        return {**space, **colours} if self.all_ops else space

    def __call__(self, img: Picture) -> Picture:
        """The image, mixed with those that come of it."""
        _, height, width = get_dimensions(img)
        space = self._augmentation_space(_STRENGTHS, (height, width))

        def picture(image: Any) -> Any:
            return to_pil_image(from_numpy(self._mixed(pil_to_tensor(image).numpy(), space)))

        return by_kind(img, picture, lambda pixels: self._mixed(pixels, space))

    def _mixed(self, pixels: Array, space: dict[str, Strengths]) -> Array:
        """The images (…, c, h, w) of the first axis have shares of their own, but the same operations."""
        images = pixels.reshape((1,) * max(4 - pixels.ndim, 0) + pixels.shape)
        column = len(images), *(1,) * (images.ndim - 1)
        kept = shares(self.alpha, 2, len(images))
        others = shares(self.alpha, self.mixture_width, len(images)) * kept[:, 1:]
        mixed = kept[:, 0].reshape(column) * as_floats(images)
        for share in others.T:
            mixed += share.reshape(column) * as_floats(self._chain(from_numpy(images), space).numpy())
        made: Array = mixed.reshape(pixels.shape).astype(pixels.dtype)
        return made

    def _chain(self, images: Tensor, space: dict[str, Strengths]) -> Tensor:
        depth = self.chain_depth if self.chain_depth > 0 else 1 + below(3)
        for _ in range(depth):
            operation = list(space)[below(len(space))]
            strength = magnitude(space[operation], lambda _: below(self.severity))
            images = applied(self._functional, images, operation, strength, self.interpolation, self.fill)
        return images

    def __repr__(self) -> str:
        return (
            f"AugMix(severity={self.severity}, mixture_width={self.mixture_width}, chain_depth={self.chain_depth}, "
            f"alpha={self.alpha}, all_ops={self.all_ops}, "
            f"interpolation=InterpolationMode.{self.interpolation.name}, fill={self.fill})"
        )
