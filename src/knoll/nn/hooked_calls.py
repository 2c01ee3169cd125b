"""A module's call with hooks around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from knoll.errors import StateError, warn
from knoll.nn import global_hooks
from knoll.nn.hook import Hook, as_hook, registered
from knoll.nn.module_base import AnyModule
from knoll.tensor import Tensor
from knoll.tensor.autograd.hooks import RemovableHandle
from knoll.tensor.record import Recorder, recorded_by, state


class Hooks(AnyModule):
    """The methods of `Module` that hook into its calls."""

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before each forward; what it returns replaces the inputs."""
        return RemovableHandle(self._forward_pre_hooks, registered(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, inputs, result)` after each forward; what it returns replaces the result.

        With `always_call` also when forward fails: then the result is None, and an error in the hook is passed over.
        """
        return RemovableHandle(self._forward_hooks, registered(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` before backward passes this module; what it returns replaces the gradients.

        Around a module with backward hooks the program is cut in two, so that its gradients can be seen.
        """
        return RemovableHandle(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when backward has passed; what it returns replaces `grad_input`.

        Around a module with backward hooks the program is cut in two, so that its gradients can be seen.
        """
        return RemovableHandle(self._backward_hooks, hook, prepend)


def has_hooks(module: AnyModule) -> bool:
    """Whether something has to be called besides forward."""
    held = module.__dict__
    try:
        return bool(
            held["_backward_hooks"] or held["_backward_pre_hooks"] or held["_forward_hooks"]
            or held["_forward_pre_hooks"] or any(global_hooks.registries)
        )  # fmt: skip
    except KeyError as missing:  # the module was not initialised, as asking it says
        return bool(getattr(module, missing.args[0]))


def hooked(module: AnyModule, *inputs: Any, **named: Any) -> Any:
    """The call, with all hooks around it."""
    called: set[int] = set()
    try:
        inputs, named = _call_pre_hooks(module, inputs, named)
        of_all = global_hooks.backward_hooks or global_hooks.backward_pre_hooks
        backward = of_all or module._backward_hooks or module._backward_pre_hooks
        watched = _Watched(module) if state.grad and backward else None
        inputs = watched.enter(inputs) if watched else inputs
        result = module.forward(*inputs, **named)
        for number, entry in (*global_hooks.forward_hooks.items(), *module._forward_hooks.items()):
            called.add(number)
            changed = _call_hook(as_hook(entry), module, inputs, named, result)
            result = result if changed is None else changed
        return watched.leave(result) if watched else result
    except Exception:
        for number, entry in (*global_hooks.forward_hooks.items(), *module._forward_hooks.items()):
            hook = as_hook(entry)
            if hook.always_call and number not in called:
                _quietly(hook, module, inputs, named)
        raise


def _call_pre_hooks(
    module: AnyModule, inputs: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments after the hooks have seen them."""
    for entry in (*global_hooks.forward_pre_hooks.values(), *module._forward_pre_hooks.values()):
        hook = as_hook(entry)
        changed = hook.call(module, inputs, named) if hook.with_kwargs else hook.call(module, inputs)
        if changed is None:
            continue
        if not hook.with_kwargs:
            inputs = changed if isinstance(changed, tuple) else (changed,)
        elif isinstance(changed, tuple) and len(changed) == 2:
            inputs, named = changed
        else:
            raise StateError(
                f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
            )
    return inputs, named


def _call_hook(hook: Hook, module: AnyModule, inputs: Any, named: Any, result: Any) -> Any:
    return hook.call(module, inputs, named, result) if hook.with_kwargs else hook.call(module, inputs, result)


def _quietly(hook: Hook, module: AnyModule, inputs: Any, named: Any) -> None:
    """Call a hook that is always called, while an error is on its way that must not be hidden by another."""
    with suppress(Exception):
        _call_hook(hook, module, inputs, named, None)


Gradients = tuple[Tensor | None, ...]


class _Watched:
    """One call of a module with backward hooks: gradients are seen where its results leave and where inputs enter."""

    def __init__(self, module: AnyModule) -> None:
        self.module = module
        self.inputs = 0
        self.places: list[int] = []
        self.grad_output: Gradients | None = None  # which backward has brought, and not yet come to the inputs with

    def enter(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, behind a border at which the gradient of the inputs arrives."""
        self.inputs = len(inputs)
        self.places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
        passed = dict(zip(self.places, _border([inputs[i] for i in self.places], self._at_inputs), strict=True))
        return tuple(passed.get(i, x) for i, x in enumerate(inputs))

    def leave(self, result: Any) -> Any:
        """The results, before a border at which their gradient arrives: a tensor, or those in a tuple."""
        if not isinstance(result, (Tensor, tuple)):
            warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}"
            )
            return result
        results = result if isinstance(result, tuple) else (result,)
        places = [i for i, y in enumerate(results) if isinstance(y, Tensor) and y.requires_grad]
        outputs = len(results)

        def at_results(gradients: Gradients) -> Gradients:
            return self._at_results(_spread(gradients, places, outputs), places)

        passed = dict(zip(places, _border([results[i] for i in places], at_results), strict=True))
        changed = [passed.get(i, y) for i, y in enumerate(results)]
        if not isinstance(result, tuple):
            return changed[0]
        return result._make(changed) if hasattr(result, "_make") else type(result)(changed)  # a named tuple, or a tuple

    def _at_results(self, gradients: Gradients, places: list[int]) -> Gradients:
        for entry in (*global_hooks.backward_pre_hooks.values(), *self.module._backward_pre_hooks.values()):
            gradients = _replaced(as_hook(entry).call(self.module, gradients), gradients, "pre hook", "output")
        self.grad_output = gradients
        if not self.places:  # backward will not come to the inputs
            warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no "
                "inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#"
                "torch.nn.Module.register_full_backward_hook for more details."
            )
            self._call((None,) * self.inputs)
        return tuple(gradients[i] for i in places)

    def _at_inputs(self, gradients: Gradients) -> Gradients:
        if self.grad_output is None:  # a second derivative, which began inside
            return gradients
        changed = self._call(_spread(gradients, self.places, self.inputs))
        return tuple(changed[i] for i in self.places)

    def _call(self, gradients: Gradients) -> Gradients:
        for entry in (*global_hooks.backward_hooks.values(), *self.module._backward_hooks.values()):
            gradients = _replaced(
                as_hook(entry).call(self.module, gradients, self.grad_output), gradients, "hook", "input"
            )
        self.grad_output = None
        return gradients


