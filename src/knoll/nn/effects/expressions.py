"""Expressions over abstract values."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any

from knoll.nn.effects import pure
from knoll.nn.effects.arguments import fits, is_setting, methods_of, of_pure
from knoll.nn.effects.attributes import abstract, attribute_of, has_attribute
from knoll.nn.effects.reads import MISSING, Reading
from knoll.nn.effects.sequences import built_in, child_of, item_of
from knoll.nn.effects.values import (
    Abstract,
    EffectError,
    Items,
    Kind,
    Known,
    OneOf,
    Parts,
    is_constant,
    is_module,
    is_plain,
    is_static,
    join,
    joined,
    modules_in,
    refuse,
)  # fmt: skip
from knoll.nn.registry import Registry
from knoll.tensor import Tensor

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_APPEND = frozenset({"append", "extend", "insert"})
_CHILDREN = frozenset({"values", "children"})
_NAMED_CHILDREN = frozenset({"items", "named_children"})


class Expressions:
    """The evaluation of the expressions of one function, whose variables are `names`.

    `call` gives what a module or a user's function gives; `_fresh` are the lists that no other name may stand for.
    """

    def __init__(
        self, function: FunctionType, names: dict[str, Abstract | None], reading: Reading, call: Callable[..., Any]
    ) -> None:
        self._function, self._names, self._reading, self._invoke = function, names, reading, call
        self._fresh: set[str] = set()

    def of(self, node: ast.expr) -> Any:
        """The abstract value of an expression; raises EffectError."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise EffectError
        return method(node)

    def static(self, node: ast.expr) -> bool | None:
        """The truth of a test, None where it is not known before shapes are; it must not depend on numbers."""
        if isinstance(node, ast.BoolOp):
            return self._any_or_all(node)
        value = self.of(node)
        if is_constant(value):
            return bool(value.object)
        if not is_static(value):
            raise EffectError
        return None

    # Names and attributes

    def _constant(self, node: ast.Constant) -> Abstract:
        return Known(node.value)

    def _name(self, node: ast.Name) -> Any:
        self._fresh.discard(node.id)
        return self.named(node.id)

    def named(self, name: str) -> Any:
        """What a name stands for: a variable, one of an enclosing function, a global or one of Python's own."""
        if name in self._names:
            return self._names[name]
        code = self._function.__code__
        if name in code.co_varnames:
            raise EffectError  # not assigned on every way that leads here
        if name in code.co_freevars:
            assert self._function.__closure__ is not None
            return abstract(self._reading.cell(self._function.__closure__[code.co_freevars.index(name)]), self._reading)
        value = self._reading.item(self._function.__globals__, name)
        return abstract(self._reading.item(pure.BUILTINS, name) if value is MISSING else value, self._reading)

    def _attribute(self, node: ast.Attribute) -> Any:
        base, name = self._base(node.value), node.attr
        if base in (Kind.TENSOR, Kind.ALIAS) and name in pure.FACTS:
            return Kind.STATIC
        if base in (Kind.TENSOR, Kind.ALIAS) and name in pure.VIEWS:
            return Kind.ALIAS
        if isinstance(base, OneOf):
            return joined([attribute_of(each.object, name, self._reading) for each in base.modules])
        if not isinstance(base, Known):
            raise EffectError
        if is_module(base.object):
            return attribute_of(base.object, name, self._reading)
        if isinstance(base.object, ModuleType):
            return abstract(self._reading.item(vars(base.object), name), self._reading)
        raise EffectError

    def _base(self, node: ast.expr) -> Any:
        """The value of what stands before a dot or bracket, which does not give a list another name."""
        return self.named(node.id) if isinstance(node, ast.Name) else self.of(node)

    # Operators

    def _binop(self, node: ast.BinOp) -> Abstract:
        return self.operated([node.op], self.of(node.left), self.of(node.right))

    def operated(self, operators: Sequence[ast.AST], *operands: Any) -> Abstract:
        """The result of operators for tensors and numbers."""
        if all(map(is_static, operands)):
            return Kind.STATIC
        if not all(value in (Kind.TENSOR, Kind.ALIAS) or is_static(value) for value in operands):
            raise EffectError
        self._check([name for each in operators for name in methods_of(each)])
        return Kind.TENSOR

    def _check(self, names: Sequence[str]) -> None:
        """Refuse methods of tensors that somebody has replaced."""
        methods = [self._reading.attribute(Tensor, name) for name in names]
        if not all(method is MISSING or pure.is_of_knoll(method) for method in methods):
            raise EffectError

    def _unaryop(self, node: ast.UnaryOp) -> Abstract:
        if isinstance(node.op, ast.Not):
            truth = self.static(node.operand)
            return Kind.STATIC if truth is None else Known(not truth)
        return self.operated([node.op], self.of(node.operand))

    def _any_or_all(self, node: ast.BoolOp) -> bool | None:
        """The truth of a test with several parts: Python stops at one that decides."""
        stops, unknown = isinstance(node.op, ast.Or), False
        for each in node.values:
            truth = self.static(each)
            if truth is stops and not unknown:
                return stops
            unknown |= truth is None
        return None if unknown else not stops

    def _boolop(self, node: ast.BoolOp) -> Abstract:
        if not all(is_static(self.of(each)) for each in node.values):
            raise EffectError
        return Kind.STATIC

    def _compare(self, node: ast.Compare) -> Abstract:
        values = [self.of(each) for each in (node.left, *node.comparators)]
        if len(values) == 2 and all(isinstance(value, Known) for value in values):
            left, right = (value.object for value in values)
            same = _COMPARISONS.get(type(node.ops[0]))
            if same is not None and (isinstance(node.ops[0], (ast.Is, ast.IsNot)) or is_plain((left, right))):
                try:
                    return Known(same(left, right))
                except TypeError:
                    return Kind.STATIC  # as the call will say, if it comes here
        if all(isinstance(each, (ast.Is, ast.IsNot)) for each in node.ops):
            others = [each for each in values if not is_static(each)]
            return Kind.STATIC if len(others) < 2 else refuse()  # which tensor it is changes from call to call
        if all(map(is_static, values)):
            return Kind.STATIC
        return self.operated(node.ops, *values)

    def _ifexp(self, node: ast.IfExp) -> Any:
        truth = self.static(node.test)
        if truth is not None:
            return self.of(node.body if truth else node.orelse)
        return join(self.of(node.body), self.of(node.orelse))

    # Sequences

    def _tuple(self, node: ast.Tuple) -> Any:
        if any(isinstance(each, ast.Starred) for each in node.elts):
            return self._list(node)
        return Parts(tuple(self.of(each) for each in node.elts))

    def _list(self, node: ast.List | ast.Tuple) -> Abstract:
        return Items(
            joined(
                [
                    item_of(self.of(e.value), self._reading) if isinstance(e, ast.Starred) else self.of(e)
                    for e in node.elts
                ]
            )
        )

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Abstract:
        before = dict(self._names)
        for generator in node.generators:
            self.assign(generator.target, item_of(self._base(generator.iter), self._reading))
            for test in generator.ifs:
                self.static(test)
        item = self.of(node.elt)
        self._names.clear()
        self._names.update(before)
        return Items(item)

    _generatorexp = _listcomp

    def _subscript(self, node: ast.Subscript) -> Any:
        base = self._base(node.value)
        index = self.of(node.slice)
        if (
            isinstance(base, Known)
            and type(base.object) is dict
            and isinstance(index, Known)
            and is_plain(index.object)
        ):
            return abstract(self._reading.item(base.object, index.object), self._reading)
        if isinstance(base, Parts) and isinstance(index, Known) and type(index.object) is int:
            return base.values[index.object] if -len(base.values) <= index.object < len(base.values) else refuse()
        if not is_static(index):
            raise EffectError
        if base in (Kind.TENSOR, Kind.ALIAS):
            self._check(["__getitem__"])
            return Kind.ALIAS
        if isinstance(node.slice, ast.Slice) and not is_static(base):
            return Items(item_of(base, self._reading))
        if isinstance(base, Known) and getattr(base.object, "_is_mapping", False):
            return child_of(base, self._reading, "__getitem__")
        return item_of(base, self._reading)

    def _slice(self, node: ast.Slice) -> Abstract:
        for part in (node.lower, node.upper, node.step):
            if part is not None and not is_static(self.of(part)):
                raise EffectError
        return Kind.STATIC

    def assign(self, target: ast.expr, value: Any) -> None:
        """Let a name, or several, stand for a value."""
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            same = isinstance(value, Parts) and len(value.values) == len(target.elts)
            for place, each in enumerate(target.elts):
                self.assign(each, value.values[place] if same else item_of(value, self._reading))
        else:
            raise EffectError

    # Calls

    def _call(self, node: ast.Call) -> Any:
        if any(keyword.arg is None for keyword in node.keywords):
            raise EffectError
        if isinstance(node.func, ast.Attribute):
            found = self._method(node, node.func, self._base(node.func.value))
            if found is not None:
                return found
        function = self._base(node.func)
        given = [self._base(e.value if isinstance(e, ast.Starred) else e) for e in node.args]
        named = {str(keyword.arg): self._base(keyword.value) for keyword in node.keywords}
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        if isinstance(function, OneOf):
            return joined([self._invoke(module, given, named, starred) for module in function.modules])
        if function == Known(hasattr):
            return has_attribute(given, self._reading)
        if isinstance(function, Known) and not is_module(function.object):
            found = built_in(function.object, given, named, self._reading)
            if found is not None:
                return found
        return self._invoke(function, given, named, starred)

    def _method(self, node: ast.Call, function: ast.Attribute, base: Any) -> Any:
        """The result of a method of a tensor, list or container; None for another call."""
        name, given = function.attr, [*node.args, *(keyword.value for keyword in node.keywords)]
        if base in (Kind.TENSOR, Kind.ALIAS):
            return self._of_tensor(name, base, [self._base(each) for each in given], node)
        if isinstance(base, Items) and name in _APPEND and isinstance(function.value, ast.Name):
            if function.value.id not in self._fresh:
                raise EffectError
            items = [self.of(each) for each in given]
            added = item_of(items[-1], self._reading) if name == "extend" else items[-1]
            self._names[function.value.id] = Items(join(base.item, added))
            return Known(None)
        if isinstance(base, Items) and name == "pop" and all(is_static(self.of(each)) for each in given):
            return base.item
        if isinstance(base, Known) and isinstance(base.object, Registry) and not given and name in ("values", "items"):
            return modules_in(base.object.values(), name == "items")
        container = isinstance(base, Known) and is_module(base.object) and not given
        if container and name in _CHILDREN | _NAMED_CHILDREN:
            of_class = self._reading.attribute(type(base.object), name)
            if not pure.is_of_knoll(of_class):
                return None
            held = self._reading.registry(base.object, "_modules").values()
            if name in ("children", "named_children"):  # each module once
                held = {id(each): each for each in held if each is not None}.values()
            return modules_in(held, name in _NAMED_CHILDREN)
        return None

    def _of_tensor(self, name: str, base: Kind, given: Sequence[Any], node: ast.Call) -> Abstract:
        if name in pure.SIZES:
            return Kind.STATIC if all(map(is_setting, given)) else refuse()
        method, positional = self._reading.attribute(Tensor, name), [base, *given[: len(node.args)]]
        named = {str(each.arg): value for each, value in zip(node.keywords, given[len(node.args) :], strict=True)}
        if not pure.is_of_knoll(method) or not fits(method, positional, named):
            raise EffectError
        if name in pure.IN_PLACE and base is Kind.TENSOR:
            return Kind.TENSOR
        dim = "dim" if any(keyword.arg == "dim" for keyword in node.keywords) else None
        return of_pure(name, len(node.args) + 1, dim)
