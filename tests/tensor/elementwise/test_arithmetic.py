"""Operators and comparisons: PyTorch's results, element types, broadcasting and gradients."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import knoll
from knoll.errors import DTypeError, KnollError, ShapeError
from side_by_side import WHOLE, A, B, Case, both, comparisons, same_refusal

RNG = np.random.default_rng(2)
OPERATORS = ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod"]
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]
DTYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]
quick = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize("name", [*OPERATORS, *COMPARISONS])
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4))
@settings(max_examples=15, deadline=None)
def test_two_tensors(name: str, shapes: hnp.BroadcastableShapes) -> None:
    a, b = (np.asarray(RNG.uniform(0.5, 3.0, shape)) for shape in shapes.input_shapes)
    if name == "floordiv":  # PyTorch has no gradient for it
        a, b = a.astype(np.int64) + 1, b.astype(np.int64) + 1
    both(lambda _, x, y: getattr(operator, name)(x, y), a, b)


@pytest.mark.parametrize("name", [*OPERATORS, *COMPARISONS])
@pytest.mark.parametrize("number", [2, 2.5])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8"])
def test_tensor_and_number(name: str, number: Any, dtype: str) -> None:
    x = np.array([1, 2, 3], dtype)
    function = getattr(operator, name)
    call = (lambda _, x: function(x.detach(), number)) if name == "floordiv" else (lambda _, x: function(x, number))
    both(call, x)


@pytest.mark.parametrize("name", [*OPERATORS, *COMPARISONS])
@pytest.mark.parametrize("number", [2, 2.5])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_number_and_tensor(name: str, number: Any, dtype: str) -> None:
    x = np.array([1, 2, 3], dtype)
    function = getattr(operator, name)
    call = (
        (lambda _, x: function(number, x.detach()))
        if name in ("floordiv", "mod")
        else (lambda _, x: function(number, x))
    )
    both(call, x)


@pytest.mark.parametrize("first", DTYPES)
@pytest.mark.parametrize("second", DTYPES)
@pytest.mark.parametrize("name", ["add", "mul", "truediv", "lt"])
def test_element_types(first: str, second: str, name: str) -> None:
    function = getattr(operator, name)
    both(lambda _, x, y: function(x, y), np.ones((2, 3), first), np.ones(3, second))
    both(lambda _, x, y: function(x, y), np.ones((2, 3), first), np.ones((), second))
    both(lambda _, x, y: function(x, y), np.ones((), first), np.ones((), second))


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)),
     ((5, 1, 2, 3), (4, 3, 2)), ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3))],
)  # fmt: skip
def test_matrix_products(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    both(lambda _, x, y: x @ y, RNG.standard_normal(a), RNG.standard_normal(b))


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, 3) + lib.ones(2, 4))
    same_refusal(lambda lib: lib.ones(2, 3) @ lib.ones(2, 3))
    same_refusal(lambda lib: lib.ones(3) @ lib.tensor(1.0))
    same_refusal(lambda lib: lib.ones(3) @ lib.ones(4))
    same_refusal(lambda lib: lib.tensor([True]) - lib.tensor([True]))
    same_refusal(lambda lib: lib.tensor([2]) - True)
    same_refusal(lambda lib: lib.tensor([2]) ** -1)


def test_mixed_products_are_refused() -> None:
    with pytest.raises(DTypeError, match="same dtype"):
        knoll.ones(2, 2) @ knoll.ones(2, 2, dtype=knoll.float64)


def test_unary_operators() -> None:
    x = np.array([-1.5, 0.0, 2.5])
    both(lambda _, x: (-x, abs(x), x**2, x**3, 2**x), x)
    both(lambda _, x: ~x, np.array([True, False]))
    both(lambda _, x: ~x, np.array([1, 2]))
    both(lambda _, a, b: (a & b, a | b, a ^ b), np.array([True, False]), np.array([True, True]))


def test_arrays_are_taken_as_tensors() -> None:
    for result in (np.ones(3) + knoll.ones(3), knoll.ones(3) + np.ones(3), np.float64(1) + knoll.ones(3)):
        assert isinstance(result, knoll.Tensor)
        assert result.tolist() == [2, 2, 2]
    assert (np.float64(1) + knoll.ones(3)).dtype == knoll.float32
    assert (np.ones((2, 3)) @ knoll.ones(3, dtype=knoll.float64)).tolist() == [3, 3]


def test_other_things_are_not_operands() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        knoll.ones(3) + "one"
    with pytest.raises(TypeError, match="unsupported operand"):
        knoll.ones(3) @ 2
    assert (knoll.ones(3) == None) is False  # noqa: E711 (this is the comparison in question)
    assert (knoll.ones(3) != "x") is True


def test_tensors_are_keys_by_identity() -> None:
    a, b = knoll.ones(2), knoll.ones(2)
    assert {a: 1, b: 2}[a] == 1
    assert len({a, b}) == 2


def test_alpha() -> None:
    x = knoll.tensor([1.0, 2.0])
    assert x.add(x, alpha=2).tolist() == [3, 6]
    assert x.sub(x, alpha=2).tolist() == [-1, -2]


def test_error_says_what_was_expected() -> None:
    with pytest.raises(ShapeError) as caught:
        knoll.ones(2, 3) + knoll.ones(2, 4)
    assert "(2, 3), (2, 4)" in str(caught.value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(["add", "mul", "sub"]))
@quick
def test_numbers_do_not_change_the_element_type(number: float, name: str) -> None:
    assert getattr(operator, name)(knoll.ones(2), number).dtype == knoll.float32


@pytest.mark.parametrize("name", ["iand", "ior", "ixor", "ifloordiv", "imod"])
def test_operators_with_equals_change_the_tensor_itself(name: str) -> None:
    def changed(lib: Any) -> Any:
        x = lib.tensor([5, 6, 7])
        seen = x[1:]
        getattr(operator, name)(x, 3)
        return x, seen

    both(lambda lib, _: changed(lib), [0])


def test_integer_powers() -> None:
    both(lambda _, a, b: a**b, np.array([2, 1, -1, -1, 0, 3]), np.array([-1, -5, -3, -2, -1, 2]))
    both(lambda _, b: 3**b, np.array([-1, 0, 2], np.int32))
    same_refusal(lambda lib: lib.tensor([2]) ** -1)
    same_refusal(lambda lib: lib.tensor([2], dtype=lib.uint8) ** -1)
    both(lambda lib, a: lib.pow(a, exponent=2), [1.5])


LARGE = 2**70


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.tensor([1]) + LARGE,
        lambda k: k.tensor([1]) == LARGE,
        lambda k: k.tensor(LARGE),
        lambda k: k.tensor([1, LARGE]),
        lambda k: k.tensor(300, dtype=k.uint8),
        lambda k: k.tensor(float("nan"), dtype=k.int64),
        lambda k: k.full((2,), 300, dtype=k.uint8),
        lambda k: k.full((2,), 1e308),
        lambda k: k.zeros(2, dtype=k.uint8).fill_(300),
        lambda k: k.zeros(2, dtype=k.int64).fill_(LARGE),
        lambda k: k.zeros(2, dtype=k.int64).__setitem__(0, float("inf")),
        lambda k: k.where(k.tensor([True]), k.tensor([1], dtype=k.uint8), 300),
        lambda k: k.zeros(2, dtype=k.uint8).masked_fill(k.tensor([True, False]), 300),
        lambda k: k.clamp(k.tensor([1], dtype=k.uint8), 0, 300),
    ],
)
def test_numbers_that_no_element_holds_are_refused(torch: Any, call: Any) -> None:
    with pytest.raises((RuntimeError, OverflowError, ValueError), match=r"overflow|Overflow|int too big to convert"):
        call(torch)
    with pytest.raises(KnollError, match=r"overflow|Overflow"):
        call(knoll)


def test_numbers_that_wrap_as_in_pytorch() -> None:
    both(lambda _, x: (x + 300, x * -1, x - 1), np.array([1, 2], np.uint8))
    both(lambda lib, _: (lib.tensor([-1], dtype=lib.uint8), lib.full((2,), 1.7, dtype=lib.int64)), [0])
    both(lambda _, x: (x + 1e308, x - 1e308), np.array([1.0, -1.0], np.float64))


METHODS = ["add", "sub", "mul", "div", "pow", "floor_divide", "remainder", "eq", "lt"]
WRONG: list[Any] = ["a", None, 1j, [1], object(), np.array(["a"]), np.array([1j]), np.array([None]), np.complex64(1)]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: f"{type(w).__name__}")
@pytest.mark.parametrize("name", [*METHODS, "add_", "mul_"])
def test_what_is_no_operand_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(KnollError, match=r"must be Tensor, not|can't convert np\.ndarray"):
        getattr(knoll.ones(2), name)(wrong)


# Python's words, and NumPy's where its array stands on the left.
FOREIGN = (
    "unsupported operand|must be Tensor, not|can't convert np.ndarray|ufunc|concatenate list|converted to an index"
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: f"{type(w).__name__}")
@pytest.mark.parametrize("name", OPERATORS)
def test_operators_leave_foreign_operands_to_python(name: str, wrong: Any) -> None:
    both_sides = ((knoll.ones(2), wrong), (wrong, knoll.ones(2)))
    for operands in both_sides[: 1 if isinstance(wrong, str) else 2]:  # "a" % x formats a text
        with pytest.raises(TypeError, match=FOREIGN):
            getattr(operator, name)(*operands)


@pytest.mark.parametrize("name", OPERATORS)
def test_arrays_and_numpys_numbers_are_operands_on_both_sides(name: str) -> None:
    function, x = getattr(operator, name), np.array([1.5, 2.0])
    expected = function(x, x)
    for operands in ((knoll.tensor(x), x), (x, knoll.tensor(x))):
        result = function(*operands)
        assert isinstance(result, knoll.Tensor)
        np.testing.assert_array_equal(result.numpy(), expected)
    for number in (np.float64(2), np.int32(2), np.bool_(True) if name != "sub" else np.uint8(2)):
        for ours, theirs in (((knoll.tensor(x), number), (x, number)), ((number, knoll.tensor(x)), (number, x))):
            np.testing.assert_allclose(function(*ours).numpy(), function(*theirs))


def test_float16_stays_when_it_is_divided() -> None:
    x = np.array([1.5, -2.0, 0.0], np.float16)
    both(lambda _, x: (x / 2, x / 3.5, 1 / x, x / x), x, tolerance=1e-3)
    both(lambda _, x, n: (x / n, n / x), x, np.array([1, 2, 3]), tolerance=1e-3)
    both(lambda _, n: (n / 2, n / n), np.array([1, 2, 3]))


def test_what_is_empty_is_changed_in_place() -> None:
    both(lambda _, x: (x.add_(1), x.mul_(2), x.fill_(3)), np.zeros((2, 0), np.int64))


SPECIAL = np.array([0.0, -0.0, 0.3, 2, -1, -3, np.inf, -np.inf, np.nan])

COMPARED: dict[str, Case] = {
    "div trunc": (lambda t, a, b: t.div(a, b, rounding_mode="trunc"), (-WHOLE, np.array(2))),
    "div floor": (lambda _, a: a.div(2, rounding_mode="floor"), (-WHOLE,)),
    "div trunc floats": (lambda t, a, b: t.div(a.detach(), b.detach(), rounding_mode="trunc"), (A, B)),
} | {
    f"power {exponent}": (
        lambda _, a, e=exponent: a**e,
        (np.array([0.0, -0.0, 0.3, 2, -1, -3, np.inf, -np.inf, np.nan]),),
    )
    for exponent in (-4, -3, -2, -1, -0.5, 0.5, 2, 3, 4, 3.0, 5, 8, 9)
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_refused_as_in_pytorch() -> None:
    same_refusal(lambda t: t.ones(2).div(2, rounding_mode="up"))


def test_extremes_of_two() -> None:
    a, b = np.array([1.0, 2.0, 3.0, np.nan]), np.array([3.0, 2.0, 1.0, 1.0])
    both(lambda lib, a, b: (lib.maximum(a, b), lib.minimum(a, b)), a[:3], b[:3])
    both(lambda lib, a, b: (lib.maximum(a.detach(), b.detach()), lib.max(a.detach(), b.detach())), a, b)


@pytest.mark.parametrize("name", ["add", "sub"])
@pytest.mark.parametrize(("other", "alpha"), [(0.1, 3), (1e300, 2), (0.7, 0.3), (-3, 2)])
@pytest.mark.parametrize("dtype", ["float64", "float16"])
@pytest.mark.parametrize("shape", [(3,), ()])
def test_a_number_times_alpha_keeps_its_digits(name: str, other: Any, alpha: float, dtype: str, shape: Any) -> None:
    x, tolerance = np.full(shape, 0.5, dtype), 1e-15 if dtype == "float64" else 1e-3
    both(lambda lib, x: getattr(lib, name)(x, other, alpha=alpha), x, tolerance=tolerance)
    both(lambda _, x: getattr(x.detach(), name + "_")(other, alpha=alpha), x, tolerance=tolerance)


def test_a_truth_times_alpha_is_a_truth_beside_truths() -> None:
    both(lambda _, x: x.add_(True, alpha=2), np.array([True, False]))


@pytest.mark.parametrize("number", [70000, 0.1, -1e-9, 3, True])
def test_numbers_beside_halves_keep_their_digits(number: Any) -> None:
    halves = np.array([0.0, 0.3, -1.7, 300.0, 6e4, np.inf], np.float16)
    for call in (
        lambda _, x: x * number,
        lambda _, x: number * x,
        lambda _, x: x / number,
        lambda _, x: x.detach().mul_(number),
        lambda _, x: x.detach().div_(number),
    ):
        both(call, halves, tolerance=0)
    both(lambda _, x: number / x.detach(), halves[1:], tolerance=2e-3)  # PyTorch rounds 1 / x
