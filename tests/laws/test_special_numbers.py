"""NaN, infinities, zeros with a sign and equal elements: results and gradients are PyTorch's, eager and compiled.

What docs/deviations.md lists is left out: SiLU, Mish, GELU, Softsign, Hardswish and ELU at numbers that are not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.graph import Array
from side_by_side import both

Call = Callable[..., Any]
INF, NAN = math.inf, math.nan
NUMBERS = np.array([-INF, -6.5, -3, -2, -1, -0.5, -0.0, 0.0, 0.5, 1, 2, 3, 6, 6.5, 30, INF, NAN])
A, B = np.array(
    [(a, b) for a in (-INF, -2, -1, -0.0, 0.0, 0.5, 1, INF, NAN) for b in (-INF, -1, 0.0, 1, 2, INF, NAN)]
).T
COLUMNS = np.array([
    [1, 2, 3, 4, 5], [NAN, 1, 2, 3, NAN], [1, 1, 0, 1, -1], [INF, 1, INF, 2, 3], [-INF, 1, -INF, 2, 0],
    [INF, -INF, NAN, 0, 1], [0.0, -0.0, 0.0, -0.0, 0.0], [NAN] * 5, [2] * 5, [-1, -2, -2, -1, -3],
]).T  # fmt: skip
METHODS = """
abs acos asin asinh atan atanh ceil cos cosh deg2rad erf erfc erfinv exp exp2 expm1 floor frac log log10 log1p log2
nan_to_num neg reciprocal relu round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc hardshrink
"""
ACTIVATIONS = "relu6 hardtanh hardshrink softshrink softplus tanhshrink logsigmoid leaky_relu"
METHODS_OF_TWO = "maximum minimum fmax fmin atan2 hypot fmod remainder copysign pow logaddexp xlogy clamp_min clamp_max"
LOSSES = "l1_loss mse_loss smooth_l1_loss huber_loss kl_div hinge_embedding_loss poisson_nll_loss"
ALONG = "amax amin aminmax max min sum mean logsumexp softmax log_softmax cummax cummin cumsum median nanmedian nansum"
WHOLE = "amax amin aminmax max min sum mean median nanmedian nansum"


def functional(name: str, *arguments: Any) -> Call:
    """A function of `nn.functional` with these arguments after the first."""
    return lambda library, x: getattr(library.nn.functional, name)(x, *arguments)


def method(name: str, *arguments: Any, **named: Any) -> Call:
    """A method of tensors with these arguments."""
    return lambda _, x, *others: getattr(x, name)(*others, *arguments, **named)


def loss(name: str) -> Call:
    """A loss of each element."""
    return lambda library, a, b: getattr(library.nn.functional, name)(a, b, reduction="none")


def labelled(name: str, **named: Any) -> Call:
    """A loss of each sample, whose classes are 0, 1, 2, …"""
    return lambda library, x: getattr(library.nn.functional, name)(
        x, library.arange(x.shape[0]), reduction="none", **named
    )


ONE: dict[str, Call] = {
    **{name: method(name) for name in METHODS.split()},
    **{name: functional(name) for name in ACTIVATIONS.split()},
    "hardtanh 1": functional("hardtanh", -0.5, 2.0),
    "hardtanh 2": functional("hardtanh", 1.0, 1.0),
    "hardshrink 0": functional("hardshrink", 0.0),
    "hardshrink −1": functional("hardshrink", -1.0),
    "softshrink 0": functional("softshrink", 0.0),
    "threshold": functional("threshold", 0.5, 20.0),
    "leaky_relu": functional("leaky_relu", -0.5),
    "nan_to_num ∞": method("nan_to_num", INF),
    "nan_to_num all": method("nan_to_num", -INF, INF, 1.0),
    "clamp": method("clamp", -1.0, 2.0),
    "clamp crossed": method("clamp", 2.0, -1.0),
    "clamp low": method("clamp", 0.5),
    "clamp high": method("clamp_max", 0.5),
    "logit": lambda _, x: x[x != 0].logit(),
    "logit 0.1": method("logit", 0.1),
    "copysign": method("copysign", -2.0),
    "xlogy": method("xlogy", 2.0),
    "xlogy of a number": lambda library, x: library.xlogy(2.0, x),
    "remainder": method("remainder", -1.5),
    "fmod": method("fmod", -1.5),
    "lerp": lambda library, x: x.lerp(library.ones_like(x), 0.7),
    **{f"pow {p}": method("pow", p) for p in (-2, -1, -0.5, 0, 0.5, 1, 1.5, 3, NAN)},
    **{f"power of {b}": lambda _, x, b=b: b**x for b in (-2.0, 0.0, 0.5, 2.0)},
}  # fmt: skip
TWO: dict[str, Call] = {
    **{name: method(name) for name in METHODS_OF_TWO.split()},
    "clamp": lambda _, a, b: a.clamp(b - 1, b + 1),
    "clamp to one": lambda _, a, b: a.clamp(b, b),
    "clamp beside NaN": lambda library, a, b: a.clamp(b, library.zeros_like(a)),
    "where": lambda library, a, b: library.where(a > b, a, b),
    "lerp 0.3": method("lerp", 0.3),
    "lerp 0.7": method("lerp", 0.7),
    "lerp by tensors": lambda library, a, b: library.lerp(library.ones_like(a), a, b),
    **{name: loss(name) for name in LOSSES.split()},
}  # fmt: skip
REDUCED: dict[str, Call] = {
    **{f"{name} {dim}": method(name, dim=dim) for dim in (0, 1) for name in ALONG.split()},
    **{name: method(name) for name in WHOLE.split()},
    "prod 0": method("prod", 0),
    "prod 1": method("prod", 1),
    "amax of both": method("amax", (0, 1)),
    "quantile": method("quantile", 0.4, dim=0),
    "nanquantile": method("nanquantile", 0.4, dim=0),
    **{f"multi_margin_loss {p}": labelled("multi_margin_loss", p=p) for p in (1, 2)},
    "multilabel_margin_loss": lambda library, x: library.nn.functional.multilabel_margin_loss(
        x, library.tensor([[1, 0, -1] + [0] * 7] * 5), reduction="none"
    ),
    "cross_entropy": labelled("cross_entropy"),
    "cross_entropy smoothed": labelled("cross_entropy", label_smoothing=0.1),
    "nll_loss": labelled("nll_loss"),
    **{f"norm {p}": method("norm", p, dim=0) for p in (0, 1, 2, INF, -INF)},
    **{f"normalize {p}": functional("normalize", p, 0) for p in (0, 1, 2, INF)},
    **{f"renorm {p}": method("renorm", p, 1, 1.0) for p in (1, 2, INF)},
    "distances 0": lambda library, x: (library.cdist(x.t(), x.t() + 1, 0.0), library.nn.functional.pdist(x.t(), 0.0)),
}  # fmt: skip
ALL = [
    *((call, (NUMBERS,), name) for name, call in ONE.items()),
    *((call, (A, B), name) for name, call in TWO.items()),
    *((call, (COLUMNS,), name) for name, call in REDUCED.items()),
]
# What lets the gradient through to some elements, and nothing to others
PICKED = """
relu relu6 leaky_relu threshold abs sign floor hardshrink softshrink clamp maximum minimum fmax fmin clamp_min clamp_max
where max min amax amin median cummax cummin hinge_embedding_loss
"""
PICKING = [
    *(given for given in ALL if given[-1].split()[0] in PICKED.split()),
    *((ONE[f"pow {p}"], (NUMBERS,), f"pow {p}") for p in (0, 1, 3)),
    (TWO["pow"], (A, B), "pow"),
    (lambda library, x: library.nn.functional.max_pool2d(x[None, None], 2), (COLUMNS,), "max_pool2d"),
    (lambda library, x: library.nn.functional.adaptive_max_pool2d(x[None, None], 2), (COLUMNS,), "adaptive_max_pool2d"),
]
each = pytest.mark.parametrize(("call", "arrays"), [pytest.param(*given, id=name) for *given, name in ALL])


@pytest.mark.pytorch
@each
def test_results_and_gradients_are_those_of_pytorch(call: Call, arrays: tuple[Array, ...]) -> None:
    both(call, *arrays, tolerance=1e-9)


@pytest.mark.pytorch
@pytest.mark.parametrize("dy", [INF, -INF, NAN])
@pytest.mark.parametrize(("call", "arrays"), [pytest.param(*given, id=name) for *given, name in PICKING])
def test_gradients_without_end_reach_what_they_reach_in_pytorch(
    call: Call, arrays: tuple[Array, ...], dy: float
) -> None:
    both(call, *arrays, tolerance=1e-9, dy=dy)


class Called(knoll.nn.Module):
    """A network of one call."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call

    def forward(self, *operands: knoll.Tensor) -> Any:
        """The results of the call."""
        return self.call(knoll, *operands)


