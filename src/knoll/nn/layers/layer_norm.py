"""Layer normalisation and root mean square normalisation."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.convert import parameter_dtype
from knoll.nn.init.skip import constants_skipped
from knoll.nn.layers.norm_base import AffineNorm
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import integer
from knoll.tensor import Tensor, no_grad
from knoll.tensor.device import Device

__all__ = ["LayerNorm", "RMSNorm"]


class LayerNorm(AffineNorm):
    """Layer normalisation: each sample, or each position of it, gets mean 0 and variance 1 over its last axes.

    y = (x − mean) / √(variance + eps) · weight + bias, with a mean and a variance for each position, whatever the
    batch. Training and evaluation compute the same.

    Shapes: (…, *normalized_shape) → the same. `weight` (ones at first) and `bias` (zeros) have `normalized_shape`.

    - `normalized_shape`: the sizes of the axes that are normalised, the last ones; a number is the last axis alone.
      For images (n, c, h, w) that is [c, h, w]; channels alone need the order (n, h, w, c).
    - `eps`: added to the variance, so that nothing is divided by zero.
    - `elementwise_affine`: whether there are a weight and a bias, which are learned. `bias=False` leaves out the bias.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LayerNorm(2)
    >>> layer
    LayerNorm((2,), eps=1e-05, elementwise_affine=True, bias=True)
    >>> layer(knoll.tensor([[1.0, 3.0], [10.0, 30.0]])).detach()
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    """

    normalized_shape: Shape

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes(normalized_shape, "layer_norm")
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        element = parameter_dtype(device, dtype)
        self._register_affine(self.normalized_shape, elementwise_affine, elementwise_affine and bias, element)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Root mean square normalisation: x / √(mean of x² over the last axes + eps) · weight.

    As `LayerNorm`, but no mean is subtracted and no bias added.

    Shapes: (…, *normalized_shape) → the same. `weight` (ones at first) has `normalized_shape`.

    - `normalized_shape`: the sizes of the axes that are normalised, the last ones; a number is the last axis alone.
    - `eps`: added to the mean; None is the distance from 1 to the next number of the element type.
    - `elementwise_affine`: whether there is a weight, which is learned.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.RMSNorm(2)(knoll.tensor([[1.0, 7.0]])).detach()
    tensor([[0.2000, 1.4000]])
    """

    weight: Parameter | None
    normalized_shape: Shape

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _sizes(normalized_shape, "rms_norm")
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        element = parameter_dtype(device, dtype)
        learned = Parameter._empty(self.normalized_shape, element) if elementwise_affine else None
        self.register_parameter("weight", learned)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Forget what was learned: weight 1."""
        if constants_skipped():
            return
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _sizes(normalized_shape: int | Sequence[int], function: str) -> Shape:
    """The sizes as a tuple; a number is one."""
    if isinstance(normalized_shape, str) or not (
        isinstance(normalized_shape, Sequence) or hasattr(normalized_shape, "__index__")
    ):
        raise ArgumentTypeError(
            f"{type(normalized_shape).__name__!r} object is not iterable",
            expected=say("nn.normalized_shape"),
            got=f"normalized_shape={normalized_shape!r}",
        )
    given = normalized_shape if isinstance(normalized_shape, Sequence) else (normalized_shape,)
    return tuple(integer(size, "normalized_shape", 0, function) for size in given)
