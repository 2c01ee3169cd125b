"""Words about losses of distributions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.cross_entropy import LOGARITHMS
from knoll.explain.words.difference import PREDICTED, TARGETS
from knoll.explain.words.loss import REDUCTIONS, loss, plainly, reduction
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

WANTED: Array = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.4, 0.3, 0.3]], np.float32)
VARIANCES: Array = np.array([0.25, 1.0, 4.0, 1.0], np.float32)
COUNTS: Array = np.array([3.0, 12.0, 0.0, 2.0], np.float32)
RATES: Array = np.array([1.0, 2.5, 0.5, 1.0], np.float32)


def log_target(facts: Facts) -> Said:
    """Whether the target is given as logarithms."""
    return said(sentence(f"explain_layers.log_target_{'yes' if facts.arguments['log_target'] else 'no'}"))


def divergence(facts: Facts) -> tuple[Sentence, ...]:
    """What is measured."""
    return (sentence(f"explain_layers.{'kl_div_log_target' if facts.arguments['log_target'] else 'kl_div'}"),)


def divergence_remarks(facts: Facts) -> tuple[Sentence, ...]:
    """What input and target must be."""
    name = "kl_div_two_logarithms" if facts.arguments["log_target"] else "kl_div_logarithms"
    return (sentence(f"explain_layers.{name}"),)


def of_divergence(facts: Facts) -> Said:
    """What becomes of the losses; the mean over all elements is rarely what is meant."""
    found = reduction(facts)
    is_mean = facts.arguments["reduction"] == "mean"
    return said(*found.words, trap=sentence("explain_layers.reduction_mean_of_kl") if is_mean else None)


def gaussian_full(facts: Facts) -> Said:
    """Whether the constant is added."""
    return said(sentence(f"explain_layers.gaussian_full_{'yes' if facts.arguments['full'] else 'no'}"))


def gaussian_eps(facts: Facts) -> Said:
    """The least variance."""
    return said(sentence("explain_layers.gaussian_eps", eps=facts.arguments["eps"]))


def log_input(facts: Facts) -> Said:
    """Whether the input is a logarithm."""
    return said(sentence(f"explain_layers.log_input_{'yes' if facts.arguments['log_input'] else 'no'}"))


def poisson_full(facts: Facts) -> Said:
    """Whether the part of the target is added."""
    return said(sentence(f"explain_layers.poisson_full_{'yes' if facts.arguments['full'] else 'no'}"))


def poisson_eps(facts: Facts) -> Said:
    """What keeps the logarithm from zero."""
    if facts.arguments["log_input"]:
        return said(sentence("explain_layers.poisson_eps_unused"))
    return said(sentence("explain_layers.poisson_eps", eps=facts.arguments["eps"]))


OF_DISTRIBUTIONS: Mapping[type[Module], Card] = {
    nn.KLDivLoss: loss(
        "KLDivLoss",
        divergence,
        (LOGARITHMS, WANTED),
        {"log_target": Argument(log_target, (False, True))},
        remarks=divergence_remarks,
        inputs_of=lambda layer: (LOGARITHMS, np.log(WANTED) if layer.log_target else WANTED),
        reductions=("mean", "batchmean", *REDUCTIONS[1:]),
        reduced_by=of_divergence,
    ),
    nn.GaussianNLLLoss: loss(
        "GaussianNLLLoss",
        plainly("gaussian_nll"),
        (PREDICTED, TARGETS, VARIANCES),
        {
            "full": Argument(gaussian_full, (False, True)),
            "eps": Argument(gaussian_eps, (1e-6, 1e-3, 0.5)),
        },
    ),
    nn.PoissonNLLLoss: loss(
        "PoissonNLLLoss",
        plainly("poisson_nll"),
        (RATES, COUNTS),
        {
            "log_input": Argument(log_input, (True, False)),
            "full": Argument(poisson_full, (False, True)),
            "eps": Argument(poisson_eps, (1e-8, 1e-3, 0.1), beside={"log_input": False}),
        },
    ),
}
