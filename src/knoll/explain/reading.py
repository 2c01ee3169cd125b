"""A layer read from the text that makes it; nothing is executed."""

from __future__ import annotations

import ast
import difflib
from typing import Any

from knoll import nn
from knoll.analysis.arguments import signature
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn import Module

KINDS: dict[str, type[Module]] = {
    name: kind
    for name, kind in vars(nn).items()
    if isinstance(kind, type) and issubclass(kind, Module) and kind is not Module
}


def read_layer(text: str) -> Module:
    """The layer that a text such as "Conv2d(3, 6, 3, stride=2)" makes; `nn.` may stand before names.

    Arguments are literals and layers. Raises ArgumentError for anything else, and what the layer's constructor raises.

    >>> read_layer("nn.Sequential(nn.Conv2d(3, 6, 3), ReLU())")
    Sequential(
      (0): Conv2d(3, 6, kernel_size=(3, 3), stride=(1, 1))
      (1): ReLU()
    )
    """
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ArgumentError(say("explain.not_python", reason=reason), came=text, expected=_expected()) from None
    if isinstance(expression, ast.Name | ast.Attribute):  # ReLU as well as ReLU()
        expression = ast.Call(expression, [], [])
    if not isinstance(expression, ast.Call):
        raise ArgumentError(say("explain.no_layer"), came=text, expected=_expected())
    return _made(expression)


def _made(call: ast.Call) -> Module:
    kind = _kind(call.func)
    arguments = [_value(each) for each in call.args]
    named = {each.arg: _value(each.value) for each in call.keywords if each.arg is not None}
    if len(named) < len(call.keywords):
        raise ArgumentError(say("explain.no_literal"), came=ast.unparse(call))
    try:
        return kind(*arguments, **named)
    except TypeError as error:  # Python's own: an argument that is missing, or that there is not
        reason = str(error).replace(f"{kind.__name__}.__init__()", kind.__name__)
        near = [close for name in named for close in difflib.get_close_matches(name, _names(kind), 1)]
        wrong = [name for name in near if name not in named]
        raise ArgumentError(
            reason,
            expected=f"{kind.__name__}({', '.join(_names(kind))})",
            came=ast.unparse(call),
            advice=", ".join(f"{name}=" for name in wrong) or None,
        ) from None


def _names(kind: type[Module]) -> list[str]:
    """The names of a layer's arguments."""
    return list(signature(kind))


def _kind(function: ast.expr) -> type[Module]:
    name = ast.unparse(function)
    short = name.rpartition(".")[2]
    if name.removesuffix(short) not in ("", "nn.", "torch.nn.", "knoll.nn.") or short not in KINDS:
        near = difflib.get_close_matches(short, KINDS, 3, 0.5) or difflib.get_close_matches(
            short.title(), KINDS, 3, 0.5
        )
        raise ArgumentError(say("explain.unknown_layer", name=name), advice=", ".join(near) or None)
    return KINDS[short]


def _value(expression: ast.expr) -> Any:
    if isinstance(expression, ast.Call):
        return _made(expression)
    try:
        return ast.literal_eval(expression)
    except (ValueError, TypeError, RecursionError):
        raise ArgumentError(say("explain.no_literal"), came=ast.unparse(expression)) from None


def _expected() -> str:
    return '"Conv2d(3, 6, 3, stride=2)"'
