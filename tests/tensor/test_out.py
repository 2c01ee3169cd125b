"""`out=`: results written into a tensor that is there, as PyTorch writes them, and what is refused."""

from __future__ import annotations

import inspect
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from side_by_side import same_refusal

RNG = np.random.default_rng(0)
A, B, V = (
    RNG.uniform(0.5, 2, (3, 4)).astype("f4"),
    RNG.uniform(0.5, 2, (3, 4)).astype("f4"),
    np.arange(1, 5, dtype="f4"),
)
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "add": ((A, V), {"alpha": 2}), "sub": ((A, 1.5), {}), "mul": ((A, B), {}), "div": ((A, B), {}),
    "pow": ((A, 2), {}), "exp": ((A,), {}), "log": ((A,), {}), "sqrt": ((A,), {}), "sin": ((A,), {}),
    "tanh": ((A,), {}), "abs": ((-A,), {}), "neg": ((A,), {}), "sigmoid": ((A,), {}), "floor": ((A,), {}),
    "round": ((A,), {}), "rsqrt": ((A,), {}), "clamp": ((A, 0.6, 1.2), {}), "maximum": ((A, B), {}),
    "minimum": ((A, B), {}), "eq": ((A, A), {}), "norm": ((A,), {}), "gt": ((A, B), {}),
    "logical_and": ((A > 1, B > 1), {}), "where": ((A > 1, A, B), {}), "argmin": ((A,), {}),
    "lerp": ((A, B, 0.3), {}), "addcmul": ((A, A, B), {"value": 0.5}), "matmul": ((A, V), {}),
    "mm": ((A, B.T.copy()), {}), "mv": ((A, V), {}), "bmm": ((A[None], B.T[None].copy()), {}),
    "addmm": ((np.eye(3, dtype="f4"), A, B.T.copy()), {}), "dot": ((V, V), {}), "outer": ((V, V), {}),
    "sum": ((A, 0), {}), "mean": ((A, 1), {"keepdim": True}), "prod": ((A, 0), {}), "amax": ((A, 0), {}),
    "std": ((A, 0), {}), "var": ((A,), {"dim": 1}), "all": ((A > 1, 0), {}), "argmax": ((A, 0), {}),
    "cumsum": ((A, 0), {}), "logsumexp": ((A, 0), {}), "index_select": ((A, 0, np.array([2, 0])), {}),
    "gather": ((A, 0, np.array([[0, 1, 2, 0]])), {}), "masked_select": ((A, A > 1), {}), "tril": ((A,), {}),
    "diag": ((V,), {}), "cross": ((A[:, :3].copy(), B[:, :3].copy()), {"dim": 1}), "softmax": ((A, 1), {}),
    "atan2": ((A, B), {}), "fmod": ((A, 0.7), {}), "bitwise_and": ((np.array([6, 3]), np.array([3, 5])), {}),
}  # fmt: skip
LISTS: dict[str, dict[str, Any]] = {"cat": {"dim": 1}, "stack": {"dim": 1}, "hstack": {}, "vstack": {}, "dstack": {}}
# What is rarely written; `out` of these is not there.
WITHOUT = [
    "histogram", "histogramdd", "nonzero", "qr", "std_mean", "var_mean", "bucketize", "frombuffer",
]  # fmt: skip


def called(lib: Any, name: str, **more: Any) -> Any:
    if name in LISTS:
        return getattr(lib, name)([lib.tensor(A), lib.tensor(B)], **LISTS[name], **more)
    positional, named = CALLS[name]
    return getattr(lib, name)(*(lib.tensor(x) if isinstance(x, np.ndarray) else x for x in positional), **named, **more)


