"""`torch.jit`: traces, and decorators of programs that PyTorch would compile; Knoll compiles a network by itself.

https://pytorch.org/docs/stable/jit.html
"""

from __future__ import annotations

import typing
from typing import Any, NoReturn, TypeVar

from knoll.errors import UnsupportedError
from knoll.jit.traced import TracedModule as TracedModule
from knoll.jit.traced import TracerWarning as TracerWarning
from knoll.jit.traced import trace as trace
from knoll.messages import say
from knoll.nn.module import Module

T = TypeVar("T")

Final = typing.Final  # an attribute that never changes


def script(obj: T, *_: Any, **__: Any) -> T:
    """What it was given, which is compiled when it is called.

    >>> from knoll import jit, nn
    >>> net = nn.ReLU()
    >>> jit.script(net) is net
    True
    """
    return obj


class ScriptModule(Module):
    """A module, which is compiled when it is called: a base of classes whose methods PyTorch would compile.

    >>> import knoll
    >>> from knoll import jit
    >>> class Twice(jit.ScriptModule):
    ...     @jit.script_method
    ...     def forward(self, x):
    ...         return x * 2
    >>> Twice()(knoll.ones(2))
    tensor([2., 2.])
    """


def ignore(drop: Any = False, **_: Any) -> Any:
    """A decorator that changes nothing; with or without brackets."""
    return drop if callable(drop) else lambda function: function


def unused(fn: T) -> T:
    """A decorator that changes nothing."""
    return fn


def export(fn: T) -> T:
    """A decorator that changes nothing."""
    return fn


def script_if_tracing(fn: T) -> T:
    """A decorator that changes nothing."""
    return fn


def script_method(fn: T) -> T:
    """A decorator that changes nothing."""
    return fn


def interface(obj: T) -> T:
    """A decorator that changes nothing, of a class that says which methods a module has."""
    return obj


def freeze(mod: T, *_: Any, **__: Any) -> T:
    """The module: its weights may change, and the next call sees it."""
    return mod


def optimize_for_inference(mod: T, *_: Any, **__: Any) -> T:
    """The module, which is compiled for what it is called with."""
    return mod


def _overload_method(func: T) -> T:
    """A decorator that changes nothing, of a form of a method that PyTorch's compiler reads."""
    return func


def _overload(func: T) -> T:
    """A decorator that changes nothing, of a form of a function that PyTorch's compiler reads."""
    return func


def annotate(the_type: Any, the_value: T) -> T:  # noqa: ARG001 (PyTorch's)
    """The value, whatever type PyTorch's compiler shall take it for."""
    return the_value


def is_scripting() -> bool:
    """Whether PyTorch's compiler reads the program: it does not."""
    return False


def is_tracing() -> bool:
    """Whether PyTorch traces the program: it does not."""
    return False


def save(*_: Any, **__: Any) -> NoReturn:
    """Refuse: a program of PyTorch's cannot be written."""
    raise UnsupportedError(say("nn.no_jit", name="save"), advice=say("nn.no_jit_advice"))


def load(*_: Any, **__: Any) -> NoReturn:
    """Refuse: a program of PyTorch's cannot be read."""
    raise UnsupportedError(say("nn.no_jit", name="load"), advice=say("nn.no_jit_advice"))
