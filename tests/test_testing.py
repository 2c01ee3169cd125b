"""Comparisons for tests: what is close, PyTorch's sentences where something is not; random tensors within bounds."""

from __future__ import annotations

import math
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, MismatchError
from knoll.testing import assert_close, make_tensor

Call = Callable[[Any], Any]
NAN, INF = math.nan, math.inf


def compared(actual: Any, expected: Any, **options: Any) -> Call:
    """`assert_close` of a library, of what functions of it make where they are given."""
    return lambda t: t.testing.assert_close(
        *(each(t) if callable(each) else each for each in (actual, expected)), **options
    )


def of(numbers: Any, dtype: str = "float32") -> Call:
    return lambda t: t.tensor(numbers, dtype=getattr(t, dtype))


def told(call: Call, library: Any) -> tuple[Any, ...]:
    """What a call raises: its kinds among Python's, and its first sentences, with names of classes that both have."""
    try:
        call(library)
    except Exception as error:  # noqa: BLE001 (whatever is raised is compared)
        text = error.reason if isinstance(error, knoll.errors.KnollError) else str(error)
        kinds = [kind for kind in (AssertionError, TypeError, ValueError, RuntimeError) if isinstance(error, kind)]
        return kinds[0], re.sub(r"<class '(knoll|torch)\.[\w.]*\.?(Tensor|Parameter)'>", r"\2", text)
    return (None, "")