@pytest.mark.parametrize("name", [*CALLS, *LISTS])
def test_the_result_is_written_where_pytorch_writes_it(torch: Any, name: str) -> None:
    expected = called(torch, name)
    dtype = str(expected.dtype).removeprefix("torch.")
    array = np.zeros(tuple(expected.shape), dtype)
    out = knoll.from_numpy(array)
    view = out.reshape(-1)[-1:]
    assert called(knoll, name, out=out) is out
    np.testing.assert_allclose(array, expected.numpy(), rtol=2e-6, atol=1e-6)
    assert view.numpy()[0] == array.ravel()[-1]
    strided = knoll.zeros(2 * max(1, len(expected.reshape(-1))), dtype=dtype)[::2][: expected.numel()]
    np.testing.assert_array_equal(called(knoll, name, out=strided.reshape(tuple(expected.shape))).numpy(), array)
    empty = knoll.empty(0, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert called(knoll, name, out=empty) is empty
        np.testing.assert_array_equal(empty.numpy(), array)
        np.testing.assert_array_equal(called(knoll, name, out=None).numpy(), called(knoll, name).numpy())


def test_every_function_that_writes_in_pytorch_writes_here(torch: Any) -> None:
    missing = []
    for name in dir(torch):
        told = getattr(getattr(torch, name), "__doc__", None)
        ours = getattr(knoll, name, None)
        if name.startswith("_") or not callable(ours) or not isinstance(told, str):
            continue
        if (
            re.search(r"\bout\s*[=:]", told.split("\n\n")[0] + told[:300])
            and "out" not in inspect.signature(ours).parameters
        ):
            missing.append(name)
    assert [name for name in missing if name not in WITHOUT] == []


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", "bool"])
@pytest.mark.parametrize("name", ["add", "exp", "eq", "clamp", "sum"])
def test_element_types_follow_pytorch(torch: Any, name: str, dtype: str) -> None:
    found = []
    for lib in (knoll, torch):
        out = lib.zeros(called(lib, name).shape, dtype=getattr(lib, dtype))
        try:
            found.append(called(lib, name, out=out).numpy())
        except RuntimeError:
            found.append(None)
    if dtype in ("int32", "bool") and name != "eq":
        assert found[0] is None  # PyTorch's sum computes in the type of `out`, which loses digits
    elif found[1] is None:
        assert name == "clamp"  # which PyTorch does not convert
        np.testing.assert_allclose(found[0], called(knoll, name).numpy(), rtol=1e-3)
    else:
        np.testing.assert_allclose(found[0], found[1], rtol=1e-3 if dtype == "float16" else 2e-6)


@pytest.mark.parametrize("call", [
    lambda lib: lib.add(lib.ones(2), lib.ones(2).requires_grad_(), out=lib.zeros(2)),
    lambda lib: lib.exp(lib.ones(2), out=lib.zeros(2).requires_grad_()),
    lambda lib: lib.matmul(lib.ones(2, 2).requires_grad_(), lib.ones(2), out=lib.zeros(2)),
    lambda lib: lib.add(lib.ones(2), 1, out=lib.zeros(2, dtype=lib.int64)),
    lambda lib: lib.sin(lib.ones(2), out=lib.zeros(2, dtype=lib.int32)),
    lambda lib: lib.mul(lib.ones(3), 2, out=lib.zeros(1).expand(3)),
])  # fmt: skip
def test_refusals_are_pytorchs(call: Callable[[Any], object]) -> None:
    same_refusal(call)


PAIRS: dict[str, Callable[..., Any]] = {
    "sort": lambda lib, x, **more: lib.sort(x, 1, **more),
    "sort back": lambda lib, x, **more: lib.sort(x, descending=True, **more),
    "topk": lambda lib, x, **more: lib.topk(x, 2, dim=0, **more),
    "max": lambda lib, x, **more: lib.max(x, 1, **more),
    "max kept": lambda lib, x, **more: lib.max(x, dim=0, keepdim=True, **more),
    "min": lambda lib, x, **more: lib.min(x, 0, **more),
    "kthvalue": lambda lib, x, **more: lib.kthvalue(x, 2, **more),
    "median": lambda lib, x, **more: lib.median(x, 1, **more),
    "nanmedian": lambda lib, x, **more: lib.nanmedian(x, 0, **more),
    "mode": lambda lib, x, **more: lib.mode(x, 0, **more),
    "cummax": lambda lib, x, **more: lib.cummax(x, 1, **more),
    "cummin": lambda lib, x, **more: lib.cummin(x, 0, **more),
    "aminmax": lambda lib, x, **more: lib.aminmax(x, dim=1, **more),
}


@pytest.mark.parametrize("name", PAIRS)
def test_several_results_are_written_where_pytorch_writes_them(torch: Any, name: str) -> None:
    expected = PAIRS[name](torch, torch.tensor(A))
    places = tuple(knoll.zeros(0, dtype=str(part.dtype).removeprefix("torch.")) for part in expected)
    result = PAIRS[name](knoll, knoll.tensor(A), out=places)
    assert all(mine is place for mine, place in zip(result, places, strict=True))
    assert result._fields == PAIRS[name](knoll, knoll.tensor(A))._fields
    for place, truth in zip(places, expected, strict=True):
        np.testing.assert_array_equal(place.numpy(), truth.numpy())


def test_one_result_of_functions_that_may_have_two() -> None:
    out = knoll.zeros(())
    assert knoll.max(knoll.tensor(A), out=out) is out
    assert out.item() == A.max()
    out = knoll.zeros(3, 4)
    np.testing.assert_array_equal(knoll.min(knoll.tensor(A), knoll.tensor(B), out=out).numpy(), np.minimum(A, B))


@pytest.mark.parametrize("call", [
    lambda lib: lib.sort(lib.ones(3), out=(lib.ones(0),)),
    lambda lib: lib.topk(lib.ones(3), 4, out=(lib.ones(0), lib.ones(0, dtype=lib.int64))),
    lambda lib: lib.sort(lib.ones(3).requires_grad_(), out=(lib.ones(0), lib.ones(0, dtype=lib.int64))),
])  # fmt: skip
def test_refusals_of_several_are_pytorchs(call: Callable[[Any], object]) -> None:
    same_refusal(call)


def test_one_tensor_for_two_results_is_refused() -> None:
    for call in (lambda out: knoll.sort(knoll.ones(3), out=out), lambda out: knoll.max(knoll.ones(2, 3), 1, out=out)):
        with pytest.raises(TypeError, match="argument 'out' must be tuple of Tensors, not Tensor"):
            call(knoll.ones(3))
    with pytest.raises(TypeError, match="expected Tensor as element 1 in argument 'out', but got int"):
        knoll.sort(knoll.ones(3), out=(knoll.ones(3), 3))


def test_what_is_no_tensor_is_refused() -> None:
    for wrong in (3, "out", [knoll.zeros(2)]):
        with pytest.raises(TypeError, match=r"add\(\): argument 'out' must be Tensor"):
            knoll.add(knoll.ones(2), 1, out=wrong)


def test_another_shape_is_taken_with_pytorchs_warning(torch: Any) -> None:
    told = []
    for lib in (knoll, torch):
        out = lib.zeros(5)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            lib.add(lib.ones(2, 3), 1, out=out)
        told.append(str(found[0].message).partition(" (Triggered")[0])
        assert out.tolist() == [[2, 2, 2], [2, 2, 2]]
        out.add_(1)
        assert out.tolist() == [[3, 3, 3], [3, 3, 3]]
    assert told[0] == told[1]


def test_an_operand_may_be_written_and_gradients_may_be_off() -> None:
    x = knoll.arange(4.0)
    knoll.mul(x, x, out=x)
    assert x.tolist() == [0, 1, 4, 9]
    knoll.add(x[1:], x[:-1], out=x[1:])
    assert x.tolist() == [0, 1, 5, 13]
    weight = nn.Parameter(knoll.ones(2))
    with knoll.no_grad():
        knoll.add(weight, 1, out=weight)
    assert (weight.tolist(), weight.requires_grad, weight.is_leaf) == ([2, 2], True, True)


def test_inside_a_network() -> None:
    class Running(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)
            self.register_buffer("seen", knoll.zeros(2))

        def forward(self, x: Any) -> Any:
            y = self.conv(x)
            knoll.mean(y.detach(), (0, 2, 3), out=self.seen)
            return y

    net, x = Running(), knoll.randn(2, 1, 6, 6)
    for _ in range(3):
        y = net(x)
        np.testing.assert_allclose(net.seen.numpy(), y.detach().numpy().mean((0, 2, 3)), rtol=1e-5, atol=1e-6)
    y.sum().backward()
    np.testing.assert_allclose(net.conv.bias.grad.numpy(), [32, 32], rtol=1e-5)


MAKERS: dict[str, Callable[..., Any]] = {
    "zeros": lambda lib, **more: lib.zeros(2, 3, **more),
    "zeros by name": lambda lib, **more: lib.zeros(size=(2, 3), **more),
    "ones": lambda lib, **more: lib.ones((2, 3), **more),
    "full": lambda lib, **more: lib.full((2, 3), 1.75, **more),
    "full of truth": lambda lib, **more: lib.full((4,), True, **more),
    "arange": lambda lib, **more: lib.arange(4, **more),
    "arange with bounds": lambda lib, **more: lib.arange(9, 1, -2, **more),
    "range": lambda lib, **more: lib.range(0, 3, **more),
    "linspace": lambda lib, **more: lib.linspace(0, 6, 4, **more),
    "logspace": lambda lib, **more: lib.logspace(0, 2, 3, **more),
    "eye": lambda lib, **more: lib.eye(2, 3, **more),
}
RANDOM: dict[str, Callable[..., Any]] = {
    "rand": lambda lib, **more: lib.rand(2, 3, **more),
    "randn": lambda lib, **more: lib.randn((2, 3), **more),
    "randint": lambda lib, **more: lib.randint(0, 9, (2, 3), **more),
    "randperm": lambda lib, **more: lib.randperm(6, **more),
    "normal": lambda lib, **more: lib.normal(0.0, 1.0, (2, 3), **more),
    "empty": lambda lib, **more: lib.empty(2, 3, **more),
}


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "bool"])
@pytest.mark.parametrize("name", MAKERS)
def test_new_numbers_are_written_in_the_element_type_that_is_there(torch: Any, name: str, dtype: str) -> None:
    found = []
    for lib in (knoll, torch):
        shape = tuple(MAKERS[name](lib).shape)
        out = lib.zeros(2 * math.prod(shape), dtype=getattr(lib, dtype))[::2].reshape(shape)
        try:
            assert MAKERS[name](lib, out=out) is out
        except (RuntimeError, NotImplementedError) as error:
            found.append(str(error).splitlines()[0])
            continue
        assert MAKERS[name](lib, out=lib.zeros(0, dtype=getattr(lib, dtype))).shape == out.shape
        found.append((out.dtype.name if lib is knoll else str(out.dtype)[6:], out.tolist()))
        assert found[-1][0] == dtype
    assert found[0] == found[1]


