"""The Bernoulli distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from knoll.distributions.distribution import BOOLEAN, REAL, UNIT, Constraint, Distribution, broadcast_all
from knoll.distributions.logits import log_odds, probs_or_logits
from knoll.nn.functional.binary_cross_entropy import binary_cross_entropy_with_logits
from knoll.tensor import Tensor
from knoll.tensor.autograd.modes import no_grad
from knoll.tensor.random.sampling import bernoulli


class Bernoulli(Distribution):
    """A distribution of ones, with probability `probs`, and zeros; `logits` are log-odds, ln(p / (1 − p)).

    One of the two is given. Raises ArgumentError. Source: `torch.distributions.Bernoulli`.

    >>> import knoll
    >>> from knoll.distributions import Bernoulli
    >>> Bernoulli(knoll.tensor([0.0, 1.0])).sample()
    tensor([0., 1.])
    >>> Bernoulli(logits=knoll.tensor(0.0)).entropy()
    tensor(0.6931)
    """

    arg_constraints: ClassVar[Mapping[str, Constraint]] = {"probs": UNIT, "logits": REAL}

    def __init__(
        self,
        probs: Tensor | float | None = None,
        logits: Tensor | float | None = None,
        validate_args: bool | None = None,
    ) -> None:
        name, value = probs_or_logits(probs, logits)
        (given,) = broadcast_all(value)
        vars(self)[name] = given
        super().__init__(given.shape, validate_args=validate_args)

    def __getattr__(self, name: str) -> Tensor:
        """`probs` of `logits`, or the other way round, when it is first asked for."""
        if name == "probs" and "logits" in vars(self):
            self.probs: Tensor = self.logits.sigmoid()
            return self.probs
        if name == "logits" and "probs" in vars(self):
            self.logits: Tensor = log_odds(self.probs)
            return self.logits
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)

    @property
    def mean(self) -> Tensor:
        """The mean, `probs`."""
        return self.probs

    @property
    def mode(self) -> Tensor:
        """The likelier of 0 and 1; NaN where both are alike."""
        return (self.probs >= 0.5).to(self.probs.dtype).masked_fill(self.probs == 0.5, float("nan"))

    @property
    def variance(self) -> Tensor:
        """The variance."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Zeros and ones of shape `sample_shape` + `batch_shape`."""
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of zeros and ones. Raises ArgumentError."""
        self._check_value(value, BOOLEAN)
        logits, values = broadcast_all(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, values.to(logits.dtype), reduction="none")

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
