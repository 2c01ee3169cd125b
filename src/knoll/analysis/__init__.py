"""What a network is and costs, found by tracing one pass of it: calls, shapes, work, memory, receptive fields.

Facts only: the words are in `explain/`, the pictures in `draw/` and `animate/`.
"""

from knoll.analysis.arguments import arguments_of, variant
from knoll.analysis.dependencies import dependencies
from knoll.analysis.receptive_field import Field, receptive_fields
from knoll.analysis.trace import Call, Place, Step, Trace, trace
from knoll.analysis.unseen import Unseen, unseen
from knoll.analysis.written import written

__all__ = [
    "Call",
    "Field",
    "Place",
    "Step",
    "Trace",
    "Unseen",
    "arguments_of",
    "dependencies",
    "receptive_fields",
    "trace",
    "unseen",
    "variant",
    "written",
]
