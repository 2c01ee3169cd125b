"""The text of functions that check their arguments before they call another, as `dataclasses` writes methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

Convert = Callable[[Any, str, str], Any]  # of a value, the function's name and the argument's
_ALSO = {"dim": "axis", "keepdim": "keepdims"}  # NumPy's names, which PyTorch takes too


@dataclass(frozen=True)
class Kind:
    """A kind of argument: when a value of it passes as it is, and what becomes of any other value."""

    passes: str
    convert: Convert

    def check(self, name: str) -> str:
        """The line that checks an argument."""
        return (
            f"if not ({self.passes.format(name)}): {name} = convert_.{self.convert.__name__}({name}, name_, '{name}')"
        )


def source(function: FunctionType, kinds: Mapping[str, Kind], writes: bool) -> str:
    """The text of a function that makes the checking one, which has the argument `out` if it `writes`.

    What makes new tensors, which may require a gradient, is called with the element type of `out`.
    `kinds` says how to check an argument, by its annotation; others are not checked.

    >>> def integer(value, function, name): ...
    >>> def repeat(x: Tensor, times: int): ...
    >>> print(source(repeat, {"int": Kind("{0}.__class__ is int", integer)}, writes=False))
    def bind(function_, inner_, name_, TensorBase, convert_, absent_):
        def checked(input=absent_, times=absent_, *extra_, **unknown_):
            if unknown_ or extra_ or input is absent_ or times is absent_:
                convert_.refuse_call(name_, inner_, {'input': input, 'times': times}, extra_, unknown_)
            if not (times.__class__ is int): times = convert_.integer(times, name_, 'times')
            try:
                return function_(input, times)
            except MemoryError as error:
                raise convert_.OutOfMemoryError.after(error) from None
        return checked
    <BLANKLINE>
    """
    code, annotations = function.__code__, function.__annotations__
    count, only = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    inside = [name for name in names[: count + only] if name != "out"]
    outside = ["input" if i == 0 and n == "x" else n for i, n in enumerate(inside)]
    writes = writes and len(inside) < count + only
    many = names[count + only] if code.co_flags & inspect.CO_VARARGS else ""
    rest = [f"*{many}_"] if many else []
    written = [str(annotations.get(inner, "")) for inner in inside]
    checked = [kinds.get("Callable" if one.startswith("Callable[") else one) for one in written]
    checks = [kind.check(outer) for kind, outer in zip(checked, outside, strict=True) if kind is not None]
    if many:
        sized = f"convert_.named_sizes({many}_, {many}, name_, '{many}')"
        checks.insert(0, f"if {many} is not absent_ or not {many}_: {many}_ = {sized}")
    first = count - len(function.__defaults__ or ())  # that may be left out
    needed = [*outside[:first], *(name for name in inside[count:] if name not in (function.__kwdefaults__ or {}))]
    also = [name for name in outside[:count] if name in _ALSO and _ALSO[name] not in outside]
    wrong = ["unknown_", *["extra_"] * (not many), *(f"{name} is absent_" for name in needed)]
    told = ", ".join(f"'{name}': {name}" for name in needed)
    refuse = f"convert_.refuse_call(name_, inner_, {{{told}}}, {'()' if many else 'extra_'}, unknown_)"
    checks[:0] = [f"if {' or '.join(wrong)}:\n            {refuse}"]
    checks[:0] = [f"if {_ALSO[name]} is not absent_: {name} = {_ALSO[name]}" for name in also]
    others = [f"{_ALSO[name]}=absent_" for name in also] + [f"{many}=absent_"] * bool(many)
    keywords = outside[count:]
    positional, named = ([f"{name}=absent_" for name in part] for part in (outside[:count], keywords))
    taken = [*positional, *(rest or ["*extra_"]), *named, *others, *["out=None"] * writes, "**unknown_"]
    given = [*outside[:count], *rest, *(f"{n}={n}" for n in keywords)]
    called, into = f"function_({', '.join(given)})", "written(out, name_, lambda: "
    if "requires_grad" in keywords:
        into = "made_in(out, name_, dtype, requires_grad, lambda dtype, requires_grad=False: "
    call = [
        "try:",
        *(["    if out is not None:", f"        return convert_.{into}{called})"] * writes),
        f"    return {called}",
        "except MemoryError as error:",
        "    raise convert_.OutOfMemoryError.after(error) from None",
    ]
    body = "\n        ".join([*checks, *call])
    return (
        f"def bind(function_, inner_, name_, TensorBase, convert_, absent_):\n"
        f"    def checked({', '.join(taken)}):\n        {body}\n    return checked\n"
    )


@cache
def compiled(text: str) -> CodeType:
    """The code of a text; many functions have the same."""
    return compile(text, "<arguments>", "exec")
