"""What each number of a layer's output is made of, and where its gradient goes.

A run is followed back from the number: movements (padding, changes of shape, shuffles) to the element that they copied,
until the operation that computes. What that reads is listed, with what each part counts (`terms/`).
"""

from __future__ import annotations

import numpy as np

from knoll.analysis.cell import Cell, Index, Share, Spread
from knoll.analysis.dependencies import dependencies
from knoll.analysis.run import Run
from knoll.analysis.terms.made_of import made_of
from knoll.errors import ArgumentError
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input


class Cells(Run):
    """One run of a layer, and what each number of its output is made of.

    `inputs` are arrays, tensors or shapes, as for `trace`; `training` is the mode meanwhile, None for the one that the
    layer has. Raises what the layer raises.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.analysis import Cells
    >>> cells = Cells(nn.MaxPool2d(2, padding=1), np.arange(9.0).reshape(1, 1, 3, 3))
    >>> cell = cells.cell((0, 0, 0, 1))
    >>> cell.result, [(term.source, term.value) for term in cell.terms]
    (2.0, [(None, -inf), (None, -inf), ((0, 0, 0, 1), 1.0), ((0, 0, 0, 2), 2.0)])
    """

    def cell(self, index: Index) -> Cell:
        """What the number at `index` of the output is made of. Raises ArgumentError."""
        return made_of(self, checked(index, self.output.spec.shape))

    def spread(self, index: Index, dy: float = 1.0) -> Spread:
        """Where the gradient `dy` of the number at `index` of the output goes. Raises ArgumentError."""
        at = checked(index, self.output.spec.shape)
        slopes = self.slopes(at)
        nothing = np.zeros(self.input.spec.shape)
        slope = nothing + 1 if self.output is self.input else slopes.get(self.input, nothing)
        parameters = {
            name: _shares(slopes[value], slopes[value] != 0, dy)
            for value, name in self.learned.items()
            if value in slopes
        }
        return Spread(at, dy, _shares(slope, dependencies(self.trace, index=at), dy), parameters)


def _shares(slope: Array, mask: Array, dy: float) -> tuple[Share, ...]:
    places = [tuple(map(int, place)) for place in np.argwhere(mask)]
    return tuple(Share(place, float(slope[place]), dy * float(slope[place])) for place in places)


def checked(index: Index, shape: Shape) -> Index:
    """An index of one element, counted from the front. Raises ArgumentError."""
    given = (index,) if isinstance(index, int) else tuple(index)
    fits = len(given) == len(shape) and all(-size <= i < size for i, size in zip(given, shape, strict=True))
    if not fits:
        raise ArgumentError(say("analysis.no_cell"), expected=say("analysis.cells", shape=shape), got=f"{index}")
    return tuple(int(i) % size for i, size in zip(given, shape, strict=True))


def cell_of(layer: Module, input: Input | list[Input], index: Index) -> Cell:  # noqa: A002 (PyTorch's name)
    """What the number at `index` of a layer's output is made of; a list of inputs for a layer of several.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.analysis import cell_of
    >>> cell = cell_of(nn.AvgPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4), (0, 0, 0, 1))
    >>> cell.rule, [term.value for term in cell.terms], cell.divisor, cell.result
    ('mean', [2.0, 3.0, 6.0, 7.0], 4.0, 4.5)
    """
    return Cells(layer, *(input if isinstance(input, list) else [input])).cell(index)


def spread_of(layer: Module, input: Input | list[Input], dy: float, index: Index) -> Spread:  # noqa: A002 (PyTorch's name)
    """Where the gradient `dy` of the number at `index` of a layer's output goes.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.analysis import spread_of
    >>> spread = spread_of(nn.MaxPool2d(2), np.arange(4.0).reshape(1, 1, 2, 2), 5.0, (0, 0, 0, 0))
    >>> [share.amount for share in spread.inputs]
    [0.0, 0.0, 0.0, 5.0]
    """
    return Cells(layer, *(input if isinstance(input, list) else [input])).spread(index, dy)
