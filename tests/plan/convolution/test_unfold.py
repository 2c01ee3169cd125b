"""Windows in columns are one strided copy; columns are added up only where windows overlap."""

from __future__ import annotations

from typing import Any

import pytest

from knoll.graph import Graph
from knoll.ops.convolution.unfold import fold2d, unfold2d
from planned import kernels_of, plan_of, value

TILES = {"kernel": (2, 3), "stride": (2, 3), "padding": (0, 0), "dilation": (1, 1)}


@pytest.mark.parametrize(
    ("changed", "unfolds", "folds"),
    [
        ({}, ["im2col"], ["col2im"]),
        ({"kernel": (3, 3)}, ["im2col"], ["Col2im"]),
        ({"padding": (1, 0)}, ["reorder", "im2col"], ["Col2im", "without_padding"]),
    ],
)
def test_steps(changed: dict[str, Any], unfolds: list[str], folds: list[str]) -> None:
    slide: dict[str, Any] = TILES | changed
    x = value(2, 4, 6, 9)
    columns = unfold2d(x, **slide)
    assert [name for name in kernels_of(plan_of(Graph((x,), (columns,)))) if name != "ClearHalo"] == unfolds
    given = value(*columns.spec.shape)
    assert kernels_of(plan_of(Graph((given,), (fold2d(given, size=(6, 9), **slide),)))) == folds
