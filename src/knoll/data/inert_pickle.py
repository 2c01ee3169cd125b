"""A reader of pickles that builds plain containers and arrays, and runs nothing that the file names.

A pickle is a program: it names functions and calls them. Here every name is looked up in a table of harmless builders;
a name outside the table ends the reading. The builders refuse to be altered by the file.
"""

from __future__ import annotations

import io
import math
import pickle
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from knoll.data.pickle_machine import Allowance, PickleMachine
from knoll.errors import DataError, UnsafeFileError
from knoll.messages import say

# What is raised on bytes that are no pickle, or one that was cut short; a warning where warnings are errors.
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
    struct.error,
    Warning,
)
_NUMBERS = re.compile(r"[biufc]\d{1,2}")  # NumPy's names of element types as they stand in pickles
_SHOWN = 100  # letters of what came, in a message
_MOST_AXES = 64  # of an array of NumPy, and of a tensor of PyTorch


def refuse(name: str) -> NoReturn:
    """Raise UnsafeFileError for a pickle that names this function or class."""
    raise UnsafeFileError(say("data.unsafe_pickle", name=name), advice=say("data.unsafe_advice"))


class Builder:
    """A function that a pickle may call, and may not change."""

    __slots__ = ("_function", "_name")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name = name
        self._function = function

    @property
    def name(self) -> str:
        """The name in the file."""
        return self._name

    def __call__(self, *arguments: Any) -> Any:
        """The harmless result of the call."""
        return self._function(*arguments)

    def __setstate__(self, state: object) -> NoReturn:
        refuse(self._name)


class PlainDict(dict[Any, Any]):
    """A dictionary; of the attributes that a file attaches, which could hide its methods, only `metadata` is kept."""

    __slots__ = ("metadata",)

    metadata: dict[Any, Any] | None

    def __init__(self, *items: Any) -> None:
        super().__init__(*items)
        self.metadata = None

    def __setstate__(self, state: object) -> None:
        """Keep the `_metadata` of a state dict: the version of what each module saves."""
        given = state.get("_metadata") if isinstance(state, dict) else None
        self.metadata = given if isinstance(given, dict) else None


class PickledType:
    """The element type of a pickled array: NumPy's name of it, and the byte order that follows."""

    __slots__ = ("name", "order")
    name: str

    def __init__(self, name: object, *_: object) -> None:
        self.name = name if isinstance(name, str) else type(name).__name__
        self.order: object = "|"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def dtype(self) -> np.dtype[Any]:
        """The type, numbers and truth values only."""
        if not _NUMBERS.fullmatch(self.name):
            refuse(f"numpy.dtype({self.name!r})")
        dtype = np.dtype(self.name)
        return dtype.newbyteorder(">") if self.order == ">" else dtype