def outcome(call: Call, arrays: tuple[Array, ...], dtype: str, dy: float | None = None) -> list[Array]:
    """Results, and the gradients of the operands under fixed gradients of the results, or all `dy`."""
    operands = [knoll.tensor(array, dtype=dtype).requires_grad_() for array in arrays]
    found = call(*operands)
    results = list(found) if isinstance(found, tuple) else [found]
    for y in results:
        if y.requires_grad:
            seed = np.random.default_rng(0).standard_normal(y.shape) if dy is None else np.full(y.shape, dy)
            y.backward(knoll.tensor(seed, dtype=y.dtype), retain_graph=True)
    return [y.detach().numpy() for y in results] + [x.grad.numpy() for x in operands if x.grad is not None]


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_networks_compute_the_same(call: Call, arrays: tuple[Array, ...], dtype: str) -> None:
    if arrays[0].ndim == 1:  # as many as fill vectors, and some more
        arrays = tuple(np.tile(array, (3, 3)) for array in arrays)
    alone = outcome(lambda *operands: call(knoll, *operands), arrays, dtype)
    tolerance = 1e-5 if dtype == "float32" else 1e-9
    for found, expected in zip(outcome(Called(call), arrays, dtype), alone, strict=True):
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dy", [INF, NAN])
@pytest.mark.parametrize(("call", "arrays"), [pytest.param(*given, id=name) for *given, name in PICKING])
def test_gradients_without_end_in_networks(call: Call, arrays: tuple[Array, ...], dy: float) -> None:
    alone = outcome(lambda *operands: call(knoll, *operands), arrays, "float32", dy)
    for found, expected in zip(outcome(Called(call), arrays, "float32", dy), alone, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
