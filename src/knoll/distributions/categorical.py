"""The categorical distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from knoll.distributions.distribution import Constraint, Distribution
from knoll.distributions.logits import probs_or_logits, within
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor
from knoll.tensor.autograd.modes import no_grad
from knoll.tensor.creation.filled import full
from knoll.tensor.dtypes import finfo
from knoll.tensor.random.sampling import multinomial
from knoll.tensor.shapes.broadcasting import broadcast_tensors

SIMPLEX: Constraint = ("Simplex()", lambda x: (x >= 0).all(-1) & (abs(x.sum(-1) - 1) < 1e-6))
REAL_ROWS: Constraint = ("IndependentConstraint(Real(), 1)", lambda x: (x == x).all(-1))


class Categorical(Distribution):
    """A distribution of the numbers 0 … k − 1, of which number i has the probability `probs[…, i]`.

    `probs` (…, k) are weights, divided by their sum; or `logits` (…, k) are their logarithms up to a constant. Raises
    ArgumentError. Source: `torch.distributions.Categorical`.

    >>> import knoll
    >>> from knoll.distributions import Categorical
    >>> dice = Categorical(knoll.ones(6))
    >>> dice.log_prob(knoll.tensor([0, 5]))
    tensor([-1.7918, -1.7918])
    >>> Categorical(logits=knoll.zeros(4, 10)).sample((2,)).shape
    (2, 4)
    """

    arg_constraints: ClassVar[Mapping[str, Constraint]] = {"probs": SIMPLEX, "logits": REAL_ROWS}

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        name, given = probs_or_logits(probs, logits)
        if not isinstance(given, Tensor):
            raise ArgumentTypeError(f"`{name}` parameter must be a Tensor", got=repr(given))
        if given.dim() < 1:
            raise ArgumentError(f"`{name}` parameter must be at least one-dimensional.")
        if name == "probs":
            self.probs: Tensor = given / given.sum(-1, keepdim=True)
        else:
            self.logits: Tensor = given - given.logsumexp(-1, keepdim=True)
        self._num_events = int(given.shape[-1])
        super().__init__(given.shape[:-1], validate_args=validate_args)

    def __getattr__(self, name: str) -> Tensor:
        """`probs` of `logits`, or the other way round, when it is first asked for."""
        if name == "probs" and "logits" in vars(self):
            self.probs = self.logits.softmax(-1)
            return self.probs
        if name == "logits" and "probs" in vars(self):
            self.logits = within(self.probs).log()
            return self.logits
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)

    @property
    def mean(self) -> Tensor:
        """NaN: numbers of classes have no mean."""
        return full(self._batch_shape, float("nan"), dtype=self.probs.dtype)

    @property
    def mode(self) -> Tensor:
        """The likeliest number."""
        return self.probs.argmax(-1)

    @property
    def variance(self) -> Tensor:
        """NaN: numbers of classes have no variance."""
        return self.mean

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Numbers of shape `sample_shape` + `batch_shape`."""
        shape = self._extended_shape(sample_shape)
        count = 1
        for size in shape[: len(shape) - len(self._batch_shape)]:
            count *= size
        with no_grad():
            drawn = multinomial(self.probs.reshape(-1, self._num_events), count, True)
            found: Tensor = drawn.transpose(0, 1).reshape(shape)
            return found

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of numbers. Raises ArgumentError."""
        last = self._num_events - 1
        support: Constraint = (
            f"IntegerInterval(lower_bound=0, upper_bound={last})",
            lambda x: (x >= 0) & (x <= last) & (x % 1 == 0),
        )
        self._check_value(value, support)
        places, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        found: Tensor = logits.gather(-1, places[..., :1]).squeeze(-1)
        return found

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        return -(self.logits.clamp(min=finfo(self.logits.dtype).min) * self.probs).sum(-1)
