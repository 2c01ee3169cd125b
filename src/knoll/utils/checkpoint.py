"""`torch.utils.checkpoint`: functions whose values would be computed again for the gradient.

A program keeps for its backward pass what it needs of the forward pass and no more, so the function is just called: the
results and the gradients are the same. https://pytorch.org/docs/stable/checkpoint.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from knoll.nn import Module

T = TypeVar("T")


def checkpoint(
    function: Callable[..., T],
    *args: Any,
    use_reentrant: bool | None = None,  # noqa: ARG001 (PyTorch's)
    preserve_rng_state: bool = True,  # noqa: ARG001 (PyTorch's)
    determinism_check: str = "default",  # noqa: ARG001 (PyTorch's)
    debug: bool = False,  # noqa: ARG001 (PyTorch's)
    **kwargs: Any,
) -> T:
    """What the function gives for these arguments.

    >>> import knoll
    >>> from knoll.utils.checkpoint import checkpoint
    >>> checkpoint(knoll.relu, knoll.tensor([-1.0, 2.0]), use_reentrant=False)
    tensor([0., 2.])
    """
    return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Module | Iterable[Callable[..., Any]],
    segments: int,  # noqa: ARG001 (PyTorch's)
    input: Any,  # noqa: A002 (PyTorch's)
    **kwargs: Any,  # noqa: ARG001 (PyTorch's)
) -> Any:
    """What the functions, or the children of a network, give one after the other."""
    steps: Sequence[Callable[..., Any]] = list(functions.children() if isinstance(functions, Module) else functions)
    for step in steps:
        input = step(input)  # noqa: A001 (PyTorch's)
    return input


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:  # noqa: ARG001 (PyTorch's)
    """The graphics cards of these tensors and the states of their random generators: there are none.

    >>> import knoll
    >>> knoll.utils.checkpoint.get_device_states(knoll.ones(2))
    ([], [])
    """
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Any], *, device_type: str | None = None) -> None:
    """Put back what `get_device_states` gave, which is nothing."""