@pytest.mark.parametrize("name", RANDOM)
def test_random_numbers_are_those_of_a_new_tensor(name: str) -> None:
    for dtype in (knoll.float32, knoll.float64):
        knoll.manual_seed(3)
        expected = RANDOM[name](knoll, dtype=dtype).numpy()
        knoll.manual_seed(3)
        array = np.zeros(expected.shape, dtype)
        out = knoll.from_numpy(array)
        assert RANDOM[name](knoll, out=out) is out
        np.testing.assert_array_equal(array, expected)
        assert RANDOM[name](knoll, out=None).dtype == RANDOM[name](knoll).dtype


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("name", [*MAKERS, *RANDOM])
def test_what_cannot_be_made_there_is_refused_as_in_pytorch(torch: Any, name: str) -> None:
    make = {**MAKERS, **RANDOM}[name]
    shape = tuple(make(knoll).shape)
    same_refusal(lambda lib: make(lib, out=lib.zeros(shape), dtype=lib.float64))
    with pytest.raises(TypeError, match=r"\(\): argument 'out' must be Tensor, not int"):
        make(knoll, out=3)
    if name not in ("randn", "empty"):  # about which PyTorch says that it would not be resized
        same_refusal(lambda lib: make(lib, out=lib.zeros(shape).requires_grad_()))
    for lib in (knoll, torch):
        assert make(lib, out=lib.zeros(shape, dtype=lib.float64), dtype=lib.float64).dtype == lib.float64
        assert make(lib, out=lib.zeros(shape), requires_grad=True).requires_grad
        assert not make(lib, out=lib.zeros(shape)).requires_grad
    for call in (lambda lib: lib.rand(2, out=lib.zeros(2, dtype=lib.int64)), lambda lib: lib.zeros(out=lib.zeros(2))):
        same_refusal(call)
