"""Samples of distributions whose parameters are tensors, and tensors filled with samples in place.

Source: https://pytorch.org/docs/stable/torch.html#random-sampling
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.graph import Array
from knoll.ops.dtypes import c_name, refuse_dtype, scalar_name
from knoll.ops.elementwise.elementwise import broadcast
from knoll.tensor.arguments import integer, public, real
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import float32
from knoll.tensor.elementwise.assignment import copy_
from knoll.tensor.mapped import drawn
from knoll.tensor.random.generator import NORMAL, UNIFORM, drawing_from, float_type, normal, uniform

__all__ = ["bernoulli", "multinomial", "poisson"]


@public("bernoulli")
def bernoulli(x: T, p: float | None = None, *, generator: np.random.Generator | None = None, out: T | None = None) -> T:
    """Ones with the chances that x says, or with the chance `p`, and zeros.

    Raises StateError for what is no chance.
    Source: https://pytorch.org/docs/stable/generated/torch.bernoulli.html

    >>> import knoll
    >>> knoll.bernoulli(knoll.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    if p is None and x._dtype.kind != "f":
        refuse_dtype("bernoulli_tensor_cpu_p_", x._dtype)
    result: T = drawn(lambda each: _bernoulli(each, p, generator), x)
    return result


def _bernoulli(x: T, p: float | None, generator: np.random.Generator | None) -> T:
    """As `bernoulli`."""
    chances = x._realize() if p is None else np.full(x.shape, p)
    if not np.all((chances >= 0) & (chances <= 1)):
        raise StateError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false."
            if p is None
            else f"bernoulli_ expects p to be in [0, 1], but got p={p:g}"
        )
    return type(x)._over(np.asarray(uniform(x.shape, float32, generator) < chances, x._dtype))


@public("multinomial")
def multinomial(
    x: T,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: np.random.Generator | None = None,
    out: T | None = None,
) -> T:
    """Places drawn by their weights: x (weights) or (rows, weights) gives (num_samples) or (rows, num_samples), int64.

    Raises StateError for weights that cannot be drawn by.
    Source: https://pytorch.org/docs/stable/generated/torch.multinomial.html

    >>> import knoll
    >>> knoll.multinomial(knoll.tensor([0.0, 3.0, 0.0]), 2, replacement=True)
    tensor([1, 1])
    """
    if x._dtype.kind != "f":
        raise StateError(f"multinomial only supports floating-point dtypes for input, got: {scalar_name(x._dtype)}")
    if len(x.shape) not in (1, 2):
        raise StateError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise StateError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > x.shape[-1]:
        raise StateError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    result: T = drawn(lambda each: _multinomial(each, num_samples, replacement, generator), x)
    return result


def _multinomial(x: T, num_samples: int, replacement: bool, generator: np.random.Generator | None) -> T:
    """As `multinomial`."""
    weights = np.asarray(x._realize(), np.float64).reshape(-1, x.shape[-1])
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise StateError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(1) <= 0).any():
        raise StateError("invalid multinomial distribution (sum of probabilities <= 0)")
    rows = [_places(row, num_samples, replacement, generator) for row in weights]
    return type(x)._over(np.asarray(rows, np.int64).reshape(*x.shape[:-1], num_samples))


def _places(weights: Any, count: int, replacement: bool, given: np.random.Generator | None) -> Any:
    with drawing_from(given) as numbers:
        if replacement:
            return numbers.choice(len(weights), count, True, weights / weights.sum())
        # The largest of log w + Gumbel noise: places without replacement, those without weight last.
        with np.errstate(divide="ignore"):
            keys = np.log(weights) + numbers.gumbel(size=len(weights))
    return np.argsort(-keys, kind="stable")[:count]


@public("poisson")
def poisson(x: T, generator: np.random.Generator | None = None) -> T:
    """Numbers of Poisson distributions, whose rates x says, in its element type. Raises StateError, UnsupportedError.

    Source: https://pytorch.org/docs/stable/generated/torch.poisson.html

    >>> import knoll
    >>> knoll.poisson(knoll.tensor([0.0, 0.0]))
    tensor([0., 0.])
    """
    if x._dtype.kind != "f":
        refuse_dtype("poisson_cpu", x._dtype)
    result: T = drawn(lambda each: _poisson(each, generator), x)
    return result


def _poisson(x: T, generator: np.random.Generator | None) -> T:
    """As `poisson`."""
    rates = np.asarray(x._realize(), np.float64)
    if not (rates >= 0).all():
        raise StateError("invalid Poisson rate, expected rate to be non-negative")
    with drawing_from(generator) as source:
        try:
            numbers: Any = source.poisson(rates)
        except ValueError:  # a rate that its integers do not hold; there it is as good as a normal distribution
            numbers = source.normal(rates, np.sqrt(rates)).round()
    return type(x)._over(np.asarray(numbers, x._dtype))


