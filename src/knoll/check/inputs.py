"""Numbers that a network cannot use as they are: their element type, their range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from knoll.check.evidence import Site, finding
from knoll.check.finding import Finding
from knoll.check.flow import Flow
from knoll.check.passes import Given
from knoll.nn import Module
from knoll.tensor import Tensor

_BYTE = 255
_COLOURS = 3


def look_at_numbers(
    module: Module, inputs: tuple[Any, ...], taken: Sequence[Given], flow: Flow | None
) -> Iterator[Finding]:
    """Findings about arrays and tensors that were given; their range counts where a layer reads them as they are.

    `taken` is what the network was run with: of another type where it cannot take them as they are.
    """
    own = next((p.dtype for p in module.parameters() if p.is_floating_point()), None)
    for value, used in zip(inputs, taken, strict=True):
        if isinstance(value, (np.ndarray, Tensor)):
            array = value.detach().numpy() if isinstance(value, Tensor) else value
            convert = "x.float()" if isinstance(value, Tensor) else "x.astype(np.float32)"
            found = _of_array(array, array.dtype if array.dtype == used.dtype else own, convert)
            yield from (each for each in found if each.rule != "input-range" or _is_read_as_it_is(flow))


def _is_read_as_it_is(flow: Flow | None) -> bool:
    """Whether a layer with weights reads the input, before the network scales it itself."""
    waiting = list(flow.trace.inputs) if flow is not None else []
    while waiting and flow is not None:
        for reader in flow.readers.get(waiting.pop(), []):
            if flow.is_learned(reader):
                return True
            if reader.node.op.name == "reshape":
                waiting += reader.node.outputs
    return False


def _of_array(x: np.ndarray[Any, Any], own: Any, convert: str) -> Iterator[Finding]:
    at = Site("")
    if not x.size:
        return
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        yield finding("input_not_finite", "error", at, values={"count": int((~np.isfinite(x)).sum())})
        return
    if own is not None and x.dtype != own:
        scaled = x.dtype == np.uint8
        words = "input_bytes" if scaled else "input_dtype"
        code = f"x = {convert}{' / 255' if scaled else ''}"
        yield finding("input_dtype", "error", at, words, code=code, values={"got": str(x.dtype), "own": str(own)})
    elif _is_of_bytes(x):
        yield finding(
            "input_range", "warning", at, code="x = x / 255", values={"least": float(x.min()), "most": float(x.max())}
        )


def _is_of_bytes(x: np.ndarray[Any, Any]) -> bool:
    """Whether floats are pictures of 0 to 255: images of whole numbers, or three colours of any numbers so large."""
    if x.ndim < 3 or x.dtype.kind != "f" or x.min() < 0 or not 1 < x.max() <= _BYTE:
        return False
    is_whole = bool((x == np.round(x)).all()) and x.max() > 16
    return is_whole or bool(x.shape[-3] == _COLOURS and x.max() > _BYTE / 2)
