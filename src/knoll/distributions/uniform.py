"""The uniform distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from knoll.distributions.distribution import REAL, Constraint, Distribution, broadcast_all, is_pending
from knoll.errors import ArgumentError
from knoll.tensor import Tensor
from knoll.tensor.random.rand import rand


class Uniform(Distribution):
    """A uniform distribution from `low` to below `high`. Raises ArgumentError, ShapeError.

    Source: `torch.distributions.Uniform`.

    >>> import knoll
    >>> from knoll.distributions import Uniform
    >>> Uniform(1.0, 3.0).log_prob(knoll.tensor(2.0))
    tensor(-0.6931)
    """

    arg_constraints: ClassVar[Mapping[str, Constraint]] = {"low": REAL, "high": REAL}
    has_rsample: ClassVar[bool] = True

    def __init__(self, low: Tensor | float, high: Tensor | float, validate_args: bool | None = None) -> None:
        self.low: Tensor
        self.high: Tensor
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)
        if self._validate_args and not is_pending(self.low) and not is_pending(self.high):
            ends = self.low._realize(), self.high._realize()
            if not (ends[0] < ends[1]).all():
                raise ArgumentError("Uniform is not defined when low>= high", got=f"{ends[0]}, {ends[1]}")

    @property
    def mean(self) -> Tensor:
        """The mean, in the middle."""
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Tensor:
        """NaN: all values are alike."""
        return float("nan") * self.high

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self) -> Tensor:
        """The variance."""
        return (self.high - self.low).pow(2) / 12

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws `low` + u · (`high` − `low`) with u from 0 to below 1, which have a gradient."""
        return self.low + rand(self._extended_shape(sample_shape), dtype=self.low.dtype) * (self.high - self.low)

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density of values, −∞ outside. Raises ArgumentError."""
        self._check_value(value, REAL)
        inside = self.low.le(value) & self.high.gt(value)
        return inside.to(self.low.dtype).log() - (self.high - self.low).log()

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a draw that is no larger. Raises ArgumentError."""
        self._check_value(value, REAL)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        return (self.high - self.low).log()
