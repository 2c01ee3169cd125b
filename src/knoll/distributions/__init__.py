"""Distributions of random numbers under the names of `torch.distributions`: those that programs for images use.

https://pytorch.org/docs/stable/distributions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.absent import absent
from knoll.calls import advise
from knoll.distributions.absent_distributions import absent_distribution
from knoll.distributions.bernoulli import Bernoulli
from knoll.distributions.categorical import Categorical
from knoll.distributions.distribution import Distribution
from knoll.distributions.divergence import kl_divergence
from knoll.distributions.normal import Normal
from knoll.distributions.uniform import Uniform

__all__ = ["Bernoulli", "Categorical", "Distribution", "Normal", "Uniform", "kl_divergence"]

advise(__name__)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """The class of a distribution that is not there, which may be named; refuse any other name."""
        distribution = absent_distribution(name)
        if distribution is not None:
            return distribution
        raise absent("knoll.distributions", name, __all__)
