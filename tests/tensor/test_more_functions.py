"""Functions of tensors that programs need now and then give what PyTorch gives, with its gradients and refusals."""

# ruff: noqa: ARG005 (every call is given the library)

from __future__ import annotations

import array
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from side_by_side import both, same_refusal, second

import knoll
from knoll.errors import ArgumentTypeError

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((2, 3, 4))
S = RNG.standard_normal((4, 4))
NAN = np.array([[1.0, np.nan, 3.0, 2.0], [np.nan] * 4, [4.0, 5.0, np.nan, 3.0]])
INF = np.array([-math.inf, -math.inf, 1.0, math.inf, 2.0, np.nan])
WHOLE = np.array([3, 1, 3, 2])

BIG = np.array([1e3, -1e3, 1e3, 2.0])


def edges_of(t: Any) -> Any:
    return t.tensor([-1.0, 0, 0.5, 2], dtype=t.float64)


CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "select_scatter": (lambda t, a, b: t.select_scatter(a, b[0], 0, -1), (A, B)),
    "select_scatter axis": (lambda t, a, b: a.select_scatter(b[:, 0], 1, 2), (A, B)),
    "select_scatter converts": (lambda t, a: t.select_scatter(a, t.ones(4, dtype=t.int64), 0, 1), (A,)),
    "slice_scatter": (lambda t, a, b: t.slice_scatter(a, b[:, :2], 1, 0, 4, 2), (A, B)),
    "slice_scatter end": (lambda t, a, b: a.slice_scatter(b[:, :2], dim=1, start=-2), (A, B)),
    "slice_scatter all": (lambda t, a, b: t.slice_scatter(a, b), (A, B)),
    "diagonal_scatter": (lambda t, a, b: t.diagonal_scatter(a, b[0, :3], 1), (A, B)),
    "diagonal_scatter axes": (lambda t, a, b: t.stack((a, b)).diagonal_scatter(b[:2].T, 0, 0, 1), (A, B)),
    "nanmedian": (lambda t, a: t.nanmedian(a), (NAN[0],)),
    "nanmedian rows": (lambda t, a: tuple(t.nanmedian(a, 1)), (NAN[[0, 2]],)),
    "nanmedian of NaN": (lambda t, a: t.nanmedian(a.detach(), 1)[0], (NAN,)),
    "nanmedian columns": (lambda t, a: tuple(a.nanmedian(0, True)), (NAN,)),
    "nanmedian of nothing": (lambda t, a: t.nanmedian(a), (np.zeros(0),)),
    "nanmedian of no integers": (lambda t, a: t.nanmedian(a), (np.zeros(0, np.int64),)),
    "nanmedian of one": (lambda t, a: tuple(t.nanmedian(a, 0)), (np.array(3.0),)),
    "nanmedian integers": (lambda t, a: t.nanmedian(a), (WHOLE,)),
    "logcumsumexp": (lambda t, a: t.logcumsumexp(a, 1), (A,)),
    "logcumsumexp of one": (lambda t, a: t.logcumsumexp(a, 0), (np.array(2.0),)),
    "logcumsumexp large": (lambda t, a: a.logcumsumexp(-1), (BIG,)),
    "logcumsumexp infinite": (lambda t, a: t.logcumsumexp(a.detach(), 0), (INF,)),
    "unravel_index": (lambda t, a: t.unravel_index(a, (2, 3)), (np.array([3, 5, 7, -1]),)),
    "unravel_index one": (lambda t, a: t.unravel_index(a, 6), (np.array(3),)),
    "renorm": (lambda t, a: t.renorm(a, 2, 0, 1.0), (A,)),
    "renorm columns": (lambda t, a: a.renorm(1, 1, 2.0), (A,)),
    "renorm zeros": (lambda t, a: t.renorm(a, 2, 0, 1.0), (np.vstack([A, np.zeros(4)]),)),
    "renorm infinite": (lambda t, a: t.renorm(a, math.inf, 0, 0.5), (A,)),
    "gradient": (lambda t, a: t.gradient(a), (A,)),
    "gradient edges": (lambda t, a: t.gradient(a, edge_order=2), (A,)),
    "gradient spacing": (lambda t, a: t.gradient(a, spacing=2.0, dim=1), (A,)),
    "gradient spacings": (lambda t, a: t.gradient(a, spacing=[1, 0.5], edge_order=2), (A,)),
    "gradient coordinates": (
        lambda t, a, b: t.gradient(a, spacing=(b[0].cumsum(0)[:3], b[1].cumsum(0))), (A, np.abs(B)),
    ),
    "gradient coordinates edges": (
        lambda t, a, b: t.gradient(a, spacing=(b[1].cumsum(0),), dim=(1,), edge_order=2), (A, np.abs(B)),
    ),
    "gradient integers": (lambda t, a: t.gradient(a, spacing=2), (WHOLE,)),
    "gradient nowhere": (lambda t, a: t.gradient(a), (np.array(1.0),)),
    "range": (
        lambda t, a: (t.range(0, 3), t.range(1, 2, 0.5), t.range(5, 1, -2), t.range(0, 3.5, dtype=t.int64)),
        (A,),
    ),
    "combinations": (lambda t, a: t.combinations(a[0]), (A,)),
    "combinations of three": (lambda t, a: t.combinations(a[0], 3), (A,)),
    "combinations again": (lambda t, a: t.combinations(a[0], 2, with_replacement=True), (A,)),
    "combinations of more": (lambda t, a: t.combinations(a, 5), (WHOLE,)),
    "combinations of none": (lambda t, a: t.combinations(a, 0), (WHOLE,)),
    "corrcoef": (lambda t, a: t.corrcoef(a), (A,)),
    "corrcoef row": (lambda t, a: t.corrcoef(a[0]), (A,)),
    "corrcoef integers": (lambda t, a: t.corrcoef(a), (np.array([[1, 2, 3], [3, 1, 2]]),)),
    "cov weighed": (
        lambda t, a: (
            t.cov(a, fweights=t.tensor([1, 2, 3, 1])),
            t.cov(a, aweights=t.tensor([0.5, 1, 2, 1], dtype=t.float64), correction=0),
            a.cov(fweights=t.tensor([1, 2, 3, 1]), aweights=t.tensor([0.5, 1, 2, 1], dtype=t.float64)),
        ),
        (A,),
    ),
    "cov weighed gradient": (
        lambda t, a, b: (
            t.cov(a, aweights=b[0], correction=0),
            t.cov(a[0], aweights=b[0]),
            t.cov(a, fweights=t.tensor([1, 2, 3, 1]), aweights=b[1]),
        ),
        (A, np.abs(B)),
    ),
    "gradient plain": (lambda t, a: t.gradient(a, spacing=None, dim=None), (A,)),
    "histogram": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (A,)),
    "histogram range": (lambda t, a: tuple(t.histogram(a.detach(), bins=7, range=(-1.0, 1.5))), (A,)),
    "histogram edges": (
        lambda t, a, b: tuple(t.histogram(a.detach(), edges_of(t), weight=b.detach())), (A, B),
    ),
    "histogram density": (lambda t, a: tuple(a.detach().histogram(5, density=True)), (A,)),
    "histogram of nothing": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (np.zeros(0),)),
    "histogram of one": (lambda t, a: tuple(t.histogram(a.detach(), 4)), (np.ones(3),)),
    "histogram at edges": (lambda t, a: tuple(t.histogram(a.detach(), 5)), (np.arange(6.0),)),
    "histogramdd": (lambda t, a: _flat(t.histogramdd(a.detach(), [3, 2])), (A[:, :2],)),
    "histogramdd axes": (lambda t, a: _flat(t.histogramdd(a.detach().reshape(2, 3, 2), 3)), (A,)),
    "histogramdd weighed": (
        lambda t, a, b: _flat(
            t.histogramdd(a.detach(), bins=[3, 3], range=[-1.0, 1.0, -2.0, 2.0], weight=b.detach(), density=True)
        ),
        (A[:, :2], np.abs(B[:, 0])),
    ),
    "histogramdd edges": (
        lambda t, a: _flat(
            t.histogramdd(a.detach(), [t.tensor([-1.0, 0, 1], dtype=t.float64), t.tensor([-2.0, 2], dtype=t.float64)])
        ),
        (A[:, :2],),
    ),
    "where alone": (lambda t, a: t.where(a > 0), (A,)),
    "where alone of numbers": (lambda t, a: (*t.where(a), *t.where(a[0, 0])), (np.array([[1, 0], [0, 2]]),)),
    "nonzero_static": (
        lambda t, a: (t.nonzero_static(a, size=2), a.nonzero_static(size=8, fill_value=7)),
        (np.array([[1, 0], [0, 2]]),),
    ),
    "hardshrink": (lambda t, a: (t.hardshrink(a), a.hardshrink(0.2)), (A,)),
    "is_signed": (lambda t, a: t.tensor([t.is_signed(a), a.to(t.uint8).is_signed(), (a > 0).is_signed()]), (A,)),
    "equal": (lambda t, a, b: t.tensor([a.equal(a), a.equal(b), a.equal(a[0]), a.equal(a.float())]), (A, B)),
    "allclose": (lambda t, a, b: t.tensor([a.allclose(a + 1e-9), a.allclose(b), a.allclose(b, atol=99.0)]), (A, B)),
    "median of integers": (lambda t, a: t.median(a), (np.zeros(0, np.int64),)),
    "like": (
        lambda t, a: tuple(
            getattr(t, name)(a, device="cpu", memory_format=t.preserve_format) for name in ("zeros_like", "ones_like")
        ),
        (A,),
    ),
}  # fmt: skip


