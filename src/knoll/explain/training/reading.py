"""An optimiser or a schedule read from the text that makes it; nothing is executed."""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Collection
from typing import Any

from knoll.errors import ArgumentError, KnollError
from knoll.explain.reading import KINDS as LAYERS
from knoll.explain.training.all_cards import OPTIMIZERS, TRAINING
from knoll.explain.training.recipe import Kind, Recipe, plainly
from knoll.explain.training.setup import ASSUMED, Setup
from knoll.explain.wrong_text import near_name
from knoll.messages import say

KINDS: dict[str, Kind] = {kind.__name__: kind for kind in TRAINING}
MODULES = ("", "optim.", "lr_scheduler.", "optim.lr_scheduler.")
OWNERS = (ast.Name, ast.Attribute)  # `optimizer`, `self.optimizer`


def read_training(text: str) -> tuple[Setup, bool] | None:
    """What a text such as "SGD(lr=0.1)" or "StepLR(step_size=30)" makes; None for a text that names neither.

    Parameters and the optimiser may be left out; the optimiser of a schedule may be written out, too. The second says
    whether no optimiser was named and a plain one is assumed. Raises ArgumentError for arguments that are no literals
    and for a name that is misspelt, and what the constructor raises.

    >>> found = read_training("optim.SGD(net.parameters(), lr=0.1)")
    >>> found[0].recipe.written, read_training("ReLU()")
    ('SGD(lr=0.1)', None)
    """
    name, bracket, _ = text.strip().partition("(")
    if _kind(name.strip()) is None:
        _refuse_misspelt(name.strip())
        return None
    try:
        call = ast.parse(text.strip() if bracket else f"{text.strip()}()", mode="eval").body
        assert isinstance(call, ast.Call)
        setup, is_assumed = _setup(call)
        _checked(setup)
    except KnollError:
        raise
    except (
        SyntaxError,
        ValueError,
        TypeError,
        AttributeError,
        ArithmeticError,
        AssertionError,
        RecursionError,
    ) as error:
        reason = str(error).replace(f"{name.strip()}.__init__()", name.strip())
        raise ArgumentError(say("explain_training.not_made", name=name.strip(), reason=reason), got=text) from None
    return setup, is_assumed


def is_training(text: str) -> bool:
    """Whether a text names an optimiser or a schedule.

    >>> is_training("optim.SGD(lr=0.1)"), is_training("ReLU()")
    (True, False)
    """
    return _kind(text.partition("(")[0].strip()) is not None


def _refuse_misspelt(name: str) -> None:
    """Raise ArgumentError for a name that is nearly one of an optimiser or a schedule, and none of a layer."""
    short = name.rpartition(".")[2]
    near = [own for own in KINDS if own.lower() == short.lower()] or difflib.get_close_matches(short, KINDS, 1, 0.8)
    if near and short not in (*LAYERS, *KINDS):
        raise ArgumentError(say("explain_training.unknown", name=name), advice=near[0])


def _checked(setup: Setup) -> None:
    """Make it once. Raises what its constructor raises."""
    goes_on = "last_epoch" in setup.recipe.arguments  # which takes as long as the training before
    (setup.with_value("last_epoch", -1) if goes_on else setup).series(1)


def _kind(name: str) -> Kind | None:
    short = name.rpartition(".")[2]
    module = name.removesuffix(short).removeprefix("torch.").removeprefix("knoll.")
    return KINDS.get(short) if module in MODULES else None


def _setup(call: ast.Call) -> tuple[Setup, bool]:
    recipe = _recipe(call)
    if recipe.kind in OPTIMIZERS:
        return Setup(recipe), False
    owner = _owner(call)
    return Setup(recipe, ASSUMED if owner is None else _recipe(owner)), owner is None


def _owner(call: ast.Call) -> ast.Call | None:
    """The optimiser that a schedule was written with."""
    named = [each.value for each in call.keywords if each.arg == "optimizer"]
    for each in (*call.args[:1], *named):
        if isinstance(each, ast.Call) and _kind(ast.unparse(each.func)) in OPTIMIZERS:
            return each
    return None


def _recipe(call: ast.Call) -> Recipe:
    kind = _kind(ast.unparse(call.func))
    if kind is None:
        raise ArgumentError(say("explain_training.no_literal_here"), got=ast.unparse(call))
    signature = inspect.signature(kind)
    given = [] if _begins_with_owner(call, kind) else [None]
    values = [None if _is_owner(each, kind) else _value(each) for each in call.args]
    named = {each.arg: _value(each.value) for each in call.keywords if each.arg not in (None, "params", "optimizer")}
    if next(iter(signature.parameters)) not in ("params", "optimizer"):
        given, values = [], [each for each in values if each is not None]
    _check_names(kind, signature, signature.bind_partial(*given, *values).arguments.keys() | named.keys(), call)
    bound = signature.bind(*given, *values, **named).arguments
    return Recipe(kind, {name: plainly(each) for name, each in bound.items() if name not in ("params", "optimizer")})


def _check_names(kind: Kind, signature: inspect.Signature, given: Collection[str], call: ast.Call) -> None:
    """Refuse an argument that there is not, and the lack of one that there must be. Raises ArgumentError."""
    parameters = {name: each for name, each in signature.parameters.items() if name not in ("params", "optimizer")}
    unknown = [name for name in given if name not in signature.parameters]
    missing = [name for name, each in parameters.items() if each.default is each.empty and name not in given]
    advice = None
    if unknown:
        reason = say("explain.unknown_argument", kind=kind.__name__, name=unknown[0])
        near = near_name(unknown[0], [*parameters])
        advice = f"{near}=" if near else None
    elif missing:
        reason = say("explain.missing_arguments", kind=kind.__name__, names=", ".join(missing))
    else:
        return
    shown = f"{kind.__name__}({', '.join(parameters)})"
    raise ArgumentError(reason, expected=shown, got=ast.unparse(call), advice=advice)


def _begins_with_owner(call: ast.Call, kind: Kind) -> bool:
    return bool(call.args) and _is_owner(call.args[0], kind)


def _is_owner(expression: ast.expr, kind: Kind) -> bool:
    """Whether it stands for the parameters of an optimiser, or for the optimiser of a schedule."""
    if isinstance(expression, ast.Call):
        return kind in OPTIMIZERS or _kind(ast.unparse(expression.func)) in OPTIMIZERS
    return isinstance(expression, OWNERS)


def _value(expression: ast.expr) -> Any:
    if isinstance(expression, ast.Call):
        return _recipe(expression)
    if isinstance(expression, ast.List | ast.Tuple):
        return tuple(map(_value, expression.elts))
    if isinstance(expression, ast.Lambda):
        raise ArgumentError(
            say("explain_training.no_function"), got=ast.unparse(expression), advice="scheduler.explain()"
        )
    try:
        return ast.literal_eval(expression)
    except (ValueError, TypeError):
        raise ArgumentError(say("explain_training.no_literal_here"), got=ast.unparse(expression)) from None
