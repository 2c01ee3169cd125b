"""A user's file, of which only what a name needs is run: no training loop, no download.

Of a file that is a whole program, as the lessons of a course are, the statements are taken that bind the name, and
those that bind what these need: imports, classes, functions, assignments, and what adds to their values, as
`layers.append(…)` does. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import builtins
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from knoll import nn
from knoll.check.loss_names import LOSSES
from knoll.errors import ArgumentError, FileError, KnollError, system_reason
from knoll.messages import say

KINDS = frozenset(
    name
    for name, kind in vars(nn).items()
    if isinstance(kind, type) and issubclass(kind, nn.Module) and not kind._is_loss and kind is not nn.Module
)
_BUILDS = frozenset({"append", "extend", "insert", "add_module", "add_argument", "set_defaults"})
_CONTROL = (ast.If, ast.Try, ast.With)
_ELSEWHERE = frozenset({"torch", "torchvision", "tensorflow", "keras"})


@dataclass(frozen=True, eq=False)
class Program:
    """The file and its statements."""

    path: Path
    tree: ast.Module

    @classmethod
    def read(cls, path: Path) -> Program:
        """Parse a file. Raises FileError, ArgumentError for a file that is no Python."""
        try:
            source = path.read_bytes()
        except OSError as error:
            reason = say("error.unreadable", path=path, reason=system_reason(error))
            raise FileError.after(error, reason, advice=_similar(path)) from None
        try:
            return cls(path, ast.parse(source, str(path)))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f"{path}:{line}" if line else str(path)
            reason = getattr(error, "msg", str(error))
            raise ArgumentError(say("check.not_python"), where=where, got=str(reason)) from None

    @property
    def names(self) -> list[str]:
        """The names of the file, in order."""
        return list(dict.fromkeys(name for statement in self.tree.body for name in _bound(statement)))

    @property
    def defined(self) -> list[str]:
        """The classes, functions and variables of the file, in order; nothing that it imports."""
        own = [each for each in self.tree.body if not isinstance(each, (ast.Import, ast.ImportFrom))]
        return list(dict.fromkeys(name for statement in own for name in _bound(statement)))

    @property
    def networks(self) -> list[str]:
        """What is surely a network: classes derived from one that no other uses; without any, variables of one."""
        kinds: list[ast.ClassDef] = []
        for each in self.tree.body:
            known = {*KINDS, "Module", *(kind.name for kind in kinds)}
            if isinstance(each, ast.ClassDef) and known & {_last(base) for base in each.bases}:
                kinds.append(each)
        used = {name for kind in kinds for name in _used(kind) if name != kind.name}
        return [kind.name for kind in kinds if kind.name not in used] or self._variables

    @property
    def _variables(self) -> list[str]:
        """The variables that are given a layer, or layers in a row."""
        found: list[str] = []
        for each in self.tree.body:
            value = each.value if isinstance(each, ast.Assign) else None
            if isinstance(value, ast.Call) and _last(value.func) in KINDS:
                found += _bound(each)
        return found

    @property
    def losses(self) -> set[str]:
        """The losses that the file calls."""
        calls = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        called = {ast.unparse(function).rpartition(".")[2] for function in calls}
        return {LOSSES.get(name, name) for name in called} & {*LOSSES.values()}

    def value(self, text: str) -> Any:
        """The value of an expression over the names of the file. Raises ArgumentError."""
        try:
            expression = ast.parse(text.strip(), "<target>", mode="eval")
        except (SyntaxError, ValueError):
            raise ArgumentError(say("check.not_a_name"), got=text, expected="FILE.py:Net, FILE.py:Net(10)") from None
        wanted = _used(expression)
        for name in sorted(wanted - {*self.names} - {*dir(builtins)}):
            near = get_close_matches(name, self.names, 3, 0.4) or self.networks or self.defined
            raise ArgumentError(
                say("check.no_name", name=name, file=self.path.name), advice=", ".join(near[:12]) or None
            )
        module = self._run(self._needed(wanted))
        return guarded(self.path, lambda: eval(compile(expression, "<target>", "eval"), vars(module)))  # noqa: S307 (the user's own)

    def _needed(self, wanted: set[str]) -> list[ast.stmt]:
        """The statements that bind the names, and those that bind what these read."""
        taken: set[int] = set()
        known, waiting = set[str](), [*wanted]
        while waiting:
            name = waiting.pop()
            if name in known:
                continue
            known.add(name)
            for index, statement in enumerate(self.tree.body):
                binds = _can_run(statement) and {name, "*"} & {*_bound(statement)}
                if index not in taken and (binds or name in _built(statement)):
                    taken.add(index)
                    waiting += _used(statement)
        return [statement for index, statement in enumerate(self.tree.body) if index in taken]

    def _run(self, statements: list[ast.stmt]) -> ModuleType:
        """Run statements as a module of the file's name, in its package, with its folder on the way of imports."""
        package, folder = _package(self.path.resolve().parent)
        module = ModuleType(".".join((*package, self.path.stem)))
        module.__file__, module.__package__ = str(self.path), ".".join(package)
        sys.modules.setdefault(module.__name__, module)  # where dataclasses look for their annotations
        sys.path.insert(0, str(folder))
        arguments, sys.argv = sys.argv, [str(self.path)]  # what its own argparse finds: the defaults
        try:
            code = compile(ast.Module(statements, []), str(self.path), "exec", dont_inherit=True)
            guarded(self.path, lambda: exec(code, vars(module)))  # noqa: S102 (the user's own file)
        finally:
            sys.argv = arguments
            sys.path.remove(str(folder))
        return module