def _drawn_for(x: T, draw: Callable[[], Array]) -> T:
    """Numbers for x, in its element type."""

    def numbers() -> T:
        with np.errstate(over="ignore"):
            return type(x)._over(np.asarray(draw(), x._dtype))

    return drawn(numbers)


def _drawn_from(x: T, given: np.random.Generator | None, draw: Callable[[np.random.Generator], Array]) -> T:
    """Numbers for x from a generator, in its element type."""

    def numbers() -> Array:
        with drawing_from(given) as source:
            return draw(source)

    return _drawn_for(x, numbers)


@public("normal_")
def normal_(x: T, mean: float = 0, std: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers of the normal distribution, in place."""
    if std < 0:
        raise StateError(f"normal expects std >= 0.0, but found std {std:g}")
    numbers = _drawn_for(x, lambda: normal(x.shape, float_type(x._dtype, NORMAL), generator, std, mean))
    return copy_(x, numbers)


@public("uniform_")
def uniform_(x: T, low: float = 0, high: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers spread evenly over [low, high), in place."""
    if low > high:
        raise StateError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    numbers = _drawn_for(x, lambda: uniform(x.shape, float_type(x._dtype, UNIFORM), generator, high - low, low))
    return copy_(x, numbers)


@public("random_")
def random_(x: T, first: Any = ..., second: Any = ..., *, generator: np.random.Generator | None = None) -> T:
    """Fill with whole numbers in place: from 0 to before `random_(to)`, or from and to before `random_(from, to)`.

    Without bounds up to the largest number of the element type, or that floats count up to. Raises StateError.
    """
    bounds = [bound for bound in (first, second) if bound is not ...]
    given = [None if bound is None else integer(bound, "random_", "to") for bound in bounds]
    low, high = (0, given[0]) if len(given) == 1 else (given[0] or 0, given[1]) if given else (0, None)
    if high is None:
        kind = x._dtype
        high = 2 if kind.kind == "b" else 2 ** (np.finfo(kind).nmant + 1) if kind.kind == "f" else np.iinfo(kind).max
    if low >= high:
        raise StateError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return copy_(x, _drawn_from(x, generator, lambda source: source.integers(low, high, x.shape)))


@public("bernoulli_")
def bernoulli_(x: T, p: Any = 0.5, *, generator: np.random.Generator | None = None) -> T:
    """Fill with 1, with a probability of `p`, and 0, in place; `p` may be a tensor. Raises StateError."""
    share = p._realize() if isinstance(p, TensorBase) else real(p, "bernoulli_", "p")
    if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)):
        raise StateError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    if broadcast(x.shape, np.shape(share)) != x.shape:
        raise ShapeError(f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(np.shape(share))}")
    return copy_(x, _drawn_for(x, lambda: uniform(x.shape, float_type(None, UNIFORM), generator) < share))


@public("exponential_")
def exponential_(x: T, lambd: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers of the exponential distribution with the rate `lambd`, in place; none is 0.

    Raises StateError.
    """
    if lambd <= 0:
        raise StateError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    least = np.finfo(x._dtype).tiny if x._dtype.kind == "f" else 0  # its logarithm is wanted, to draw from classes

    def draw() -> Array:
        even = uniform(x.shape, float_type(None, UNIFORM), generator)
        numbers = np.asarray(-np.log1p(-even.astype(np.float64)) / lambd, x._dtype)
        return np.asarray(np.maximum(numbers, least, dtype=x._dtype))

    return copy_(x, _drawn_for(x, draw))


@public("geometric_")
def geometric_(x: T, p: float, *, generator: np.random.Generator | None = None) -> T:
    """Fill with how many trials it takes until one succeeds, with a probability of `p`, in place. Raises StateError."""
    if not 0 < p < 1:
        raise StateError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    if x._dtype.kind == "b":
        refuse_dtype("geometric_cpu", x._dtype)
    return copy_(x, _drawn_from(x, generator, lambda source: source.geometric(p, x.shape)))


@public("cauchy_")
def cauchy_(x: T, median: float = 0, sigma: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers of the Cauchy distribution, half of them within `sigma` of `median`, in place.

    Raises StateError.
    """
    if not sigma > 0:
        raise StateError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    if x._dtype.kind != "f":
        raise StateError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {c_name(x._dtype)}"
        )
    return copy_(x, _drawn_from(x, generator, lambda source: median + sigma * source.standard_cauchy(x.shape)))


@public("log_normal_")
def log_normal_(x: T, mean: float = 1, std: float = 2, *, generator: np.random.Generator | None = None) -> T:
    """Fill with numbers whose logarithms are normally distributed with this mean and deviation, in place.

    Raises StateError, UnsupportedError.
    """
    if not std > 0:
        raise StateError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    if x._dtype.kind != "f":
        refuse_dtype("log_normal_cpu", x._dtype)
    return copy_(x, _drawn_from(x, generator, lambda source: np.exp(mean + std * source.standard_normal(x.shape))))
