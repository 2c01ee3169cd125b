"""Direct or Winograd convolution: which pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.machine import Machine, host
from knoll.ops.conv import conv2d
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram


def program(
    shape: tuple[int, int, int, int], k: int, r: int, machine: Machine, dtype: str = "float32"
) -> CompiledProgram:
    p = r // 2
    x, w = Value(Spec(shape, np.dtype(dtype))), Value(Spec((k, shape[1], r, r), np.dtype(dtype)))
    y = conv2d(x, w, stride=(1, 1), padding=((p, p), (p, p)), dilation=(1, 1), groups=1)
    graph = Graph((x, w), (y,))
    return CompiledProgram(graph, lower(graph, frozenset({x, y}), machine), 1)


def kernels(compiled: CompiledProgram) -> list[Any]:
    return [step.kernel for step in compiled.plan.forward[0].steps]


def test_it_is_used_where_it_pays_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def fast(*arguments: Any) -> bool:
        return any(isinstance(kernel, WinogradConvolution) for kernel in kernels(program(*arguments)))

    assert fast((2, 64, 16, 16), 64, 3, host())
    assert fast((2, 32, 16, 16), 32, 5, host())
    assert not fast((2, 3, 16, 16), 64, 3, host())  # too few channels
    assert not fast((2, 64, 3, 3), 64, 3, host())  # smaller than a tile
    assert not fast((2, 64, 16, 16), 64, 1, host())
    monkeypatch.setenv("KNOLL_WINOGRAD", "off")
    assert not fast((2, 64, 16, 16), 64, 3, host())
