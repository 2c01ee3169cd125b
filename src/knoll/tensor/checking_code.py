"""The text of functions that check their arguments before they call another, as `dataclasses` writes methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
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
            except convert_.DataDependenceError as error:
                return convert_.each_example(error, checked, (input, times,), dict())
        return checked
    <BLANKLINE>
    """
    call = _Call.of(function, writes)
    body = "\n        ".join([*call.aliases(), call.refusal(), *call.checks(function, kinds), *call.result()])
    return (
        f"def bind(function_, inner_, name_, TensorBase, convert_, absent_):\n"
        f"    def checked({', '.join(call.parameters())}):\n        {body}\n    return checked\n"
    )


@dataclass(frozen=True)
class _Call:
    """The arguments of a call, as they are named outside: those by position, by keyword, and the name of `*many`.

    Those that are `needed` have no default; `writes` says whether there is an argument `out`.
    """

    positional: tuple[str, ...]
    keywords: tuple[str, ...]
    many: str
    needed: tuple[str, ...]
    writes: bool

    @classmethod
    def of(cls, function: FunctionType, writes: bool) -> _Call:
        """The call of a function, whose first argument x is the `input`."""
        code = function.__code__
        count, only = code.co_argcount, code.co_kwonlyargcount
        positional = tuple("input" if i == 0 and n == "x" else n for i, n in enumerate(code.co_varnames[:count]))
        keywords = tuple(name for name in code.co_varnames[count : count + only] if name != "out")
        first = count - len(function.__defaults__ or ())  # that may be left out
        needed = (*positional[:first], *(name for name in keywords if name not in (function.__kwdefaults__ or {})))
        many = code.co_varnames[count + only] if code.co_flags & inspect.CO_VARARGS else ""
        return cls(positional, keywords, many, needed, writes and len(keywords) < only)

    @property
    def also(self) -> dict[str, str]:
        """The arguments that NumPy's names stand for."""
        names = (*self.positional, *self.keywords)
        return {name: _ALSO[name] for name in self.positional if name in _ALSO and _ALSO[name] not in names}

    def parameters(self) -> list[str]:
        """The parameters of the checking function; what is not given is `absent_`."""
        rest = f"*{self.many}_" if self.many else "*extra_"
        others = [*self.keywords, *self.also.values(), *[self.many] * bool(self.many)]
        by_position, by_name = ([f"{name}=absent_" for name in part] for part in (self.positional, others))
        return [*by_position, rest, *by_name, *["out=None"] * self.writes, "**unknown_"]

    def aliases(self) -> list[str]:
        """The lines that take NumPy's names."""
        return [f"if {other} is not absent_: {name} = {other}" for name, other in self.also.items()]

    def refusal(self) -> str:
        """The line that refuses arguments that are missing, unknown or too many."""
        wrong = ["unknown_", *["extra_"] * (not self.many), *(f"{name} is absent_" for name in self.needed)]
        named = ", ".join(f"'{name}': {name}" for name in self.needed)
        extra = "()" if self.many else "extra_"
        refuse = f"convert_.refuse_call(name_, inner_, {{{named}}}, {extra}, unknown_)"
        return f"if {' or '.join(wrong)}:\n            {refuse}"

    def checks(self, function: FunctionType, kinds: Mapping[str, Kind]) -> Iterator[str]:
        """The lines that check each argument by its annotation."""
        if self.many:
            sized = f"convert_.named_sizes({self.many}_, {self.many}, name_, '{self.many}')"
            yield f"if {self.many} is not absent_ or not {self.many}_: {self.many}_ = {sized}"
        annotations = {"input": function.__annotations__.get("x", ""), **function.__annotations__}
        for name in (*self.positional, *self.keywords):
            written = str(annotations.get(name, ""))
            kind = kinds.get("Callable" if written.startswith("Callable[") else written)
            if kind is not None:
                yield kind.check(name)

    def result(self) -> list[str]:
        """The lines that call the function, and write into `out`."""
        places = [*self.positional, *[f"*{self.many}_"] * bool(self.many)]
        named = [f"{name}={name}" for name in self.keywords]
        given = " ".join(f"{place}," for place in places)
        called, into = f"function_({', '.join((*places, *named))})", "written(out, name_, lambda: "
        if "requires_grad" in self.keywords:
            into = "made_in(out, name_, dtype, requires_grad, lambda dtype, requires_grad=False: "
        return [
            "try:",
            *(["    if out is not None:", f"        return convert_.{into}{called})"] * self.writes),
            f"    return {called}",
            "except MemoryError as error:",
            "    raise convert_.OutOfMemoryError.after(error) from None",
            "except convert_.DataDependenceError as error:",
            f"    return convert_.each_example(error, checked, ({given}), dict({', '.join(named)}))",
        ]


@cache
def compiled(text: str) -> CodeType:
    """The code of a text; many functions have the same."""
    return compile(text, "<arguments>", "exec")
