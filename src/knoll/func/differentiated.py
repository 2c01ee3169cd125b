"""A call of a function that is differentiated: what it is given in place of its arguments, and what gradients reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError
from knoll.func.tree import tree_map
from knoll.tensor import Tensor, enable_grad, recording, zeros_like
from knoll.tensor.autograd.backward_pass import newest_first
from knoll.tensor.autograd.differentiate import grad
from knoll.tensor.autograd.gradients import detach
from knoll.tensor.base import TensorBase
from knoll.tensor.dtypes import check_differentiable
from knoll.tensor.mapped import MappedCall, mapped_call, transforming
from knoll.tensor.record import recorded_by, state


class DifferentiatedCall:
    """One call: its arguments are other tensors than those given, so that only what is passed in counts.

    `inputs` are those that stand for the arguments it is differentiated by. Where the arguments, or what the function
    takes from elsewhere, want gradients themselves, the gradients here have gradients too.
    """

    def __init__(self) -> None:
        self.inputs: list[Tensor] = []
        self._keeps_outer = state.grad

    def fresh(self, tree: Any) -> Any:
        """A tree of tensors with others in their places. Raises ArgumentError for what is no tensor, DTypeError."""
        return tree_map(self._fresh, tree)

    def _fresh(self, x: Any) -> Tensor:
        if not isinstance(x, Tensor):
            raise ArgumentError(f"Thing passed to transform API must be Tensor, got {type(x)}")
        check_differentiable(x.dtype)
        call = state.recorder
        if isinstance(call, MappedCall):
            made = call.fresh(x)
        else:
            with recorded_by(None), enable_grad():
                x._realize()
                made = x.view_as(x) if x.requires_grad and self._keeps_outer else wanting(x)
        self.inputs.append(made)
        return made

    def of(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the function gives."""
        with transforming(), enable_grad():
            if isinstance(state.recorder, MappedCall):
                return function(*args, **kwargs)
            with recorded_by(None), recording():
                return function(*args, **kwargs)

    def gradients(self, outputs: Sequence[Tensor], seeds: Sequence[Tensor] | None = None) -> list[Tensor]:
        """The gradients of the inputs, zero where none arrives."""
        found = gradients_of(outputs, self.inputs, seeds, self.keeps(outputs, seeds))
        return [zeros_like(x) if dx is None else dx for x, dx in zip(self.inputs, found, strict=True)]

    def keeps(self, outputs: Sequence[Tensor], seeds: Sequence[Tensor] | None = None) -> bool:
        """Whether gradients of these results, or of `seeds`, have gradients by more than the inputs."""
        if any(map(mapped_call, (*outputs, *self.inputs))):
            return True
        return (
            self._keeps_outer
            and state.grad
            and (any(self._is_connected(y) for y in outputs) or any(dy.requires_grad for dy in seeds or ()))
        )

    def _is_connected(self, y: Tensor) -> bool:
        """Whether a gradient of y goes on to something else than the inputs."""
        if not y.requires_grad:
            return False
        y._realize()
        if y._edge is None:
            return not any(y is x for x in self.inputs)
        nodes = newest_first([y._edge.node])
        leaves = [source for node in nodes for source in node.sources if isinstance(source, TensorBase)]
        return any(not any(leaf is x for x in self.inputs) for leaf in leaves)

    def left(self, y: Tensor) -> Tensor:
        """A result as it is outside of this call: without gradient, unless one goes on to something else."""
        if mapped_call(y) is not None or not y.requires_grad or (self._keeps_outer and self._is_connected(y)):
            return y
        return detach(y)


def wanting(x: Tensor) -> Tensor:
    """A leaf with the numbers of x that a gradient is wanted of."""
    leaf = x._over(x._realize(), x._memory)
    leaf._requires_grad = True
    return leaf


def gradients_of(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], seeds: Sequence[Tensor] | None, create_graph: bool
) -> list[Tensor | None]:
    """The gradients of the inputs, None where none arrives; of outputs that depend on nothing none does."""
    pairs = [(y, None if seeds is None else seeds[place]) for place, y in enumerate(outputs) if y.requires_grad]
    if not pairs or not inputs:
        return [None] * len(inputs)
    ending, given = zip(*pairs, strict=True)
    return [*grad(ending, inputs, given, retain_graph=True, create_graph=create_graph, allow_unused=True)]
