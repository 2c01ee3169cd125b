"""Functions with a gradient of their own, as `torch.autograd.Function`: Python, called where programs meet.

A network is cut into two programs where it calls one: before it, what has been recorded runs; its results are where
recording goes on. https://pytorch.org/docs/stable/notes/extending.html#extending-torch-autograd
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from knoll.errors import ArgumentTypeError, ShapeError, StateError, UnsupportedError
from knoll.graph import Array, Graph, Node, Op, Value, spec_of
from knoll.graph.spec import Spec
from knoll.messages import say
from knoll.tensor.autograd.gradient_edge import AutogradNode, GradientEdge
from knoll.tensor.autograd.modes import is_grad_enabled, no_grad
from knoll.tensor.base import TensorBase
from knoll.tensor.record import recorded_by
from knoll.tensor.storage.memory import Memory


class FunctionCtx:
    """What a function keeps between `forward` and `backward`; other attributes may be set on it.

    - `needs_input_grad`: for each argument of `apply`, whether a gradient is wanted.
    - `saved_tensors`: what `save_for_backward` was given.
    """

    needs_input_grad: tuple[bool, ...]

    def __init__(self, needs_input_grad: tuple[bool, ...] = ()) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[Any, ...] = ()
        self._versions: tuple[tuple[Memory, int], ...] = ()
        self._constant: set[int] = set()
        self._filled = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors, or None, for backward, which refuses those that were changed in place since."""
        self._saved = tensors
        memories = [tensor._memory for tensor in tensors if isinstance(tensor, TensorBase)]
        self._versions = tuple((memory, memory.version) for memory in memories)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors that were kept. Raises StateError where one was changed in place."""
        for memory, then in self._versions:
            if memory.version != then:
                raise StateError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation",
                    expected=say("tensor.version", version=then),
                    advice=say("tensor.out_of_place"),
                )
        return self._saved

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """`saved_tensors` by the name that it had before PyTorch 0.4."""
        return self.saved_tensors

    def mark_dirty(self, *args: Any) -> None:
        """Say that arguments were changed in place: nothing follows from it here."""

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say that results have no gradient."""
        self._constant |= {id(tensor) for tensor in args}

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` is given zeros, else None, for a result that no gradient arrives at."""
        self._filled = bool(value)


class Function:
    """A function with a gradient of its own: a subclass has static methods `forward` and `backward`.

    `forward(ctx, …)` computes with tensors or arrays of NumPy, and may keep some in `ctx`; or `forward(…)` does without
    it, and `setup_context(ctx, inputs, output)` follows. `backward(ctx, …)` takes the gradient of each result and gives
    that of each argument, or None. `apply` calls it.

    >>> import knoll
    >>> class Sign(knoll.autograd.Function):  # with the slope of x, as quantized networks are trained
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x.sign()
    ...
    ...     @staticmethod
    ...     def backward(ctx, dy):
    ...         return dy
    >>> x = knoll.tensor([-3.0, 2.0], requires_grad=True)
    >>> (Sign.apply(x) * 5).sum().backward()
    >>> x.grad
    tensor([5., 5.])
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The results. Raises UnsupportedError where a subclass does not have it."""
        raise UnsupportedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep in `ctx` what backward needs, for a `forward` without it."""

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradient of each argument. Raises UnsupportedError where a subclass does not have it."""
        raise UnsupportedError("You must implement either the backward or vjp method for your custom autograd.Function")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """The results for these arguments, with the gradient that `backward` says."""
        if not all(callable(getattr(cls, name, None)) for name in ("forward", "backward")):
            raise ArgumentTypeError(f"{cls.__name__}.forward and backward are static methods")
        for each in args:
            if isinstance(each, TensorBase):
                each._realize()
        wants = tuple(isinstance(each, TensorBase) and each._requires_grad for each in args)
        ctx = FunctionCtx(wants)
        with recorded_by(None), no_grad():
            results = cls._called(ctx, args)
            several = isinstance(results, tuple)
            made = [_separate(each, args) for each in (results if several else (results,))]
        for given, new in zip(results if several else (results,), made, strict=True):
            if id(given) in ctx._constant:
                ctx._constant.add(id(new))
        if is_grad_enabled() and any(wants):
            _joined(cls, ctx, args, made)
        return tuple(made) if several else made[0]

    @classmethod
    def _called(cls, ctx: FunctionCtx, args: tuple[Any, ...]) -> Any:
        if cls.setup_context is Function.setup_context:
            return cls.forward(ctx, *args)
        results = cls.forward(*args)
        cls.setup_context(ctx, args, results)
        return results


def _separate(result: Any, args: Sequence[Any]) -> Any:
    """A result as a tensor of its own, in no memory of an argument."""
    if not isinstance(result, TensorBase):
        return result
    array = result._realize()
    given = [each._realize() for each in args if isinstance(each, TensorBase)]
    return type(result)._over(array.copy() if any(np.may_share_memory(array, each) for each in given) else array)


def _joined(function: type[Function], ctx: FunctionCtx, args: Sequence[Any], made: Sequence[Any]) -> None:
    """Let results that are floats lead back to the arguments."""
    tensors = [each for each in args if isinstance(each, TensorBase)]
    results = [each for each in made if isinstance(each, TensorBase)]
    graph = _graph(function.__name__, tensors, results)
    wrt = tuple(place for place, tensor in enumerate(tensors) if tensor._requires_grad)
    sources = tuple(tensors[place]._edge or tensors[place] for place in wrt)
    node = FunctionNode(graph, cast(Any, None), ctx, wrt, sources)
    node.function, node.count = function, len(args)
    node.places = tuple(place for place, wanted in enumerate(ctx.needs_input_grad) if wanted)
    for index, result in enumerate(results):
        if result._dtype.kind == "f" and id(result) not in ctx._constant:
            result._requires_grad, result._edge = True, GradientEdge(node, index)
            result._memory.note_rebinding()


def _graph(name: str, inputs: Sequence[TensorBase], results: Sequence[TensorBase]) -> Graph:
    """A graph of one operation, which stands for the function."""
    specs = tuple(spec_of(result._realize()) for result in results)

    def refused(node: Node, *_: Value) -> tuple[Value, ...]:
        raise UnsupportedError(say("nn.function_alone", name=node.op.name))

    def shape(*_: Spec) -> tuple[Spec, ...]:
        return specs

    def meaning(*_: Array) -> tuple[Array, ...]:
        raise UnsupportedError(say("nn.function_alone", name=name))

    operation = Op(name, shape, meaning, refused)
    values = tuple(Value(spec_of(each._realize())) for each in inputs)
    return Graph(values, operation.node(*values).outputs)


class FunctionNode(AutogradNode):
    """A function that was applied: its gradient is what its own `backward` says."""

    function: type[Function]
    places: tuple[int, ...]
    count: int

    def check_usable(self) -> None:
        """Refuse where backward ran before. Raises StateError."""
        if self.spent:
            super().check_usable()

    def _needs_numbers(self) -> bool:
        return bool(self.saved._saved)

    def _gradients(self, doutputs: Sequence[Array | None], keep: bool) -> list[Array | None]:
        public = TensorBase._public
        with no_grad():
            found = self.recorded([None if each is None else public._over(each) for each in doutputs])
            return [None if each is None else np.asarray(each._realize(), order="C") for each in found]

    def recorded(self, doutputs: Sequence[Any]) -> list[Any]:
        """The gradients as tensors: what `backward` says, for the arguments that want one."""
        ctx = self.saved
        if ctx._filled:
            doutputs = [
                TensorBase._public._over(np.zeros(value.spec.shape, value.spec.dtype)) if each is None else each
                for each, value in zip(doutputs, self.graph.outputs, strict=True)
            ]
        given = self.function.backward(ctx, *doutputs)
        answers = given if isinstance(given, tuple) else (given,)
        if len(answers) < self.count or any(each is not None for each in answers[self.count :]):
            raise StateError(
                f"function {self.function.__name__}Backward returned an incorrect number of gradients "
                f"(expected {self.count}, got {len(answers)})"
            )
        specs = [self.graph.inputs[number].spec for number in self.wrt]
        return [self._checked(answers[place], spec) for place, spec in zip(self.places, specs, strict=True)]

    def _checked(self, gradient: Any, spec: Spec) -> Any:
        if gradient is None:
            return None
        name = self.function.__name__
        if not isinstance(gradient, TensorBase):
            raise ArgumentTypeError(f"function {name}Backward returned {type(gradient).__name__}, expected a Tensor")
        if tuple(gradient.shape) != spec.shape:
            raise ShapeError(
                f"Function {name}Backward returned an invalid gradient at index 0 - got {list(gradient.shape)} but "
                f"expected shape compatible with {list(spec.shape)}"
            )
        return gradient if gradient._dtype == spec.dtype else cast(Any, gradient).to(spec.dtype)
