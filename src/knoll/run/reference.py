"""The reference evaluator: graphs run node by node, by the reference implementations in NumPy or by a given way.

Kernels are tested against it. It also runs everything where a system forbids machine code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Differentiated, Graph, Node, Value, evaluate_nodes
from knoll.messages import say
from knoll.ops.differentiate import differentiate
from knoll.run.arrays import in_order

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram
    from knoll.run.stamp import Stamp


Evaluate = Callable[[Iterable[Node], dict[Value, Array]], None]  # adds the results of nodes to what is known


@dataclass(frozen=True, eq=False)
class ReferenceProgram:
    """A graph with its gradient, computed node by node."""

    graph: Graph
    differentiated: Differentiated | None = None
    evaluate: Evaluate = evaluate_nodes

    @property
    def gives_views(self) -> bool:
        """Meanings in NumPy may give views."""
        return True

    def infer(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> list[Array]:
        """The outputs."""
        return self.forward(arrays, stamps)[0]

    def forward(self, arrays: Sequence[Array], stamps: Sequence[Stamp | None] = ()) -> tuple[list[Array], Any]:  # noqa: ARG002 (nothing is packed here)
        """The outputs, and all intermediate values."""
        known = dict(zip(self.graph.inputs, [in_order(np.asarray(array)) for array in arrays], strict=True))
        self._add(self.graph.nodes, known)
        return [known[value] for value in self.graph.outputs], known

    def backward(self, saved: Any, doutputs: Sequence[Array], keep: bool = False) -> list[Array]:  # noqa: ARG002 (nothing is overwritten)
        """The gradient of each input in `wrt`."""
        assert self.differentiated is not None
        joint, forward = self.differentiated.joint, self.differentiated.forward
        known = dict(saved)
        known.update(zip(joint.inputs[len(forward.inputs) :], doutputs, strict=True))
        self._add([node for node in joint.nodes if node.outputs[0] not in known], known)
        return [known[value] for value in joint.outputs[len(forward.outputs) :]]

    def _add(self, nodes: Sequence[Node], known: dict[Value, Array]) -> None:
        """Add the results of nodes to the values that are known. Raises OutOfMemoryError."""
        try:
            self.evaluate(nodes, known)
        except MemoryError as error:
            raise OutOfMemoryError.after(error, advice=say("run.less_memory")) from None

    def compiled_programs(self) -> Iterator[CompiledProgram]:
        """None."""
        return iter(())


def reference_program(graph: Graph, wrt: tuple[int, ...], evaluate: Evaluate = evaluate_nodes) -> ReferenceProgram:
    """The reference program of a graph, each node computed by its plain meaning unless there is another way."""
    return ReferenceProgram(graph, differentiate(graph, wrt) if wrt else None, evaluate)
