"""Normalisations that need not be told how many channels come in: they look at the first input."""

from __future__ import annotations

from numpy.typing import DTypeLike

from knoll.graph import Shape
from knoll.nn.layers.batch_norm import BatchNorm1d, BatchNorm2d
from knoll.nn.layers.instance_norm import InstanceNorm1d, InstanceNorm2d
from knoll.nn.layers.lazy import Inferred
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["LazyBatchNorm1d", "LazyBatchNorm2d", "LazyInstanceNorm1d", "LazyInstanceNorm2d"]


class LazyNorm(Inferred):
    """Base class of lazy normalisations that may keep running statistics."""

    missing = "num_features"
    num_features: int

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        arguments = {
            "eps": eps, "momentum": momentum, "affine": affine, "bias": bias,
            "track_running_stats": track_running_stats,
        }  # fmt: skip
        super().__init__(0, **arguments, device=device, dtype=dtype)
        self._begin()

    def _size_of(self, x: Tensor) -> int:
        self._check_input(x)
        return x.shape[1]

    def _check_input(self, x: Tensor) -> None:
        """Refuse an input with another number of axes."""
        self._check_input_dim(x)

    def _shape_of(self, name: str) -> Shape:  # noqa: ARG002 (the same for all)
        return (self.num_features,)

    def _size_held(self) -> int | None:
        sizes = [tensor.shape[0] for tensor in (*self.parameters(), *self.buffers()) if tensor.shape]
        return sizes[0] if sizes else None


class LazyBatchNorm1d(LazyNorm, BatchNorm1d):
    """Batch normalisation whose `num_features` is axis 1 of the first input; then it is a `BatchNorm1d`.

    The arguments are those of `BatchNorm1d`.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyBatchNorm1d()
    >>> layer(knoll.zeros(4, 64)).shape, layer.num_features
    ((4, 64), 64)
    """

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyNorm, BatchNorm2d):
    """Batch normalisation whose `num_features` is the channels of the first input; then it is a `BatchNorm2d`.

    The arguments are those of `BatchNorm2d`.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyBatchNorm2d()
    >>> layer.running_mean
    <UninitializedBuffer>
    >>> layer(knoll.zeros(4, 3, 8, 8)).shape, layer.num_features
    ((4, 3, 8, 8), 3)
    """

    cls_to_become = BatchNorm2d


class _LazyInstanceNorm(LazyNorm):
    """Base class of lazy instance normalisations: `affine` and `track_running_stats` are True unless given."""

    def _check_input(self, x: Tensor) -> None:
        """The layer that it becomes looks at the axes."""


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """Instance normalisation whose `num_features` is axis 1 of the first input; then it is an `InstanceNorm1d`.

    The arguments are those of `InstanceNorm1d`; `affine` and `track_running_stats` are True unless given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyInstanceNorm1d()
    >>> layer(knoll.zeros(2, 5, 9)).shape, layer.num_features
    ((2, 5, 9), 5)
    """

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """Instance normalisation whose `num_features` is axis 1 of the first input; then it is an `InstanceNorm2d`.

    The arguments are those of `InstanceNorm2d`; `affine` and `track_running_stats` are True unless given.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.LazyInstanceNorm2d()
    >>> layer(knoll.zeros(2, 5, 4, 4)).shape, layer.num_features
    ((2, 5, 4, 4), 5)
    """

    cls_to_become = InstanceNorm2d
