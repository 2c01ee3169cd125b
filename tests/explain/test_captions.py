"""Sums in captions add up: the result has the digits of the smallest thing that is added."""

from __future__ import annotations

import re

import numpy as np
import pytest

from knoll import nn
from knoll.animate import animate
from knoll.explain import explain
from knoll.nn import Module


def with_small_bias(layer: Module) -> Module:
    layer.load_state_dict({name: p + 0.3 if p.ndim > 1 else p * 0 - 0.004 for name, p in layer.state_dict().items()})
    return layer


CAPTIONS = {
    "a row of weights": lambda: str(explain(with_small_bias(nn.Linear(12, 2)), np.full((1, 12), 0.8, "f4")).worked),
    "a window": lambda: str(
        animate(with_small_bias(nn.Conv2d(2, 1, 3)), np.full((1, 2, 3, 3), 0.8, "f4")).frames[0].caption
    ),
    "a mean of losses": lambda: str(animate(nn.MSELoss()).frames[-1].caption),
    "a sum of losses": lambda: str(animate(nn.HuberLoss(reduction="sum")).frames[-1].caption),
}


@pytest.mark.parametrize("caption", CAPTIONS.values(), ids=CAPTIONS)
def test_a_sum_gives_what_is_written_behind_it(caption: object) -> None:
    assert callable(caption)
    text = caption().replace("−", "-").replace("- ", "-").replace("+ ", "")
    added, divisor, result = re.findall(r"[=:] \(?((?:-?[\d.]+ ?)+)\)?(?: / (\d+))? [=≈] (-?[\d.]+)$", text)[0]
    parts = [float(each) for each in added.split()]
    decimals = max(len(each.partition(".")[2]) for each in (*added.split(), result))
    rounding = 0.5 * 10.0**-decimals
    assert abs(sum(parts) / float(divisor or 1) - float(result)) <= (len(parts) + 1.01) * rounding
