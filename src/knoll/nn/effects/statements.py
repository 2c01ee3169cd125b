"""Statements over abstract values, and calls of functions and modules."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from inspect import isgeneratorfunction, signature
from types import FunctionType
from typing import Any

from knoll.calls import plain
from knoll.errors import KnollError
from knoll.nn.effects import pure
from knoll.nn.effects.arguments import fits, is_argument, of_pure
from knoll.nn.effects.expressions import Expressions
from knoll.nn.effects.reads import Reading, Reads
from knoll.nn.effects.sequences import children_of, item_of
from knoll.nn.effects.source import tree_of
from knoll.nn.effects.values import (
    Abstract,
    EffectError,
    Items,
    Kind,
    Known,
    Method,
    Parts,
    is_constant,
    is_module,
    join,
    joined,
)
from knoll.nn.module_base import AnyModule

_DEEPEST = 40  # calls inside each other
_PASSES = 8  # through the body of a loop, after which variables must stay what they are


def reads_of(module: AnyModule, inputs: int) -> Reads | None:
    """What the result of a call with so many tensors rests on, if it is all that the call does; else None."""
    analysis = Analysis(module)
    try:
        analysis.call(Known(module), [Kind.ALIAS] * inputs, {}, False)
    except EffectError:
        return None
    return analysis.reading.reads


def members_of(module: AnyModule) -> list[AnyModule]:
    """A module and all below it, once each, whatever its class calls by the names of Module's methods."""
    members, seen, left = [], {id(module)}, [module]
    while left:
        member = left.pop()
        members.append(member)
        for child in reversed(member.__dict__.get("_modules", {}).values()):
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                left.append(child)
    return members


class Analysis:
    """The analysis of one call of a module."""

    reading: Reading

    def __init__(self, module: AnyModule) -> None:
        self.reading = Reading()
        self._members = {id(member) for member in members_of(module)}
        self._layers: list[AnyModule] = []  # made by the call
        self._results: dict[Any, Any] = {}
        self._depth = 0

    def call(self, function: Any, given: Sequence[Any], named: Mapping[str, Any], starred: bool) -> Any:
        """What a module or function gives for abstract values; raises EffectError."""
        if isinstance(function, Method):
            return self._of_function(function.function, [Known(function.object), *given], named, starred)
        if not isinstance(function, Known):
            raise EffectError
        if is_module(function.object):
            return self._of_module(function.object, given, named, starred)
        if isinstance(function.object, type):
            return self._constructed(function.object, given, named)
        if pure.is_pure(function.object):
            if starred or not fits(function.object, given, named) or _changes(function.object, given, named):
                raise EffectError
            return of_pure(function.object.__name__, len(given), "dim" if "dim" in named else None)
        return self._of_function(function.object, given, named, starred)

    def _constructed(self, kind: type, given: Sequence[Any], named: Mapping[str, Any]) -> Known:
        """A layer without parameters that is made by the call, as `nn.ReLU()(x)`; it is the same each time."""
        if not getattr(kind, "_is_stock", False) or hasattr(kind, "reset_parameters"):
            raise EffectError  # to make it may draw random numbers
        if not all(map(is_constant, [*given, *named.values()])):
            raise EffectError
        try:
            module: Any = kind(*(value.object for value in given), **{k: value.object for k, value in named.items()})
        except (KnollError, TypeError) as refused:
            raise EffectError from refused  # as the call will say
        if list(module.parameters()) or list(module.buffers()) or module._modules:
            raise EffectError
        self._layers.append(module)
        self._members.add(id(module))
        return Known(module)

    def _of_module(self, module: Any, given: Sequence[Any], named: Mapping[str, Any], starred: bool) -> Any:
        kind = type(module)
        if id(module) not in self._members or module._is_loss or not module._is_pure():
            raise EffectError
        if all(member._is_stock and member._is_pure() for member in members_of(module)):
            if not all(map(is_argument, [*given, *named.values()])):
                raise EffectError
            return Kind.TENSOR
        self.reading.lookup(kind)
        if not pure.is_of_knoll(self.reading.attribute(kind, "__call__")):
            raise EffectError
        self.reading.item(vars(module), "forward")
        forward = self.reading.attribute(kind, "forward")
        if "forward" in vars(module) or not isinstance(forward, FunctionType):
            raise EffectError
        return self._of_function(forward, [Known(module), *given], named, starred)

    def _of_function(self, function: Any, given: Sequence[Any], named: Mapping[str, Any], starred: bool) -> Any:
        """What a function written in Python gives."""
        function = plain(function)
        if not isinstance(function, FunctionType) or self._depth > _DEEPEST:
            raise EffectError
        if _module_of(function).startswith("knoll.") and not _module_of(function).startswith(
            ("knoll.nn.", "knoll.vision.")
        ):
            raise EffectError
        key = function, tuple(given), tuple(named.items()), starred
        if key not in self._results:
            self._depth += 1
            self._results[key] = self._run(function, given, named, starred)
            self._depth -= 1
        return self._results[key]

    def _run(self, function: FunctionType, given: Sequence[Any], named: Mapping[str, Any], starred: bool) -> Any:
        tree = tree_of(function)
        if tree is None or isgeneratorfunction(function):
            raise EffectError
        self.reading.function(function)
        body = Statements(function, _bound(function, tree.args, given, named, starred), self.reading, self.call)
        ends = body.run(tree.body)
        return body.result if ends else join(body.result, Known(None))