PAIRS: dict[str, Call] = {
    "same": compared(of([1.0, 2.0]), of([1.0, 2.0])),
    "other numbers": compared(of([1.0, 2.0, 3.0]), of([1.0, 2.5, 3.0])),
    "matrix": compared(of([[1.0, 2.0], [3.0, 4.0]]), of([[1.0, 2.5], [3.5, 4.1]])),
    "zero expected": compared(of([1.0, 2.0]), of([0.0, 2.5])),
    "scalar": compared(of(1.5), of(1.25)),
    "scalar of zero": compared(of(1.5), of(0.0)),
    "integer scalar": compared(of(3, "int64"), of(5, "int64")),
    "truth without axes": compared(of(True, "bool"), of(False, "bool")),
    "given tolerances": compared(of([1.0, 2.0]), of([1.0, 2.5]), rtol=0.1, atol=0),
    "wide tolerances": compared(of([1.0, 2.0]), of([1.0, 2.5]), rtol=0.1, atol=1),
    "no tolerances": compared(of([1.0, 2.0]), of([1.0, 2.5]), rtol=0, atol=0),
    "rtol alone": compared(of([1.0]), of([1.0]), rtol=0.1),
    "atol alone": compared([of([1.0])(knoll).numpy()], [np.ones(1)], atol=0.1),
    "NaN": compared(of([NAN, 1.0]), of([NAN, 1.0])),
    "equal NaN": compared(of([NAN, 1.0]), of([NAN, 1.0]), equal_nan=True),
    "NaN of one": compared(of([1.0, NAN, NAN]), of([2.0, 1.0, 2.0]), equal_nan=True),
    "infinite": compared(of([INF, -INF]), of([INF, -INF])),
    "infinite of one": compared(of([INF, 1.0]), of([1.0, INF])),
    "signs of infinity": compared(of([INF, 1.0]), of([-INF, 1.0]), rtol=1, atol=1),
    "infinite tolerance": compared(of([INF, 1.0]), of([1.0, 5.0]), rtol=0, atol=INF),
    "shape": compared(of([1.0, 2.0]), of([[1.0, 2.0]])),
    "no elements": compared(of([]), of([])),
    "dtype": compared(of([1.0]), of([1.0], "float64")),
    "dtype of one kind": compared(of([1], "int32"), of([1], "int64")),
    "unchecked dtype": compared(of([1.0]), of([1.001], "float64"), check_dtype=False),
    "integer and float": compared(of([1, 2], "int64"), of([1.0, 2.5]), check_dtype=False),
    "truth and integer": compared(of([True], "bool"), of([2], "uint8"), check_dtype=False),
    "half precision": compared(of([1.0, 2.0], "float16"), of([1.002, 2.0], "float16")),
    "half precision, close": compared(of([1.0, 2.0], "float16"), of([1.0009, 2.0], "float16")),
    "float64": compared(of([1.0, 2.0], "float64"), of([1.0 + 3e-7, 2.0], "float64")),
    "integers": compared(of([1, 2, 300], "int64"), of([1, 3, 200], "int64")),
    "large integers": compared(of([2**60], "int64"), of([2**60 + 1], "int64")),
    "bytes": compared(of([1, 255], "uint8"), of([2, 0], "uint8")),
    "bytes within": compared(of([1, 255], "uint8"), of([2, 254], "uint8"), rtol=0, atol=1),
    "truths": compared(of([True, False], "bool"), of([True, True], "bool")),
    "truths within": compared(of([True, False], "bool"), of([True, True], "bool"), rtol=0.0, atol=0.5),
    "strides": compared(lambda t: t.zeros(2, 3), lambda t: t.zeros(3, 2).t(), check_stride=True),
    "unchecked strides": compared(lambda t: t.zeros(2, 3), lambda t: t.zeros(3, 2).t()),
    "parameter": compared(lambda t: t.nn.Parameter(t.zeros(2)), lambda t: t.zeros(2)),
    "no subclass": compared(lambda t: t.nn.Parameter(t.zeros(2)), lambda t: t.zeros(2), allow_subclasses=False),
    "with gradients": compared(lambda t: t.ones(2, requires_grad=True), lambda t: t.zeros(2, requires_grad=True)),
    "float numbers": compared(1.0, 1.5),
    "integer numbers": compared(1, 2),
    "close numbers": compared(1.0, 1.0 + 5e-8),
    "number of another type": compared(1, 1.0),
    "unchecked type": compared(1, 1.5, check_dtype=False),
    "complex numbers": compared(1 + 2j, 1 + 3j),
    "NaN as a number": compared(NAN, NAN),
    "equal NaN as a number": compared(NAN, NAN, equal_nan=True),
    "zero as a number": compared(1.0, 0.0),
    "infinite number": compared(INF, 1.0, rtol=INF, atol=0.0),
    "NumPy's number": compared(np.float32(1.5), 1.5),
    "booleans": compared(True, False),
    "NumPy's boolean": compared(np.bool_(True), True),
    "None": compared(None, None),
    "None and a number": compared(None, 1.0),
    "arrays": compared(np.ones(3), np.arange(3.0)),
    "array and tensor": compared(np.ones(3), lambda t: t.ones(3)),
    "number and tensor": compared(1.0, lambda t: t.ones(())),
    "words": compared("a", "a"),
    "word and list": compared(["a"], "a"),
    "objects": compared(object, int),
    "list": compared([1.0, 2.0], [1.0, 3.0]),
    "list and tuple": compared([1.0, 2.0], (1.0, 2.0)),
    "lengths": compared([1.0], [1.0, 2.0]),
    "nested lengths": compared([[1.0], [2.0]], [[1.0], []]),
    "mapping": compared({"b": 1.0, "a": 2.0}, {"a": 2.5, "b": 1.5}),
    "mapping of another type": compared(OrderedDict(a=2.0), {"a": 2.0}),
    "keys": compared({"a": 1, "b": 2, "d": 3}, {"b": 2, "c": 3}),
    "nested": compared({"a": [1.0, [2.0, {3: 4.0}]]}, {"a": [1.0, [2.0, {3: 5.0}]]}),
    "nested word": compared({"a": ["b"]}, {"a": ["b"]}),
    "nested rtol": compared({"a": [1.0]}, {"a": [1.0]}, rtol=0.1),
    "what cannot be compared comes first": compared([1.0, "a"], [2.0, "a"]),
    "told": compared(1.0, 2.0, msg="What a test says."),
    "told by a function": compared([1.0], [2.0], msg=lambda text: f"Header\n\n{text}\n\nFooter"),
    "lengths are not told": compared([1.0], [], msg="What a test says."),
}


@pytest.mark.pytorch
@pytest.mark.parametrize("name", PAIRS)
def test_comparisons_say_what_pytorch_says(name: str, torch: Any) -> None:
    assert told(PAIRS[name], knoll) == told(PAIRS[name], torch)


def test_sentences() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_close({"a": [knoll.tensor([[1.0, 2.0], [3.0, 4.0]])]}, {"a": [knoll.tensor([[1.0, 2.5], [3.0, 0.0]])]})
    assert str(caught.value) == (
        "Tensor-likes are not close!\n\n"
        "Mismatched elements: 2 / 4 (50.0%)\n"
        "Greatest absolute difference: 4.0 at index (1, 1) (up to 1e-05 allowed)\n"
        "Greatest relative difference: inf at index (1, 1) (up to 1.3e-06 allowed)\n\n"
        "The failure occurred for item ['a'][0]"
    )
    with pytest.raises(MismatchError, match=r"^Scalars are not equal!\n\nExpected 2 but got 1.\nAbsolute diff"):
        assert_close(1, 2)


@pytest.mark.parametrize(
    ("dtype", "rtol", "atol"), [("float16", 1e-3, 1e-5), ("float32", 1.3e-6, 1e-5), ("float64", 1e-7, 1e-7)]
)
def test_tolerances_are_those_of_the_type(dtype: str, rtol: float, atol: float) -> None:
    for base in (0.0, 1.0, 512.0):
        expected = np.array([base], dtype)
        assert_close(np.nextafter(expected, np.array(9e3, dtype)), expected)
        for share, is_close in ((0.5, True), (2.5, False)):
            actual = np.asarray(expected + share * (atol + rtol * base), dtype)
            try:
                assert_close(actual, expected)
            except MismatchError:
                assert not is_close
            else:
                assert is_close


def test_a_truth_is_no_number() -> None:  # PyTorch says that it did not expect this itself
    with pytest.raises(MismatchError, match=r"^The \(d\)types do not match: <class 'bool'> != <class 'int'>\.$"):
        assert_close(True, 1)
    assert_close(True, 1, check_dtype=False)


def test_keys_that_have_no_order() -> None:  # of which PyTorch says that they have none
    with pytest.raises(MismatchError, match="The keys of the mappings do not match:\nMissing keys"):
        assert_close({1: 2, "a": 3}, {2: 3, "b": 4})
    assert_close({1: 2, "a": 3}, {"a": 3, 1: 2})


def test_integers_that_no_float_holds() -> None:
    assert_close(10**400, 10**400)
    with pytest.raises(ArgumentError, match="int too large to convert to float"):
        assert_close(10**400, 1)


def test_tolerances_that_are_none() -> None:
    with pytest.raises(ArgumentTypeError, match=r"assert_close\(\): argument 'rtol' must be Number, not str"):
        assert_close(1.0, 1.0, rtol="a", atol=0)  # what is tested
    with pytest.raises(RuntimeError, match="rtol must be greater than or equal to zero, but got -1"):
        assert_close(np.ones(1), np.ones(1), rtol=-1, atol=0)


DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
BOUNDS: list[tuple[Any, Any]] = [
    (None, None), (0, 1), (-1.5, 1.2), (1.2, 1.5), (3, 3), (2, 1), (-INF, INF), (INF, INF), (NAN, None), (None, NAN),
    (300, 400), (-500, -400), (70000, 80000), (-1e40, 1e40), (1e39, 1e40), (None, -20), (20, None), (0, 0.5),
    (-1, 1e-9),
]  # fmt: skip


def drawn(library: Any, dtype: str, low: Any, high: Any) -> Any:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        x = library.testing.make_tensor(400, dtype=getattr(library, dtype), device="cpu", low=low, high=high)
    return x.numpy(), [(each.category, str(each.message)) for each in seen]


@pytest.mark.pytorch
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_bounds_are_pytorchs(dtype: str, low: Any, high: Any, torch: Any) -> None:
    def call(library: Any) -> Any:
        return drawn(library, dtype, low, high)

    assert told(call, knoll) == told(call, torch)
    if told(call, torch)[0] is None:
        (ours, warned), (theirs, warned_of) = call(knoll), call(torch)
        assert warned == warned_of
        assert ours.dtype == theirs.dtype
        is_float = ours.dtype.kind == "f"
        (a, b), (least, most) = ([float(x.min()) / 4, float(x.max()) / 4] for x in (ours, theirs))
        slack = (most - least) / 20 if is_float or most - least > 20 else 0.0  # of 400 numbers one lies within
        assert abs(a - least) <= slack
        assert abs(b - most) <= slack


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_upper_bound_is_not_reached(dtype: str) -> None:
    wanted = np.dtype(dtype)
    high = np.nextafter(wanted.type(1), wanted.type(2))
    x = make_tensor(5000, dtype=wanted, device="cpu", low=1, high=float(high)).numpy()
    assert (x == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_zeros_are_left_out(dtype: str) -> None:
    wanted = np.dtype(dtype)
    is_float = wanted.kind == "f"
    high = float(np.nextafter(wanted.type(0), wanted.type(1))) if is_float else 2
    x = make_tensor(99, dtype=wanted, device="cpu", low=0, high=high, exclude_zero=True).numpy()
    assert (x == (np.finfo(wanted).tiny if is_float else 1)).all()


def test_layouts() -> None:
    x = make_tensor(2, 3, dtype=knoll.float32, device="cpu", noncontiguous=True, requires_grad=True)
    assert (x.shape, x.stride(), x.is_contiguous()) == ((2, 3), (6, 2), False)
    assert x.requires_grad
    assert x.is_leaf
    assert make_tensor((1,), dtype=knoll.int8, device="cpu", noncontiguous=True).is_contiguous()
    assert make_tensor(dtype=knoll.int8, device="cpu", noncontiguous=True).shape == ()
    assert make_tensor([2, 0], dtype=knoll.bool, device="cpu", noncontiguous=True).shape == (2, 0)
    image = make_tensor(1, 2, 3, 4, dtype=knoll.float32, device="cpu", memory_format=knoll.channels_last)
    assert image.shape == (1, 2, 3, 4)


REFUSED: dict[str, Call] = {
    "gradient of integers": lambda t: t.testing.make_tensor(2, dtype=t.int64, device="cpu", requires_grad=True),
    "both layouts": lambda t: t.testing.make_tensor(
        1, 2, 3, 3, dtype=t.float32, device="cpu", noncontiguous=True, memory_format=t.channels_last
    ),
    "rank of the format": lambda t: t.testing.make_tensor(
        2, dtype=t.float32, device="cpu", memory_format=t.channels_last
    ),
    "negative size": lambda t: t.testing.make_tensor(-3, dtype=t.float32, device="cpu"),
}


@pytest.mark.pytorch
@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_pytorchs(name: str, torch: Any) -> None:
    kind, text = told(REFUSED[name], torch)
    assert kind is not None
    assert told(REFUSED[name], knoll) == (kind, text)


def test_what_is_no_shape_type_or_bound() -> None:
    with pytest.raises(ArgumentTypeError, match=r"empty\(\): argument 'size'"):
        make_tensor(3.5, dtype=knoll.float32, device="cpu")  # what is tested
    with pytest.raises(ArgumentTypeError, match=r"The requested dtype 'None' is not supported by torch\.testing\."):
        make_tensor(3, dtype=None, device="cpu")
    with pytest.raises(ArgumentTypeError, match=r"make_tensor\(\): argument 'low' must be Number, not str"):
        make_tensor(3, dtype=knoll.float32, device="cpu", low="a")  # what is tested
    with pytest.raises(ArgumentError, match="`low` must be less than `high`, but got 3 >= 3"):
        make_tensor(3, dtype=knoll.int32, device="cpu", low=3, high=3)


def test_numbers_follow_the_seed() -> None:
    first, second = (
        (knoll.manual_seed(3), make_tensor(9, dtype=knoll.float32, device="cpu").numpy())[1] for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert len(set(first)) == 9
