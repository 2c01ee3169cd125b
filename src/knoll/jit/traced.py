"""Modules and functions as the operations of one call of them: `torch.jit.trace`.

https://pytorch.org/docs/stable/generated/torch.jit.trace.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from knoll.errors import ArgumentTypeError, ShapeError, StateError, UnsupportedError, warn
from knoll.graph import Graph, Value
from knoll.graph.node import topological
from knoll.messages import say
from knoll.nn.module import Module
from knoll.nn.registry import HOLDERS
from knoll.nn.tracing.batch_sizes import batch_sizes
from knoll.nn.tracing.family import NotAFamilyError
from knoll.nn.tracing.structure import Structure
from knoll.nn.tracing.trace import Trace
from knoll.nn.tracing.tracing import Tracing, batched_examples, example
from knoll.run.lru import LRU
from knoll.tensor import Tensor, no_grad
from knoll.tensor.record import apply
from knoll.testing import assert_close

SIZES = 16  # numbers of samples whose operations are kept


class TracerWarning(Warning):
    """What is warned of where a trace does something else than what was traced."""


class TracedModule(Module):
    """What a module or a function did in one call, done again whenever it is called.

    Branches and loops are those of that call. It has the parameters, buffers and modules of the module, the same ones:
    a change of their numbers counts, and gradients go to them. Inputs are those of the example, with any number of
    samples that the module did the same with. Its mode changes nothing.
    """

    training: bool

    def __init__(self, func: Callable[..., Any], examples: Sequence[Any], strict: bool) -> None:
        super().__init__()
        self.__dict__["_name"] = type(func).__name__ if isinstance(func, Module) else getattr(func, "__name__", "")
        if isinstance(func, Module):
            for name in (*HOLDERS, "_non_persistent_buffers_set"):
                self.__dict__[name] = func.__dict__[name].copy()
            self.training = func.training
        self._takes, given = Structure.of_all(examples)
        if not given:
            raise ArgumentTypeError(say("nn.compiled_no_example"), advice=say("nn.compiled_no_example_advice"))
        tensors = [example(each) for each in given]
        tracing = Tracing(func, self._takes, tensors, gradients=True)
        self._trace = trace = tracing.of_examples()
        if strict:
            _check_constant(trace.gives)
        self._batched = batched_examples(tensors)
        self._sizes = batch_sizes(tracing.with_others(self._batched), trace, self._batched)
        self._traces = LRU[int, Trace](SIZES)
        self._places = _places(self, trace)

    @property
    def graph(self) -> Graph:
        """The operations, for as many samples as the example has."""
        return self._trace.graph

    @property
    def original_name(self) -> str:
        """The name of the class or function that was traced."""
        name: str = self._name
        return name

    def forward(self, *inputs: Any) -> Any:
        """The results, built as those of the traced call.

        Raises ArgumentTypeError for inputs that are built otherwise, ShapeError for other shapes and element types.
        """
        expected = len(self._takes.parts)
        if len(inputs) != expected:
            raise ArgumentTypeError(say("nn.compiled_count", expected=expected, got=len(inputs)))
        given = [each if isinstance(each, Tensor) else example(each) for each in self._takes.leaves(inputs)]
        trace = self._trace_for(self._counted(given))
        known: dict[Value, Tensor] = {}
        for place, (value, leaf) in enumerate(zip(trace.graph.inputs, trace.leaves, strict=True)):
            holder = self._places.get(place)
            known[value] = leaf if holder is None else holder[0][holder[1]]
        for place, tensor in zip(trace.given, given, strict=True):
            known[trace.graph.inputs[place]] = tensor
        for node in topological(trace.graph.outputs):
            results = apply(node.op, *(known[value] for value in node.inputs), **node.attributes)
            known.update(zip(node.outputs, results, strict=True))
        return trace.gives.filled([known[value] for value in trace.graph.outputs])

    def train(self, mode: bool = True) -> Self:
        """Note the mode, which changes nothing; that of the traced module stays as it is."""
        self.training = mode
        return self

    def _counted(self, given: Sequence[Tensor]) -> int:
        """How many samples came. Raises ShapeError for what is not shaped like the examples."""
        counts = set[int]()
        for number, (tensor, place) in enumerate(zip(given, self._trace.given, strict=True)):
            spec, many = self._trace.graph.inputs[place].spec, number in self._batched
            if tensor.dtype != spec.dtype or tensor.ndim != spec.rank or tensor.shape[many:] != spec.shape[many:]:
                key = "nn.compiled_input" if many else "nn.compiled_shape"
                raise ShapeError(say(key, expected=spec, got=f"{tensor.dtype}{tensor.shape}"))
            counts |= {tensor.shape[0]} if many else set()
        if len(counts) > 1:
            raise ShapeError(say("run.batches"), got=", ".join(str(each.shape) for each in given))
        return counts.pop() if counts else self._trace.samples

    def _trace_for(self, samples: int) -> Trace:
        """The trace for so many samples. Raises ShapeError where the module did something else with them."""
        if samples == self._trace.samples:
            return self._trace
        family, of_one = self._sizes.family, self._sizes.of_one if samples == 1 else None
        if isinstance(of_one, Trace):
            return of_one
        if family is None or isinstance(of_one, Exception) or samples % family.unit:
            raise ShapeError(say("nn.compiled_exact"), expected=str(self._trace.samples), got=str(samples))
        try:
            return self._traces.get(samples, lambda: family.at(samples))
        except NotAFamilyError:
            raise ShapeError(say("nn.compiled_exact"), got=str(samples)) from None

    def extra_repr(self) -> str:
        """What was traced."""
        return f"original_name={self.original_name}"


def _places(module: Module, trace: Trace) -> dict[int, tuple[Mapping[str, Any], str]]:
    """Where the parameters and buffers among the leaves stand, so that another one in its place is found."""
    held = {
        id(tensor): (holder, name)
        for each in module.modules()
        for holder in (each._parameters, each._buffers)
        for name, tensor in holder.items()
        if tensor is not None
    }
    return {place: held[id(leaf)] for place, leaf in enumerate(trace.leaves) if id(leaf) in held}


def _check_constant(gives: Structure) -> None:
    """Warn of results in a list, and refuse those in a dictionary, at any depth."""
    for kind in (list, dict):
        if gives.kind is None or not issubclass(gives.kind, kind):
            continue
        reason = (
            f"Encountering a {kind.__name__} at the output of the tracer might cause the trace to be incorrect, "
            "this is only valid if the container structure does not change based on the module's inputs. Consider "
            "using a constant container instead (e.g. for `list`, use a `tuple` instead. for `dict`, use a "
            "`NamedTuple` instead). If you absolutely need this and know the side effects, pass strict=False to "
            "trace() to allow this behavior."
        )
        if kind is dict:
            raise StateError(reason)
        warn(reason, TracerWarning)
    for part in gives.parts:
        _check_constant(part)


def trace(
    func: Callable[..., Any],
    example_inputs: Any = None,
    optimize: Any = None,
    check_trace: bool = True,
    check_inputs: Sequence[Any] | None = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    **options: Any,
) -> TracedModule:
    """A module that does what `func`, a module or a function, did in one call with `example_inputs`.

    - `example_inputs`: a tuple of the arguments, or the only one; arrays or tensors, in tuples, lists and dictionaries.
    - `check_trace`: whether the trace is run with them, and with `check_inputs`, and a difference above
      `check_tolerance` is warned of.
    - `strict`: whether results in a dictionary are refused, and those in a list warned of.
    - `optimize` and other options of PyTorch's choose nothing here.

    Raises UnsupportedError for what draws random numbers, for a network whose normalisations learn from the batch and
    for one that takes the numbers of an example out; StateError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.jit.trace.html

    >>> import knoll
    >>> from knoll import jit, nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    >>> traced = jit.trace(net, knoll.zeros(1, 3, 8, 8))
    >>> traced(knoll.ones(4, 3, 8, 8)).shape
    (4, 8, 6, 6)
    """
    del optimize, options
    if isinstance(func, TracedModule):
        return func
    examples = example_inputs if isinstance(example_inputs, tuple) else (example_inputs,)
    if isinstance(func, Module) and any(_learns_from_batches(each) for each in func.modules()):
        raise UnsupportedError(say("nn.traced_training"), advice="net.eval()")
    made = TracedModule(func, examples, strict)
    for given in (examples, *(check_inputs or ())) if check_trace else ():
        _check(made, func, given if isinstance(given, tuple) else (given,), check_tolerance)
    return made


def _learns_from_batches(module: Module) -> bool:
    """Whether a call changes what the module remembers of earlier batches."""
    return module.training and getattr(module, "running_mean", None) is not None


def _check(made: TracedModule, func: Callable[..., Any], given: tuple[Any, ...], tolerance: float) -> None:
    """Warn where the trace gives something else than the module or function."""
    with no_grad():
        mine, truth = (Structure.of(each(*given))[1] for each in (made, func))
    for number, (found, expected) in enumerate(zip(mine, truth, strict=False), 1):
        try:
            assert_close(found, expected, rtol=tolerance, atol=1e-8 if tolerance else 0.0, equal_nan=True)
        except AssertionError as error:
            warn(
                f"Output nr {number}. of the traced function does not match the corresponding output of the Python "
                f"function. Detailed error:\n{error}",
                TracerWarning,
            )
