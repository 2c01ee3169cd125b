"""Where backward starts: `tensor.backward()`, and the functions of `knoll.autograd`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, overload

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor.arguments import tensor, truthy
from knoll.tensor.autograd import higher_order
from knoll.tensor.autograd.backward_pass import BackwardPass, accumulate
from knoll.tensor.autograd.gradients import seen_at
from knoll.tensor.autograd.mapped_gradients import mapped_gradients
from knoll.tensor.base import T, TensorBase
from knoll.tensor.elementwise.arithmetic import cast as cast_to
from knoll.tensor.mapped import mapped_call
from knoll.tensor.record import grad_mode, recorded_by, recording, state

if TYPE_CHECKING:
    from knoll.tensor.autograd.gradient_edge import GradientTarget

Tensors: TypeAlias = TensorBase | Iterable[TensorBase]  # one tensor, or several
K = TypeVar("K")


def backward_of(
    x: TensorBase,
    gradient: TensorBase | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the gradient of this tensor to the `grad` of every leaf it was computed from, or of `inputs` alone.

    `gradient` is that of a result further on; a tensor of one element needs none. Raises what `autograd.grad` raises.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.backward.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """
    backward(x, gradient, retain_graph, create_graph, inputs)


def backward(
    tensors: Tensors,
    grad_tensors: TensorBase | Iterable[TensorBase | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the gradient of all `tensors` to the `grad` of every leaf they were computed from, or of `inputs` alone.

    Raises what `grad` raises. Source: https://pytorch.org/docs/stable/generated/torch.autograd.backward.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], requires_grad=True)
    >>> knoll.autograd.backward([(x * 3).sum(), (x * x).sum()])
    >>> x.grad
    tensor([5., 7.])
    """
    if state.transforms:
        raise StateError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead or call backward() outside of functorch transforms."
        )
    wrt = None if inputs is None else _as_tuple(inputs)
    places = None if wrt is None else _places(wrt, "backward")
    if truthy(create_graph, "backward", "create_graph"):
        recorded = _walk_recorded(tensors, grad_tensors, retain_graph, places)
        for x in recorded if wrt is None else wrt:
            higher_order.accumulate(cast(Any, x), recorded.get(getattr(x, "_edge", None) or x))
        return
    found = _walk(tensors, grad_tensors, retain_graph, places)
    for x in wrt or ():
        gradient = found.get(x._edge or x)
        if gradient is not None:
            accumulate(x, gradient.copy())


@overload
def grad(
    outputs: Tensors,
    inputs: T | Sequence[T] | Iterator[T],
    grad_outputs: TensorBase | Iterable[TensorBase | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[T, ...]: ...
@overload
def grad(
    outputs: Tensors,
    inputs: dict[K, T],
    grad_outputs: TensorBase | Iterable[TensorBase | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> dict[K, T]: ...
def grad(
    outputs: Tensors,
    inputs: Any,
    grad_outputs: TensorBase | Iterable[TensorBase | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,  # noqa: ARG001 (PyTorch passes over it too)
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of `inputs`, summed over `outputs`; the `grad` of no tensor changes.

    `grad_outputs` are those of results further on; an output of one element needs none. Returns a tuple, or a dict
    where `inputs` is one. An input that no output depends on has None with `allow_unused`, zeros with
    `materialize_grads`.
    A result of a module's forward is an input only if `retain_grad()` or a hook was asked for there, as the program
    passes over it otherwise. Raises StateError for tensors without gradient, unused inputs, gradients of another shape
    and graphs already freed; UnsupportedError for `create_graph`.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.grad.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], requires_grad=True)
    >>> knoll.autograd.grad((x * x).sum(), x)
    (tensor([2., 4.]),)
    >>> x.grad is None
    True
    """
    if truthy(materialize_grads, "grad", "materialize_grads") and allow_unused is False:
        raise ArgumentError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    wrt = _as_tuple(inputs.values() if isinstance(inputs, dict) else inputs)
    create_graph = truthy(create_graph, "grad", "create_graph")
    results = []
    for index, (x, gradient) in enumerate(
        zip(wrt, _gradients(outputs, wrt, grad_outputs, retain_graph, create_graph), strict=True)
    ):
        if gradient is None and not (allow_unused or materialize_grads):
            raise StateError(
                f"The differentiated Tensor at index {index} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior.",
                advice=say("tensor.unused"),
            )
        if gradient is None and materialize_grads:
            gradient = x._over(np.zeros(x.shape, x.dtype))
        results.append(gradient)
    return dict(zip(inputs, results, strict=True)) if isinstance(inputs, dict) else tuple(results)


def _gradients(
    outputs: Tensors, wrt: tuple[Any, ...], grad_outputs: Any, retain_graph: bool | None, create_graph: bool
) -> list[Any]:
    """The gradients of the tensors `wrt`, None where none arrives."""
    _check_inputs(wrt, "grad")
    outputs, grad_outputs = _as_tuple(outputs), None if grad_outputs is None else _as_tuple(grad_outputs)
    if any(map(mapped_call, (*wrt, *outputs, *(grad_outputs or ())))):
        keep = retain_graph is None or truthy(retain_graph, "backward", "retain_graph")
        return list(mapped_gradients(_seeds(outputs, grad_outputs), wrt, keep, create_graph))
    places = [seen_at(x) or x for x in wrt]
    if create_graph:
        found: dict[GradientTarget, TensorBase] = _walk_recorded(outputs, grad_outputs, retain_graph, frozenset(places))
    else:
        arrays = _walk(outputs, grad_outputs, retain_graph, frozenset(places))
        found = {place: TensorBase._over(array.copy()) for place, array in arrays.items()}
    return [found.get(x._edge or x) for x in wrt]


def _walk(
    outputs: Tensors, gradients: Any, retain_graph: bool | None, wrt: frozenset[GradientTarget] | None = None
) -> dict[GradientTarget, Array]:
    """Walk back from the outputs; the gradients of the places in `wrt`."""
    roots = [(place, np.asarray(seed._realize())) for place, seed in _roots(outputs, gradients)]
    backward_pass = BackwardPass(truthy(retain_graph, "backward", "retain_graph"), wrt)
    with grad_mode(False), recorded_by(None):
        backward_pass.walk(roots)
    return backward_pass.found


def _walk_recorded(
    outputs: Tensors, gradients: Any, retain_graph: bool | None, wrt: frozenset[GradientTarget] | None = None
) -> dict[GradientTarget, TensorBase]:
    """As `_walk`, by operations that are recorded; graphs are kept unless they shall not be."""
    keep = retain_graph is None or truthy(retain_graph, "backward", "retain_graph")
    backward_pass = higher_order.RecordedBackwardPass(keep, wrt)
    with grad_mode(True), recorded_by(None), recording():
        backward_pass.walk(_roots(outputs, gradients))
    return backward_pass.found


def _roots(outputs: Tensors, gradients: Any) -> list[tuple[GradientTarget, TensorBase]]:
    """Where to begin, and the gradients there."""
    return [(x._edge or x, seed) for x, seed in _seeds(outputs, gradients)]


def _seeds(outputs: Tensors, gradients: Any) -> list[tuple[TensorBase, TensorBase]]:
    """The results to begin at, and their gradients."""
    roots = [tensor(x, "backward", "tensors") for x in _as_tuple(outputs)]
    seeds: Sequence[Any] = [None] * len(roots) if gradients is None else _as_tuple(gradients)
    if len(seeds) != len(roots):
        raise StateError(f"got {len(roots)} tensors and {len(seeds)} gradients")
    given = [_seed(i, x, seed) for i, (x, seed) in enumerate(zip(roots, seeds, strict=True))]
    for index, x in enumerate(roots):
        if not x._requires_grad:
            raise StateError(
                f"element {index} of tensors does not require grad and does not have a grad_fn",
                advice=say("tensor.no_gradient"),
            )
    return list(zip(roots, given, strict=True))


def _seed(index: int, x: TensorBase, gradient: Any) -> TensorBase:
    """The gradient of an output, in its element type."""
    if mapped_call(x) is None:
        x._realize()
    if gradient is None:
        if x._requires_grad and math.prod(x.shape) != 1:
            raise StateError(
                "grad can be implicitly created only for scalar outputs", advice=say("tensor.scalar", shape=x.shape)
            )
        return x._over(np.ones(x.shape, x._dtype))
    if not isinstance(gradient, TensorBase):
        raise ArgumentTypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient.shape != x.shape:
        raise StateError(
            f"Mismatch in shape: grad_output[{index}] has a shape of {list(gradient.shape)} and output[{index}] has a "
            f"shape of {list(x.shape)}."
        )
    seed: TensorBase = gradient if gradient._dtype == x._dtype else cast_to(gradient, x._dtype)
    return seed


def _places(inputs: Sequence[TensorBase], function: str) -> frozenset[GradientTarget]:
    """Where the gradients of the inputs arrive."""
    _check_inputs(inputs, function)
    return frozenset(seen_at(x) or x for x in inputs)


def _check_inputs(inputs: Sequence[TensorBase], function: str) -> None:
    """Refuse what no gradient can be asked of."""
    if not inputs:
        raise StateError(f"`inputs` argument to `{function}()` cannot be empty.")
    for x in inputs:
        if not isinstance(x, TensorBase):
            raise StateError(f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
        if not x.requires_grad:
            raise StateError(
                "One of the differentiated Tensors does not require grad", advice=say("tensor.no_gradient")
            )


def _as_tuple(tensors: Any) -> tuple[Any, ...]:
    """The tensors in a tuple, also where there is but one."""
    if isinstance(tensors, TensorBase):
        return (tensors,)
    if not isinstance(tensors, Iterable) or getattr(tensors, "shape", None) == ():
        raise ArgumentTypeError(f"'{type(tensors).__name__}' object is not iterable")
    return tuple(tensors)
