"""The stack machine that pickles are programs for, bounded in its steps and in the memory they take.

Python's own reader trusts the file: it asks for the memory that a file names, hashes whatever stands as a key, and
looks up extension codes in a registry of functions. This one knows every operation, counts them, and leaves names,
calls and objects to the class above it. The operations and their arguments are those of `pickletools`.
"""

from __future__ import annotations

import pickle
import pickletools
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from knoll.errors import DataError
from knoll.messages import say

MOST_STEPS = 1 << 23  # more than any file of weights has; a step takes a microsecond and less than 100 bytes
_COPIES = 8  # times that a file may be copied: shared numbers come once for each tensor
_SMALL = 1 << 26  # bytes that a small file may make, as repeated numbers do
_SET_STEPS = 4  # an empty set is larger than other containers
_DEEPEST = 16  # tuples within tuples in a key


class Allowance:
    """What reading one file may take: steps, and bytes for what is copied out of it."""

    def __init__(self, size: int) -> None:
        self._steps = MOST_STEPS
        self._bytes = _SMALL + _COPIES * size

    def step(self, count: int = 1) -> None:
        """Take steps. Raises DataError where there are no more."""
        self._steps -= count
        if self._steps < 0:
            raise _too_much()

    def copy(self, size: int) -> None:
        """Take bytes. Raises DataError where there are no more."""
        self._bytes -= size
        if self._bytes < 0:
            raise _too_much()


def _too_much() -> DataError:
    return DataError(say("data.too_much"), advice=say("data.unsafe_advice"))