def _flat(found: Any) -> tuple[Any, ...]:
    return (found[0], *found[1])


@pytest.mark.filterwarnings("ignore:torch.range is deprecated", "ignore:cov")
@pytest.mark.parametrize("name", CALLS)
def test_as_pytorch(name: str) -> None:
    call, arrays = CALLS[name]
    both(call, *arrays, tolerance=1e-7)


TWICE = [
    "select_scatter", "slice_scatter", "diagonal_scatter", "nanmedian rows", "logcumsumexp", "logcumsumexp large",
    "renorm", "renorm columns", "gradient", "cov weighed gradient", "gradient coordinates edges", "combinations",
    "corrcoef", "hardshrink",
]  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_second_derivatives(name: str) -> None:
    call, arrays = CALLS[name]
    second(call, *arrays, tolerance=1e-6)


REFUSED: dict[str, Callable[[Any], object]] = {
    "scatter of a vector": lambda t: t.scatter_add(t.ones(2, 2), 0, t.zeros(1, 1, dtype=t.int64), t.ones(2, 2, 2)),
    "select_scatter place": lambda t: t.select_scatter(t.ones(2, 3), t.ones(3), 0, 5),
    "select_scatter shape": lambda t: t.select_scatter(t.ones(2, 3), t.ones(2), 0, 1),
    "select_scatter axis": lambda t: t.select_scatter(t.ones(2, 3), t.ones(3), 7, 1),
    "select_scatter of none": lambda t: t.select_scatter(t.tensor(1.0), t.ones(3), 0, 0),
    "select place": lambda t: t.select(t.ones(2, 3), 0, 5),
    "slice_scatter shape": lambda t: t.slice_scatter(t.ones(2, 3), t.ones(2, 2), 1, 0, 1),
    "slice_scatter step": lambda t: t.slice_scatter(t.ones(2, 3), t.ones(2, 2), 1, 0, 3, 0),
    "slice_scatter of none": lambda t: t.slice_scatter(t.tensor(1.0), t.tensor(2.0)),
    "diagonal_scatter shape": lambda t: t.diagonal_scatter(t.ones(2, 3), t.ones(3)),
    "diagonal_scatter axes": lambda t: t.diagonal_scatter(t.ones(2, 3), t.ones(2), 0, 1, 1),
    "diagonal_scatter rank": lambda t: t.diagonal_scatter(t.ones(3), t.ones(2)),
    "nanmedian truths": lambda t: t.nanmedian(t.tensor([True])),
    "median truths": lambda t: t.median(t.tensor([True])),
    "nanmedian of nothing": lambda t: t.nanmedian(t.zeros(2, 0), 1),
    "logcumsumexp integers": lambda t: t.logcumsumexp(t.tensor([1]), 0),
    "logcumsumexp axis": lambda t: t.logcumsumexp(t.tensor(2.0), 1),
    "unravel_index truths": lambda t: t.unravel_index(t.tensor([1]), (2, -3)),
    "unravel_index shape": lambda t: t.unravel_index(t.tensor([1]), (2, 3.0)),
    "unravel_index text": lambda t: t.unravel_index(t.tensor([1]), "a"),
    "renorm p": lambda t: t.renorm(t.ones(2, 3), 0, 1, 1.0),
    "renorm length": lambda t: t.renorm(t.ones(2, 3), 1, 1, -1.0),
    "renorm rank": lambda t: t.renorm(t.ones(3), 1, 0, 1.0),
    "renorm integers": lambda t: t.renorm(t.tensor([[1]]), 1, 0, 1.0),
    "renorm axis": lambda t: t.renorm(t.ones(2, 3), 1, 5, 1.0),
    "gradient order": lambda t: t.gradient(t.ones(4), edge_order=3),
    "gradient size": lambda t: t.gradient(t.ones(2, 2), edge_order=2),
    "gradient twice": lambda t: t.gradient(t.ones(2, 2), dim=(0, 0)),
    "gradient axis": lambda t: t.gradient(t.ones(2, 2), dim=(0, 3)),
    "gradient spacings": lambda t: t.gradient(t.ones(2, 2), spacing=(1.0, 2.0, 3.0)),
    "gradient spacings of axes": lambda t: t.gradient(t.ones(2, 2), spacing=(1.0, 2.0), dim=1),
    "gradient rank": lambda t: t.gradient(t.ones(2, 2), spacing=(t.ones(1, 2), t.ones(2))),
    "trapezoid of one": lambda t: t.trapezoid(t.tensor(1.0)),
    "range end": lambda t: t.range(3),
    "range sign": lambda t: t.range(3, 1),
    "range step": lambda t: t.range(1, 3, 0),
    "range without end": lambda t: t.range(0, math.inf),
    "range truths": lambda t: t.range(0, 3, dtype=t.bool),
    "combinations rank": lambda t: t.combinations(t.ones(2, 2)),
    "combinations number": lambda t: t.combinations(t.ones(2), -1),
    "corrcoef rank": lambda t: t.corrcoef(t.ones(2, 2, 2)),
    "corrcoef truths": lambda t: t.corrcoef(t.tensor([[True]])),
    "cov weights rank": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([[1, 2]])),
    "cov weights type": lambda t: t.cov(t.ones(2, 2), fweights=t.ones(2)),
    "cov weights number": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([1])),
    "cov weights sign": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([1, -1])),
    "cov weights sum": lambda t: t.cov(t.ones(2, 2), fweights=t.tensor([0, 0])),
    "cov importance type": lambda t: t.cov(t.ones(2, 2), aweights=t.tensor([1, 2])),
    "frombuffer rest": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=3),
    "frombuffer count": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, count=5),
    "frombuffer none": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, count=0),
    "frombuffer offset": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=9),
    "frombuffer before": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=-1),
    "frombuffer empty": lambda t: t.frombuffer(bytearray(), dtype=t.int32),
    "frombuffer gradient": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, requires_grad=True),
    "frombuffer of a number": lambda t: t.frombuffer(3, dtype=t.int32),
    "histogram order": lambda t: t.histogram(t.ones(6), 4, range=(5.0, 0.0)),
    "histogram bins": lambda t: t.histogram(t.ones(6), 0),
    "histogram weights": lambda t: t.histogram(t.ones(6), 4, weight=t.ones(3)),
    "histogram weight type": lambda t: t.histogram(t.ones(6), 4, weight=t.ones(6, dtype=t.float64)),
    "histogram edges type": lambda t: t.histogram(t.ones(6), t.ones(3, dtype=t.float64)),
    "histogram edges rank": lambda t: t.histogram(t.ones(6), t.ones(2, 2)),
    "histogram no edges": lambda t: t.histogram(t.ones(6), t.ones(0)),
    "histogram one edge": lambda t: t.histogram(t.ones(6), t.ones(1)),
    "histogram integers": lambda t: t.histogram(t.tensor([1]), 4),
    "histogram half a range": lambda t: t.histogram(t.ones(6), 4, range=(0.0,)),
    "histogram range": lambda t: t.histogram(t.ones(6), 4, range=(math.nan, 1.0)),
    "histogramdd bins": lambda t: t.histogramdd(t.ones(3, 2), bins=[2]),
    "histogramdd range": lambda t: t.histogramdd(t.ones(3, 2), bins=[2, 2], range=[0.0, 1.0]),
    "histogramdd rank": lambda t: t.histogramdd(t.ones(3), bins=[2]),
    "histogramdd weights": lambda t: t.histogramdd(t.ones(2, 2), bins=[2, 2], weight=t.ones(3)),
    "histogramdd none": lambda t: t.histogramdd(t.ones(2, 2), bins=[2, 0]),
    "nonzero_static size": lambda t: t.nonzero_static(t.ones(2), size=-8),
    "poisson sign": lambda t: t.poisson(-t.ones(2)),
    "poisson integers": lambda t: t.poisson(t.tensor([1])),
    "geometric": lambda t: t.zeros(3).geometric_(1),
    "geometric truths": lambda t: t.tensor([True]).geometric_(0.5),
    "cauchy": lambda t: t.zeros(3).cauchy_(0, 0),
    "cauchy integers": lambda t: t.tensor([1]).cauchy_(),
    "log_normal": lambda t: t.zeros(3).log_normal_(0, 0),
    "log_normal integers": lambda t: t.tensor([1]).log_normal_(),
    "format of no image": lambda t: t.zeros_like(t.ones(3), memory_format=t.channels_last),
    "format": lambda t: t.ones_like(t.ones(3), memory_format=3),
    "format of random numbers": lambda t: t.rand_like(t.ones(3), memory_format=t.channels_last),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_those_of_pytorch(name: str) -> None:
    same_refusal(REFUSED[name])


