"""`knoll.compile`: the bare program of a module, for serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, overload
from weakref import ref

import numpy as np

from knoll.calls import advised
from knoll.deferred import html_of
from knoll.errors import ArgumentTypeError, ShapeError
from knoll.graph import Array, Graph, Shape
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.nn.tracing.batch_sizes import BatchSizes, batch_sizes
from knoll.nn.tracing.family import NotAFamilyError
from knoll.nn.tracing.structure import Structure
from knoll.nn.tracing.trace import Trace
from knoll.nn.tracing.tracing import Tracing, batched_examples, example
from knoll.run import Identity, Program, program_for
from knoll.run.bound import Bindings
from knoll.run.compiled import CompiledProgram
from knoll.run.lru import LRU
from knoll.tensor import Tensor
from knoll.tensor.arguments import called

_OPTIONS = ("fullgraph", "dynamic", "backend", "mode", "options", "disable")  # that PyTorch's has
PROGRAMS = 64  # batch sizes whose programs are kept where each has one of its own
Result = TypeVar("Result")
Called = TypeVar("Called", bound=Callable[..., Any])


class CompiledModule(Generic[Result]):
    """A module as one native program: arrays in, arrays out, no Python work but one native call.

    It has the parameters of the moment it was compiled. Other batch sizes than the example's are bound when they
    first come, or get a program of their own where shapes inside follow from them; a program that is `exact` has only
    the example's.
    """

    exact: bool
    graph: Graph
    program: Program

    def __init__(self, trace: Trace, sizes: BatchSizes) -> None:
        self.graph, self.exact, self._sizes = trace.graph, sizes.family is None, sizes
        family = sizes.family
        if family is not None and family.is_one_program:
            trace = family.at(family.one.samples)  # in which no other axis is as long, and slices end before
        self.program = program = program_for(trace.graph, (), whatever_size=True)
        self._takes, self._gives = trace.takes, trace.gives
        self._arrays = [np.array(leaf._realize(), order="C") for leaf in trace.leaves]
        self._given = given = list(trace.given)
        heads = [self.graph.inputs[index].spec.shape[:1] for index in given]
        self._batched = [head == heads[0] != () for head in heads]
        self._is_one_program = family is not None and family.is_one_program and isinstance(program, CompiledProgram)
        if isinstance(program, CompiledProgram) and (self.exact or self._is_one_program):
            self._batched = [index in program.batch_inputs for index in given]
        self._identities = [Identity(is_parameter=True) for _ in self._arrays]  # parameters of its own never change
        self._stamps = [None if i in given else (ref(each), 0) for i, each in enumerate(self._identities)]
        self._others = LRU[int, CompiledModule[Result]](PROGRAMS)
        # What came last, the module for it if not this one, and its samples
        self._last: tuple[list[tuple[Shape, DType]] | None, CompiledModule[Result] | None, int] = None, None, 0
        self._bindings: Bindings | None = None
        if isinstance(program, CompiledProgram) and all(self._batched) and (self.exact or self._is_one_program):
            self._bindings = Bindings(program, self._arrays, self._stamps, self._given)

    def takes_less_than(self, batched: Sequence[int]) -> bool:
        """Whether the program has one array for all samples where these examples have one entry for each."""
        return self._is_one_program and not all(self._batched[number] for number in batched)

    def _repr_html_(self) -> str | None:
        return html_of("views.graph_display", "program_html", self.graph, self.program)

    def __call__(self, *arrays: Any, out: Result | None = None) -> Result:
        """The results for inputs of the examples' shapes, with any number of samples.

        They are new arrays, or those of `out`, which is built like the results and is then returned itself. Arrays that
        are given stay as they are, also where `forward` writes into its input. Raises ShapeError for arrays of other
        shapes or types, and ArgumentTypeError for what is built otherwise than the examples.
        """
        if self._bindings is not None and out is None:
            results = self._bindings.again(arrays)
            if results is not None:
                made: Result = self._gives.filled(results)
                return made
        given = [np.asarray(array, order="C") for array in self._inputs(arrays)]
        module, samples = self._module_for(given)
        return module._filled(samples, given, out)

    def _filled(self, samples: int, given: list[Array], out: Result | None) -> Result:
        wanted = [] if out is None else self._writable(out)
        if samples and self._bindings is not None:
            if wanted:
                self._check(wanted, self._bindings.program.result_shapes(samples))
            results = self._bindings(samples, given, _result_arrays(wanted, given) if wanted else ())
        else:
            results = self._run(given)
            self._check(wanted, [result.shape for result in results])
        if out is None:
            made: Result = self._gives.filled(results)
            return made
        for place, result in zip(wanted, results, strict=True):
            if place is not result:
                np.copyto(place, result)
        return out

    def _run(self, given: Sequence[Array]) -> list[Array]:
        """The results of a program that is not bound: arrays that share no memory."""
        every = list(self._arrays)
        for index, array in zip(self._given, given, strict=True):
            every[index] = array
        results = self.program.infer(every, self._stamps)
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

    def _module_for(self, given: Sequence[Array]) -> tuple[CompiledModule[Result], int]:
        """The module for these inputs, and how many samples they have. Raises what is wrong with them."""
        kinds = [(array.shape, array.dtype) for array in given]
        last, other, samples = self._last
        if kinds != last:
            samples = self._counted(given)
            other = self._for_other_samples(samples)
            self._last = kinds, other, samples
        return other or self, samples

    def _counted(self, given: Sequence[Array]) -> int:
        """How many samples came; 0 if no input has them."""
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

    def _for_other_samples(self, samples: int) -> CompiledModule[Result] | None:
        """The module for so many samples; None where it is this one. Raises ShapeError for one sample refused."""
        family, of_one = self._sizes.family, self._sizes.of_one if samples == 1 else None
        if family is not None and samples % family.unit:
            raise ShapeError(say("nn.compiled_multiple", unit=family.unit), got=str(samples))
        if isinstance(of_one, Exception):
            reason = str(of_one).partition("\n")[0]
            raise ShapeError(say("nn.compiled_alone", reason=f"{type(of_one).__name__}: {reason}"))
        if self.exact or (of_one is None and self._is_one_program) or not any(self._batched):
            return None
        return self._others.get(samples, lambda: CompiledModule(of_one or self._of(samples), BatchSizes(None)))

    def _of(self, samples: int) -> Trace:
        """The trace for so many samples."""
        family = self._sizes.family
        assert family is not None, "else the program is exact"
        try:
            return family.at(samples)
        except NotAFamilyError:
            raise ShapeError(say("nn.compiled_exact"), got=str(samples)) from None

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


def _result_arrays(wanted: Sequence[Array], given: Sequence[Array]) -> list[Array]:
    """Where machine code writes: into the arrays of `out`, or beside those that it cannot write directly."""
    taken, places = list(given), list[Array]()
    for array in wanted:
        direct = array.flags.c_contiguous and not any(np.may_share_memory(array, other) for other in taken)
        places.append(array if direct else np.empty(array.shape, array.dtype))
        taken.append(array)
    return places


@overload
def compile(module: Called, **options: Any) -> Called: ...  # noqa: A001 (PyTorch's name)
@overload
def compile(module: None = None, **options: Any) -> Callable[[Called], Called]: ...  # noqa: A001 (PyTorch's name)
@overload
def compile(module: Callable[..., Tensor], *examples: Any) -> CompiledModule[Array]: ...  # noqa: A001 (PyTorch's name)
@overload
def compile(module: Callable[..., Any], *examples: Any) -> CompiledModule[Any]: ...  # noqa: A001 (PyTorch's name)


@advised
def compile(module: Any = None, *examples: Any, **options: Any) -> Any:  # noqa: A001 (PyTorch's name)
    """The program of `module` for inputs shaped like `examples`; without one the module itself.

    A module is compiled when it is called, so what PyTorch's programs write, `net = torch.compile(net)` or
    `@torch.compile`, has nothing to do. The `options` are PyTorch's (`mode`, `fullgraph` …), and choose nothing here.

    Examples and results are arrays or tensors, or tuples, lists and dictionaries of them, in each other to any depth;
    the program takes what is built like the examples, and gives arrays in what is built like the module's result.

    The module is traced in the mode (train or eval) that it is in; the program does not follow later changes of it.
    The program takes any number of samples that `forward` does the same with, which is found out by tracing it with two
    others or three. Where the shapes inside follow from that number, as in `torch.stack([x, y]).mean(0)` or with
    `torch.arange(x.shape[0])`, each number has a program of its own, made when it first comes. A forward that does
    something else for other numbers, as by a loop over the samples or a limit, has a program for as many as the
    examples have, or for multiples of it. Raises UnsupportedError for a module that draws random numbers, which would
    be the same ones in every call, for one that returns anything but tensors, and for one that does not compute with an
    example or takes its numbers out; ArgumentTypeError for examples without any array.

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
    if unknown := options.keys() - _OPTIONS:
        name = min(unknown)
        raise ArgumentTypeError(f"compile() got an unexpected keyword argument '{name}'", expected=", ".join(_OPTIONS))
    if module is None and not examples:
        return lambda module: called(module, "compile", "module")
    called(module, "compile", "module")
    if not examples:
        return module
    takes, given = Structure.of_all(examples)
    if not given:
        raise ArgumentTypeError(say("nn.compiled_no_example"), advice=say("nn.compiled_no_example_advice"))
    tensors = [example(each) for each in given]
    batched = batched_examples(tensors)
    tracing = Tracing(module, takes, tensors, gradients=False)
    trace = tracing.of_examples()
    compiled = CompiledModule[Any](trace, batch_sizes(tracing.with_others(batched), trace, batched))
    if compiled.takes_less_than(batched):  # as a weight that happens to have as many rows as there are samples
        batched = tuple(number for number in batched if compiled._batched[number])
        compiled = CompiledModule(trace, batch_sizes(tracing.with_others(batched), trace, batched))
    return compiled
