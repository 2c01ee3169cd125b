"""Products with the Jacobian and the Hessian of a function, and the whole matrices.

Source: https://pytorch.org/docs/stable/autograd.html#functional-higher-level-api
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.autograd.functional_call import FunctionalCall, Tensors, as_tuple, gradients_of, without_gaps
from knoll.autograd.strict_mode import (
    CONSTANT_GRADIENT,
    CONSTANT_HESSIAN,
    CONSTANT_JACOBIAN,
    NO_VECTOR_OF_INPUT,
    NO_VECTOR_OF_RESULT,
    OF_HVP,
    OF_JVP,
    OF_VHP,
    OF_VJP,
)
from knoll.calls import advise
from knoll.errors import ArgumentError, StateError, UnsupportedError
from knoll.tensor import Tensor, enable_grad, is_grad_enabled, ones_like, set_grad_enabled

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

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
        call = FunctionalCall("vjp", func, inputs, create_graph, strict)
        outputs = call.results()
        seeds = call.vector(v, outputs, call.gives_tuple, NO_VECTOR_OF_RESULT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(gradients_of(outputs, call.inputs, seeds, create_graph), call.inputs, OF_VJP)
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
        call = FunctionalCall("jvp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, NO_VECTOR_OF_INPUT)
        outputs = call.results()
        weights = tuple(ones_like(y).requires_grad_() for y in outputs)
        products = gradients_of(outputs, call.inputs, weights, create_graph=True)
        call.check_strict(products, CONSTANT_GRADIENT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(gradients_of(products, weights, seeds, create_graph), outputs, OF_JVP)
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
        call = FunctionalCall("vhp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, NO_VECTOR_OF_INPUT)
        outputs, gradients = call.gradient()
        call.check_strict(gradients, CONSTANT_JACOBIAN)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(gradients_of(gradients, call.inputs, seeds, create_graph), call.inputs, OF_VHP)
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
        call = FunctionalCall("hvp", func, inputs, create_graph, strict)
        seeds = call.vector(v, call.inputs, call.takes_tuple, NO_VECTOR_OF_INPUT)
        outputs, gradients = call.gradient()
        call.check_strict(gradients, CONSTANT_JACOBIAN)
        weights = tuple(ones_like(x).requires_grad_() for x in call.inputs)
        products = gradients_of(gradients, call.inputs, weights, create_graph=True)
        call.check_strict(gradients, CONSTANT_HESSIAN)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = call.filled(gradients_of(products, weights, seeds, create_graph), call.inputs, OF_HVP)
    return call.returned(outputs, False), call.returned(product, call.takes_tuple)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of a function: the derivative of each element of each result by each element of each input.

    Some rows are computed at once, with `vectorize` all, with `strict` one; `strategy` changes nothing.

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
        call = FunctionalCall("jacobian", func, inputs, create_graph, strict)
        outputs = call.results()
        if vectorize and strict:
            raise StateError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        rows = tuple(call.rows(y, place, vectorize) for place, y in enumerate(outputs))
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
    """The Hessian of a function with one element: the second derivatives by each two elements of the inputs.

    Shapes: an input (a…) → (a…, a…); for a tuple of inputs a tuple over them of tuples over them.
    Raises ArgumentError, ArgumentTypeError, StateError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html

    >>> import knoll
    >>> knoll.autograd.functional.hessian(lambda x: (x**3).sum(), knoll.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    takes_tuple, given = as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in _MODES:
        raise ArgumentError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def gradient_of(*tensors: Tensor) -> Tensors:
        call = FunctionalCall("hessian", func, tensors, create_graph=True, strict=strict)
        _, gradients = call.gradient()
        made = without_gaps(gradients, tensors)
        call.check_strict(made, CONSTANT_JACOBIAN)
        return made

    found = jacobian(gradient_of, given, create_graph, strict, vectorize, outer_jacobian_strategy)
    return found if takes_tuple else found[0][0]


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
