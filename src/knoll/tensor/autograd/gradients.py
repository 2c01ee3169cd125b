"""What a person asks of a tensor's gradient: to want one, to keep one, to be called with it, to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.errors import ArgumentTypeError, DTypeError, ShapeError, StateError
from knoll.messages import say
from knoll.ops.dtypes import c_name, scalar_name
from knoll.ops.shapes.reshape import stop_gradient
from knoll.tensor.arguments import public
from knoll.tensor.autograd.gradient_edge import GradientEdge
from knoll.tensor.autograd.hooks import LeafHooks, RemovableHandle
from knoll.tensor.base import T, TensorBase
from knoll.tensor.dtypes import check_differentiable
from knoll.tensor.record import apply, remembers, state
from knoll.tensor.storage.alias import begin_leaf, detached_alias


@public("requires_grad_")
def requires_grad_(x: T, requires_grad: bool = True) -> T:
    """Let backward reach this tensor, or not."""
    if state.transforms:
        raise StateError(
            "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* APIs) "
            "inside of a function being transformed by a functorch transform. This is unsupported, please attempt to "
            "use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requires_grad_() outside "
            "of a function being transformed instead."
        )
    if requires_grad:
        check_differentiable(x._dtype)
    elif not x.is_leaf:
        raise StateError(
            "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in "
            "a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
        )
    x._realize()
    if requires_grad and x.is_leaf:
        begin_leaf(x)
    x._requires_grad = bool(requires_grad)
    x._memory.note_rebinding()
    if x._view is not None and not x._view.steps:
        x._view.base.whole._requires_grad = bool(requires_grad)
    return x


def check_gradient(x: TensorBase, gradient: Any) -> None:
    """Refuse to take for the gradient of x what cannot be it."""
    if gradient is None:
        return
    if not isinstance(gradient, TensorBase):
        kind = type(gradient)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        raise ArgumentTypeError(
            f"assigned grad expected to be a Tensor or None but got grad of type {name}",
            advice=say("tensor.make_tensor"),
        )
    given = gradient
    if given is x:
        raise StateError("can't assign Variable as its own grad")
    if given._dtype != x._dtype:
        raise DTypeError(
            f"attempting to assign a gradient with dtype '{c_name(given._dtype)}' to a tensor with grad_dtype "
            f"'{scalar_name(x._dtype)}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's "
            "dtype).",
            advice=say("tensor.gradient_dtype", dtype=x._dtype),
        )
    if given.shape != x.shape:
        raise ShapeError(
            f"attempting to assign a gradient of size '{list(given.shape)}' to a tensor of size '{list(x.shape)}'. "
            "Please ensure that the gradient and the tensor are the same size"
        )


def retain_grad(x: TensorBase) -> None:
    """Let backward leave the gradient of this result in `grad`. Raises StateError where that comes too late.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.retain_grad.html

    >>> import knoll
    >>> x = knoll.tensor([3.0], requires_grad=True)
    >>> y = x * 2
    >>> y.retain_grad()
    >>> (y * y).sum().backward()
    >>> y.grad
    tensor([12.])
    """
    if not x.requires_grad:
        raise StateError("can't retain_grad on Tensor that has requires_grad=False")
    edge = seen_at(x)
    if edge is not None:
        edge.keep_for(x)


def register_hook(x: T, hook: Callable[[T], T | None]) -> RemovableHandle:
    """Call `hook(dx)` when backward knows the gradient of this tensor; what it returns replaces the gradient.

    Hooks are called in the order in which they were registered, each with what the one before has left, once in every
    backward: with the sum over all that was computed from x, before it is added to `grad` or flows on. Inside a module
    call the program is cut at x, so that its gradient can be seen. The `remove()` of what is returned takes the hook
    away. Raises StateError for a tensor that no gradient reaches; backward raises ArgumentTypeError, DTypeError and
    ShapeError for a replacement that does not fit.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.register_hook.html

    >>> from knoll.tensor import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> handle = x.register_hook(lambda dx: dx * 10)
    >>> (x * 3).sum().backward()
    >>> x.grad
    tensor([30., 30.])
    >>> handle.remove()
    """
    if not x.requires_grad:
        raise StateError(
            "cannot register a hook on a tensor that doesn't require gradient", advice=say("tensor.hook_learns")
        )
    edge = seen_at(x)
    hooks = _hooks_of(x) if edge is None else edge.node.hooks.setdefault(edge.index, {})
    return RemovableHandle(hooks, hook)


def _hooks_of(leaf: TensorBase) -> LeafHooks:
    hooks: LeafHooks
    hooks = leaf._hooks = LeafHooks() if leaf._hooks is None else leaf._hooks
    return hooks


def register_post_accumulate_grad_hook(x: T, hook: Callable[[T], None]) -> RemovableHandle:
    """Call `hook(x)` after backward has added the whole gradient of a leaf to its `grad`.

    So a parameter can be stepped and its gradient let go while backward goes on. `autograd.grad`, which leaves `grad`
    as it is, calls nothing. Raises StateError for a tensor that no gradient reaches, and for what is no leaf.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html

    >>> from knoll.tensor import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> handle = x.register_post_accumulate_grad_hook(lambda leaf: print(leaf.grad))
    >>> (x * 3).sum().backward()
    tensor([3., 3.])
    """
    if not x.requires_grad:
        raise StateError(
            "cannot register a hook on a tensor that doesn't require gradient", advice=say("tensor.hook_learns")
        )
    if not x.is_leaf:
        raise StateError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    return RemovableHandle(_hooks_of(x).after, hook)


def seen_at(x: TensorBase) -> GradientEdge | None:
    """Where the whole gradient of a result can be seen; None for a leaf.

    Raises StateError for a result from which the same program has computed others: it is no border of that program.
    """
    x._realize()
    edge = x._edge
    if edge is not None and edge.node.graph.readers.get(edge.node.graph.outputs[edge.index]):
        raise StateError(say("tensor.retain_early"), advice=say("tensor.retain_inside"))
    return edge


def detach(x: T) -> T:
    """The same numbers, in the same memory, without gradient.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.detach.html

    >>> import knoll
    >>> x = knoll.tensor([1.0], requires_grad=True)
    >>> x.detach().requires_grad
    False
    """
    if x._value is not None or not remembers():
        return detached_alias(x, apply(stop_gradient, x)[0])
    numbers = x._realize()
    return detached_alias(x, x._over(numbers, x._memory))


def detach_(x: T) -> T:
    """Cut this tensor off from what it was computed from."""
    x._realize()
    if x._view is not None and x._view.steps and x._view.base.is_held_beside(x):
        raise StateError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
            "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
            "detach_() cannot be called on these gradients. To fix this error, please refer to the "
            "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
        )
    begin_leaf(x)
    for tensor in (x, x._view.base.whole) if x._view is not None else (x,):
        tensor._edge, tensor._requires_grad = None, False
    x._memory.note_rebinding()
    return x


def forget_gradient(x: Any, set_to_none: bool) -> None:
    """Forget the gradient of x, or make it zero where it is, cut off from what it was computed from."""
    gradient = x.grad
    if set_to_none:
        x.grad = None
    elif gradient is not None:
        apart = requires_grad_(gradient, False) if gradient.is_leaf else detach_(gradient)
        apart.zero_()
