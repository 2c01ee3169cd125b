"""What a layer is made of and what it is called with, where Python refuses the arguments of a call."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

from knoll.errors import ArgumentTypeError
from knoll.nn.error_location import innermost, located

_NOT_TOLD = ("device", "dtype")
_REFUSED = re.compile(r"(\w+)\.forward\(\) (?:missing|takes|got) ")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a function: those that are required, all by their names, and how many may come without one."""

    required: tuple[str, ...]
    names: frozenset[str]
    most: int

    def fit(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
        """Whether none is missing, unknown or too many."""
        enough = all(name in named for name in self.required[len(args) :])
        return enough and len(args) <= self.most and named.keys() <= self.names


@cache
def arguments_of(kind: type) -> Arguments | None:
    """What a layer is made of; None where it takes any number of arguments."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    if any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters):
        return None
    required = tuple(each.name for each in parameters if each.default is each.empty)
    positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return Arguments(required, frozenset(each.name for each in parameters), len(positional))


def check_made_of(kind: type, args: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Refuse arguments that a layer is not made of, in Python's own words. Raises ArgumentTypeError."""
    own = arguments_of(kind)
    if own is None or own.fit(args, named):
        return
    try:
        kind.__init__(object.__new__(kind), *args, **named)  # type: ignore[misc]  # which only says why it cannot be
    except TypeError as error:
        if isinstance(error, ArgumentTypeError):
            return
        reason = f"{kind.__name__}{str(error)[str(error).find('.') :]}"  # not of a base class that has its __init__
        raise refused(reason, kind.__name__, kind.__init__, named) from None  # type: ignore[misc]


def refused_call(error: TypeError, call: CodeType) -> ArgumentTypeError | None:
    """What a layer of Knoll's is called with, where Python's error says that it was called otherwise; else None.

    `call` is the code of `Module.__call__`.
    """
    found = _REFUSED.match(str(error))
    module: Any = innermost(error, call) if found else None
    if found is None or module is None or type(module).__name__ != found[1] or not module._is_stock:
        return None
    told = refused(str(error), "forward", type(module).forward, {}).with_traceback(error.__traceback__)
    return located(told, call)


def refused(reason: str, name: str, function: Callable[..., Any], named: Mapping[str, Any]) -> ArgumentTypeError:
    """Python's sentence, with the arguments that there are, and the name that one looks like that there is not."""
    parameters = [
        each for each in list(inspect.signature(function).parameters.values())[1:] if each.name not in _NOT_TOLD
    ]
    names = [each.name for each in parameters]
    unknown = next((each for each in named if each not in names and each not in _NOT_TOLD), None)
    near = difflib.get_close_matches(unknown, names, 1) if unknown else []
    shown = ", ".join(str(each.replace(annotation=each.empty)) for each in parameters)
    return ArgumentTypeError(reason, expected=f"{name}({shown})", advice=f"{near[0]}=" if near else None)
