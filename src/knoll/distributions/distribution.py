"""What a distribution is: shapes of its batches and samples, and its parameters, which are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.tensor import Tensor, tensor
from knoll.tensor.arguments import integers, truth
from knoll.tensor.autograd.modes import no_grad
from knoll.tensor.shapes.broadcasting import broadcast_tensors

Constraint = tuple[str, Callable[[Array], Array]]
"""Its name in PyTorch, and which of the numbers fulfil it."""

REAL: Constraint = ("Real()", lambda x: x == x)
POSITIVE: Constraint = ("GreaterThan(lower_bound=0.0)", lambda x: x > 0)
UNIT: Constraint = ("Interval(lower_bound=0.0, upper_bound=1.0)", lambda x: (x >= 0) & (x <= 1))
BOOLEAN: Constraint = ("Boolean()", lambda x: (x == 0) | (x == 1))


class Distribution:
    """A distribution of random numbers: the base of all, and of your own.

    - `batch_shape`: the shape of its parameters: as many distributions, independent of each other.
    - `event_shape`: the shape of one draw.

    Numbers of parameters, and values whose likelihood is asked for, are checked with `validate_args`; those that a
    network is still computing are not, as it would be cut in two there. Source: `torch.distributions.Distribution`.

    >>> import knoll
    >>> from knoll.distributions import Distribution, Normal
    >>> isinstance(Normal(0.0, 1.0), Distribution), Normal(knoll.zeros(2), 1.0).batch_shape
    (True, (2,))
    """

    arg_constraints: ClassVar[Mapping[str, Constraint]] = {}
    has_rsample: ClassVar[bool] = False
    _checks: ClassVar[bool] = True

    def __init__(
        self, batch_shape: Sequence[int] = (), event_shape: Sequence[int] = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape: Shape = _sizes(batch_shape, "batch_shape")
        self._event_shape: Shape = _sizes(event_shape, "event_shape")
        self._validate_args: bool = (
            self._checks if validate_args is None else truth(validate_args, "Distribution", "validate_args")
        )
        if self._validate_args:
            for name, constraint in self.arg_constraints.items():
                self._check_parameter(name, constraint)

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions made from now on check their numbers. Raises ArgumentError."""
        if value not in (True, False):
            raise ArgumentError("ValueError", got=repr(value))
        Distribution._checks = value

    @property
    def batch_shape(self) -> Shape:
        """The shape of the parameters."""
        return self._batch_shape

    @property
    def event_shape(self) -> Shape:
        """The shape of one draw."""
        return self._event_shape

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise self._lacks("mean")

    @property
    def mode(self) -> Tensor:
        """The most likely value."""
        raise self._lacks("mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise self._lacks("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws of shape `sample_shape` + `batch_shape` + `event_shape`, without a gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws with the gradient of the parameters. Raises UnsupportedError where these are no function of them."""
        raise self._lacks("rsample")

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the probability, or of the density, of values."""
        raise self._lacks("log_prob")

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a draw that is no larger."""
        raise self._lacks("cdf")

    def entropy(self) -> Tensor:
        """The entropy in nats, of shape `batch_shape`."""
        raise self._lacks("entropy")

    def perplexity(self) -> Tensor:
        """e to the power of the entropy."""
        return self.entropy().exp()

    def _lacks(self, name: str) -> UnsupportedError:
        return UnsupportedError(say("nn.no_law", kind=type(self).__name__, name=name))

    def _extended_shape(self, sample_shape: Sequence[int] = ()) -> Shape:
        """The shape of a draw. Raises ArgumentTypeError."""
        return (*_sizes(sample_shape, "sample_shape"), *self._batch_shape, *self._event_shape)

    def _check_parameter(self, name: str, constraint: Constraint) -> None:
        value = vars(self).get(name)
        if isinstance(value, Tensor):
            words, shape = f"Expected parameter {name}", tuple(value.shape)
            of = f"{words} ({type(value).__name__} of shape {shape}) of distribution {self!r} to satisfy the constraint"
            _check(value, constraint, f"{of} {constraint[0]}, but found invalid values:")

    def _check_value(self, value: Any, support: Constraint) -> None:
        """Refuse what is no value of this distribution. Raises ArgumentError and ArgumentTypeError."""
        if not isinstance(value, Tensor):
            raise ArgumentTypeError("The value argument to log_prob must be a Tensor", got=repr(value))
        whole = self._batch_shape + self._event_shape
        for mine, got in zip(reversed(whole), reversed(value.shape), strict=False):
            if 1 not in (mine, got) and mine != got:
                raise ArgumentError(
                    f"Value is not broadcastable with batch_shape+event_shape: {tuple(value.shape)} vs {whole}."
                )
        if self._validate_args:
            given = f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)})"
            within = f"to be within the support ({support[0]}) of the distribution {self!r}"
            _check(value, support, f"{given} {within}, but found invalid values:")

    def __repr__(self) -> str:
        told = {name: vars(self)[name] for name in self.arg_constraints if name in vars(self)}
        shown = [f"{name}: {value if value.numel() == 1 else value.shape}" for name, value in told.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


def _sizes(given: Sequence[int], name: str) -> Shape:
    """A shape. Raises ArgumentTypeError."""
    sizes = integers(given, "Distribution", name)
    if isinstance(sizes, int) or any(size < 0 for size in sizes):
        raise ArgumentTypeError(f"Distribution(): argument '{name}' must be tuple of ints", got=repr(given))
    return sizes


def _check(value: Tensor, constraint: Constraint, sentence: str) -> None:
    if is_pending(value):
        return
    numbers = value._realize()
    if not constraint[1](numbers).all():
        raise ArgumentError(sentence, got=str(numbers))


def is_pending(value: Tensor) -> bool:
    """Whether a network is still computing a tensor: to look at its numbers would cut the program in two."""
    return value._value is not None


def broadcast_all(*values: Any) -> list[Tensor]:
    """Numbers and tensors as tensors of one shape. Raises ArgumentError for anything else, ShapeError."""
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in values]
    if not all(number or isinstance(value, Tensor) for number, value in zip(numbers, values, strict=True)):
        raise ArgumentError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__.",
            got=repr(values),
        )
    like = next((value.dtype for value in values if isinstance(value, Tensor)), None)
    made = [value if isinstance(value, Tensor) else tensor(float(value), dtype=like) for value in values]
    return list(broadcast_tensors(*made))
