"""The Kullback–Leibler divergence of two distributions."""

from __future__ import annotations

from typing import Any

from knoll.distributions.bernoulli import Bernoulli
from knoll.distributions.categorical import Categorical
from knoll.distributions.distribution import Distribution
from knoll.distributions.normal import Normal
from knoll.distributions.uniform import Uniform
from knoll.errors import UnsupportedError
from knoll.nn.functional.softplus import softplus
from knoll.tensor import Tensor


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p ‖ q), the mean of ln p − ln q under p, of shape `batch_shape`.

    Raises UnsupportedError where p and q are not two normal, uniform, Bernoulli or categorical distributions.
    Source: `torch.distributions.kl_divergence`.

    >>> from knoll.distributions import Normal, kl_divergence
    >>> kl_divergence(Normal(1.0, 1.0), Normal(0.0, 1.0))
    tensor(0.5000)
    """
    for kind, formula in _FORMULAS.items():
        if isinstance(p, kind) and isinstance(q, kind):
            found: Tensor = formula(p, q)
            return found
    raise UnsupportedError(f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}")


def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


def _uniform(p: Uniform, q: Uniform) -> Tensor:
    within = q.low.le(p.low) & q.high.ge(p.high)
    return ((q.high - q.low) / (p.high - p.low)).log().masked_fill(~within, float("inf"))


def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    impossible = ((q.probs == 0) & (p.probs > 0)) | ((q.probs == 1) & (p.probs < 1))
    return (ones + zeros).masked_fill(impossible, float("inf"))


def _categorical(p: Categorical, q: Categorical) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    terms = terms.masked_fill(q.probs == 0, float("inf"))
    return terms.masked_fill(p.probs == 0, 0).sum(-1)


_FORMULAS: dict[type[Distribution], Any] = {
    Normal: _normal,
    Uniform: _uniform,
    Bernoulli: _bernoulli,
    Categorical: _categorical,
}
