"""`knoll.compile`: the bare program of a module, for serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

import numpy as np

from knoll.deferred import loaded
from knoll.errors import ArgumentTypeError, KnollError, ShapeError, UnsupportedError
from knoll.graph import Array, Graph
from knoll.messages import say
from knoll.nn.any_batch import operations, with_samples
from knoll.run import Identity, Program, program_for
from knoll.run.bound import Bindings
from knoll.run.compiled import CompiledProgram
from knoll.run.lru import LRU
from knoll.tensor import Tensor, no_grad
from knoll.tensor.generator import drawn
from knoll.tensor.record import traced

PROGRAMS = 64  # batch sizes whose programs are kept where each has one of its own


class CompiledModule:
    """A module as one native program: arrays in, array out, no Python work but one native call.

    It has the parameters of the moment it was compiled. Other batch sizes than the example's are bound when they
    first come; a program that is `exact` has only the example's.
    """

    exact: bool
    graph: Graph
    program: Program

    def __init__(
        self, graph: Graph, program: Program, arrays: Sequence[Array], given: Sequence[int], exact: bool
    ) -> None:
        self.graph, self.program, self.exact = graph, program, exact
        self._arrays, self._given = [np.array(a, order="C") for a in arrays], list(given)
        heads = [graph.inputs[index].spec.shape[:1] for index in given]
        self._batched = [head == heads[0] != () for head in heads]
        if isinstance(program, CompiledProgram):
            self._batched = [index in program.batch_inputs for index in given]
        self._identities = [Identity(is_parameter=True) for _ in arrays]  # its parameters are its own, and never change
        self._stamps = [None if i in given else (ref(each), 0) for i, each in enumerate(self._identities)]
        self._programs = LRU[int, Program](PROGRAMS)
        self._bindings: Bindings | None = None
        if isinstance(program, CompiledProgram) and all(self._batched):
            self._bindings = Bindings(program, self._arrays, self._stamps, self._given)

    def _repr_html_(self) -> str:
        html: str = loaded("views.graph_face", "program_html")(self.graph, self.program)
        return html

    def __call__(self, *arrays: Any) -> Array:
        """The output for inputs of the example's shape, with any number of samples."""
        given = [np.asarray(a, order="C") for a in arrays]
        samples = self._samples(given)
        if samples and self._bindings is not None:
            return self._bindings(samples, *given)[0]
        every = list(self._arrays)
        for index, array in zip(self._given, given, strict=True):
            every[index] = array
        (result,), _ = self._program(samples).forward(every, self._stamps)
        return result.copy() if any(np.may_share_memory(result, array) for array in every) else result

    def _samples(self, given: Sequence[Array]) -> int:
        """How many samples came; 0 if no input has them. Raises what is wrong with the inputs."""
        if len(given) != len(self._given):
            raise ArgumentTypeError(say("nn.compiled_count", expected=len(self._given), came=len(given)))
        counts = []
        for index, array, many in zip(self._given, given, self._batched, strict=True):
            spec = self.graph.inputs[index].spec
            if array.dtype != spec.dtype or array.shape[many:] != spec.shape[many:] or array.ndim != len(spec.shape):
                key = "nn.compiled_input" if many else "nn.compiled_shape"
                raise ShapeError(say(key, expected=spec, came=f"{array.dtype}{array.shape}"))
            if self.exact and array.shape != spec.shape:
                raise ShapeError(say("nn.compiled_exact"), expected=str(spec.shape), came=str(array.shape))
            if many:
                counts.append(array.shape[0])
        if len(set(counts)) > 1:
            raise ShapeError(say("run.batches"), came=", ".join(str(array.shape) for array in given))
        return counts[0] if counts else 0

    def _program(self, samples: int) -> Program:
        """The program for so many samples: machine code serves any, what runs in NumPy knows its own."""
        batched = [index for index, many in zip(self._given, self._batched, strict=True) if many]
        if isinstance(self.program, CompiledProgram) or self.exact or not batched:
            return self.program
        return self._programs.get(samples, lambda: program_for(with_samples(self.graph, batched, samples), ()))


def compile(module: Callable[..., Tensor], *examples: Any) -> CompiledModule:  # noqa: A001 (PyTorch's name)
    """The program of `module` for inputs shaped like `examples`.

    The module is traced in the mode (train or eval) that it is in; the program does not follow later changes of it.
    Where `forward` computes with the number of samples, as `x / x.shape[0]` does, the program takes as many as the
    examples have. Raises UnsupportedError for a module that draws random numbers, which would be the same ones in every
    call, for one that returns anything but one tensor, and for one that does not compute with an example or takes its
    numbers out; ArgumentTypeError without an example.

    >>> import knoll
    >>> net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU())
    >>> program = knoll.compile(net, knoll.zeros(1, 3, 32, 32))
    >>> program(np.zeros((4, 3, 32, 32), np.float32)).shape
    (4, 8, 30, 30)
    """
    if not examples:
        raise ArgumentTypeError(say("nn.compiled_no_example"), advice=say("nn.compiled_no_example_advice"))
    tensors = [Tensor._holding(e._realize() if isinstance(e, Tensor) else np.asarray(e)) for e in examples]
    graph, leaves = _traced(module, tensors)
    places = {id(leaf): index for index, leaf in enumerate(leaves)}
    for number, tensor in enumerate(tensors, 1):
        if id(tensor) not in places:
            raise UnsupportedError(say("nn.compiled_unused", number=number), advice=say("nn.compiled_unused_advice"))
    given = [places[id(tensor)] for tensor in tensors]
    exact = not _serves_any_batch(module, tensors, graph, leaves)
    return CompiledModule(graph, program_for(graph, ()), [leaf._realize() for leaf in leaves], given, exact)


def _serves_any_batch(module: Callable[..., Tensor], tensors: list[Tensor], graph: Graph, leaves: list[Tensor]) -> bool:
    """Whether another number of samples makes the same graph, beginning with the same numbers."""
    head = tensors[0].shape[:1]
    sizes = [(2 * t.shape[0] + 1, *t.shape[1:]) if head and t.shape[:1] == head else t.shape for t in tensors]
    others = [Tensor._over(np.zeros(size, t._realize().dtype)) for size, t in zip(sizes, tensors, strict=True)]
    try:
        other, other_leaves = _traced(module, others)
    except (KnollError, ValueError):
        return False
    if len(leaves) != len(other_leaves) or operations(graph) != operations(other):
        return False
    twins = {id(tensor): other for tensor, other in zip(tensors, others, strict=True)}
    return all(
        a is b or twins.get(id(a)) is b or np.array_equal(a._realize(), b._realize(), equal_nan=a.is_floating_point())
        for a, b in zip(leaves, other_leaves, strict=True)
    )


def _traced(module: Callable[..., Tensor], tensors: list[Tensor]) -> tuple[Graph, list[Tensor]]:
    """The graph of the module and the tensors it begins with; a lazy module draws its first numbers, and no others."""
    for _ in range(2):
        before = drawn()
        with no_grad():
            graph, leaves = traced(lambda *given: _one(module(*given)), *tensors)
        if drawn() == before:
            return graph, leaves
    raise UnsupportedError(say("nn.compiled_random"), advice=say("nn.compiled_random_advice"))


def _one(output: object) -> Tensor:
    if not isinstance(output, Tensor):
        kind = type(output).__name__
        raise UnsupportedError(say("nn.compiled_outputs", kind=kind), advice=say("nn.compiled_outputs_advice"))
    return output
