"""Distributions of PyTorch that Knoll does not have: classes that programs may name, and that refuse to be made.

Programs import them beside others, or ask `isinstance(distribution, Laplace)`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from knoll.distributions.distribution import Distribution
from knoll.errors import UnsupportedError
from knoll.messages import say

_NAMES = """
Beta Binomial Cauchy Chi2 ContinuousBernoulli Dirichlet Exponential ExponentialFamily FisherSnedecor Gamma
GeneralizedPareto Geometric Gumbel HalfCauchy HalfNormal Independent InverseGamma Kumaraswamy LKJCholesky Laplace
LogNormal LogisticNormal LowRankMultivariateNormal MixtureSameFamily Multinomial MultivariateNormal NegativeBinomial
OneHotCategorical OneHotCategoricalStraightThrough Pareto Poisson RelaxedBernoulli RelaxedOneHotCategorical StudentT
TransformedDistribution VonMises Weibull Wishart
"""


@cache
def absent_distribution(name: str) -> type[Distribution] | None:
    """The class of a distribution that is not there, which none is an object of; None for any other name.

    Names: https://pytorch.org/docs/stable/distributions.html

    >>> import knoll
    >>> from knoll.distributions import Gamma, Normal
    >>> isinstance(Normal(0.0, 1.0), Gamma)
    False
    """
    if name not in _NAMES.split():
        return None

    def refused(self: Distribution, *_: Any, **__: Any) -> NoReturn:  # noqa: ARG001 (there is none)
        raise UnsupportedError(say("nn.no_such_distribution", name=name), advice=say("nn.absent_distribution"))

    told = {
        "__init__": refused,
        "__module__": "knoll.distributions",
        "__doc__": f"{name}: not there.",
        "is_absent": True,
    }
    return type(name, (Distribution,), told)
