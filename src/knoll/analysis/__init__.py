"""What a network is and costs, found by tracing one pass of it: calls, shapes, work, memory, receptive fields.

Facts only: the words are in `explain/`, the pictures in `draw/` and `animate/`.
"""

from knoll.analysis.arguments import arguments_of, variant
from knoll.analysis.cell import Cell, Share, Spread, Term
from knoll.analysis.cell_search import Cells, cell_of, spread_of
from knoll.analysis.cost import Cost
from knoll.analysis.cost_counting import Costs, costs
from knoll.analysis.dependencies import dependencies
from knoll.analysis.fitting import Fitting, fit
from knoll.analysis.receptive_field import Field, receptive_fields
from knoll.analysis.solutions import Solution, Solutions
from knoll.analysis.solve import solve
from knoll.analysis.sources import sources
from knoll.analysis.trace import Call, Place, Step, Trace, trace
from knoll.analysis.unseen import Unseen, unseen
from knoll.analysis.written import written

__all__ = [
    "Call",
    "Cell",
    "Cells",
    "Cost",
    "Costs",
    "Field",
    "Fitting",
    "Place",
    "Share",
    "Solution",
    "Solutions",
    "Spread",
    "Step",
    "Term",
    "Trace",
    "Unseen",
    "arguments_of",
    "cell_of",
    "costs",
    "dependencies",
    "fit",
    "receptive_fields",
    "solve",
    "sources",
    "spread_of",
    "trace",
    "unseen",
    "variant",
    "written",
]
