"""What a network is and costs, found by tracing one pass of it: calls, shapes, work, memory, receptive fields.

Facts only: the words are in `explain/`, the pictures in `draw/` and `animate/`.
"""

from knoll.analysis.arguments import arguments_of, variant
from knoll.analysis.trace import Call, Place, Step, Trace, trace

__all__ = ["Call", "Place", "Step", "Trace", "arguments_of", "trace", "variant"]
