"""Comparison of tensors, numbers and collections of them, which says where they differ.

Source: https://pytorch.org/docs/stable/testing.html#torch.testing.assert_close
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, KnollError, MismatchError
from knoll.graph import Array
from knoll.graph.shapes import size_name
from knoll.graph.spec import DType
from knoll.tensor import Tensor
from knoll.tensor.arguments import real, truthy
from knoll.tensor.creation.from_data import as_tensor
from knoll.tensor.dtypes import float16, float32, float64, int64, joined
from knoll.tensor.elementwise.predicates import isclose

__all__ = ["assert_close"]

Item = tuple[Any, ...]  # the places and keys that lead to something in a collection
Comparison = Callable[[], str | None]  # says how two things differ; None where they do not

# rtol and atol; integers and truths must be equal
_TOLERANCES: dict[DType, tuple[float, float]] = {
    float16: (1e-3, 1e-5),
    float32: (1.3e-6, 1e-5),
    float64: (1e-7, 1e-7),
    np.dtype(np.complex128): (1e-7, 1e-7),
}
_NUMBER_TYPES: dict[type, DType] = {int: int64, float: float64, complex: np.dtype(np.complex128), bool: np.dtype(bool)}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,  # noqa: ARG001 (PyTorch's: there is one device)
    check_dtype: bool = True,
    check_layout: bool = True,  # noqa: ARG001 (PyTorch's: no tensor is sparse)
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Nothing, where |actual − expected| ≤ `atol` + `rtol` · |expected| everywhere; else an error that says where.

    Tensors, NumPy's arrays, numbers, truths and None are compared, and sequences and mappings of them, item by item.

    - `allow_subclasses`: whether a tensor may be compared with one of a subclass, as a Parameter.
    - `rtol`, `atol`: both or neither. Those of the type are taken else, the larger of two types: 1e-3 and 1e-5 for
      float16, 1.3e-6 and 1e-5 for float32, 1e-7 and 1e-7 for float64 and Python's floats; others must be equal.
    - `equal_nan`: whether NaN equals NaN.
    - `check_dtype`, `check_stride`: whether the element types, and the strides, must be the same.
    - `msg`: the text of the error; or a function that makes it of the text that would be.

    Raises MismatchError, which is an AssertionError; ArgumentTypeError for what cannot be compared, ArgumentError.
    Source: https://pytorch.org/docs/stable/testing.html#torch.testing.assert_close

    >>> import knoll
    >>> knoll.testing.assert_close(knoll.tensor([1.0, 2.0]), knoll.tensor([1.0, 2.5]))
    Traceback (most recent call last):
    knoll.errors.MismatchError: Tensor-likes are not close!
    <BLANKLINE>
    Mismatched elements: 1 / 2 (50.0%)
    Greatest absolute difference: 0.5 at index (1,) (up to 1e-05 allowed)
    Greatest relative difference: 0.20000000298023224 at index (1,) (up to 1.3e-06 allowed)
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    rules = _Rules(
        None if rtol is None else real(rtol, "assert_close", "rtol"),
        None if atol is None else real(atol, "assert_close", "atol"),
        truthy(equal_nan, "assert_close", "equal_nan"),
        truthy(check_dtype, "assert_close", "check_dtype"),
        truthy(check_stride, "assert_close", "check_stride"),
        truthy(allow_subclasses, "assert_close", "allow_subclasses"),
    )
    for item, comparison in list(_comparisons(actual, expected, (), rules)):  # what cannot be compared comes first
        difference = comparison()
        if difference is not None:
            sentence = _located(difference, item)
            raise MismatchError(msg if isinstance(msg, str) else msg(sentence) if callable(msg) else sentence)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one call of `assert_close` asks for."""

    rtol: float | None
    atol: float | None
    equal_nan: bool
    check_dtype: bool
    check_stride: bool
    allow_subclasses: bool

    def tolerances(self, a: DType, b: DType, item: Item) -> tuple[float, float]:
        """`rtol` and `atol` for two element types. Raises ArgumentError where one alone was given."""
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        if self.rtol is not None or self.atol is not None:
            lacking = "rtol" if self.rtol is None else "atol"
            sentence = f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {lacking}."
            raise ArgumentError(_located(sentence, item))
        (r, s), (p, q) = (_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in (a, b))
        return max(r, p), max(s, q)


def _located(sentence: str, item: Item) -> str:
    """A sentence, and which item of a collection it is about."""
    places = "".join(f"[{place!r}]" for place in item)
    return f"{sentence}\n\nThe failure occurred for item {places}" if item else sentence


def _comparisons(actual: Any, expected: Any, item: Item, rules: _Rules) -> Iterator[tuple[Item, Comparison]]:
    """The comparisons of all items, depth first. Raises MismatchError for other lengths or keys, ArgumentTypeError."""
    both = (actual, expected)
    if all(isinstance(each, Sequence) and not isinstance(each, str) for each in both):
        if len(actual) != len(expected):
            sentence = f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            raise MismatchError(_located(sentence, item))
        for place in range(len(actual)):
            yield from _comparisons(actual[place], expected[place], (*item, place), rules)
    elif all(isinstance(each, Mapping) for each in both):
        if actual.keys() != expected.keys():
            sentence = (
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {_sorted(expected.keys() - actual.keys())}\n"
                f"Additional keys in the actual mapping: {_sorted(actual.keys() - expected.keys())}"
            )
            raise MismatchError(_located(sentence, item))
        for key in _sorted(actual):
            yield from _comparisons(actual[key], expected[key], (*item, key), rules)
    else:
        yield item, _comparison(actual, expected, item, rules)


def _sorted(keys: Any) -> list[Any]:
    """Keys in their order, or as they come where they have none."""
    try:
        return sorted(keys)
    except TypeError:
        return list(keys)


def _comparison(actual: Any, expected: Any, item: Item, rules: _Rules) -> Comparison:
    """The comparison of two things that are no collections. Raises ArgumentTypeError where there is none."""
    both = (actual, expected)
    if actual is None or expected is None:
        return partial(_compare_identity, "None", actual, expected)
    if all(isinstance(each, (bool, np.bool_)) for each in both):
        return partial(_compare_identity, "Booleans", bool(actual), bool(expected))
    if all(isinstance(each, (int, float, complex, np.number)) for each in both):
        a, b = (each.item() if isinstance(each, np.number) else each for each in both)
        types = [_NUMBER_TYPES.get(type(each), int64) for each in (a, b)]
        return partial(_compare_numbers, a, b, rules.tolerances(types[0], types[1], item), rules)
    are_related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    if are_related and (rules.allow_subclasses or type(actual) is type(expected)):
        x, y = (_tensor_of(each) for each in both)
        if x is not None and y is not None:
            return partial(_compare_tensors, x, y, rules.tolerances(x.dtype, y.dtype, item), rules)
    sentence = f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
    raise ArgumentTypeError(_located(sentence, item))


def _tensor_of(given: Any) -> Tensor | None:
    """What is given as a tensor without a gradient; None where it cannot be one."""
    try:
        return as_tensor(given).detach()
    except (KnollError, TypeError, ValueError):
        return None


def _compare_identity(what: str, actual: Any, expected: Any) -> str | None:
    return None if actual is expected else f"{what} mismatch: {actual} is not {expected}"


def _compare_numbers(actual: Any, expected: Any, tolerances: tuple[float, float], rules: _Rules) -> str | None:
    if rules.check_dtype and type(actual) is not type(expected):
        return f"The (d)types do not match: {type(actual)} != {type(expected)}."
    if actual == expected or (rules.equal_nan and cmath.isnan(actual) and cmath.isnan(expected)):
        return None
    rtol, atol = tolerances
    try:
        difference = abs(actual - expected)
        if cmath.isfinite(difference) and difference <= atol + rtol * abs(expected):
            return None
        return _scalar_sentence(actual, expected, tolerances)
    except OverflowError as error:  # Python's integers have no largest one
        raise ArgumentError(str(error)) from None


def _compare_tensors(actual: Tensor, expected: Tensor, tolerances: tuple[float, float], rules: _Rules) -> str | None:
    attributes = [("shape", size_name(actual.shape), size_name(expected.shape))]
    if rules.check_stride:
        attributes.append(("stride()", str(actual.stride()), str(expected.stride())))
    if rules.check_dtype:
        attributes.append(("dtype", f"torch.{actual.dtype}", f"torch.{expected.dtype}"))
    for name, found, wanted in attributes:
        if found != wanted:
            return f"The values for attribute '{name}' do not match: {found} != {wanted}."
    dtype = joined(actual.dtype, expected.dtype)
    actual, expected = actual.to(dtype), expected.to(dtype)
    are_close = isclose(actual, expected, *tolerances, rules.equal_nan).numpy()
    if are_close.all():
        return None
    if not actual.shape:
        return _scalar_sentence(actual.item(), expected.item(), tolerances)
    return _tensor_sentence(actual.numpy(), expected.numpy(), are_close, tolerances)


def _scalar_sentence(actual: Any, expected: Any, tolerances: tuple[float, float]) -> str:
    difference = abs(actual - expected)
    relative = cmath.inf if expected == 0 else difference / abs(expected)
    lines = [
        f"Absolute difference: {difference}{_allowed(tolerances, 1)}",
        f"Relative difference: {relative}{_allowed(tolerances, 0)}",
    ]
    return _sentence("Scalars", f"Expected {expected} but got {actual}.", lines, tolerances)


def _tensor_sentence(actual: Array, expected: Array, are_close: Array, tolerances: tuple[float, float]) -> str:
    """How many elements differ, and where most. Differences of integers are int64, their ratios float32."""
    is_float = actual.dtype.kind == "f"
    a, b = (array if is_float else array.astype(np.int64) for array in (actual, expected))
    with np.errstate(all="ignore"):
        difference = np.where(are_close, 0, np.abs(a - b))
        numerator, denominator = (array if is_float else array.astype(np.float32) for array in (difference, np.abs(b)))
        relative = np.where(are_close, 0, numerator / denominator)
    lines = [
        f"Greatest {name} difference: {found[place].item()} at index {place}{allowed}"
        for name, found, allowed in (
            ("absolute", difference, _allowed(tolerances, 1)),
            ("relative", relative, _allowed(tolerances, 0)),
        )
        for place in [tuple(map(int, np.unravel_index(int(found.argmax()), found.shape)))]  # of NaN the first
    ]
    count = int(np.count_nonzero(~are_close))
    counted = f"Mismatched elements: {count} / {are_close.size} ({count / are_close.size:.1%})"
    return _sentence("Tensor-likes", counted, lines, tolerances)


def _allowed(tolerances: tuple[float, float], which: int) -> str:
    """What is said of the tolerance behind a difference, unless there is none."""
    return f" (up to {tolerances[which]} allowed)" if any(tolerances) else ""


def _sentence(what: str, extra: str, lines: Sequence[str], tolerances: tuple[float, float]) -> str:
    return "\n".join([f"{what} are not {'close' if any(tolerances) else 'equal'}!\n", extra, *lines])
