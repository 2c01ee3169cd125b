"""Group normalisation."""

from __future__ import annotations

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import functional as F
from knoll.nn.convert import parameter_dtype
from knoll.nn.layers.norm_base import AffineNorm
from knoll.nn.sizes import integer
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["GroupNorm"]


class GroupNorm(AffineNorm):
    """Group normalisation: each group of channels of a sample gets mean 0 and variance 1.

    y = (x − mean) / √(variance + eps) · weight + bias, with a mean and a variance for each group of each sample,
    whatever the batch, and a weight and a bias for each channel. Training and evaluation compute the same.

    Shapes: (n, c, …) → the same. `weight` (ones at first) and `bias` (zeros) are (c,).

    - `num_groups`: how many groups the channels are divided into. 1 normalises a sample as a whole, `num_channels`
      each channel by itself.
    - `num_channels`: the number of channels c, a multiple of `num_groups`.
    - `eps`: added to the variance, so that nothing is divided by zero.
    - `affine`: whether there are a weight and a bias, which are learned. `bias=False` leaves out the bias alone.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.GroupNorm(2, 6)
    >>> layer
    GroupNorm(2, 6, eps=1e-05, affine=True, bias=True)
    >>> layer(knoll.ones(4, 6, 5, 5)).shape
    (4, 6, 5, 5)
    """

    num_groups: int
    num_channels: int
    eps: float
    affine: bool

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_groups = integer(num_groups, "num_groups", 1, "group_norm")
        self.num_channels = integer(num_channels, "num_channels", 0, "group_norm")
        if num_channels % num_groups:
            raise ArgumentError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})",
                advice=say("nn.num_groups", channels=num_channels),
            )
        self.eps, self.affine = eps, affine
        element = parameter_dtype(device, dtype)
        self._register_affine(self.num_channels, affine, affine and bias, element)
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )
