"""The reader of pickles: what plain files give, and what every dangerous one is answered."""

from __future__ import annotations

import contextlib
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.data.inert_pickle import PickledArray, loads
from knoll.errors import DataError, KnollError, UnsafeFileError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


class Calls:
    """An object whose pickle calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@given(PLAIN, st.sampled_from([2, 3, 4]))
def test_plain_values_come_back(value: Any, protocol: int) -> None:
    assert loads(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("dtype", ["uint8", ">f4", "int64", "bool"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_back(dtype: str, order: Any) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype, order=order)
    read = loads(pickle.dumps(array, protocol=2))
    assert isinstance(read, PickledArray)
    np.testing.assert_array_equal(read.array, array)
    assert read.array.dtype == array.dtype


@pytest.mark.parametrize("protocol", [2, 4])
def test_numbers_of_numpy_come_as_pythons(protocol: int) -> None:
    read = loads(pickle.dumps([np.float64(0.1), np.int16(-3), np.bool_(True)], protocol))
    assert repr(read) == "[0.1, -3, True]"


@pytest.mark.parametrize("data", [b"", b"\0", 3, "ü\u4e00"])
def test_a_number_without_its_bytes_is_refused(data: Any) -> None:
    scalar = np.float64(0).__reduce__()[0]
    call = Calls(scalar, np.dtype("float64"), data)
    with pytest.raises(DataError, match="damaged or was cut short"):
        loads(pickle.dumps(call, 2))


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (os.system, ("touch {marker}",), "system"),
        (eval, ("open({marker!r}, 'w')",), "eval"),
        (open, ("{marker}", "w"), "open"),
        (getattr, (os, "system"), "getattr"),
    ],
)
def test_calls_are_refused_by_name(
    function: Any, arguments: tuple[Any, ...], name: str, protocol: int, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    filled = tuple(part.format(marker=str(marker)) if isinstance(part, str) else "os" for part in arguments)
    with pytest.raises(UnsafeFileError, match=name):
        loads(pickle.dumps(Calls(function, *filled), protocol))
    assert not marker.exists()


def test_arrays_of_objects_are_refused() -> None:
    with pytest.raises(UnsafeFileError, match=r"numpy\.dtype"):
        loads(pickle.dumps(np.array([None], dtype=object), protocol=2))


def test_builders_cannot_be_altered_by_a_file() -> None:
    # GLOBAL collections.OrderedDict, a state, BUILD: would replace what the builder calls.
    with pytest.raises(UnsafeFileError, match="OrderedDict"):
        loads(b"\x80\x02ccollections\nOrderedDict\n}(X\x09\x00\x00\x00_functionK\x01ub.")


def test_an_array_with_too_few_bytes_is_damaged() -> None:
    data = pickle.dumps(np.zeros(8, np.uint8), protocol=2).replace(b"K\x08", b"K\x09")
    with pytest.raises(DataError, match="damaged or was cut short"):
        loads(data)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_an_error_of_knoll(data: bytes) -> None:
    with contextlib.suppress(KnollError):
        loads(b"\x80\x02" + data)


@given(PLAIN, st.data())
def test_a_cut_pickle_is_damaged(value: Any, data: st.DataObject) -> None:
    whole = pickle.dumps(value, protocol=2)
    with pytest.raises(DataError, match="damaged or was cut short"):
        loads(whole[: data.draw(st.integers(0, len(whole) - 1))])
