"""One call of a function whose products with the Jacobian or the Hessian are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from knoll.autograd.strict_mode import CONSTANT_RESULT, FIXED_JACOBIAN, NOT_STRICT, UNUSED, WHEN_KEPT, Refusals
from knoll.autograd.unit_gradients import unit_gradients
from knoll.deferred import loaded
from knoll.errors import ArgumentTypeError, StateError
from knoll.graph.shapes import size_name
from knoll.tensor import Tensor, eye, zeros_like
from knoll.tensor.autograd.differentiate import grad
from knoll.tensor.shapes.joining import stack

Tensors: TypeAlias = tuple[Tensor, ...]
Gaps: TypeAlias = tuple[Tensor | None, ...]  # None where no gradient arrives
ROWS = 64  # of a Jacobian that are computed at once: more take more memory
_RESULTS = "outputs of the user-provided function"


class FunctionalCall:
    """One call of a function: its inputs are other tensors than those given, so that only what is passed in counts.

    `takes_tuple` and `gives_tuple` are whether it is given several tensors, and whether it returns several.
    """

    takes_tuple: bool
    inputs: Tensors
    gives_tuple: bool

    def __init__(self, name: str, func: Callable[..., Any], inputs: Any, create_graph: bool, strict: bool) -> None:
        self.takes_tuple, given = as_tuple(inputs, "inputs", name)
        self.inputs = tuple(_fresh(x, create_graph, True) for x in given)
        self.gives_tuple = False
        self._name, self._func, self._keeps, self._strict = name, func, create_graph, strict

    def results(self) -> Tensors:
        """What the function returns."""
        self.gives_tuple, outputs = as_tuple(self._func(*self.inputs), _RESULTS, self._name)
        self.check_strict(outputs, CONSTANT_RESULT)
        return outputs

    def gradient(self) -> tuple[Tensors, Gaps]:
        """The one result of a function with one element, and its gradient, which has a gradient in turn."""
        outputs = self.results()
        if self.gives_tuple:
            raise StateError(f"The function given to {self._name} should return a single Tensor")
        if outputs[0].numel() != 1:
            raise StateError(
                f"The Tensor returned by the function given to {self._name} should contain a single element"
            )
        return outputs, gradients_of(outputs, self.inputs, None, create_graph=True)

    def vector(self, v: Any, like: Tensors, is_tuple: bool, alone: str) -> Tensors | None:
        """`v` as tensors of the shapes of others; None may stand for 1."""
        if v is None:
            if len(like) != 1 or like[0].numel() != 1:
                raise StateError(alone)
            return None
        given = tuple(_fresh(x, self._keeps, False) for x in as_tuple(v, "v", self._name)[1])
        if len(given) != len(like):
            wrong = f"v is a tuple of invalid length: should be {len(like)} but got {len(given)}."
            raise StateError(wrong if is_tuple else "The given v should contain a single Tensor.")
        for place, (x, y) in enumerate(zip(given, like, strict=True)):
            if x.shape != y.shape:
                prefix = f"Entry {place} in " if is_tuple else ""
                raise StateError(
                    f"{prefix}v has invalid size: should be {size_name(y.shape)} but got {size_name(x.shape)}."
                )
        return given

    def check_strict(self, tensors: Gaps, constant: str) -> None:
        """Refuse, where it is strict, what is missing or depends on nothing."""
        for place, x in enumerate(tensors if self._strict else ()):
            if x is None:
                raise StateError(UNUSED.format(place))
            if not x.requires_grad:
                raise StateError(constant.format(place))

    def filled(self, found: Gaps, like: Tensors, sentences: Refusals) -> Tensors:
        """Gradients, with zeros where none arrives, which is refused where it is strict."""
        for place, x in enumerate(found if self._strict else ()):
            if x is None:
                raise StateError(sentences.missing.format(place))
            if self._keeps and not x.requires_grad:
                raise StateError(sentences.constant.format(place))
        return without_gaps(found, like)

    def returned(self, tensors: Tensors, is_tuple: bool) -> Any:
        """A tensor or a tuple, as it was given; with where they come from only where that was asked for."""
        results = tensors if self._keeps else tuple(x.detach() for x in tensors)
        return results if is_tuple else results[0]

    def rows(self, y: Tensor, number: int, vectorize: bool) -> Tensors:
        """The Jacobian of one result by each input: all rows at once if `vectorize`, or some.

        They are computed one after the other where it is strict, and where the way back asks for numbers, as a function
        of the user's may; to `vectorize` that is refused.
        """
        if self._strict or y.numel() < 2:
            return self._one_by_one(y, number)
        try:
            return self._together(y, None if vectorize else ROWS)
        except StateError:
            if vectorize:
                raise
            return self._one_by_one(y, number)

    def _together(self, y: Tensor, chunk: int | None) -> Tensors:
        """The Jacobian by mapped calls of so many rows."""
        units = eye(y.numel(), dtype=y.dtype).reshape(y.numel(), *y.shape)
        matrices = loaded("func.mapping", "vmap")(self._row_of(y), chunk_size=chunk)(units)
        return tuple(rows.reshape(*y.shape, *x.shape) for rows, x in zip(matrices, self.inputs, strict=True))

    def _one_by_one(self, y: Tensor, number: int) -> Tensors:
        """The Jacobian by one way back for each row."""
        found: list[Tensors] = []
        for dy in unit_gradients(y):
            gradients = gradients_of((y,), self.inputs, (dy,), self._keeps, retain=True)
            for index, dx in enumerate(gradients if self._strict else ()):
                if dx is None:
                    raise StateError(
                        f"Output {number} of the user-provided function is independent of input {index}.{NOT_STRICT}."
                    )
                if self._keeps and not dx.requires_grad:
                    raise StateError(FIXED_JACOBIAN.format(number) + WHEN_KEPT)
            found.append(without_gaps(gradients, self.inputs))
        return tuple(
            stack([row[index] for row in found]).reshape(*y.shape, *x.shape) for index, x in enumerate(self.inputs)
        )

    def _row_of(self, y: Tensor) -> Callable[[Tensor], Tensors]:
        """A function that goes back from one result with a gradient of it."""

        def row(dy: Tensor) -> Tensors:
            return without_gaps(gradients_of((y,), self.inputs, (dy,), self._keeps, retain=True), self.inputs)

        return row


def as_tuple(given: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Whether it is a tuple, and the tensors."""
    is_tuple = isinstance(given, tuple)
    for place, x in enumerate(given if is_tuple else (given,)):
        if not isinstance(x, Tensor):
            which = f"value at index {place}" if is_tuple else f"given {what}"
            raise ArgumentTypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the {which} has type "
                f"{type(x)}."
            )
    return is_tuple, given if is_tuple else (given,)


def _fresh(x: Tensor, create_graph: bool, requires_grad: bool) -> Tensor:
    """Another tensor with the same numbers; where gradients are to have gradients they go on to the one given."""
    return x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(requires_grad)


def without_gaps(gradients: Gaps, like: Tensors) -> Tensors:
    """Gradients, with zeros where none arrives."""
    return tuple(zeros_like(x) if dx is None else dx for dx, x in zip(gradients, like, strict=True))


def gradients_of(
    outputs: Gaps, inputs: Tensors, seeds: Tensors | None, create_graph: bool, retain: bool | None = None
) -> Gaps:
    """The gradients of the inputs; of outputs that depend on nothing none arrives."""
    pairs = [
        (y, dy)
        for y, dy in zip(outputs, seeds or (None,) * len(outputs), strict=True)
        if y is not None and y.requires_grad
    ]
    if not pairs:
        return (None,) * len(inputs)
    ending, given = zip(*pairs, strict=True)
    return tuple(grad(ending, inputs, given, retain_graph=retain, create_graph=create_graph, allow_unused=True))
