"""Which loss is meant by an object, a function or a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module

LOSSES: dict[str, str] = {
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "smooth_l1_loss": "SmoothL1Loss",
    "huber_loss": "HuberLoss",
    "kl_div": "KLDivLoss",
    "poisson_nll_loss": "PoissonNLLLoss",
    "gaussian_nll_loss": "GaussianNLLLoss",
    "soft_margin_loss": "SoftMarginLoss",
    "margin_ranking_loss": "MarginRankingLoss",
    "hinge_embedding_loss": "HingeEmbeddingLoss",
    "cosine_embedding_loss": "CosineEmbeddingLoss",
    "triplet_margin_loss": "TripletMarginLoss",
    "triplet_margin_with_distance_loss": "TripletMarginWithDistanceLoss",
    "multi_margin_loss": "MultiMarginLoss",
    "multilabel_margin_loss": "MultiLabelMarginLoss",
    "multilabel_soft_margin_loss": "MultiLabelSoftMarginLoss",
}
NAMES = frozenset(LOSSES.values())
UNKNOWN = "a loss of the user's own"


def loss_name(given: Module | Callable[..., Any] | str | None) -> str | None:
    """The name of the class of a loss; None without one. Raises ArgumentError for a name that is none.

    >>> from knoll.nn import functional as F
    >>> loss_name(F.cross_entropy), loss_name("nll_loss"), loss_name(None)
    ('CrossEntropyLoss', 'NLLLoss', None)
    """
    if given is None:
        return None
    if isinstance(given, str):
        name = LOSSES.get(given, given)
        if name not in NAMES:
            raise ArgumentError(say("check.no_loss", name=given), expected=", ".join(LOSSES.values()))
        return name
    if not callable(given):
        raise ArgumentError(say("check.no_loss", name=repr(given)), expected=", ".join(LOSSES.values()))
    kinds = given.__mro__ if isinstance(given, type) else type(given).__mro__
    known = [kind.__name__ for kind in kinds if kind.__module__.startswith("knoll.nn") and kind.__name__ in NAMES]
    return known[0] if known else LOSSES.get(getattr(given, "__name__", ""), UNKNOWN)
