"""Summary: the layers of a network with their shapes, parameters, work, memory and receptive fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from knoll.analysis.cost import Cost
from knoll.document import Block, Bullets, Cell, Displayable, Document, Heading, Line, Note, Paragraph, Table, to_json
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import sentence
from knoll.views.measurements import Measurements

Mode = Literal["train", "eval"]

_NOTHING = "–"
_STOPPED = "✗"


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One call of a layer, or one operation that a `forward` of the user's computes itself.

    `name` is the module's, for an operation that of the module whose `forward` it stands in; `layer` is written as one
    would type it, or the operation's name. `receptive_field` is in rows and columns of the input, None without one;
    `sees_all` says that every number looks at the whole input. A call without outputs got no further. A module that is
    not called has parameters all the same, which may be read without it.
    """

    name: str
    layer: str
    is_layer: bool
    outputs: tuple[Shape, ...]
    cost: Cost
    receptive_field: tuple[int, int] | None = None
    sees_all: bool = False
    place: str | None = None
    is_called: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Displayable):
    """What a network is and costs for inputs of these shapes, in `mode` "train" or "eval".

    `is_sample` says that the inputs were given as the shapes of one sample, (c, h, w). `total` counts every parameter
    of the network once. `error` is what stopped the pass: then the rows end with the layer that failed.
    `measurements` are there where they were asked for.
    """

    network: str
    inputs: tuple[Shape, ...]
    is_sample: bool
    mode: Mode
    rows: tuple[SummaryRow, ...]
    total: Cost
    error: str | None = None
    measurements: Measurements | None = None

    def document(self) -> Document:
        """The summary as it is read."""
        return replace(self.table(), blocks=(*self._layers(), *self._work(), *self._measured()))

    def table(self) -> Document:
        """The table of the layers alone."""
        shapes = " + ".join(self._shape(shape) for shape in self.inputs)
        return Document(sentence("views.summary", network=self.network, shapes=shapes), tuple(self._layers()))

    def json(self) -> str:
        """The data of the summary as JSON."""
        return to_json(self)

    def _shape(self, shape: Shape) -> str:
        return shape_text(shape[1:] if self.is_sample else shape)

    def _layers(self) -> Iterator[Block]:
        names = ("name", "layer", "output", "parameters", "multiply_adds", "field")
        rows = tuple(self._layer(row) for row in self.rows)
        total = (sentence("views.total"), "", "", self.total.parameters, self.total.multiply_adds, "")
        yield Table(tuple(sentence(f"views.column_{name}") for name in names), rows, total)
        if self.error is not None:
            first, *further = self.error.splitlines()
            yield Note("trap", sentence("views.stopped", error=first))
            if further:
                yield Bullets(tuple(line.strip() for line in further))

    def _layer(self, row: SummaryRow) -> tuple[Cell, ...]:
        outputs: Cell = " ".join(map(self._shape, row.outputs)) or _STOPPED
        if not row.is_called:
            outputs = sentence("views.not_called")
        parameters: Cell = row.cost.parameters or _NOTHING
        if row.cost.shared:
            parameters = sentence("views.shared", count=row.cost.parameters)
        elif row.cost.frozen == row.cost.parameters > 0:
            parameters = sentence("views.frozen", count=row.cost.parameters)
        elif row.cost.frozen:
            parameters = sentence("views.partly_frozen", count=row.cost.parameters, frozen=row.cost.frozen)
        return row.name or self.network, row.layer, outputs, parameters, row.cost.multiply_adds or _NOTHING, _field(row)

    def _work(self) -> Iterator[Block]:
        total = self.total
        yield Heading(sentence("views.cost"))
        yield Paragraph((sentence("views.convention"), sentence(f"views.mode_{self.mode}")))
        trained = [("trained", total.parameters - total.frozen), ("left", total.frozen)] if total.frozen else []
        rows: tuple[tuple[Line, Line], ...] = (
            (sentence("views.column_parameters"), f"{total.parameters:,}"),
            *((sentence(f"views.parameters_{name}"), f"{count:,}") for name, count in trained),
            (sentence("views.parameter_bytes"), memory_text(total.parameter_bytes)),
            (sentence("views.column_multiply_adds"), f"{total.multiply_adds:,}"),
            ("FLOPs", f"{total.flops:,}"),
            (sentence("views.operations"), f"{total.operations:,}"),
            (sentence("views.activation_bytes"), memory_text(total.activation_bytes)),
            (sentence("views.kept_bytes"), memory_text(total.kept_bytes)),
        )
        what = sentence("views.one_sample") if self.is_sample else sentence("views.whole_batch")
        yield Table((what, sentence("views.number")), rows)

    def _measured(self) -> Iterator[Block]:
        if self.measurements is not None:
            yield from self.measurements.blocks()


def _field(row: SummaryRow) -> Line:
    if row.sees_all:
        return sentence("views.sees_all")
    return "×".join(map(str, row.receptive_field)) if row.receptive_field is not None else _NOTHING


def memory_text(count: int) -> str:
    """A number of bytes as people read it.

    >>> memory_text(0), memory_text(582312), memory_text(3 << 30)
    ('0 B', '569 KiB', '3.0 GiB')
    """
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.1f} {unit}" if size < 10 and unit != "B" else f"{size:.0f} {unit}"
