"""A layer read from the text that makes it; nothing is executed."""

from __future__ import annotations

import ast
import difflib
from typing import Any

from knoll import nn
from knoll.analysis.arguments import signature
from knoll.errors import ArgumentError, KnollError, UnsupportedError, quoted
from knoll.explain.wrong_text import check_call, reason_of
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.layers.absent_layers import absent_layer

SEVERAL = "Conv2d(3, 6, 3), ReLU()"
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
    return _constructed(call_in(text))


def call_in(text: str) -> ast.Call:
    """The call that a text is. Raises ArgumentError."""
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = say("explain.not_python", reason=reason_of(text, error))
        raise ArgumentError(reason, got=text, expected=_expected()) from None
    if isinstance(expression, ast.Name | ast.Attribute):  # ReLU as well as ReLU()
        expression = ast.Call(expression, [], [])
    if not isinstance(expression, ast.Call):
        several = isinstance(expression, ast.Tuple | ast.List) and len(expression.elts) > 1
        reason = say("explain.several_layers" if several else "explain.no_layer")
        raise ArgumentError(reason, got=text, expected=f'"Sequential({SEVERAL})"' if several else _expected())
    return expression


def arguments_in(text: str) -> tuple[type[Module], dict[str, Any]]:
    """The class of the layer that a text makes, and its arguments by their names, of a container none; it may be wrong.

    Raises ArgumentError where the text is none, or an argument has no name.

    >>> arguments_in("MaxPool2d(0, stride=2)")
    (<class 'knoll.nn.layers.max_pool.MaxPool2d'>, {'kernel_size': 0, 'stride': 2})
    """
    call = call_in(text)
    kind = kind_of(call.func)
    if not signature(kind):
        return kind, {}
    arguments, named = _arguments(call)
    check_call(kind.__name__, signature(kind), call, is_whole=False)
    return kind, {**dict(zip(signature(kind), arguments, strict=False)), **named}


def _constructed(call: ast.Call) -> Module:
    kind = kind_of(call.func)
    arguments, named = _arguments(call)
    if signature(kind):
        check_call(kind.__name__, signature(kind), call)
    try:
        return kind(*arguments, **named)
    except KnollError:
        raise
    except TypeError as error:  # Python's own, of values that a constructor takes without a look
        raise ArgumentError(quoted(error), got=ast.unparse(call)) from None


def _arguments(call: ast.Call) -> tuple[list[Any], dict[str, Any]]:
    """The values of a call's arguments: those without a name, and those with one. Raises ArgumentError."""
    arguments = [_value(each) for each in call.args]
    if any(each.arg is None for each in call.keywords):
        raise ArgumentError(say("explain.no_literal"), got=ast.unparse(call))
    return arguments, {each.arg: _value(each.value) for each in call.keywords if each.arg is not None}


def kind_of(function: ast.expr) -> type[Module]:
    """The class of layers that a name is. Raises ArgumentError."""
    name = ast.unparse(function)
    short = name.rpartition(".")[2]
    if name.removesuffix(short) not in ("", "nn.", "torch.nn.", "knoll.nn.") or short not in KINDS:
        _refuse_absent(short)
        near = difflib.get_close_matches(short, KINDS, 3, 0.5) or difflib.get_close_matches(
            short.title(), KINDS, 3, 0.5
        )
        raise ArgumentError(
            say("explain.unknown_layer", name=name),
            expected=None if near else _expected(),
            advice=", ".join(near) or None,
        )
    return KINDS[short]


def _refuse_absent(name: str) -> None:
    """Raise ArgumentError for a layer of PyTorch that Knoll does not have, in the words of the layer itself."""
    kind = absent_layer(name)
    try:
        if kind is not None:
            kind()
    except UnsupportedError as error:
        raise ArgumentError(error.reason, advice=error.advice) from None


def _value(expression: ast.expr) -> Any:
    if isinstance(expression, ast.Call):
        return _constructed(expression)
    try:
        return ast.literal_eval(expression)
    except (ValueError, TypeError, RecursionError):
        raise _no_literal(expression) from None


def _no_literal(expression: ast.expr) -> ArgumentError:
    """Why an argument has no value: a name that stands for nothing, or something that would have to be computed."""
    if not isinstance(expression, ast.Name):
        return ArgumentError(say("explain.no_literal"), got=ast.unparse(expression))
    name = expression.id
    is_constant = name.title() in ("True", "False", "None")
    meant = name.title() if is_constant else f"{name}()" if name in KINDS else None
    return ArgumentError(say("explain.bare_name", name=name), advice=meant)


def _expected() -> str:
    return '"Conv2d(3, 6, 3, stride=2)"'
