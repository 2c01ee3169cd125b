"""Expressions over abstract values."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from knoll.nn.effects import pure
from knoll.nn.effects.arguments import fits, is_class, is_setting, methods_of, of_pure
from knoll.nn.effects.reads import MISSING, Reading
from knoll.nn.effects.values import (
    Abstract,
    EffectError,
    Items,
    Kind,
    Known,
    Method,
    OneOf,
    Parts,
    is_constant,
    is_module,
    is_plain,
    is_static,
    join,
    joined,
    modules_in,
    one_of,
    refuse,
)  # fmt: skip
from knoll.nn.registry import HOLDERS, Registry
from knoll.tensor import Tensor

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_OF_CONTAINERS = ("__iter__", "__getitem__", "__len__", "__reversed__")
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
            return self._object(self._reading.cell(self._function.__closure__[code.co_freevars.index(name)]))
        value = self._reading.item(self._function.__globals__, name)
        return self._object(self._reading.item(pure.BUILTINS, name) if value is MISSING else value)

    def _attribute(self, node: ast.Attribute) -> Any:
        base, name = self._base(node.value), node.attr
        if base in (Kind.TENSOR, Kind.ALIAS) and name in pure.FACTS:
            return Kind.STATIC
        if base in (Kind.TENSOR, Kind.ALIAS) and name in pure.VIEWS:
            return Kind.ALIAS
        if isinstance(base, OneOf):
            return joined([self._of_module(each.object, name) for each in base.modules])
        if not isinstance(base, Known):
            raise EffectError
        if is_module(base.object):
            return self._of_module(base.object, name)
        if isinstance(base.object, ModuleType):
            return self._object(self._reading.item(vars(base.object), name))
        raise EffectError

    def _base(self, node: ast.expr) -> Any:
        """The value of what stands before a dot or bracket, which does not give a list another name."""
        return self.named(node.id) if isinstance(node, ast.Name) else self.of(node)

    def _of_module(self, module: Any, name: str) -> Any:
        """An attribute of a module: its own, one of its class, or something that it holds."""
        held, kind = vars(module), type(module)
        self._reading.lookup(kind)
        of_class = self._reading.attribute(kind, name)
        if hasattr(type(of_class), "__set__"):
            raise EffectError  # a property
        value = self._reading.item(held, name)
        if value is not MISSING:
            return self._object(value)
        if isinstance(of_class, FunctionType):
            return Method(module, of_class)
        if of_class is not MISSING:
            return self._object(of_class) if is_plain(of_class) else refuse()
        for place in HOLDERS:
            value = self._reading.item(self._reading.registry(module, place), name)
            if value is not MISSING:
                return self._object(value)
        raise EffectError

    def _object(self, value: Any) -> Any:
        """The abstract value of an object: tensors are told from what holds none of them."""
        if value is MISSING:
            raise EffectError
        if not isinstance(value, Tensor):
            return Known(value)
        if not type(value).__module__.startswith("knoll."):
            raise EffectError
        self._reading.tensor(value)
        return Kind.ALIAS

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
            joined([self.item(self.of(e.value)) if isinstance(e, ast.Starred) else self.of(e) for e in node.elts])
        )

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Abstract:
        before = dict(self._names)
        for generator in node.generators:
            self.assign(generator.target, self.item(self._base(generator.iter)))
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
            return self._object(self._reading.item(base.object, index.object))
        if isinstance(base, Parts) and isinstance(index, Known) and type(index.object) is int:
            return base.values[index.object] if -len(base.values) <= index.object < len(base.values) else refuse()
        if not is_static(index):
            raise EffectError
        if base in (Kind.TENSOR, Kind.ALIAS):
            self._check(["__getitem__"])
            return Kind.ALIAS
        if isinstance(node.slice, ast.Slice) and not is_static(base):
            return Items(self.item(base))
        if isinstance(base, Known) and getattr(base.object, "_is_mapping", False):
            return self._child(base, "__getitem__")
        return self.item(base)

    def _slice(self, node: ast.Slice) -> Abstract:
        for part in (node.lower, node.upper, node.step):
            if part is not None and not is_static(self.of(part)):
                raise EffectError
        return Kind.STATIC

    def item(self, sequence: Any) -> Any:
        """An item of a sequence."""
        if isinstance(sequence, Items):
            return sequence.item
        if isinstance(sequence, Parts):
            return joined(sequence.values)
        if isinstance(sequence, (Known, OneOf)) and not is_static(sequence):
            return self._child(sequence)
        return Kind.ALIAS if sequence is Kind.TENSOR else sequence

    def _child(self, container: Known | OneOf, method: str = "__iter__") -> Any:
        """A child of a list of modules, or of a dictionary of them that is asked for a name."""
        return one_of([child.object for child in self.children(container, method).values])

    def children(self, container: Known | OneOf, method: str = "__iter__") -> Parts:
        """The modules in a list or a dictionary of them, in order."""
        every = self.containers(container)
        holds = "_is_sequence" if method == "__iter__" else "_is_mapping"
        if not all(getattr(type(each), holds) for each in every):
            raise EffectError
        held = [child for each in every for child in self._reading.registry(each, "_modules").values()]
        return modules_in(held, with_names=False)

    def containers(self, value: Known | OneOf) -> list[Any]:
        """The modules that a value may be; their length and items are what Knoll says that they are."""
        every = [each.object for each in (value.modules if isinstance(value, OneOf) else (value,))]
        for each in every:
            methods = [self._reading.attribute(type(each), name) for name in _OF_CONTAINERS]
            if not is_module(each) or not all(m is MISSING or pure.is_of_knoll(m) for m in methods):
                raise EffectError
        return every

    def assign(self, target: ast.expr, value: Any) -> None:
        """Let a name, or several, stand for a value."""
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            same = isinstance(value, Parts) and len(value.values) == len(target.elts)
            for place, each in enumerate(target.elts):
                self.assign(each, value.values[place] if same else self.item(value))
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
            return self._hasattr(*given)
        if isinstance(function, Known) and not is_module(function.object):
            found = _built_in(function.object, given, named, self)
            if found is not None:
                return found
        return self._invoke(function, given, named, starred)

    def _hasattr(self, module: Any, name: Any) -> Abstract:
        """Whether a module has an attribute."""
        if not (isinstance(module, Known) and isinstance(name, Known) and is_module(module.object)):
            raise EffectError
        places = [vars(module.object), *(self._reading.registry(module.object, place) for place in HOLDERS)]
        found = [self._reading.item(place, name.object) is not MISSING for place in places]
        self._reading.lookup(type(module.object))
        of_class = self._reading.attribute(type(module.object), name.object)
        if hasattr(type(of_class), "__get__") and not isinstance(of_class, FunctionType):
            raise EffectError  # a property, which runs
        return Known(of_class is not MISSING or any(found))

    def _method(self, node: ast.Call, function: ast.Attribute, base: Any) -> Any:
        """The result of a method of a tensor, list or container; None for another call."""
        name, given = function.attr, [*node.args, *(keyword.value for keyword in node.keywords)]
        if base in (Kind.TENSOR, Kind.ALIAS):
            return self._of_tensor(name, base, [self._base(each) for each in given], node)
        if isinstance(base, Items) and name in _APPEND and isinstance(function.value, ast.Name):
            if function.value.id not in self._fresh:
                raise EffectError
            items = [self.of(each) for each in given]
            added = self.item(items[-1]) if name == "extend" else items[-1]
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


def _built_in(function: Any, given: Sequence[Any], named: Mapping[str, Any], within: Expressions) -> Any:
    """The result of one of Python's own functions; None for another one."""
    if function is isinstance:
        return Kind.STATIC if len(given) == 2 and is_class(given[1]) else refuse()
    if pure.is_of_numbers(function):
        return Kind.STATIC if all(map(is_static, [*given, *named.values()])) else refuse()
    if not isinstance(function, type(len)) and not isinstance(function, type):
        return None
    if function not in pure.OF_SEQUENCES:
        return None
    if function is range:
        return Kind.STATIC if all(map(is_static, given)) else refuse()
    if function is len:
        fixed = [is_static(each) or isinstance(each, (Kind, Items, Parts)) or within.containers(each) for each in given]
        return Kind.STATIC if all(fixed) else refuse()
    items = [within.item(each) for each in given]
    if function is enumerate:
        return Items(Parts((Kind.STATIC, items[0])))
    return Items(Parts(tuple(items)) if function is zip else joined(items))
