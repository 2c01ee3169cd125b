"""`knoll.compile`: the bare program of a module, for serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, overload
from weakref import ref

import numpy as np

from knoll.deferred import html_of
from knoll.errors import ArgumentTypeError, KnollError, ShapeError, UnsupportedError
from knoll.graph import Array, Graph, Shape
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.nn.any_batch import operations, with_samples
from knoll.nn.structure import Structure
from knoll.run import Identity, Program, program_for
from knoll.run.bound import Bindings
from knoll.run.compiled import CompiledProgram
from knoll.run.lru import LRU
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import called
from knoll.tensor.generator import drawn
from knoll.tensor.record import traced_results

PROGRAMS = 64  # batch sizes whose programs are kept where each has one of its own
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Trace:
    """The graph of a module, the tensors it begins with, and how what it takes and gives is built."""

    graph: Graph
    leaves: list[Tensor]
    takes: Structure
    gives: Structure


class CompiledModule(Generic[Result]):
    """A module as one native program: arrays in, arrays out, no Python work but one native call.

    It has the parameters of the moment it was compiled. Other batch sizes than the example's are bound when they
    first come; a program that is `exact` has only the example's.
    """

    exact: bool
    graph: Graph
    program: Program

    def __init__(self, trace: _Trace, program: Program, given: Sequence[int], exact: bool) -> None:
        self.graph, self.program, self.exact = trace.graph, program, exact
        self._takes, self._gives = trace.takes, trace.gives
        self._arrays, self._given = [np.array(leaf._realize(), order="C") for leaf in trace.leaves], list(given)
        heads = [self.graph.inputs[index].spec.shape[:1] for index in given]
        self._batched = [head == heads[0] != () for head in heads]
        if isinstance(program, CompiledProgram):
            self._batched = [index in program.batch_inputs for index in given]
        self._identities = [Identity(is_parameter=True) for _ in self._arrays]  # parameters of its own never change
        self._stamps = [None if i in given else (ref(each), 0) for i, each in enumerate(self._identities)]
        self._programs = LRU[int, Program](PROGRAMS)
        self._last: tuple[list[tuple[Shape, DType]] | None, int] = None, 0  # what came last, and its samples
        self._bindings: Bindings | None = None
        if isinstance(program, CompiledProgram) and all(self._batched):
            self._bindings = Bindings(program, self._arrays, self._stamps, self._given)

    def _repr_html_(self) -> str | None:
        return html_of("views.graph_display", "program_html", self.graph, self.program)

    def __call__(self, *arrays: Any, out: Result | None = None) -> Result:
        """The results for inputs of the examples' shapes, with any number of samples.

        They are new arrays, or those of `out`, which is built like the results and is then returned itself. Arrays that
        are given stay as they are, also where `forward` writes into its input. Raises ShapeError for arrays of other
        shapes or types, and ArgumentTypeError for what is built otherwise than the examples.
        """
        given = [np.asarray(array, order="C") for array in self._inputs(arrays)]
        samples = self._samples(given)
        wanted = [] if out is None else self._writable(out)
        if samples and self._bindings is not None:
            if wanted:
                self._check(wanted, [spec.shape for spec in self._bindings.program.specs(samples)])
            results = self._bindings(samples, given, _places(wanted, given) if wanted else ())
        else:
            results = self._run(samples, given)
            self._check(wanted, [result.shape for result in results])
        if out is None:
            made: Result = self._gives.filled(results)
            return made
        for place, result in zip(wanted, results, strict=True):
            if place is not result:
                np.copyto(place, result)
        return out

    def _run(self, samples: int, given: Sequence[Array]) -> list[Array]:
        """The results of a program that is not bound: arrays that share no memory."""
        every = list(self._arrays)
        for index, array in zip(self._given, given, strict=True):
            every[index] = array
        results, _ = self._program(samples).forward(every, self._stamps)
        taken = [*every]
        for place, result in enumerate(results):
            if any(np.may_share_memory(result, array) for array in taken):
                results[place] = result.copy()
            taken.append(results[place])
        return results

    def _inputs(self, arrays: tuple[Any, ...]) -> Sequence[Any]:
        """The arrays of all inputs in order."""
        expected = len(self._takes.parts)
        if len(arrays) != expected:
            raise ArgumentTypeError(say("nn.compiled_count", expected=expected, got=len(arrays)))
        return arrays if self._is_flat else self._takes.leaves(arrays)

    @cached_property
    def _is_flat(self) -> bool:
        return all(part.kind is None for part in self._takes.parts)

    def _samples(self, given: Sequence[Array]) -> int:
        """How many samples came; 0 if no input has them. Raises what is wrong with the inputs."""
        kinds = [(array.shape, array.dtype) for array in given]
        last = self._last
        if kinds != last[0]:
            last = self._last = kinds, self._counted(given)
        return last[1]

    def _counted(self, given: Sequence[Array]) -> int:
        counts = []
        for index, array, many in zip(self._given, given, self._batched, strict=True):
            spec = self.graph.inputs[index].spec
            if array.dtype != spec.dtype or array.shape[many:] != spec.shape[many:] or array.ndim != len(spec.shape):
                key = "nn.compiled_input" if many else "nn.compiled_shape"
                raise ShapeError(say(key, expected=spec, got=f"{array.dtype}{array.shape}"))
            if self.exact and array.shape != spec.shape:
                raise ShapeError(say("nn.compiled_exact"), expected=str(spec.shape), got=str(array.shape))
            if many:
                counts.append(array.shape[0])
        if len(set(counts)) > 1:
            raise ShapeError(say("run.batches"), got=", ".join(str(array.shape) for array in given))
        return counts[0] if counts else 0

    def _program(self, samples: int) -> Program:
        """The program for so many samples: machine code serves any, what runs in NumPy knows its own."""
        batched = [index for index, many in zip(self._given, self._batched, strict=True) if many]
        if isinstance(self.program, CompiledProgram) or self.exact or not batched:
            return self.program
        return self._programs.get(samples, lambda: program_for(with_samples(self.graph, batched, samples), ()))

    def _writable(self, out: Result) -> list[Array]:
        """The arrays of `out`."""
        arrays = self._gives.leaves(out)
        for array, value in zip(arrays, self.graph.outputs, strict=True):
            if not (isinstance(array, np.ndarray) and array.flags.writeable):
                got = "read-only" if isinstance(array, np.ndarray) else type(array).__name__
                raise ArgumentTypeError(
                    say("nn.compiled_out"), expected=f"a writable array of {value.spec.dtype}", got=got
                )
        return arrays

    def _check(self, wanted: Sequence[Array], shapes: Sequence[Shape]) -> None:
        """Raise ShapeError if results of these shapes do not fit into the arrays of `out`."""
        for array, shape, value in zip(wanted, shapes, self.graph.outputs, strict=False):
            if (array.shape, array.dtype) != (shape, value.spec.dtype):
                raise ShapeError(
                    say("nn.compiled_out"),
                    expected=f"{value.spec.dtype}{shape}",
                    got=f"{array.dtype}{array.shape}",
                    advice=say("nn.compiled_out_advice", shape=shape, dtype=value.spec.dtype),
                )


def _places(wanted: Sequence[Array], given: Sequence[Array]) -> list[Array]:
    """Where machine code writes: into the arrays of `out`, or beside those that it cannot write directly."""
    taken, places = list(given), list[Array]()
    for array in wanted:
        direct = array.flags.c_contiguous and not any(np.may_share_memory(array, other) for other in taken)
        places.append(array if direct else np.empty(array.shape, array.dtype))
        taken.append(array)
    return places


@overload
def compile(module: Callable[..., Tensor], *examples: Any) -> CompiledModule[Array]: ...  # noqa: A001 (PyTorch's name)
@overload
def compile(module: Callable[..., Any], *examples: Any) -> CompiledModule[Any]: ...  # noqa: A001


def compile(module: Callable[..., Any], *examples: Any) -> CompiledModule[Any]:  # noqa: A001
    """The program of `module` for inputs shaped like `examples`.

    Examples and results are arrays or tensors, or tuples, lists and dictionaries of them, in each other to any depth;
    the program takes what is built like the examples, and gives arrays in what is built like the module's result.

    The module is traced in the mode (train or eval) that it is in; the program does not follow later changes of it.
    Where `forward` computes with the number of samples, as `x / x.shape[0]` does, the program takes as many as the
    examples have. Raises UnsupportedError for a module that draws random numbers, which would be the same ones in every
    call, for one that returns anything but tensors, and for one that does not compute with an example or takes its
    numbers out; ArgumentTypeError without an example.

    >>> import numpy as np
    >>> import knoll
    >>> net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU())
    >>> program = knoll.compile(net, knoll.zeros(1, 3, 32, 32))
    >>> program(np.zeros((4, 3, 32, 32), np.float32)).shape
    (4, 8, 30, 30)
    >>> scores = np.empty((4, 8, 30, 30), np.float32)
    >>> program(np.zeros((4, 3, 32, 32), np.float32), out=scores) is scores
    True
    >>> pair = knoll.compile(lambda batch: (batch["x"] * 2, net(batch["x"])), {"x": knoll.zeros(1, 3, 32, 32)})
    >>> doubled, scores = pair({"x": np.ones((4, 3, 32, 32), np.float32)})
    """
    takes, given = Structure.of_all(examples)
    if not given:
        raise ArgumentTypeError(say("nn.compiled_no_example"), advice=say("nn.compiled_no_example_advice"))
    tensors = [_example(each) for each in given]
    called(module, "compile", "module")
    trace = _traced(module, takes, tensors)
    places = {id(leaf): index for index, leaf in enumerate(trace.leaves)}
    for number, tensor in enumerate(tensors, 1):
        if id(tensor) not in places:
            raise UnsupportedError(say("nn.compiled_unused", number=number), advice=say("nn.compiled_unused_advice"))
    exact = not _serves_any_batch(module, tensors, trace)
    program = program_for(trace.graph, (), whatever_size=True)
    return CompiledModule(trace, program, [places[id(tensor)] for tensor in tensors], exact)


def _example(given: Any) -> Tensor:
    """A tensor of an example. Raises ArgumentTypeError."""
    if isinstance(given, Tensor):
        return Tensor._holding(given._realize())
    try:
        return Tensor._holding(np.asarray(given))
    except ValueError:  # lists of several lengths
        raise ArgumentTypeError(say("nn.compiled_no_example"), got=repr(given)) from None


def _serves_any_batch(module: Callable[..., Any], tensors: list[Tensor], trace: _Trace) -> bool:
    """Whether another number of samples makes the same graph, beginning with the same numbers."""
    head = tensors[0].shape[:1]
    sizes = [(2 * t.shape[0] + 1, *t.shape[1:]) if head and t.shape[:1] == head else t.shape for t in tensors]
    others = [Tensor._over(np.zeros(size, t._realize().dtype)) for size, t in zip(sizes, tensors, strict=True)]
    changed = {id(t) for size, t in zip(sizes, tensors, strict=True) if size != t.shape}
    batched = [index for index, leaf in enumerate(trace.leaves) if id(leaf) in changed]
    try:
        other = _traced(module, trace.takes, others)
        graph = with_samples(trace.graph, batched, sizes[0][0]) if batched else trace.graph
    except (KnollError, ValueError):
        return False
    if len(trace.leaves) != len(other.leaves) or trace.gives != other.gives:
        return False
    if operations(graph) != operations(other.graph) or _results(trace.graph) != _results(other.graph):
        return False
    counterparts = {id(tensor): other for tensor, other in zip(tensors, others, strict=True)}
    return all(
        a is b
        or counterparts.get(id(a)) is b
        or np.array_equal(a._realize(), b._realize(), equal_nan=a.is_floating_point())
        for a, b in zip(trace.leaves, other.leaves, strict=True)
    )


def _results(graph: Graph) -> list[int]:
    return [graph.numbers[value] for value in graph.outputs]


def _traced(module: Callable[..., Any], takes: Structure, tensors: list[Tensor]) -> _Trace:
    """The graph of the module; a lazy module draws its first numbers, and no others."""
    gives: list[Structure] = []

    def forward(*given: Tensor) -> list[Tensor]:
        structure, results = Structure.of(module(*takes.filled(given)))
        gives.append(structure)
        return _tensors(results)

    for _ in range(2):
        before = drawn()
        with no_grad():
            graph, leaves = traced_results(forward, *tensors)
        if drawn() == before:
            return _Trace(graph, leaves, takes, gives[-1])
    raise UnsupportedError(say("nn.compiled_random"), advice=say("nn.compiled_random_advice"))


def _tensors(results: Sequence[Any]) -> list[Tensor]:
    """What a module returned. Raises UnsupportedError for anything but tensors, and if there are none."""
    for result in results or [None]:
        if not isinstance(result, Tensor):
            kind = type(result).__name__
            raise UnsupportedError(say("nn.compiled_outputs", kind=kind), advice=say("nn.compiled_outputs_advice"))
    return list(results)
