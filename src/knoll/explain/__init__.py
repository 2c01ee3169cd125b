"""Layers explained in words: what every argument means for the layer and the input that a person really has."""

from knoll.explain.builder import explain
from knoll.explain.explanation import Explanation
from knoll.explain.network import explain_network, explanation_of
from knoll.explain.network_explanation import LayerLine, NetworkExplanation
from knoll.explain.parts import Cost, Effect, ParameterNote, SeriesEffect, SizeStep
from knoll.explain.training.builder import explain_optimizer, explain_schedule
from knoll.explain.training.explanation import TrainingExplanation

__all__ = [
    "Cost",
    "Effect",
    "Explanation",
    "LayerLine",
    "NetworkExplanation",
    "ParameterNote",
    "SeriesEffect",
    "SizeStep",
    "TrainingExplanation",
    "explain",
    "explain_network",
    "explain_optimizer",
    "explain_schedule",
    "explanation_of",
]
