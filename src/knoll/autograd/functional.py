"""Products with the Jacobian and the Hessian of a function, and the whole matrices.

Source: https://pytorch.org/docs/stable/autograd.html#functional-higher-level-api
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.calls import advise
from knoll.errors import ArgumentError, ArgumentTypeError, StateError, UnsupportedError
from knoll.graph.shapes import size_name
from knoll.tensor import Tensor, enable_grad, is_grad_enabled, set_grad_enabled, tensor, zeros_like
from knoll.tensor.differentiate import grad
from knoll.tensor.joining import stack

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]
Gaps = tuple[Tensor | None, ...]  # None where no gradient arrives
_RESULTS = "outputs of the user-provided function"
_MODES = ("forward-mode", "reverse-mode")


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The results of a function, and the product of a vector and its Jacobian: vᵀ · J.

    Shapes: `inputs` and `v` are a tensor or a tuple of tensors, `v` of the shapes of the results; the product has the
    shapes of the inputs. `v` may be left out where the function has one result with one element. With `strict` an input
    that the result does not depend on is refused. Raises ArgumentTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html

    >>> import knoll
    >>> y, product = knoll.autograd.functional.vjp(lambda x: x**2, knoll.tensor([1.0, 3.0]), knoll.tensor([1.0, 1.0]))
    >>> product
    tensor([2., 6.])
    """
    with enable_grad():
        call = _Call("vjp", func, inputs, create_graph, strict)
        outputs = call.results()
        seeds = call.vector(v, outputs, call.gives_tuple, _OF_RESULT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(_gradients(outputs, call.inputs, seeds, create_graph), call.inputs, _FIRST)
    return call.returned(outputs, call.gives_tuple), call.returned(product, call.takes_tuple)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The results of a function, and the product of its Jacobian and a vector: J · v.

    It is computed by going backward twice: vᵀ · J is linear in v, and its gradient is J.

    Shapes: `inputs` and `v` are a tensor or a tuple of tensors of the same shapes; the product has those of the
    results. `v` may be left out where there is one input with one element. Raises ArgumentTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html

    >>> import knoll
    >>> y, product = knoll.autograd.functional.jvp(lambda x: x**2, knoll.tensor([1.0, 3.0]), knoll.tensor([1.0, 1.0]))
    >>> product
    tensor([2., 6.])
    """
    with enable_grad():
        call = _Call("jvp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, _OF_INPUT)
        outputs = call.results()
        weights = tuple(zeros_like(y).requires_grad_() for y in outputs)
        products = _gradients(outputs, call.inputs, weights, create_graph=True)
        call.check_learns(products, _CONSTANT_SLOPE)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(_gradients(products, weights, seeds, create_graph), outputs, _FIRST_TWICE)
    return call.returned(outputs, call.gives_tuple), call.returned(product, call.gives_tuple)


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of a function with one element, and the product of a vector and its Hessian: vᵀ · H.

    Shapes: `inputs` and `v` are a tensor or a tuple of tensors of the same shapes, and so is the product. `v` may be
    left out where there is one input with one element. Raises ArgumentTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html

    >>> import knoll
    >>> y, product = knoll.autograd.functional.vhp(lambda x: (x**3).sum(), knoll.tensor([1.0, 2.0]), knoll.ones(2))
    >>> product
    tensor([ 6., 12.])
    """
    with enable_grad():
        call = _Call("vhp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, _OF_INPUT)
        outputs, slopes = call.slopes()
        call.check_learns(slopes, _CONSTANT_JACOBIAN)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(_gradients(slopes, call.inputs, seeds, create_graph), call.inputs, _SECOND)
    return call.returned(outputs, False), call.returned(product, call.takes_tuple)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of a function with one element, and the product of its Hessian and a vector: H · v.

    The Hessian of a function with continuous second derivatives is symmetric: `vhp` gives the same in less time.

    Shapes: as `vhp`. Raises ArgumentTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html

    >>> import knoll
    >>> y, product = knoll.autograd.functional.hvp(lambda x: (x**3).sum(), knoll.tensor([1.0, 2.0]), knoll.ones(2))
    >>> product
    tensor([ 6., 12.])
    """
    with enable_grad():
        call = _Call("hvp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, _OF_INPUT)
        outputs, slopes = call.slopes()
        call.check_learns(slopes, _CONSTANT_JACOBIAN)
        weights = tuple(zeros_like(x).requires_grad_() for x in call.inputs)
        products = _gradients(slopes, call.inputs, weights, create_graph=True)
        call.check_learns(slopes, _CONSTANT_HESSIAN)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(_gradients(products, weights, seeds, create_graph), call.inputs, _SECOND_TWICE)
    return call.returned(outputs, False), call.returned(product, call.takes_tuple)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of a function: the slope of each element of each result by each element of each input.

    One backward pass goes through the function for each element of the results; `vectorize` and `strategy` change
    nothing about it.

    Shapes: inputs (a…) and results (b…) → (b…, a…); for tuples a tuple over the results of tuples over the inputs.
    Raises ArgumentError, ArgumentTypeError, StateError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html

    >>> import knoll
    >>> knoll.autograd.functional.jacobian(lambda x: x**2, knoll.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """
    _check_strategy(strategy, create_graph, strict, vectorize)
    with enable_grad():
        call = _Call("jacobian", func, inputs, create_graph, strict)
        outputs = call.results()
        if vectorize and strict:
            raise StateError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        rows = tuple(call.rows(y, place) for place, y in enumerate(outputs))
    matrices = tuple(call.returned(row, call.takes_tuple) for row in rows)
    return matrices if call.gives_tuple else matrices[0]


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of a function with one element: the slope of each slope by each element of the inputs.

    Shapes: an input (a…) → (a…, a…); for a tuple of inputs a tuple over them of tuples over them.
    Raises ArgumentError, ArgumentTypeError, StateError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html

    >>> import knoll
    >>> knoll.autograd.functional.hessian(lambda x: (x**3).sum(), knoll.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    takes_tuple, given = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in _MODES:
        raise ArgumentError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def slopes(*tensors: Tensor) -> Tensors:
        call = _Call("hessian", func, tensors, create_graph=True, strict=strict)
        _, slopes = call.slopes()
        made = tuple(zeros_like(x) if dx is None else dx for x, dx in zip(tensors, slopes, strict=True))
        call.check_learns(made, _CONSTANT_JACOBIAN)
        return made

    found = jacobian(slopes, given, create_graph, strict, vectorize, outer_jacobian_strategy)
    return found if takes_tuple else found[0][0]


@dataclass(frozen=True)
class _Sentences:
    """What PyTorch says of a gradient that is missing, and of one that depends on nothing; {} is its number."""

    missing: str
    constant: str


_ALONE = "The vector v can only be None if {} a single Tensor with a single element."
_OF_INPUT = _ALONE.format("the input to the user-provided function is")
_OF_RESULT = _ALONE.format("the user-provided function returns")
_NOT_STRICT = " This is not allowed in strict mode"
_UNUSED = f"The output of the user-provided function is independent of input {{}}.{_NOT_STRICT}."
_FIXED_JACOBIAN = f"The jacobian of the user-provided function is independent of input {{}}.{_NOT_STRICT}"
_FIXED_HESSIAN = f"The hessian of the user-provided function is independent of input {{}}.{_NOT_STRICT}"
_WHEN_KEPT = " when create_graph=True."
_CONSTANT_RESULT = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode."
)
_CONSTANT_SLOPE = (
    f"The gradient with respect to input {{}} is independent of the inputs of the user-provided function.{_NOT_STRICT}."
)
_CONSTANT_JACOBIAN = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    f"independent of the input.{_NOT_STRICT}. You should ensure that your function is twice differentiable and that "
    "the jacobian depends on the inputs (this would be violated by a linear function for example)."
)
_CONSTANT_HESSIAN = (
    "The hessian of the user-provided function with respect to input {} is independent of the input."
    f"{_NOT_STRICT}. You should ensure that your function is thrice differentiable and that the hessian depends on the "
    "inputs."
)
_FIRST = _Sentences(_UNUSED, _FIXED_JACOBIAN + _WHEN_KEPT)
_FIRST_TWICE = _Sentences(
    "The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double "
    f"backward trick to compute forward mode gradients.{_NOT_STRICT}.",
    _FIXED_JACOBIAN + _WHEN_KEPT,
)
_SECOND = _Sentences(_FIXED_JACOBIAN + ".", _FIXED_HESSIAN + _WHEN_KEPT)
_SECOND_TWICE = _Sentences(
    f"The hessian of the user-provided function is independent of entry {{}} in the grad_jacobian.{_NOT_STRICT} as it "
    "prevents from using the double backward trick to replace forward mode AD.",
    _FIXED_HESSIAN + _WHEN_KEPT,
)


class _Call:
    """One call of a function: its inputs are other tensors than those given, so that only what is passed in counts."""

    def __init__(self, name: str, func: Callable[..., Any], inputs: Any, create_graph: bool, strict: bool) -> None:
        self.takes_tuple, given = _as_tuple(inputs, "inputs", name)
        self.inputs = tuple(_fresh(x, create_graph, True) for x in given)
        self.gives_tuple = False
        self._name, self._func, self._keeps, self._strict = name, func, create_graph, strict

    def results(self) -> Tensors:
        """What the function returns."""
        self.gives_tuple, outputs = _as_tuple(self._func(*self.inputs), _RESULTS, self._name)
        self.check_learns(outputs, _CONSTANT_RESULT)
        return outputs

    def slopes(self) -> tuple[Tensors, Gaps]:
        """The one result of a function with one element, and its gradients, which have gradients."""
        outputs = self.results()
        if self.gives_tuple:
            raise StateError(f"The function given to {self._name} should return a single Tensor")
        if outputs[0].numel() != 1:
            raise StateError(
                f"The Tensor returned by the function given to {self._name} should contain a single element"
            )
        slopes = _gradients(outputs, self.inputs, None, create_graph=True)
        return outputs, slopes

    def vector(self, v: Any, like: Tensors, is_tuple: bool, alone: str) -> Tensors | None:
        """`v` as tensors of the shapes of others; None may stand for 1."""
        if v is None:
            if len(like) != 1 or like[0].numel() != 1:
                raise StateError(alone)
            return None
        given = tuple(_fresh(x, self._keeps, False) for x in _as_tuple(v, "v", self._name)[1])
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

    def check_learns(self, tensors: Gaps, constant: str) -> None:
        """Refuse, where it is strict, what is missing or depends on nothing."""
        for place, x in enumerate(tensors if self._strict else ()):
            if x is None:
                raise StateError(_UNUSED.format(place))
            if not x.requires_grad:
                raise StateError(constant.format(place))

    def filled(self, found: Gaps, like: Tensors, sentences: _Sentences) -> Tensors:
        """Gradients, with zeros where none arrives, which is refused where it is strict."""
        for place, x in enumerate(found if self._strict else ()):
            if x is None:
                raise StateError(sentences.missing.format(place))
            if self._keeps and not x.requires_grad:
                raise StateError(sentences.constant.format(place))
        return tuple(zeros_like(y) if x is None else x for x, y in zip(found, like, strict=True))

    def returned(self, tensors: Tensors, is_tuple: bool) -> Any:
        """A tensor or a tuple, as it was given; with where they come from only where that was asked for."""
        results = tensors if self._keeps else tuple(x.detach() for x in tensors)
        return results if is_tuple else results[0]

    def rows(self, y: Tensor, number: int) -> Tensors:
        """The Jacobian of one result by each input."""
        found: list[Tensors] = []
        for place in range(y.numel()):
            seed = np.zeros(y.shape, y.dtype)
            seed.reshape(-1)[place] = 1
            slopes = _gradients((y,), self.inputs, (tensor(seed),), self._keeps, retain=True)
            for index, x in enumerate(slopes if self._strict else ()):
                if x is None:
                    raise StateError(
                        f"Output {number} of the user-provided function is independent of input {index}.{_NOT_STRICT}."
                    )
                if self._keeps and not x.requires_grad:
                    raise StateError(_FIXED_JACOBIAN.format(number) + _WHEN_KEPT)
            found.append(tuple(zeros_like(x) if dx is None else dx for x, dx in zip(self.inputs, slopes, strict=True)))
        return tuple(
            stack([row[index] for row in found]).reshape(*y.shape, *x.shape) for index, x in enumerate(self.inputs)
        )


def _as_tuple(given: Any, what: str, name: str) -> tuple[bool, Tensors]:
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


def _fresh(x: Tensor, create_graph: bool, learns: bool) -> Tensor:
    """Another tensor with the same numbers; where gradients are to have gradients they go on to the one given."""
    return x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(learns)


def _gradients(
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


def _check_strategy(strategy: str, create_graph: bool, strict: bool, vectorize: bool) -> None:
    """Refuse what PyTorch's forward mode does not do."""
    if strategy not in _MODES:
        raise ArgumentError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "reverse-mode":
        return
    for name, given, error in (("create_graph", create_graph, UnsupportedError), ("strict", strict, StateError)):
        if given:
            raise error(
                f'torch.autograd.functional.jacobian: `{name}=True` and `strategy="forward-mode"` are not supported '
                f'together (yet). Please either set `{name}=False` or `strategy="reverse-mode"`.'
            )
    if not vectorize:
        raise UnsupportedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`."
        )


advise(__name__)
