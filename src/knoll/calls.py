"""Calls whose arguments Python refuses: its own sentence, which is PyTorch's, and how a right call looks.

Python refuses a call before the function begins, so what a package offers stands behind functions that let everything
pass and add to such an error what they know of the signature.
"""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import update_wrapper
from types import CodeType, FunctionType
from typing import Any, TypeVar, cast

from knoll.errors import ArgumentTypeError

F = TypeVar("F", bound=Callable[..., Any])
_NOT_TOLD = ("device", "dtype")
_MEANT = {"learning_rate": "lr"}
_PYTHONS = """
calculate_gain cdist clip_grad_norm_ clip_grad_value_ clip_grads_with_norm_ constant_ dirac_ eye_ fuse_conv_bn_eval
fuse_conv_bn_weights fuse_linear_bn_eval fuse_linear_bn_weights get_total_norm kaiming_normal_ kaiming_uniform_
manual_seed norm ones_ orthogonal_ sparse_ split tensordot trunc_normal_ unflatten unique unique_consecutive
unravel_index xavier_normal_ xavier_uniform_ zeros_
"""  # of the functions that check their arguments, those that PyTorch has in Python, whose sentences are other ones
IN_PYTHON = frozenset(_PYTHONS.split())
_advised: dict[FunctionType, FunctionType] = {}  # functions that advise, by those behind them
_telling: set[Any] = set()  # all that advise, also as the `__init__` of a class


def advise(package: str, quoted: Collection[str] = ()) -> None:
    """Let the functions and classes that a package offers say what they are called with, where Python refuses a call.

    Of the `quoted` ones PyTorch's sentence about missing arguments is that of its functions in C++.
    """
    namespace: dict[str, Any] = vars(sys.modules[package])
    for name in namespace["__all__"]:
        offered = namespace.get(name)
        if isinstance(offered, type):
            _advise_class(offered)
        elif isinstance(offered, FunctionType) and _is_ours(offered) and not _is_checked(offered):
            _advise_function(namespace, name, offered, name in quoted)


def _advise_function(namespace: dict[str, Any], name: str, function: FunctionType, is_quoted: bool) -> None:
    told = _advised.get(function) or _advised.setdefault(function, _advising(function, is_quoted))
    home = vars(sys.modules[function.__module__])
    namespace[name] = told
    if home.get(function.__name__) is function:  # where pickle looks for it
        home[function.__name__] = told


def advised(function: F) -> F:
    """A function that says what it is called with, where Python refuses a call.

    >>> advised(lambda image: image)()
    Traceback (most recent call last):
    knoll.errors.ArgumentTypeError: <lambda>() missing 1 required positional argument: 'image'
      expected: <lambda>(image)
    """
    inner = cast(FunctionType, function)
    return cast(F, _advised.get(inner) or _advised.setdefault(inner, _advising(inner, False)))


def plain(function: Any) -> Any:
    """The function as it is written, where it stands behind one that advises.

    >>> plain(len) is len
    True
    """
    return cast(Any, function).__wrapped__ if isinstance(function, FunctionType) and function in _telling else function


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.startswith("knoll.")


def _is_checked(function: FunctionType) -> bool:
    """Whether it says so already: see `tensor/arguments.py`."""
    return function.__code__.co_filename == "<arguments>"


def _advising(function: FunctionType, is_quoted: bool) -> FunctionType:
    passing = {function.__code__} if hasattr(function, "__wrapped__") else set()  # which passes on what it is given

    def call(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except TypeError as error:
            if not _is_of_call(error, passing):
                raise
            names = missing(function, args, named) if is_quoted else []
            reason = missing_sentence(function.__name__, names) if names else str(error)
            raise refused(reason, function.__name__, parameters_of(function), named) from None

    return _remembered(call, function)


def _advise_class(kind: type) -> None:
    init: Any = kind.__init__  # type: ignore[misc]  # of this very class
    if not isinstance(init, FunctionType) or not _is_ours(init) or issubclass(kind, BaseException):
        return
    if init in _telling and "__init__" in vars(kind):
        return
    inner = plain(init)
    if inner.__code__.co_flags & inspect.CO_VARKEYWORDS:
        return  # which looks at its arguments itself

    def __init__(self: Any, *args: Any, **named: Any) -> None:  # noqa: N807 (which takes its place)
        try:
            inner(self, *args, **named)
        except TypeError as error:
            if not _is_of_call(error):
                raise
            text = str(error)
            reason = f"{kind.__name__}{text[text.find('.') :]}"  # not of a base class that has its __init__
            raise refused(reason, kind.__name__, parameters_of(inner), named) from None

    type.__setattr__(kind, "__init__", _remembered(__init__, inner))


def _remembered(function: Any, inner: Callable[..., Any]) -> FunctionType:
    told = cast(FunctionType, update_wrapper(function, inner))
    _telling.add(told)
    return told


def _is_of_call(error: TypeError, passing: Collection[CodeType] = ()) -> bool:
    """Whether Python refused a call: the function that was called never began, but for what stands before it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
        if trace.tb_frame.f_code not in passing:
            return False
    return not isinstance(error, ArgumentTypeError)


def missing(function: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
    """The arguments without a default that a call lacks.

    >>> missing(lambda input, other, out=None: None, (1,), {})
    ['other']
    """
    parameters = list(inspect.signature(function).parameters.values())
    positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return [each.name for each in positional[len(args) :] if each.default is each.empty and each.name not in named]


def missing_sentence(function: str, names: Sequence[str]) -> str:
    """PyTorch's sentence, which for functions in C++ is not Python's.

    >>> missing_sentence("mm", ["input", "mat2"])
    'mm() missing 2 required positional argument: "input", "mat2"'
    >>> missing_sentence("cdist", ["x1", "x2"])
    "cdist() missing 2 required positional arguments: 'x1' and 'x2'"
    """
    count, start = len(names), f"{function}() missing {len(names)} required positional "
    if function not in IN_PYTHON:
        return f"{start}{'arguments' if count == 1 else 'argument'}: " + ", ".join(f'"{name}"' for name in names)
    *first, last = map(repr, names)
    told = f"{', '.join(first)}{',' * (count > 2)} and {last}" if first else last
    return f"{start}{'argument' if count == 1 else 'arguments'}: {told}"


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The arguments of a function, or of a method without the object."""
    return [each for each in inspect.signature(function).parameters.values() if each.name != "self"]


def refused(
    reason: str, name: str, parameters: Sequence[inspect.Parameter], named: Mapping[str, Any]
) -> ArgumentTypeError:
    """A sentence, with the arguments that there are, and the one that a name looks like that there is not."""
    told = [each for each in parameters if each.name not in _NOT_TOLD]
    names = [each.name for each in told]
    unknown = next((each for each in named if each not in names and each not in _NOT_TOLD), None)
    near = [_MEANT[unknown]] if unknown in _MEANT else difflib.get_close_matches(unknown, names, 1) if unknown else []
    shown = str(inspect.Signature([each.replace(annotation=each.empty) for each in told]))
    advice = f"{near[0]}=" if near and near[0] in names else None
    return ArgumentTypeError(reason, expected=f"{name}{shown}", advice=advice)
