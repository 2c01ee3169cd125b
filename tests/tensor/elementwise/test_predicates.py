"""Questions about single elements against PyTorch."""

from __future__ import annotations

import math

import numpy as np

from side_by_side import EDGES, WHOLE, Case, Refused, comparisons, refusals

WIDE = np.array([0, 1, 2, 3, 100, 127, 120, 4, 2, 0, 0])

COMPARED: dict[str, Case] = {
    "signbit": (lambda t, a: t.signbit(a), (np.array([-0.0, 0.0, -1.0]),)),
    "signbit of a number, changed in place": (lambda t, a: t.signbit(a).logical_not_(), (np.array(-0.0),)),
    "signbit of a number, copied to many places": (
        lambda t, a: t.zeros(70000)[::2].copy_(t.signbit(a)),
        (np.array(-0.0),),
    ),
    "signbit for each row": (lambda t, a: t.func.vmap(t.signbit)(a), (np.array([[-0.0, 0.0], [math.nan, -math.inf]]),)),
    **{
        f"signbit of {dtype}": (
            lambda t, a, dtype=dtype: t.signbit(a.detach().to(getattr(t, dtype))),
            (np.array([-1, 0, 2]),),
        )
        for dtype in ("float16", "float32", "int8", "int64", "bool")
    },
    "isposinf": (lambda t, a: t.isposinf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isneginf": (lambda t, a: t.isneginf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isin": (lambda t, a: t.isin(a, t.tensor([1, 2])), (WHOLE,)),
    **{
        f"isclose of {dtype} within {rtol}, {atol}": (
            lambda t, a, b, dtype=dtype, rtol=rtol, atol=atol, equal_nan=equal_nan: t.isclose(
                a.detach().to(getattr(t, dtype)), b.detach().to(getattr(t, dtype)), rtol, atol, equal_nan
            ),
            (X, Y),
        )
        for dtype in ("float16", "float32", "float64", "int8", "int64", "uint8", "bool")
        for rtol, atol, equal_nan in ((0.0, 0.0, True), (0.0, 1.0, False), (0.3, 0.5, True), (0.0, math.inf, False))
        for X, Y in [(WIDE, WIDE[::-1].copy())] + [(EDGES, EDGES[::-1].copy())] * ("float" in dtype)
    },
}
REFUSED: dict[str, Refused] = {
    "rtol": lambda t: t.isclose(t.ones(2), t.ones(2), rtol=-1),
    "atol": lambda t: t.isclose(t.ones(2), t.ones(2), atol=-1),
    "element types": lambda t: t.isclose(t.ones(2), t.ones(2).long()),
    "allclose": lambda t: t.allclose(t.ones(2), t.ones(2).long()),
    "shapes": lambda t: t.allclose(t.ones(2), t.ones(3)),
}

test_refusals_as_in_pytorch = refusals(REFUSED)
test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