def test_element_types_of_unravel_index(torch: Any) -> None:
    for numbers in ([1.0], [True]):
        with pytest.raises(TypeError, match="expected 'indices' to be integer dtype, but got "):
            knoll.unravel_index(knoll.tensor(numbers), (2, 3))
    assert all(part.dtype == knoll.int64 for part in knoll.unravel_index(knoll.tensor([2], dtype=knoll.uint8), (2, 3)))


def test_warnings_are_those_of_pytorch(torch: Any) -> None:
    for call in (
        lambda t: t.range(0, 2), lambda t: t.corrcoef(t.ones(2, 0)), lambda t: t.frombuffer(b"1234", dtype=t.uint8),
    ):  # fmt: skip
        told = []
        for library in (knoll, torch):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                call(library)
            told.append([(entry.category, str(entry.message).split(".")[0]) for entry in caught][:1])
        assert told[0] == told[1] != []


def test_a_tensor_over_a_buffer() -> None:
    memory = bytearray(b"12345678")
    x = knoll.frombuffer(memory, dtype=knoll.uint8, count=3, offset=2)
    memory[2] = 7
    assert x.tolist() == [7, 52, 53]
    x[1] = 9
    assert memory[3] == 9
    assert knoll.frombuffer(array.array("f", [1.5, 2.5]), dtype=knoll.float32, requires_grad=True).requires_grad