def _package(folder: Path) -> tuple[tuple[str, ...], Path]:
    """The package that a folder is, as names from the outermost, and the folder that it lies in."""
    names: tuple[str, ...] = ()
    while (folder / "__init__.py").exists() and folder.name.isidentifier():
        names, folder = (folder.name, *names), folder.parent
    return names, folder


def guarded(path: Path, action: Callable[[], Any]) -> Any:
    """Run some of a file; whatever it raises is told as the file's. Raises ArgumentError."""
    try:
        return action()
    except (Exception, SystemExit) as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f"{path}:{frames[-1].lineno}" if frames else str(path)
        told = f"{type(error).__name__}: {error.reason if isinstance(error, KnollError) else error}"
        raise ArgumentError(
            say("check.file_failed", file=path.name), where=where, got=told, advice=_advice(error)
        ) from error


def _advice(error: BaseException) -> str | None:
    if isinstance(error, KnollError):
        return error.advice
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] in _ELSEWHERE:
        return say("check.import_knoll")
    return None


def _similar(path: Path) -> str | None:
    """Files beside the one that is not there, whose names are like it."""
    try:
        files = [each.name for each in path.parent.iterdir() if each.suffix == ".py"]
    except OSError:
        return None
    near = get_close_matches(path.name, files, 3, 0.5) or sorted(files)[:6]
    return ", ".join(str(path.parent / name) for name in near) or None


def _can_run(statement: ast.stmt) -> bool:
    """Whether a statement only defines something, or chooses between definitions."""
    if isinstance(statement, _CONTROL):
        return not _is_main(statement)
    return not isinstance(statement, (ast.For, ast.While, ast.Expr, ast.Delete, ast.AsyncFor))


def _built(statement: ast.stmt) -> set[str]:
    """The names whose values a statement only adds to, as `layers.append(…)` does, or a loop over such statements."""
    if isinstance(statement, ast.Expr):
        match statement.value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _BUILDS:
                return {name}
        return set()
    if not isinstance(statement, ast.For):
        return set()
    parts = [_built(each) for each in statement.body]
    is_plain = [isinstance(each, (ast.Assign, ast.AugAssign)) for each in statement.body]
    return set().union(*parts) if all(one or other for one, other in zip(parts, is_plain, strict=True)) else set()


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, _CONTROL):
        if not _is_main(statement):
            for inner in _inner(statement):
                yield from _bound(inner)
    elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _inner(statement: ast.stmt) -> Iterable[ast.stmt]:
    for field in ("body", "orelse", "finalbody"):
        yield from getattr(statement, field, ())
    for handler in getattr(statement, "handlers", ()):
        yield from handler.body


def _last(expression: ast.expr) -> str:
    """The last part of a dotted name."""
    return ast.unparse(expression).rpartition(".")[2]


def _used(node: ast.AST) -> set[str]:
    """The names that are read anywhere in it."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
