"""The normal distribution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from knoll.distributions.distribution import POSITIVE, REAL, Constraint, Distribution, broadcast_all
from knoll.tensor import Tensor
from knoll.tensor.random.rand import randn


class Normal(Distribution):
    """A normal distribution of mean `loc` and standard deviation `scale`. Raises ArgumentError, ShapeError.

    Source: `torch.distributions.Normal`.

    >>> import knoll
    >>> from knoll.distributions import Normal
    >>> standard = Normal(0.0, 1.0)
    >>> standard.log_prob(knoll.tensor(0.0))
    tensor(-0.9189)
    >>> Normal(knoll.zeros(3), knoll.ones(3)).rsample((2,)).shape
    (2, 3)
    """

    arg_constraints: ClassVar[Mapping[str, Constraint]] = {"loc": REAL, "scale": POSITIVE}
    has_rsample: ClassVar[bool] = True

    def __init__(self, loc: Tensor | float, scale: Tensor | float, validate_args: bool | None = None) -> None:
        self.loc: Tensor
        self.scale: Tensor
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """The mean, `loc`."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """The most likely value, `loc`."""
        return self.loc

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, `scale`."""
        return self.scale

    @property
    def variance(self) -> Tensor:
        """The variance."""
        return self.scale.pow(2)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws `loc` + ε · `scale` with standard normal ε, which have a gradient."""
        return self.loc + randn(self._extended_shape(sample_shape), dtype=self.loc.dtype) * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density of values. Raises ArgumentError."""
        self._check_value(value, REAL)
        distance = (value - self.loc) / self.scale
        return -0.5 * distance**2 - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a draw that is no larger. Raises ArgumentError."""
        self._check_value(value, REAL)
        return 0.5 * (1 + ((value - self.loc) / self.scale / math.sqrt(2)).erf())

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
