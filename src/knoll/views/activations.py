"""What the layers of a network make of one image."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from knoll.analysis import Call, Trace
from knoll.analysis.trace import in_mode, random_numbers_kept
from knoll.errors import ArgumentError
from knoll.graph import Array
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor import Tensor, no_grad


def outputs_of(module: Module, calls: Sequence[Call], sample: Tensor) -> list[tuple[Call, Array]]:
    """What each of these calls of modules gives for one image (1, c, h, w), without the axis of the images.

    The network is in eval mode meanwhile. The calls of one module are all of them, or the first ones.
    """
    kept: dict[Module, list[Tensor]] = {call.module: [] for call in calls}
    handles = [each.register_forward_hook(_keeping(results)) for each, results in kept.items()]
    try:
        with in_mode(module, training=False), no_grad(), random_numbers_kept():
            module(sample)
    finally:
        for handle in handles:
            handle.remove()
    waiting = {each: iter(results) for each, results in kept.items()}
    return [(call, next(waiting[call.module]).numpy()[0]) for call in calls]


def _keeping(results: list[Tensor]) -> Any:
    def keep(_module: Module, _inputs: Any, result: Any) -> None:
        results.append(_first_of(result).clone())  # a copy, since the next layer may work in place

    return keep


def _first_of(result: Any) -> Tensor:
    """The tensor that a layer gives; the first where there are more, as a pooling that also tells its indices."""
    tensor: Tensor = result[0] if isinstance(result, tuple) else result
    return tensor


def calls_named(trace: Trace, layer: str | Module) -> list[Call]:
    """The calls of the layer of this name, or of this module. Raises ArgumentError where there is none."""
    found = [call for call in trace.calls if call.outputs and (call.module is layer or call.name == layer)]
    if not found:
        names = list(dict.fromkeys(call.name for call in trace.calls if call.outputs and call.name))
        near = get_close_matches(layer, names, 5, 0.4) if isinstance(layer, str) else []
        got = repr(layer) if isinstance(layer, str) else type(layer).__name__
        raise ArgumentError(say("views.no_layer"), got=got, expected=", ".join(near or names[:12]) or None)
    return found
