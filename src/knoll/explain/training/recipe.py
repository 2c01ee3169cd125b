"""Recipes: an optimiser or a schedule as it is written, before it has parameters or an optimiser."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import indent
from typing import Any

from knoll.analysis.arguments import signature
from knoll.explain.parts import Option, Text, Written
from knoll.optim import Optimizer
from knoll.optim.lr_scheduler import LRScheduler
from knoll.tensor import Tensor

Kind = type[Optimizer] | type[LRScheduler]
LEFT_OUT = frozenset({"params", "optimizer"})  # what a recipe has not yet
LONGEST = 72  # letters of a line
LISTS = frozenset({"milestones", "schedulers", "lr_lambda"})  # written in brackets


@dataclass(frozen=True, slots=True)
class Function(Written):
    """A function of one number, as it is written.

    >>> Function("lambda epoch: 0.5 ** epoch")(2)
    0.25
    """

    text: str

    def __call__(self, number: float) -> float:
        return _compiled(self.text)(number)

    def __repr__(self) -> str:
        return self.text


@cache
def _compiled(text: str) -> Callable[[float], float]:
    function: Callable[[float], float] = eval(text, {})  # noqa: S307 (the texts stand in the cards)
    return function


@dataclass(frozen=True, eq=False)
class Recipe(Written):
    """An optimiser without its parameters, or a schedule without its optimiser: its class and its arguments.

    >>> from knoll.optim.lr_scheduler import StepLR
    >>> recipe = Recipe(StepLR, {"step_size": 30, "gamma": 0.1})
    >>> recipe.written, recipe.code("optimizer")
    ('StepLR(step_size=30)', 'StepLR(optimizer, step_size=30)')
    """

    kind: Kind
    arguments: Mapping[str, Any]

    @property
    def complete(self) -> dict[str, Any]:
        """All arguments, with the defaults of those that were not given."""
        return {name: self.arguments.get(name, each.default) for name, each in arguments_of(self.kind).items()}

    @property
    def written(self) -> str:
        """The call that makes it, without what it has not yet and without defaults."""
        return (
            f"{self.kind.__name__}({', '.join(f'{name}={text(name, self.arguments[name])}' for name in self._given)})"
        )

    def code(self, owner: str) -> str:
        """The call that makes it for an `owner`: parameters, or an optimiser; over several lines where it is long."""
        line = f"{self.kind.__name__}({', '.join(self._words(owner, is_long=False))})"
        return (
            line if len(line) <= LONGEST else _broken(f"{self.kind.__name__}(", self._words(owner, is_long=True), ")")
        )

    @property
    def _given(self) -> list[str]:
        """The names of the arguments that do not have their default."""
        return [name for name in arguments_of(self.kind) if not self.is_default(name)]

    def _words(self, owner: str, *, is_long: bool) -> Iterator[str]:
        """The arguments of the call, the owner where its place is."""
        is_first = next(iter(signature(self.kind))) in LEFT_OUT
        if is_first:
            yield owner
        for name in self._given:
            value = self.arguments[name]
            if is_long and name == "schedulers":
                yield _broken(f"{name}=[", (part.code(owner) for part in value), "]")
            else:
                yield f"{name}={text(name, value, lambda part: part.code(owner))}"
        if not is_first:
            yield f"optimizer={owner}"

    def is_default(self, name: str) -> bool:
        """Whether an argument has its default."""
        default = arguments_of(self.kind)[name].default
        return name not in self.arguments or bool(self.arguments[name] == default)

    def made(self, owner: Any) -> Any:
        """The optimiser of some parameters, or the schedule of an optimiser. Raises what its constructor raises."""
        make: Any = self.kind
        (name,) = LEFT_OUT & signature(self.kind).keys()
        return make(**{name: owner, **{each: _constructed(value, owner) for each, value in self.arguments.items()}})

    def with_value(self, name: str, value: Option) -> Recipe:
        """The same with another value of one argument."""
        return Recipe(self.kind, {**self.arguments, name: value})

    def kinds(self) -> Iterator[Kind]:
        """Its class, and those of the schedules that it is made of."""
        yield self.kind
        for value in self.arguments.values():
            for each in value if isinstance(value, tuple) else ():
                if isinstance(each, Recipe):
                    yield from each.kinds()

    def __repr__(self) -> str:
        return self.written


def arguments_of(kind: Kind) -> dict[str, inspect.Parameter]:
    """The arguments that a class takes beside its parameters or its optimiser."""
    return {name: each for name, each in signature(kind).items() if name not in LEFT_OUT}


def _broken(opening: str, words: Iterable[str], closing: str) -> str:
    """Something in brackets over several lines."""
    return "\n".join((opening, *(indent(f"{word},", "    ") for word in words), closing))


def text(name: str, value: Any, part: Callable[[Recipe], str] = repr) -> str:
    """An argument as it is written; several schedules, functions or epochs are a list.

    >>> text("milestones", (30, 80)), text("betas", (0.9, 0.999))
    ('[30, 80]', '(0.9, 0.999)')
    """
    if isinstance(value, tuple) and name in LISTS:
        return f"[{', '.join(part(each) if isinstance(each, Recipe) else repr(each) for each in value)}]"
    if callable(value) and not isinstance(value, Written):
        return str(getattr(value, "__name__", type(value).__name__)).replace("<lambda>", "lambda …")
    return repr(value)


def option_of(name: str, value: Any) -> Option:
    """An argument as plain data."""
    is_literal = value is None or isinstance(value, bool | int | float | str)
    if is_literal or (isinstance(value, tuple) and name not in LISTS):
        return value  # type: ignore[no-any-return]  # literals alone
    return Text(text(name, value))


def plainly(value: Any) -> Any:
    """A setting without tensors: a float for a tensor of one element, a tuple for a list."""
    if isinstance(value, Tensor):
        return float(value)
    return tuple(map(plainly, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _constructed(value: Any, owner: Any) -> Any:
    if isinstance(value, tuple) and any(isinstance(each, Recipe) for each in value):
        return [_constructed(each, owner) for each in value]
    return value.made(owner) if isinstance(value, Recipe) else value
