"""The native call: a function of Python in machine code that runs a launch on arrays (`call.ll`).

Python's own functions for calling native ones take half a microsecond, as much again for the address of each array.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
from numpy._core import _multiarray_umath  # type: ignore[attr-defined]  # NumPy's stubs leave it out

from knoll.graph import Array
from knoll.llvm.code import Code

ARRAY_CLASS = 40  # the first of three words of the control block that the function reads
_EMPTY = 184  # where NumPy's table of functions has PyArray_Empty
_FASTCALL = 0x80  # the arguments come as an array and their number

_capsule_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)
_new_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(
    ("PyCFunction_NewEx", ctypes.pythonapi)
)


class _Definition(ctypes.Structure):
    """A function as Python knows it: its name, where it is, how it takes arguments, its documentation.

    Source: https://docs.python.org/3/c-api/structures.html#c.PyMethodDef
    """

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


class NativeCall:
    """The function, for the workers that have this control block; `code` is the native run time.

    It is called with the words of a launch and the arrays that it takes, and gives the results, or None where an array
    does not lie as the launch takes it. Raises MemoryError.
    """

    function: Callable[..., list[Array] | None]

    def __init__(self, code: Code, control: Array) -> None:
        control[ARRAY_CLASS : ARRAY_CLASS + 3] = id(np.ndarray), _function_of_numpy(_EMPTY), id(None)
        self._definition = _Definition(b"call", code.address("call"), _FASTCALL, None)
        self._code = code
        self.function = _new_function(ctypes.addressof(self._definition), control, None)


def _function_of_numpy(number: int) -> int:
    """The address of a function in the table that NumPy has for other libraries.

    Source: https://numpy.org/doc/stable/reference/c-api/array.html#importing-the-api
    """
    table = _capsule_pointer(_multiarray_umath._ARRAY_API, None)
    return ctypes.c_size_t.from_address(table + number * ctypes.sizeof(ctypes.c_size_t)).value