def test_random_numbers() -> None:
    knoll.manual_seed(0)
    rates = knoll.full((20000,), 4.0)
    drawn = knoll.poisson(rates)
    assert drawn.dtype == knoll.float32
    assert abs(drawn.mean().item() - 4) < 0.1
    assert abs(drawn.var().item() - 4) < 0.2
    assert np.isfinite(knoll.poisson(knoll.tensor([1e30])).item())
    x = knoll.empty(20000)
    assert abs(x.geometric_(0.25).mean().item() - 4) < 0.15
    assert x.min() == 1
    assert abs(x.cauchy_(3.0, 0.5).median().item() - 3) < 0.05
    assert abs((x < 3.5).float().mean().item() - 0.75) < 0.02
    logarithms = x.log_normal_(1.0, 0.5).log()
    assert abs(logarithms.mean().item() - 1) < 0.02
    assert abs(logarithms.std().item() - 0.5) < 0.02
    assert knoll.full((1000,), 0.5).bernoulli().unique().tolist() == [0, 1]
    assert knoll.tensor([0.0, 3.0]).multinomial(2, replacement=True).tolist() == [1, 1]
    g = knoll.Generator()
    first = [make(g.manual_seed(3)) for make in DRAWS]
    assert all(bool((make(g.manual_seed(3)) == numbers).all()) for make, numbers in zip(DRAWS, first, strict=True))


