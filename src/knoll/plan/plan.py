"""Plans: the steps of a compiled graph, in phases, and the buffers that they read and write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from knoll.deferred import html_of
from knoll.graph.sizes import round_up
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images


class Kind(Enum):
    """The kind of a buffer: who owns its memory, and of what it holds one entry each."""

    CONSTANT = "constant"  # the caller's; one for the program: a parameter
    BATCH = "batch"  # the caller's; one for each sample: an input or an output
    RESULT = "result"  # the caller's; one for the program: a gradient
    PACKED = "packed"  # the program's; made from constants when they change
    SAVED = "saved"  # the workspace's; one for each sample
    SCRATCH = "scratch"  # a thread's; one for each sample of its micro-batch
    TEMPORARY = "temporary"  # a thread's own, within one step
    PARTIAL = "partial"  # the workspace's; one for each group of samples: a partial sum
    REDUCED = "reduced"  # the workspace's; one for the program: a sum


@dataclass(frozen=True, eq=False)
class Buffer:
    """A buffer of `size` elements for each unit of its kind.

    `offset` is its place in the memory of its kind, in bytes for each unit.
    """

    number: int
    kind: Kind
    element: str
    size: int
    note: str
    images: Images | None = None
    offset: int = 0

    @property
    def bytes(self) -> int:
        """Bytes for each unit."""
        return self.size * np.dtype(self.element).itemsize

    def __repr__(self) -> str:
        return f"{self.note}:{self.kind.value}[{self.images or self.size}]"


@dataclass(frozen=True, eq=False)
class Step:
    """A kernel and its arguments. A step that `combines` partial sums gets the number of groups as its count."""

    kernel: Kernel
    buffers: tuple[Buffer, ...]
    combines: bool = False

    @property
    def arguments(self) -> int:
        """How many the kernel gets: buffers, then numbers."""
        return len(self.buffers) + len(self.kernel.numbers)

    def __repr__(self) -> str:
        return f"{self.kernel.title}({', '.join(map(repr, self.buffers))})"


@dataclass(frozen=True, eq=False)
class RowFusion:
    """Steps of a phase, from step `first` on, that run for some rows of the last one's result at a time.

    A band has, for each step, the parts that these rows need. Those of consecutive bands may overlap: a thread computes
    what it has not computed yet. `overlap` is what each further thread adds to the work: rows at its border, which
    two threads compute.
    """

    first: int
    bands: tuple[tuple[range, ...], ...]
    overlap: float

    @property
    def count(self) -> int:
        """How many steps it has."""
        return len(self.bands[0])


@dataclass(frozen=True, eq=False)
class Phase:
    """Steps that run in order.

    If `by_samples`, each group of samples goes through all steps, and threads take whole groups if there are enough.
    Otherwise threads share each step.
    """

    name: str
    steps: tuple[Step, ...]
    by_samples: bool
    fusions: tuple[RowFusion, ...] = ()

    @property
    def sums(self) -> bool:
        """Whether a step sums over samples, so that results depend on how samples are grouped."""
        return any(buffer.kind is Kind.PARTIAL for step in self.steps for buffer in step.buffers)

    def __repr__(self) -> str:
        how, lines = "by samples" if self.by_samples else "by parts", list[str]()
        for run, fusion in fused(self.steps, self.fusions):
            lines += [f"  {len(fusion.bands)} bands of rows:"] if fusion else []
            lines += [f"    {step}" if fusion else f"  {step}" for step in run]
        return "\n".join([f"{self.name} ({how})", *lines])


def fused(steps: Sequence[Step], fusions: Sequence[RowFusion]) -> Iterator[tuple[Sequence[Step], RowFusion | None]]:
    """The steps in order: those of a fusion together, others alone."""
    first = 0
    for fusion in fusions:
        yield from (([step], None) for step in steps[first : fusion.first])
        first = fusion.first + fusion.count
        yield steps[fusion.first : first], fusion
    yield from (([step], None) for step in steps[first:])


@dataclass(frozen=True, eq=False)
class Plan:
    """All phases of a graph and its gradient.

    `inputs`, `outputs`, `doutputs` and `gradients` are the buffers of the graph's inputs, its outputs, the gradients of
    its outputs, and the gradients of its inputs.
    """

    buffers: tuple[Buffer, ...]
    prepare: Phase
    forward: tuple[Phase, ...]
    backward: tuple[Phase, ...]
    inputs: tuple[Buffer, ...]
    outputs: tuple[Buffer, ...]
    doutputs: tuple[Buffer, ...] = field(default=())
    gradients: tuple[Buffer, ...] = field(default=())

    def of_kind(self, kind: Kind) -> list[Buffer]:
        """The buffers of one kind."""
        return [buffer for buffer in self.buffers if buffer.kind is kind]

    def bytes_for_each(self, kind: Kind) -> int:
        """The bytes of the memory that the buffers of a kind share, for each unit."""
        return max((b.offset + round_up(b.bytes, 64) for b in self.of_kind(kind)), default=0)

    @property
    def phases(self) -> Iterable[Phase]:
        """All phases."""
        return (self.prepare, *self.forward, *self.backward)

    def _repr_html_(self) -> str | None:
        return html_of("views.graph_display", "plan_html", self)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.phases))
