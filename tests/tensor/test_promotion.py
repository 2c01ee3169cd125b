"""Element types of results: every operation on every pair of types gives what PyTorch gives."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll

torch = pytest.importorskip("torch")
DTYPES = ("float16", "float32", "float64", "int64", "int32", "uint8", "bool")
BINARY = (
    "add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "maximum", "minimum", "eq", "lt", "logical_and",
    "matmul",
)  # fmt: skip
UNARY = (
    "neg", "abs", "sign", "floor", "ceil", "round", "square", "relu", "exp", "log", "sqrt", "sin", "cos", "sigmoid",
    "tanh", "isnan", "logical_not", "sum", "mean", "var", "std", "norm", "max", "min", "argmax", "any", "all",
)  # fmt: skip
LOSSES = (
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "kl_div", "poisson_nll_loss", "soft_margin_loss", "gaussian_nll_loss", "cross_entropy", "nll_loss",
)  # fmt: skip
TAKEN = {"floor_divide", "remainder", "pow", "matmul", "argmax"}  # of bools, which PyTorch refuses


def _ones(lib: Any, dtype: str, *shape: int) -> Any:
    return (
        lib.ones(*shape or (2, 2)).to(getattr(lib, dtype)) if shape != (0,) else lib.tensor(1).to(getattr(lib, dtype))
    )


def _kind(lib: Any, call: Callable[[Any], Any]) -> str | None:
    """The element type of a result; None if it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(call(lib).dtype).removeprefix("torch.")
        except (RuntimeError, TypeError, NotImplementedError):
            return None


def _same(call: Callable[[Any], Any], taken: bool, *what: Any) -> None:
    ours, theirs = _kind(knoll, call), _kind(torch, call)
    assert ours == theirs or (theirs is None and taken), what


@pytest.mark.parametrize("b", DTYPES)
@pytest.mark.parametrize("a", DTYPES)
def test_what_is_multiplied_first_has_the_type_of_the_result(a: str, b: str) -> None:
    """−1 times 200 is no byte, and 200 times 200 neither; 0.3 times a float32 beside float64 is a float64."""
    calls = (
        lambda x, y: x.add(y, alpha=2),
        lambda x, y: x.sub(y, alpha=3),
        lambda x, y: x.clone().sub_(y, alpha=-1),
        lambda x, y: x.add(y, alpha=0.3),
        lambda x, y: x.addcmul(y, y, value=2),
        lambda x, y: x.addcdiv(y, y, value=3),
    )
    for call, size in itertools.product(calls, ((2,), ())):
        found = []
        for lib in (knoll, torch):
            x, y = (lib.tensor(n).to(getattr(lib, dtype)) for n, dtype in (([1.5, 2.5], a), ([200.0, 0.1], b)))
            try:
                found.append(call(x, y if size else y[0]).numpy())
            except (RuntimeError, TypeError):
                found.append(None)
        if found[1] is not None and np.isfinite(found[1]).all():
            np.testing.assert_allclose(found[0], found[1], rtol=1e-3 if found[1].dtype == np.float16 else 1e-7)
            assert found[0].dtype == found[1].dtype


@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name: str) -> None:
    for a, b in itertools.product(DTYPES, DTYPES):
        taken = name in TAKEN and a == b == "bool"
        _same(lambda lib, a=a, b=b: getattr(_ones(lib, a), name)(_ones(lib, b)), taken, a, b)
        if name != "matmul":
            _same(lambda lib, a=a, b=b: getattr(_ones(lib, a), name)(_ones(lib, b, 0)), taken, a, b)
    if name in ("add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "eq", "lt"):
        for a, number in itertools.product(DTYPES, (2, 2.5, True)):
            taken = name in TAKEN and a == "bool" and number is True
            _same(lambda lib, a=a, number=number: getattr(_ones(lib, a), name)(number), taken, a, number)


@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name: str) -> None:
    for a in DTYPES:
        _same(lambda lib, a=a: getattr(_ones(lib, a), name)(), name in TAKEN and a == "bool", a)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    for dtype, reduction in itertools.product(DTYPES[:3], ("mean", "sum", "none")):

        def loss(lib: Any, dtype: str = dtype, reduction: str = reduction) -> Any:
            x = _ones(lib, dtype)
            others = [lib.tensor([0, 1])] if name in ("cross_entropy", "nll_loss") else [x]
            others += [x] if name == "gaussian_nll_loss" else []
            return getattr(lib.nn.functional, name)(x, *others, reduction=reduction)

        _same(loss, False, dtype, reduction)


def test_an_element_type_is_one_object() -> None:
    made = knoll.tensor([1.0]), knoll.tensor(np.array([1.0], ">f4")), knoll.ones(1), knoll.zeros(1, dtype="float32")
    assert all(x.dtype is knoll.float32 for x in made)