class PickleMachine(ABC):
    """Runs a pickle; names, calls, objects and pointers out of it are what the class above says."""

    def __init__(self, file: IO[bytes], allowance: Allowance) -> None:
        self.allowance = allowance
        self._file = file
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []  # the stacks beneath each mark
        self._memo: dict[int, Any] = {}

    @abstractmethod
    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name."""

    @abstractmethod
    def persistent_load(self, pid: Any) -> Any:
        """What the file points to outside of the pickle."""

    @abstractmethod
    def call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """The result of a call."""

    @abstractmethod
    def create(self, kind: Any) -> Any:
        """An empty object of a class."""

    @abstractmethod
    def build(self, target: Any, state: Any) -> None:
        """Give an object its state."""

    @abstractmethod
    def refuse_code(self, code: int) -> None:
        """Refuse a number of a registry of functions."""

    def run(self) -> Any:
        """What stands on the stack at the end. Raises many kinds of errors where the file is broken."""
        file, read = self._file, self._file.read
        for _ in range(MOST_STEPS):
            argument_of, act = _OPERATIONS[read(1)]
            argument = argument_of(file) if argument_of else None
            if act is _push:
                self._stack.append(argument)
            elif act is _stop:
                return self._stack.pop()
            else:
                act(self, argument)
        raise _too_much()

    def keys(self, keys: Iterable[Any]) -> Iterator[Any]:
        """Keys, each after it is seen that hashing and comparing it comes to an end soon."""
        for key in keys:
            if type(key) is not str:
                self._check_key(key)
            yield key

    def _check_key(self, key: Any) -> None:
        waiting = [(key, 0)]
        while waiting:
            self.allowance.step()
            part, depth = waiting.pop()
            if type(part) is tuple:
                if depth == _DEEPEST:
                    raise pickle.UnpicklingError("key")
                waiting += [(each, depth + 1) for each in part]
            elif type(part) is int and not -(1 << 63) <= part < 1 << 64:
                raise pickle.UnpicklingError("key")  # many large ones can be made that share a hash

    def _put_on(self, value: Any) -> None:
        self._stack.append(value)

    def _marked(self) -> list[Any]:
        """What stands above the last mark, taken off."""
        items, self._stack = self._stack, self._below.pop()
        return items

    def _popped(self, count: int) -> list[Any]:
        if count > len(self._stack):
            raise IndexError("stack")
        items = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        return items

    def _mark(self, _: None) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _pop(self, _: None) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._marked()

    def _pop_mark(self, _: None) -> None:
        self._marked()

    def _duplicate(self, _: None) -> None:
        self._put_on(self._stack[-1])

    def _get(self, place: int) -> None:
        self._put_on(self._memo[place])

    def _put(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def _memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _list(self, _: None) -> None:
        self._put_on(self._marked())

    def _tuple(self, _: None) -> None:
        self._put_on(tuple(self._marked()))

    def _dict(self, _: None) -> None:
        items = self._marked()
        self._put_on({})
        self._set(items)

    def _frozenset(self, _: None) -> None:
        self.allowance.step(_SET_STEPS)
        self._put_on(frozenset(self.keys(self._marked())))

    def _empty_set(self, _: None) -> None:
        self.allowance.step(_SET_STEPS)
        self._put_on(set())

    def _append(self, _: None) -> None:
        self._extend(self._popped(1))

    def _appends(self, _: None) -> None:
        self._extend(self._marked())

    def _extend(self, items: list[Any]) -> None:
        self._top(list).extend(items)

    def _set_item(self, _: None) -> None:
        self._set(self._popped(2))

    def _set_items(self, _: None) -> None:
        self._set(self._marked())

    def _set(self, items: list[Any]) -> None:
        self._top(dict).update(zip(self.keys(items[::2]), items[1::2], strict=True))

    def _add_items(self, _: None) -> None:
        items = self._marked()
        self._top(set).update(self.keys(items))

    def _top(self, kind: type[Any]) -> Any:
        if not isinstance(self._stack[-1], kind):
            raise pickle.UnpicklingError(kind.__name__)
        return self._stack[-1]

    def _global(self, named: str) -> None:
        self._put_on(self.find_class(*named.split(" ", 1)))

    def _stack_global(self, _: None) -> None:
        module, name = self._popped(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise pickle.UnpicklingError("name")
        self._put_on(self.find_class(module, name))

    def _pointer(self, pid: str) -> None:
        self._put_on(self.persistent_load(pid))

    def _binary_pointer(self, _: None) -> None:
        self._put_on(self.persistent_load(self._stack.pop()))

    def _reduce(self, _: None) -> None:
        function, arguments = self._popped(2)
        self._put_on(self.call(function, _arguments(arguments)))

    def _new(self, _: None) -> None:
        kind, arguments = self._popped(2)
        _arguments(arguments)
        self._put_on(self.create(kind))

    def _new_by_name(self, _: None) -> None:
        kind, _arguments, _named = self._popped(3)
        self._put_on(self.create(kind))

    def _instance(self, named: str) -> None:
        arguments = self._marked()
        self._old(self.find_class(*named.split(" ", 1)), arguments)

    def _object(self, _: None) -> None:
        kind, *arguments = self._marked()
        self._old(kind, arguments)

    def _old(self, kind: Any, arguments: list[Any]) -> None:
        """An object of a class of Python 2, which is called only where it takes arguments."""
        self._put_on(self.call(kind, tuple(arguments)) if arguments else self.create(kind))

    def _build(self, _: None) -> None:
        (state,) = self._popped(1)
        self.build(self._stack[-1], state)

    def _extension(self, code: int) -> None:
        self.refuse_code(code)


def _arguments(given: Any) -> tuple[Any, ...]:
    if not isinstance(given, tuple):
        raise pickle.UnpicklingError("arguments")
    return given


def _push(machine: PickleMachine, value: Any) -> None:
    machine._stack.append(value)


def _stop(machine: PickleMachine, _: None) -> None:
    """The end, which the loop knows."""


def _nothing(machine: PickleMachine, _: object) -> None:
    """Versions, and the sizes of parts that may be read at once."""


def _python2_string(file: IO[bytes]) -> str:
    """A string of Python 2 between quotes, of one byte a letter."""
    text = pickletools.read_stringnl(file, decode=False)
    return text if isinstance(text, str) else text.decode("unicode_escape")


def _byte(file: IO[bytes]) -> int:
    return file.read(1)[0]


def _four_bytes(file: IO[bytes]) -> int:
    number: int = _FOUR.unpack(file.read(4))[0]
    return number


_FOUR = struct.Struct("<I")
# Three that stand in for `pickletools`' own: it does not read Python 2's letters, and takes its time for small numbers.
_READERS = {"STRING": _python2_string} | {
    name: reader
    for reader, names in ((_byte, "BININT1 BINGET BINPUT"), (_four_bytes, "LONG_BINGET LONG_BINPUT"))
    for name in names.split()
}


_M = PickleMachine
_ACTIONS: dict[Callable[[Any, Any], None], str] = {
    _push: "INT BININT BININT1 BININT2 LONG LONG1 LONG4 STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES "
    "BINBYTES8 BYTEARRAY8 UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 FLOAT BINFLOAT",
    lambda machine, _: machine._put_on(None): "NONE",
    lambda machine, _: machine._put_on(True): "NEWTRUE",
    lambda machine, _: machine._put_on(False): "NEWFALSE",
    lambda machine, _: machine._put_on([]): "EMPTY_LIST",
    lambda machine, _: machine._put_on(()): "EMPTY_TUPLE",
    lambda machine, _: machine._put_on({}): "EMPTY_DICT",
    lambda machine, _: machine._put_on(tuple(machine._popped(1))): "TUPLE1",
    lambda machine, _: machine._put_on(tuple(machine._popped(2))): "TUPLE2",
    lambda machine, _: machine._put_on(tuple(machine._popped(3))): "TUPLE3",
    _M._list: "LIST",
    _M._tuple: "TUPLE",
    _M._dict: "DICT",
    _M._empty_set: "EMPTY_SET",
    _M._frozenset: "FROZENSET",
    _M._append: "APPEND",
    _M._appends: "APPENDS",
    _M._set_item: "SETITEM",
    _M._set_items: "SETITEMS",
    _M._add_items: "ADDITEMS",
    _M._mark: "MARK",
    _M._pop: "POP",
    _M._pop_mark: "POP_MARK",
    _M._duplicate: "DUP",
    _M._get: "GET BINGET LONG_BINGET",
    _M._put: "PUT BINPUT LONG_BINPUT",
    _M._memoize: "MEMOIZE",
    _M._global: "GLOBAL",
    _M._stack_global: "STACK_GLOBAL",
    _M._pointer: "PERSID",
    _M._binary_pointer: "BINPERSID",
    _M._reduce: "REDUCE",
    _M._new: "NEWOBJ",
    _M._new_by_name: "NEWOBJ_EX",
    _M._instance: "INST",
    _M._object: "OBJ",
    _M._build: "BUILD",
    _M._extension: "EXT1 EXT2 EXT4",
    _nothing: "PROTO FRAME",
    _stop: "STOP",
}
_ACTION_OF = {name: action for action, names in _ACTIONS.items() for name in names.split()}
# By the byte of an operation: what reads its argument from the file, and what it does.
_OPERATIONS = {
    operation.code.encode("latin-1"): (
        _READERS.get(operation.name) or (operation.arg and operation.arg.reader),
        _ACTION_OF[operation.name],
    )
    for operation in pickletools.opcodes
    if operation.name in _ACTION_OF
}
