"""Layers explained in words: what every argument means for the layer and the input that a person really has."""

from knoll.explain.builder import explain
from knoll.explain.explanation import Explanation
from knoll.explain.network import explain_network, explanation_of
from knoll.explain.network_explanation import LayerLine, NetworkExplanation
from knoll.explain.optimizer_explanation import OptimizerExplanation
from knoll.explain.optimizers import explain_optimizer
from knoll.explain.parts import Cost, Effect, ParameterNote, SizeStep

__all__ = [
    "Cost",
    "Effect",
    "Explanation",
    "LayerLine",
    "NetworkExplanation",
    "OptimizerExplanation",
    "ParameterNote",
    "SizeStep",
    "explain",
    "explain_network",
    "explain_optimizer",
    "explanation_of",
]
