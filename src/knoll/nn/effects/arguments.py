"""Arguments of functions without effects: which may be tensors, and what follows from them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from inspect import Parameter, Signature, signature
from types import FunctionType
from typing import Any

import numpy as np

from knoll.nn.effects import pure
from knoll.nn.effects.values import Abstract, EffectError, Items, Kind, Known, Parts, is_static, refuse

# How the parameters that are tensors are declared: of any other tensor the numbers would be read.
_TENSORS = frozenset({"T", "Left[T]", "Input", "Operand", "Comparand", "TensorBase", "Sequence[T]"})

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor", ast.USub: "neg",
    ast.UAdd: "pos", ast.Invert: "invert", ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt",
    ast.GtE: "ge",
}  # fmt: skip


def methods_of(operator: ast.AST) -> list[str]:
    """The names of the methods that an operator for tensors may run."""
    name = _OPERATORS.get(type(operator)) or refuse()
    return [f"__{kind}{name}__" for kind in ("", "r", "i")]


def is_argument(value: Any) -> bool:
    """Whether a value is a tensor, no tensor, or a sequence of these."""
    if isinstance(value, Parts):
        return all(map(is_argument, value.values))
    if isinstance(value, Items):
        return value.item is None or is_argument(value.item)
    return isinstance(value, Kind) or is_static(value) or _is_fact(value)


def is_setting(value: Any) -> bool:
    """Whether a value is no tensor, and follows from shapes, options and modes."""
    return is_static(value) or _is_fact(value)


def is_class(value: Any) -> bool:
    """Whether a value is a class, or several, that has no way of its own to say what is an object of it."""
    if isinstance(value, Parts):
        return all(map(is_class, value.values))
    kind = value.object if isinstance(value, Known) else None
    return isinstance(kind, type) and type(kind).__instancecheck__ is type.__instancecheck__


def _is_fact(value: Any) -> bool:
    """Whether an object is an element type or the like, which does not change."""
    return isinstance(value, Known) and isinstance(value.object, (np.dtype, type))


def fits(function: FunctionType, given: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a function of Knoll takes such arguments, and reads the numbers of none."""
    taken = _signature_of(function)
    try:
        bound = taken.bind(*given, **named)
    except TypeError:
        return False
    for name, value in bound.arguments.items():
        fit = is_argument if _takes_tensors(taken.parameters[name]) else is_setting
        if not all(map(fit, value if isinstance(value, tuple) else (value,))):
            return False
    return True


def of_pure(name: str, positional: int, dim: str | None) -> Abstract:
    """The result of a function without effects, which has so many arguments without names, and perhaps `dim`."""
    if name in pure.NEEDS_DIM and positional < 2 and dim is None:
        raise EffectError  # it warns
    if name == "where" and positional != 3:
        raise EffectError  # the shape depends on the numbers
    if name in pure.VIEWS:
        return Kind.ALIAS
    return Kind.TENSOR if name in pure.NEW or name in pure.FUNCTIONS else refuse()


@lru_cache(maxsize=1024)
def _signature_of(function: FunctionType) -> Signature:
    return signature(function)


def _takes_tensors(parameter: Parameter) -> bool:
    """Whether a parameter is a tensor, or several, rather than a number that may be written as one."""
    declared = str(parameter.annotation).removesuffix(" | None")
    return declared in _TENSORS or parameter.name == "operands"  # of einsum
