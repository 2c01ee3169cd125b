"""torchvision's `models._api`: networks by name, and what published weights are."""

from __future__ import annotations

from knoll.vision.models.registry import (
    get_model,
    get_model_builder,
    get_model_weights,
    get_weight,
    list_models,
    register_model,
)
from knoll.vision.models.weights import Weights, WeightsEnum

__all__ = [
    "Weights",
    "WeightsEnum",
    "get_model",
    "get_model_builder",
    "get_model_weights",
    "get_weight",
    "list_models",
    "register_model",
]
