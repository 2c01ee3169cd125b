"""A reader of pickles that builds plain containers and arrays, and runs nothing that the file names.

A pickle is a program: it names functions and calls them. Here every name is looked up in a table of harmless builders;
a name outside the table ends the reading. The builders refuse to be altered by the file.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable, Mapping
from typing import IO, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from knoll.errors import DataError, UnsafeFileError
from knoll.messages import say

# What the standard reader raises on bytes that are no pickle, or one that was cut short.
_BROKEN = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    IndexError,
    KeyError,
    ValueError,
    TypeError,
    OverflowError,
    MemoryError,
    RecursionError,
)


def refuse(name: str) -> NoReturn:
    """Raise UnsafeFileError for a pickle that names this function or class."""
    raise UnsafeFileError(say("data.unsafe_pickle", name=name), advice=say("data.unsafe_advice"))


class Builder:
    """A function that a pickle may call, and may not change."""

    __slots__ = ("_function", "_name")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name = name
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """The harmless result of the call."""
        return self._function(*arguments)

    def __setstate__(self, state: object) -> NoReturn:
        refuse(self._name)


class PlainDict(dict[Any, Any]):
    """A dictionary whose attributes, which could hide its methods, are dropped."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        """Ignore what the file wants to attach, as the versions that PyTorch keeps beside a state dict."""


class PickledType:
    """The element type of a pickled array: NumPy's name of it, and the byte order that follows."""

    __slots__ = ("name", "order")

    def __init__(self, name: str, *_: object) -> None:
        self.name = name
        self.order = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = str(state[1])

    def dtype(self) -> np.dtype[Any]:
        """The type, numbers and truth values only."""
        dtype = np.dtype(self.name)
        if dtype.kind not in "biufc":
            refuse(f"numpy.dtype({self.name!r})")
        return dtype.newbyteorder(">") if self.order == ">" else dtype


class PickledArray:
    """A NumPy array as it stands in a pickle; `array` after its bytes have come."""

    __slots__ = ("array",)

    array: NDArray[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, element, columns_first, data = state
        dtype = element.dtype()
        if isinstance(data, str):  # the bytes of a Python 2 program
            data = data.encode("latin-1")
        if not isinstance(data, bytes) or len(data) != math.prod(shape) * dtype.itemsize:
            raise pickle.UnpicklingError("array")
        self.array = np.frombuffer(data, dtype).reshape(shape, order="F" if columns_first else "C")


def _scalar(element: PickledType, data: bytes | str) -> Any:
    """One of NumPy's numbers, as Python's."""
    given = data.encode("latin-1") if isinstance(data, str) else data
    return np.frombuffer(given, element.dtype(), count=1)[0].item()


Names = Mapping[tuple[str, str], Any]


def _table() -> dict[tuple[str, str], Any]:
    array = Builder("numpy.ndarray", PickledArray)
    codes = Builder("_codecs.encode", lambda text, code: text.encode("latin-1") if code == "latin1" else refuse(code))
    table: dict[tuple[str, str], Any] = {
        ("numpy", "ndarray"): array,
        ("numpy", "dtype"): Builder("numpy.dtype", PickledType),
        ("_codecs", "encode"): codes,
        ("collections", "OrderedDict"): Builder("collections.OrderedDict", PlainDict),
    }
    for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        table[module, "scalar"] = Builder("numpy.scalar", _scalar)
        table[module, "_reconstruct"] = Builder("numpy._reconstruct", lambda *_: PickledArray())
    for module in ("builtins", "__builtin__"):
        table[module, "set"] = Builder("set", lambda items=(): set(items))
        # No bytes at all have no code of their own in older protocols.
        table[module, "bytes"] = Builder("bytes", lambda: b"")
    return table


class InertUnpickler(pickle.Unpickler):
    """Python's unpickler with a closed table of names. Python 2's strings come as text of one byte a letter."""

    def __init__(self, file: IO[bytes], names: Names | None = None) -> None:
        super().__init__(file, encoding="latin-1")
        self._names = {**_table(), **(names or {})}

    def find_class(self, module: str, name: str, /) -> Any:
        """The builder that stands for this name."""
        found = self._names.get((module, name))
        return self.unknown(module, name) if found is None else found

    def unknown(self, module: str, name: str) -> Any:
        """What stands for a name outside the table: nothing."""
        refuse(f"{module}.{name}")

    def persistent_load(self, pid: Any, /) -> Any:
        """Nothing: plain pickles do not point outside of themselves."""
        raise pickle.UnpicklingError(f"persistent id {pid!r}")

    def read(self) -> Any:
        """What the file holds. Raises UnsafeFileError where it would run code, DataError where it is broken."""
        try:
            return self.load()
        except (UnsafeFileError, DataError):
            raise
        except _BROKEN as error:
            raise DataError(say("data.broken_pickle", reason=f"{type(error).__name__}: {error}")) from None


def loads(data: bytes) -> Any:
    """What a pickle of plain containers, numbers, texts and NumPy arrays holds; arrays come as `PickledArray`.

    >>> loads(pickle.dumps({"labels": [1, 2]}))
    {'labels': [1, 2]}
    """
    return InertUnpickler(io.BytesIO(data)).read()
