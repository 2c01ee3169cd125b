"""Direct or Winograd convolution: which pays on a processor with vectors of sixteen numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.convolution.winograd_weight_gradient import WinogradWeightGradient
from knoll.machine import NAMED, Machine
from knoll.ops.convolution.conv import conv2d, conv2d_dw
from knoll.plan.lower import lower
from knoll.plan.plan import Plan
from planned import MACHINE


def plan(
    shape: tuple[int, int, int, int], k: int, r: int, stride: int = 1, dilation: int = 1, machine: Machine = MACHINE
) -> Plan:
    p = r // 2 * dilation
    x, w = (Value(Spec(each, np.dtype("float32"))) for each in (shape, (k, shape[1], r, r)))
    y = conv2d(x, w, stride=(stride,) * 2, padding=((p, p),) * 2, dilation=(dilation,) * 2, groups=1)
    graph = Graph((x, w), (y,))
    return lower(graph, frozenset({x, y}), machine)


def test_it_is_used_where_it_pays_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def fast(*arguments: Any) -> bool:
        return any(isinstance(step.kernel, WinogradConvolution) for step in plan(*arguments).forward[0].steps)

    assert fast((2, 64, 16, 16), 64, 3)
    assert fast((2, 32, 16, 16), 32, 5)
    assert not fast((2, 3, 16, 16), 64, 3)  # too few channels
    assert fast((2, 3, 32, 32), 32, 5)  # a larger window saves more
    assert not fast((2, 1, 28, 28), 32, 5)
    assert not fast((2, 3, 32, 32), 8, 5)
    assert not fast((2, 64, 3, 3), 64, 3)  # smaller than a tile
    assert not fast((2, 64, 16, 16), 64, 1)
    assert fast((2, 64, 32, 32), 64, 3, 2)
    assert not fast((2, 64, 32, 32), 64, 3, 3)
    assert not fast((2, 64, 18, 18), 64, 3, 2)  # of 9×9 outputs many are computed twice
    assert fast((2, 64, 16, 16), 64, 3, 1, 2)
    assert not fast((2, 64, 16, 16), 64, 3, 1, 5)  # phases are smaller than a tile
    assert not fast((2, 64, 16, 16), 64, 3, 2, 2)
    assert not fast((2, 512, 14, 14), 1024, 3, 2)  # reading the weights takes longer
    monkeypatch.setenv("KNOLL_WINOGRAD", "off")
    assert not fast((2, 64, 16, 16), 64, 3)


def test_a_stride_saves_less_with_few_registers() -> None:
    def fast(stride: int, machine: str) -> bool:
        steps = plan((2, 128, 28, 28), 128, 3, stride, machine=NAMED[machine]).forward[0].steps
        return any(isinstance(step.kernel, WinogradConvolution) for step in steps)

    assert fast(1, "x86-64-v3")
    assert fast(2, "x86-64-v4")
    assert not fast(2, "x86-64-v3")


def test_weight_gradients_where_it_pays_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def fast(n: int, c: int, size: int, k: int, r: int, stride: int = 1, dilation: int = 1) -> bool:
        p = r // 2 * dilation
        x, dy = (
            Value(Spec((n, *each), np.dtype("float32")))
            for each in ((c, size * stride, size * stride), (k, size, size))
        )
        slide = {"stride": (stride,) * 2, "padding": ((p, p),) * 2, "dilation": (dilation,) * 2, "groups": 1}
        dw = conv2d_dw(dy, x, kernel=(r, r), **slide)
        found = lower(Graph((dy, x), (dw,)), frozenset({dy, x}), MACHINE)
        return any(isinstance(s.kernel, WinogradWeightGradient) for phase in found.forward for s in phase.steps)

    assert fast(2, 64, 16, 64, 3)
    assert fast(2, 512, 4, 512, 3)
    assert fast(2, 32, 16, 32, 5)
    assert not fast(2, 3, 16, 64, 3)
    assert not fast(2, 16, 16, 16, 3)  # too few pairs of channels
    assert not fast(2, 40, 16, 24, 3)  # vectors are not full
    assert fast(2, 64, 14, 64, 3)  # tiles of 2×2 divide it
    assert not fast(2, 64, 15, 64, 3)  # no tiles divide it
    assert not fast(2, 64, 2, 64, 3)
    assert not fast(2, 64, 16, 64, 1)
    assert fast(2, 64, 16, 64, 3, stride=2)
    assert not fast(2, 64, 8, 64, 3, stride=2)
    assert fast(2, 64, 8, 64, 5, stride=2)
    assert not fast(2, 64, 16, 64, 3, dilation=2)
    monkeypatch.setenv("KNOLL_WINOGRAD", "off")
    assert not fast(2, 64, 16, 64, 3)