DRAWS: list[Callable[[Any], Any]] = [
    lambda g: knoll.poisson(knoll.ones(5), generator=g), lambda g: knoll.zeros(5).geometric_(0.1, generator=g),
    lambda g: knoll.zeros(5).cauchy_(generator=g), lambda g: knoll.zeros(5).log_normal_(generator=g),
    lambda g: knoll.rand_like(knoll.ones(5), generator=g), lambda g: knoll.ones(5).bernoulli(0.5, generator=g),
]  # fmt: skip


def test_a_reduction_is_named_by_a_text() -> None:
    x, index = knoll.ones(2, 2), knoll.zeros(2, 2, dtype=knoll.int64)
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not ndarray"):
        x.scatter(0, index, x, reduce=np.ones(2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not int"):
        x.scatter_reduce(0, index, x, 3)  # type: ignore[arg-type]


def test_where_takes_two_to_choose_from_or_none() -> None:
    holds: Any = knoll.ones(2) > 0
    for call, words in (
        (lambda: knoll.where(holds, 1.0), 'missing 1 required positional arguments: "other"'),  # type: ignore[call-overload]
        (lambda: knoll.where(holds, other=1.0), 'missing 1 required positional arguments: "input"'),  # type: ignore[call-overload]
        (lambda: knoll.where(holds, out=knoll.ones(2)), "unexpected keyword argument 'out'"),  # type: ignore[call-overload]
    ):
        with pytest.raises(ArgumentTypeError, match=words):
            call()