def _border(tensors: list[Tensor], hook: Callable[[Gradients], Gradients]) -> list[Tensor]:
    """Copies that one program of its own makes, at which backward stops to call `hook`."""
    if not tensors:
        return []
    for tensor in tensors:
        tensor._realize()
    recorder = Recorder()
    with recorded_by(recorder):
        copies = [tensor.clone() for tensor in tensors]
        recorder.finish()
    edges = [copy._edge for copy in copies]
    order = [edge.index for edge in edges if edge is not None]

    def in_order(gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        found = hook(tuple(gradients[index] for index in order))
        return [found[order.index(index)] for index in range(len(gradients))]

    assert edges[0] is not None
    edges[0].node.hook = in_order
    return copies


def _spread(gradients: Gradients, places: list[int], count: int) -> Gradients:
    """Gradients in their places among `count` values; None where there is none."""
    found = dict(zip(places, gradients, strict=True))
    return tuple(found.get(i) for i in range(count))


def _replaced(changed: Any, gradients: Gradients, kind: str, side: str) -> Gradients:
    """What a hook has made of gradients."""
    if changed is None:
        return gradients
    new: Gradients = changed if isinstance(changed, tuple) else (changed,)
    if len(new) != len(gradients):
        raise StateError(
            f"Backward {kind} returned an invalid number of grad_{side}, got {len(new)}, but expected {len(gradients)}"
        )
    return new