class PickledArray:
    """A NumPy array as it stands in a pickle; `array` after its bytes have come."""

    __slots__ = ("array",)

    array: NDArray[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, element, columns_first, data = state
        dtype = element.dtype()
        check_sizes(shape)
        if isinstance(data, str):  # the bytes of a Python 2 program
            data = data.encode("latin-1")
        if not isinstance(data, bytes) or len(data) != math.prod(shape) * dtype.itemsize:
            raise pickle.UnpicklingError("array")
        self.array = np.frombuffer(data, dtype).reshape(shape, order="F" if columns_first else "C")


def check_sizes(sizes: Any) -> None:
    """Raise UnpicklingError for what is no short row of whole numbers, none of them negative."""
    whole = isinstance(sizes, (tuple, list)) and len(sizes) <= _MOST_AXES
    if not whole or not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise pickle.UnpicklingError("sizes")


def _latin(text: Any, code: Any) -> bytes:
    """The bytes that a program of Python 3 wrote as text, for programs of Python 2."""
    if not isinstance(text, str) or code != "latin1":
        refuse("_codecs.encode")
    return text.encode("latin-1")


def _scalar(element: PickledType, data: bytes | str) -> Any:
    """One of NumPy's numbers, as Python's."""
    given = data.encode("latin-1") if isinstance(data, str) else data
    return np.frombuffer(given, element.dtype(), count=1)[0].item()


Names = Mapping[tuple[str, str], Any]


class InertUnpickler(PickleMachine):
    """A reader with a closed table of names. Python 2's strings come as text of one byte a letter."""

    def __init__(self, file: IO[bytes], allowance: Allowance, names: Names | None = None) -> None:
        super().__init__(file, allowance)
        self._names = {**self._table(), **(names or {})}

    def _table(self) -> dict[tuple[str, str], Any]:
        table: dict[tuple[str, str], Any] = {
            ("numpy", "ndarray"): Builder("numpy.ndarray", PickledArray),
            ("numpy", "dtype"): Builder("numpy.dtype", PickledType),
            ("_codecs", "encode"): Builder("_codecs.encode", _latin),
            ("collections", "OrderedDict"): Builder("collections.OrderedDict", self._ordered),
        }
        for module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            table[module, "scalar"] = Builder("numpy.scalar", _scalar)
            table[module, "_reconstruct"] = Builder("numpy._reconstruct", lambda *_: PickledArray())
        for module in ("builtins", "__builtin__"):
            table[module, "set"] = Builder("set", lambda items=(): set(self.keys(items)))
            # No bytes at all have no code of their own in older protocols.
            table[module, "bytes"] = Builder("bytes", lambda: b"")
        return table

    def _ordered(self, items: Iterable[Any] = ()) -> PlainDict:
        if isinstance(items, dict):
            return PlainDict(items)
        keys, values = zip(*items, strict=True) if items else ((), ())
        return PlainDict(zip(self.keys(keys), values, strict=True))

    def find_class(self, module: str, name: str) -> Any:
        """The builder that stands for this name."""
        found = self._names.get((module, name))
        return self.unknown(module, name) if found is None else found

    def unknown(self, module: str, name: str) -> Any:
        """What stands for a name outside the table: nothing."""
        refuse(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:  # noqa: ARG002 (a reader of files with storages looks at it)
        """Nothing: plain pickles do not point outside of themselves."""
        raise pickle.UnpicklingError("persistent id")

    def call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """What a builder makes; no class can be called."""
        self.allowance.step(len(arguments))
        for given in arguments:
            if isinstance(given, (str, bytes, bytearray)):
                self.allowance.copy(len(given))
            elif isinstance(given, (list, tuple, dict, set, frozenset)):
                self.allowance.step(len(given))
        if not isinstance(function, (Builder, type)):
            raise pickle.UnpicklingError("function")
        return function(*arguments)

    def create(self, kind: Any) -> Any:
        """An object of a class that was found under a name."""
        if not isinstance(kind, type):
            raise pickle.UnpicklingError("class")
        return kind.__new__(kind)  # type: ignore[call-overload]  # of any class

    def build(self, target: Any, state: Any) -> None:
        """Hand on the state to those who know what to do with it."""
        if isinstance(target, type) or not hasattr(target, "__setstate__"):
            raise pickle.UnpicklingError("state")
        target.__setstate__(state)

    def refuse_code(self, code: int) -> None:
        """Raise UnsafeFileError: what stands for a number depends on the program that reads it."""
        refuse(f"copyreg[{code}]")

    def read(self) -> Any:
        """What the file holds. Raises UnsafeFileError where it would run code, DataError where it is broken."""
        try:
            return self.run()
        except (UnsafeFileError, DataError):
            raise
        except _BROKEN as error:
            raise DataError(
                say("data.broken_pickle", reason=f"{type(error).__name__}: {str(error)[:_SHOWN]}")
            ) from None


def loads(data: bytes) -> Any:
    """What a pickle of plain containers, numbers, texts and NumPy arrays holds; arrays come as `PickledArray`.

    >>> loads(pickle.dumps({"labels": [1, 2]}))
    {'labels': [1, 2]}
    """
    return InertUnpickler(io.BytesIO(data), Allowance(len(data))).read()
