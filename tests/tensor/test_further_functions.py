"""Further functions of tensors give what PyTorch gives, with its gradients."""

# ruff: noqa: ARG005 (every call is given the library)

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from side_by_side import both, same_refusal

import knoll

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((2, 3, 4)) + 0.1
C = np.abs(A) + 0.5
S = RNG.standard_normal((3, 3)) + 3 * np.eye(3)
V3, W3 = RNG.standard_normal((2, 2, 3))
I3 = np.array([2, 0])
NAN = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, np.nan]])
WHOLE = np.array([3, 1, 3, 2, 2, 2])


def _shifted_in_place(a: Any) -> Any:
    a <<= 2
    a >>= 1
    return a


CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "atan2": (lambda t, a, b: t.atan2(a, b), (A, B)),
    "hypot": (lambda t, a, b: t.hypot(a, b), (A, B)),
    "fmod": (lambda t, a, b: t.fmod(a, b), (A, B)),
    "fmod number": (lambda t, a: t.fmod(a, 0.7), (A,)),
    "fmod integers": (lambda t, a: t.fmod(a, 2), (-WHOLE,)),
    "fmax": (lambda t, a, b: t.fmax(a, b), (A, B)),
    "fmin": (lambda t, a, b: t.fmin(a, b), (A, B)),
    "copysign": (lambda t, a, b: t.copysign(a, b), (A, B)),
    "erfc": (lambda t, a: t.erfc(a), (A,)),
    "erfinv": (lambda t, a: t.erfinv(a), (np.array([[0.0, -0.3, 0.84], [0.86, -0.999999, 1 - 1e-15]]),)),
    "erfinv at the edge": (lambda t, a: t.erfinv(a.detach()), (np.array([1.0, -1.0, 1.5, math.nan]),)),
    "sinc": (lambda t, a: t.sinc(a), (A,)),
    "deg2rad": (lambda t, a: t.deg2rad(a), (A,)),
    "rad2deg": (lambda t, a: t.rad2deg(a), (A,)),
    "signbit": (lambda t, a: t.signbit(a), (np.array([-0.0, 0.0, -1.0]),)),
    "isposinf": (lambda t, a: t.isposinf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "isneginf": (lambda t, a: t.isneginf(a), (np.array([math.inf, -math.inf, 1.0]),)),
    "xlogy": (lambda t, a, b: t.xlogy(a, b), (A, C)),
    "heaviside": (lambda t, a: t.heaviside(a.detach(), t.full_like(a, 0.5)), (np.array([-1.0, 0.0, 2.0]),)),
    "logaddexp": (lambda t, a, b: t.logaddexp(a, b), (A, B)),
    "logaddexp2": (lambda t, a, b: t.logaddexp2(a, b), (A, B)),
    "ldexp": (lambda t, a: t.ldexp(a, t.tensor([1, 2, 3, 4])), (A,)),
    "float_power": (lambda t, a: t.float_power(a, 3), (A,)),
    "sgn": (lambda t, a: t.sgn(a.detach()), (A,)),
    "shifts": (lambda t, a: (t.bitwise_left_shift(a, 2), t.bitwise_right_shift(a, t.tensor(1))), (WHOLE,)),
    "shifts by operators": (
        lambda t, a: (a << 1, a >> t.tensor(1), 1 << a, t.tensor(64) >> a, _shifted_in_place(a.clone())),
        (WHOLE,),
    ),
    "shifts of truths": (lambda t, a: (a << 1, 1 << a), (np.array([True, False]),)),
    "isin": (lambda t, a: t.isin(a, t.tensor([1, 2])), (WHOLE,)),
    "div trunc": (lambda t, a, b: t.div(a, b, rounding_mode="trunc"), (-WHOLE, np.array(2))),
    "div floor": (lambda t, a: a.div(2, rounding_mode="floor"), (-WHOLE,)),
    "div trunc floats": (lambda t, a, b: t.div(a.detach(), b.detach(), rounding_mode="trunc"), (A, B)),
    "aminmax": (lambda t, a: tuple(t.aminmax(a, dim=1)), (A,)),
    "std_mean": (lambda t, a: t.std_mean(a, 1), (A,)),
    "var_mean": (lambda t, a: t.var_mean(a, 0, unbiased=False), (A,)),
    "nansum": (lambda t, a: t.nansum(a, 1), (NAN,)),
    "nanmean": (lambda t, a: t.nanmean(a, 1), (NAN,)),
    "quantile": (lambda t, a: t.quantile(a, 0.3), (A,)),
    "quantiles": (lambda t, a: t.quantile(a, t.tensor([0.1, 0.9], dtype=t.float64), 1, True), (A,)),
    "quantile nearest": (lambda t, a: t.quantile(a, 0.3, 1, interpolation="nearest"), (A,)),
    "quantile midpoint": (lambda t, a: t.quantile(a, 0.3, 1, interpolation="midpoint"), (A,)),
    "quantile of NaN": (lambda t, a: t.quantile(a.detach(), 0.3, 1), (NAN,)),
    "kthvalue": (lambda t, a: tuple(t.kthvalue(a, 2, 1, True)), (A,)),
    "mode": (lambda t, a: t.mode(a)[0], (WHOLE,)),
    "cummax": (lambda t, a: tuple(t.cummax(a, 1)), (A,)),
    "cummin": (lambda t, a: tuple(t.cummin(a, 0)), (A,)),
    "cummax ties": (lambda t, a: tuple(t.cummax(a, 0)), (WHOLE,)),
    "msort": (lambda t, a: t.msort(a), (A,)),
    "diff": (lambda t, a, b: t.diff(a, 2, 0, prepend=b), (A, B)),
    "histc": (lambda t, a: t.histc(a.detach(), 5, -1, 1), (A,)),
    "searchsorted": (lambda t, a: t.searchsorted(t.tensor([1, 2, 3]), a, right=True), (WHOLE,)),
    "searchsorted rows": (lambda t, a: t.searchsorted(t.sort(a.detach(), 1)[0], a.detach()), (A,)),
    "bucketize": (lambda t, a: t.bucketize(a, t.tensor([1, 2, 3])), (WHOLE,)),
    "argwhere": (lambda t, a: t.argwhere(a > 0), (A,)),
    "unique_consecutive": (
        lambda t, a: t.unique_consecutive(a, return_inverse=True, return_counts=True),
        (WHOLE,),
    ),
    "unique_consecutive rows": (lambda t, a: t.unique_consecutive(a, dim=0), (np.array([[1, 2], [1, 2], [0, 2]]),)),
    "dist": (lambda t, a, b: t.dist(a, b, 3), (A, B)),
    "cov": (lambda t, a: t.cov(a), (A,)),
    "hstack": (lambda t, a, b: t.hstack((a, b)), (A, B)),
    "hstack vectors": (lambda t, a, b: t.hstack((a[0], b[0])), (A, B)),
    "vstack": (lambda t, a, b: t.vstack((a[0], b)), (A, B)),
    "dstack": (lambda t, a, b: t.dstack((a, b)), (A, B)),
    "column_stack": (lambda t, a, b: t.column_stack((a[:, 0], b)), (A, B)),
    "concat": (lambda t, a, b: t.concat((a, b), axis=1), (A, B)),
    "tensor_split": (lambda t, a: t.tensor_split(a, 3, dim=1), (A,)),
    "tensor_split places": (lambda t, a: t.tensor_split(a, [1, 3], dim=1), (A,)),
    "hsplit": (lambda t, a: t.hsplit(a, 2), (A,)),
    "vsplit": (lambda t, a: t.vsplit(a, 3), (A,)),
    "atleast": (lambda t, a: (t.atleast_1d(a), t.atleast_2d(a[0]), t.atleast_3d(a)), (A,)),
    "broadcast_tensors": (lambda t, a, b: t.broadcast_tensors(a[0], b), (A, B)),
    "block_diag": (lambda t, a, b: t.block_diag(a, b[0]), (A, B)),
    "cartesian_prod": (lambda t, a, b: t.cartesian_prod(a[0], b[:, 0]), (A, B)),
    "diagonal": (lambda t, a: t.diagonal(a, 1), (A,)),
    "select": (lambda t, a: t.select(a, 1, -1), (A,)),
    "unfold": (lambda t, a: a.unfold(1, 2, 2), (A,)),
    "sum_to_size": (lambda t, a: a.sum_to_size(1, 4), (A,)),
    "diag_embed": (lambda t, a: t.diag_embed(a, 1), (A,)),
    "diag_embed axes": (lambda t, a: t.diag_embed(a, -1, 0, 2), (A,)),
    "diagflat": (lambda t, a: t.diagflat(a), (A,)),
    "take": (lambda t, a: t.take(a, t.tensor([[0, 5], [5, -1]])), (A,)),
    "index_add": (lambda t, a, b: t.index_add(a, 0, t.tensor([0, 0]), b[:2], alpha=2), (A, B)),
    "index_copy": (lambda t, a, b: t.index_copy(a, 1, t.tensor([2, 0]), b[:, :2]), (A, B)),
    "index_fill": (lambda t, a: t.index_fill(a, 1, t.tensor([2, 0]), 7.0), (A,)),
    "masked_scatter": (lambda t, a, b: t.masked_scatter(a, a > 0, b), (A, B)),
    "index_put": (lambda t, a, b: t.index_put(a, (t.tensor([0, 1]), t.tensor([1, 1])), b[0, :2]), (A, B)),
    "index_put sum": (lambda t, a, b: t.index_put(a, (t.tensor([1, 1]), t.tensor([1, 1])), b[0, :2], True), (A, B)),
    "addmv": (lambda t, a, b: t.addmv(b[:, 0], a, b[0], beta=2, alpha=3), (A, B)),
    "addr": (lambda t, a, b: t.addr(a, b[:, 0], b[0]), (A, B)),
    "baddbmm": (lambda t, a, b: t.baddbmm(t.ones(3, 3, dtype=t.float64), a[None], b.T[None]), (A, B)),
    "addbmm": (lambda t, a, b: t.addbmm(t.ones(3, 3, dtype=t.float64), a[None], b.T[None]), (A, B)),
    "inner": (lambda t, a, b: t.inner(a, b), (A, B)),
    "tensordot": (lambda t, a, b: t.tensordot(a, b, dims=([0, 1], [0, 1])), (A, B)),
    "kron": (lambda t, a, b: t.kron(a, b[0]), (A, B)),
    "cross": (lambda t, a, b: t.linalg.cross(a, b), (V3, W3)),
    "matrix_power": (lambda t, a: t.matrix_power(a, 3), (S,)),
    "matrix_power back": (lambda t, a: t.matrix_power(a, -2), (S,)),
    "cdist": (lambda t, a, b: t.cdist(a, b), (A, B)),
    "cdist 1": (lambda t, a, b: t.cdist(a, b, 1.0), (A, B)),
    "inv": (lambda t, a: t.linalg.inv(a), (S,)),
    "inverse of a batch": (lambda t, a: t.inverse(t.stack((a, a + 1))), (S,)),
    "solve": (lambda t, a, b: t.linalg.solve(a, b), (S, A)),
    "solve vector": (lambda t, a, b: t.linalg.solve(a, b[:, 0]), (S, A)),
    "det": (lambda t, a: t.linalg.det(a), (S,)),
    "dets": (lambda t, a: t.det(t.stack((a, a + 1))), (S,)),
    "slogdet": (lambda t, a: tuple(t.linalg.slogdet(a.detach())), (S,)),
    "svdvals": (lambda t, a: t.linalg.svdvals(a.detach()), (A,)),
    "eigvalsh": (lambda t, a: t.linalg.eigvalsh(a.detach()), (S,)),
    "pinv": (lambda t, a: t.pinverse(a.detach()), (A,)),
    "cholesky": (lambda t, a: t.linalg.cholesky((a @ a.T).detach()), (A,)),
    "matrix_rank": (lambda t, a: t.linalg.matrix_rank(a.detach()), (A,)),
    "norms": (lambda t, a: [t.linalg.norm(a, p) for p in (None, "fro", 1, -1, math.inf, -math.inf)], (A,)),
    "vector_norm": (lambda t, a: t.linalg.vector_norm(a, 3, 1, True), (A,)),
    "matrix_norm": (lambda t, a: t.linalg.matrix_norm(t.stack((a, a)), 1), (A,)),
    "new_full": (lambda t, a: (a.new_full((2,), 3), a.new_zeros(2, 2), a.new_ones((1,)), a.new_tensor([1])), (A,)),
    "where": (lambda t, a, b: a.where(a > 0, b), (A, B)),
    "where number": (lambda t, a: a.where(a > 0, 0.5), (A,)),
    "short": (lambda t, a: (a.short(), a.char()), (WHOLE,)),
    "axis": (lambda t, a: (a.cumsum(axis=1), t.unsqueeze(a, axis=0), a.sum(axis=0, keepdims=True)), (A,)),
    "gather axis": (lambda t, a: t.gather(a, axis=1, index=t.zeros(3, 1, dtype=t.int64)), (A,)),
    "topk": (lambda t, a: tuple(t.topk(a, 2, dim=1, largest=False, sorted=True)), (A,)),
    "sort": (lambda t, a: tuple(t.sort(a, dim=0, descending=True, stable=True)), (A,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_pytorch(name: str) -> None:
    call, arrays = CALLS[name]
    both(call, *arrays, tolerance=1e-7)


IN_PLACE = sorted(
    name for name in dir(knoll.Tensor) if name.endswith("_") and not name.startswith("_") and hasattr(knoll, name[:-1])
)
OTHERS: dict[str, tuple[Any, ...]] = {
    "addmm_": (np.eye(3), np.eye(3)), "addr_": (np.ones(3), np.ones(3)),
    "addbmm_": (np.ones((2, 3, 3)),) * 2, "cumsum_": (0,), "cumprod_": (0,),
    "clamp_": (0.1, 0.5), "clip_": (0.1, 0.5), "clamp_min_": (0.1,), "clamp_max_": (0.5,), "tril_": (), "triu_": (),
    "index_add_": (0, I3, np.ones((2, 3))), "index_copy_": (0, I3, np.ones((2, 3))), "index_fill_": (0, I3, 1.0),
    "index_put_": ((I3,), np.ones((2, 3))), "masked_scatter_": (np.eye(3) > 0, np.ones(9)),
    "masked_fill_": (np.eye(3) > 0, 2.0), "scatter_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3))),
    "scatter_add_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3))), "lerp_": (np.ones((3, 3)), 0.3),
    "addcmul_": (np.ones((3, 3)), np.ones((3, 3))), "addcdiv_": (np.ones((3, 3)), np.ones((3, 3))),
    "scatter_reduce_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3)), "amax"), "renorm_": (2, 0, 0.5),
    "index_reduce_": (0, I3, np.ones((2, 3)), "mean"), "transpose_": (0, 1), "swapaxes_": (0, 1), "swapdims_": (1, 0),
    "unsqueeze_": (1,), "ldexp_": (np.ones((3, 3)),), "heaviside_": (np.ones((3, 3)),),
}  # fmt: skip
PAIRS = "add sub mul div pow fmod remainder floor_divide eq ne lt le gt ge atan2 hypot copysign xlogy float_power"
WORDS = "subtract multiply divide true_divide not_equal less less_equal greater greater_equal arctan2"
OF_INTEGERS = {
    "bitwise_and_",
    "bitwise_or_",
    "bitwise_xor_",
    "bitwise_not_",
    "bitwise_left_shift_",
    "bitwise_right_shift_",
}
UNLIKE = {
    "bernoulli_",
    "normal_",
    "random_",
    "acosh_",
    "arccosh_",
    "addmv_",
    "baddbmm_",
}  # random, or of other shapes and numbers


def _arguments(library: Any, name: str, start: Any) -> tuple[Any, ...]:
    def held(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(held, value))
        return library.tensor(value) if isinstance(value, np.ndarray) else value

    if name in OF_INTEGERS:
        return () if name == "bitwise_not_" else (library.tensor(np.full(start.shape, 2)),)
    paired = {f"{word}_" for word in (*PAIRS.split(), *WORDS.split(), "logical_and", "logical_or", "logical_xor")}
    return tuple(map(held, OTHERS.get(name, (np.full(start.shape, 0.4),) if name in paired else ())))


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("name", [name for name in IN_PLACE if name not in UNLIKE])
def test_changes_in_place_are_those_of_pytorch(torch: Any, name: str) -> None:
    start = RNG.random((3, 3)) * 0.8 + 0.1
    start = np.round(start * 10).astype(np.int64) if name in OF_INTEGERS else start
    start = np.round(start) if name.startswith("logical") else start
    found = []
    for library in (knoll, torch):
        x = library.tensor(start)
        assert getattr(x, name)(*_arguments(library, name, start)) is x
        found.append(x.numpy())
    np.testing.assert_allclose(*found, rtol=1e-12, atol=1e-12)
    assert found[0].dtype == found[1].dtype


def test_a_change_in_place_of_a_result_has_a_gradient() -> None:
    both(lambda t, a: (a * 2).atan_().mul_(a), A)
    both(lambda t, a, b: (a * 2).lerp_(b, 0.25), A, B)
    both(lambda t, a, b: (a[:, 0] * 2).addmv_(a, b[0]), A, B)
    same_refusal(lambda t: t.ones(2, requires_grad=True).sinh_())
    same_refusal(lambda t: t.tensor([1]) << 1.5)
    same_refusal(lambda t: t.ones(2) >> t.tensor([1]))
    same_refusal(lambda t: [1] << t.tensor([1]))


def test_refusals_are_those_of_pytorch() -> None:
    same_refusal(lambda t: t.ones(2).div(2, rounding_mode="up"))
    same_refusal(lambda t: t.tensor_split(t.tensor(1.0), 2))
    same_refusal(lambda t: t.hsplit(t.ones(3, 3), 2))
    same_refusal(lambda t: t.inner(t.ones(2), t.ones(3)))
    same_refusal(lambda t: t.cdist(t.ones(2, 2), t.ones(2, 3)))
    same_refusal(lambda t: t.quantile(t.ones(2), 1.5))
    same_refusal(lambda t: t.kthvalue(t.ones(2), 3))
    same_refusal(lambda t: t.diff(t.tensor(1.0)))
    same_refusal(lambda t: t.histc(t.ones(2), 0))
    same_refusal(lambda t: t.ones(2).exponential_(-1.0))
    same_refusal(lambda t: t.ones(2).random_(2, 1))
    same_refusal(lambda t: t.linalg.inv(t.ones(2, 3)))
    same_refusal(lambda t: t.ones(2).cumsum())


def test_a_decomposition_says_that_it_has_no_gradient() -> None:
    with pytest.raises(NotImplementedError, match="svd has no gradient"):
        knoll.linalg.svd(knoll.eye(2).requires_grad_())
    u, s, vh = knoll.linalg.svd(knoll.tensor(A), full_matrices=False)
    np.testing.assert_allclose((u * s) @ vh, A, atol=1e-12)
    q, r = knoll.linalg.qr(knoll.tensor(A))
    np.testing.assert_allclose(q @ r, A, atol=1e-12)
    values, vectors = knoll.linalg.eigh(knoll.tensor(S + S.T))
    np.testing.assert_allclose((vectors * values) @ vectors.T, S + S.T, atol=1e-12)


def test_a_singular_matrix_is_refused() -> None:
    with pytest.raises(RuntimeError, match="the inversion could not be completed because the input matrix is singular"):
        knoll.linalg.inv(knoll.zeros(2, 2))


def test_no_solution_and_no_root_are_said() -> None:
    with pytest.raises(RuntimeError, match="The solver failed because the input matrix is singular"):
        knoll.linalg.solve(knoll.zeros(2, 2), knoll.ones(2))
    with pytest.raises(RuntimeError, match="could not be completed because the input is not positive-definite"):
        knoll.linalg.cholesky(-knoll.eye(2))
    assert (knoll.ones(2) * 2).acosh_()[0].item() == pytest.approx(math.acosh(2))


def test_random_numbers_in_place() -> None:
    knoll.manual_seed(0)
    x = knoll.empty(1000)
    assert set(x.random_(3).tolist()) == {0, 1, 2}
    assert set(x.random_(5, 7).tolist()) == {5, 6}
    assert abs(x.bernoulli_(0.25).mean().item() - 0.25) < 0.05
    assert abs(x.exponential_(2.0).mean().item() - 0.5) < 0.05
    assert x.bernoulli_(knoll.zeros(1000)).sum() == 0
    assert knoll.zeros(2, 2).fill_diagonal_(3.0).tolist() == [[3.0, 0.0], [0.0, 3.0]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_no_exponential_number_is_zero(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        import_module("knoll.tensor.sampling"), "uniform", lambda shape, *_: np.zeros(shape, np.float32)
    )
    x = knoll.ones(3, dtype=getattr(knoll, dtype)).exponential_()
    assert (x > 0).all()
    assert x.log().isfinite().all()


def test_a_network_with_further_functions_stays_one_program() -> None:
    class Net(knoll.nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return knoll.hstack((knoll.atan2(x, x + 1), knoll.diagonal(x[:, :2]).unsqueeze(1).expand(-1, 2)))

    x = knoll.rand(2, 4)
    np.testing.assert_array_equal(Net()(x), Net().forward(x))