def _changes(function: FunctionType, given: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a function may write into a tensor that is not the call's own."""
    if "inplace" not in signature(function).parameters or given[:1] == [Kind.TENSOR]:
        return False
    stays = all(not (isinstance(value, Known) and value.object is True) for value in given[1:])
    return not stays or named.get("inplace", Known(False)) != Known(False)


def _bound(
    function: FunctionType, args: ast.arguments, given: Sequence[Any], named: Mapping[str, Any], starred: bool
) -> dict[str, Any]:
    """The variables of a function at its beginning."""
    places = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    if starred or args.kwarg or (len(given) > len(places) and args.vararg is None):
        raise EffectError
    names: dict[str, Any] = {name: Known(value) for name, value in (function.__kwdefaults__ or {}).items()}
    defaults = function.__defaults__ or ()
    names |= {name: Known(value) for name, value in zip(places[::-1], defaults[::-1], strict=False)}
    names |= dict(zip(places, given, strict=False)) | dict(named)
    if args.vararg is not None:
        names[args.vararg.arg] = Items(joined(given[len(places) :]))
    if not names.keys() >= {*places, *(arg.arg for arg in args.kwonlyargs)}:
        raise EffectError  # an argument is missing, as the call will say
    return names


def _module_of(function: FunctionType) -> str:
    return function.__module__ or ""


class Statements(Expressions):
    """The statements of one function; `result` is what it returns."""

    result: Any = None

    def run(self, body: Sequence[ast.stmt]) -> bool:
        """Go through statements; returns whether they end the function. Raises EffectError."""
        for node in body:
            method = getattr(self, f"_{type(node).__name__.lower()}", None)
            if method is None or not isinstance(node, ast.stmt):
                raise EffectError
            if method(node):
                return True
        return False

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name) or self._names.pop(target.id, None) is None:
                raise EffectError

    def _expr(self, node: ast.Expr) -> None:
        self.of(node.value)

    def _pass(self, node: ast.Pass) -> None:
        """Do nothing."""

    def _assert(self, node: ast.Assert) -> bool:
        return self.static(node.test) is False

    def _raise(self, _: ast.Raise) -> bool:
        """End the call, which will not be memoised."""
        return True

    def _return(self, node: ast.Return) -> bool:
        value = Known(None) if node.value is None else self.of(node.value)
        self.result = join(self.result, value)
        return True

    def _assign(self, node: ast.Assign) -> None:
        value = self.of(node.value)
        for target in node.targets:
            self._bind(target, value, node.value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, self.of(node.value), node.value)

    def _bind(self, target: ast.expr, value: Abstract, source: ast.expr) -> None:
        """Assign; a list that was just made may grow."""
        if isinstance(value, Items) and isinstance(source, ast.Name):
            raise EffectError  # one list with two names
        self._check_local(target)
        self.assign(target, value)
        if isinstance(target, ast.Name) and isinstance(source, (ast.List, ast.ListComp)):
            self._fresh.add(target.id)

    def _check_local(self, target: ast.expr) -> None:
        """Refuse to assign a name that is global, which may be said anywhere in the function."""
        code = self._function.__code__
        names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
        if not names <= {*code.co_varnames, *code.co_cellvars}:
            raise EffectError

    def _augassign(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise EffectError
        self._check_local(node.target)
        value = self.named(node.target.id)
        if not (value is Kind.TENSOR or self._is_number(value)):
            raise EffectError  # it may be an input, which would change
        self._names[node.target.id] = self.operated([node.op], value, self.of(node.value))

    def _is_number(self, value: Any) -> bool:
        return value is Kind.STATIC or (isinstance(value, Known) and type(value.object) in (int, float))

    def _if(self, node: ast.If) -> bool:
        truth = self.static(node.test)
        if truth is not None:
            return self.run(node.body if truth else node.orelse)
        before = dict(self._names)
        ends = self.run(node.body)
        after = self._swapped(before)
        others_end = self.run(node.orelse)
        if others_end:
            self._swapped(after)
        elif not ends:
            self._merge(after)
        return ends and others_end

    def _swapped(self, names: dict[str, Any]) -> dict[str, Any]:
        """Go on with other variables; returns those of now."""
        now = dict(self._names)
        self._names.clear()
        self._names.update(names)
        return now

    def _merge(self, other: dict[str, Any]) -> None:
        """Variables may be as they are, or as in `other`."""
        for name in [*self._names]:
            if name not in other:
                del self._names[name]
            else:
                self._names[name] = join(self._names[name], other[name])

    def _for(self, node: ast.For) -> bool:
        if node.orelse:
            raise EffectError
        self._check_local(node.target)
        sequence = self._base(node.iter)
        if isinstance(sequence, Known) and is_module(sequence.object):
            sequence = children_of(sequence, self._reading)
        if isinstance(sequence, Parts):
            return any(self._once(node, part) for part in sequence.values)
        item = item_of(sequence, self._reading)
        for _ in range(_PASSES):
            before = dict(self._names)
            self.assign(node.target, item)
            self.run(node.body)
            self._widen(before)
            if self._names == before:
                return False
        raise EffectError

    def _once(self, node: ast.For, item: Abstract) -> bool:
        """Go through the body of a loop for one item; returns whether that ends the function."""
        self.assign(node.target, item)
        return self.run(node.body)

    def _widen(self, before: dict[str, Any]) -> None:
        """Variables may be as before the body of a loop, or as after it."""
        self._names |= {name: join(value, self._names.get(name)) for name, value in before.items()}
