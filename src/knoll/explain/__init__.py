"""Layers explained in words: what every argument means for the layer and the input that a person really has."""

from knoll.explain.builder import explain
from knoll.explain.explanation import Explanation
from knoll.explain.parts import Cost, Effect, ParameterNote, SizeStep

__all__ = ["Cost", "Effect", "Explanation", "ParameterNote", "SizeStep", "explain"]
