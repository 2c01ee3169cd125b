"""Optimisers explained: what every setting means, and steps that are really done on one number."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from typing import Any

from knoll.document import Line
from knoll.errors import ArgumentError, KnollError
from knoll.explain.numbers import short
from knoll.explain.optimizer_explanation import OptimizerExplanation
from knoll.explain.parts import NumberTable, ParameterNote
from knoll.messages import Sentence, say, sentence
from knoll.optim import SGD, Adam, AdamW, Optimizer
from knoll.tensor import tensor

STEPS = 5
WAYS = frozenset({"foreach", "fused", "capturable", "differentiable"})  # how PyTorch computes: they change nothing
SWITCHES = {
    "nesterov": ("nesterov_no", "nesterov_yes"),
    "maximize": ("maximize_no", "maximize_yes"),
    "amsgrad": ("amsgrad_no", "amsgrad_yes"),
    "decoupled_weight_decay": ("decoupled_weight_decay_no", "decoupled_weight_decay_yes"),
}
NONE = {"momentum": "momentum_none", "dampening": "dampening_none", "weight_decay": "weight_decay_none"}
KINDS: Mapping[type[Optimizer], str] = {SGD: "sgd", AdamW: "adamw", Adam: "adam"}


def explain_optimizer(optimizer: Optimizer) -> OptimizerExplanation:
    """What every setting of an optimiser means; its own parameters stay as they are.

    Raises ArgumentError for optimisers that there are no words for.

    >>> import knoll
    >>> from knoll.explain import explain_optimizer
    >>> from knoll.optim import SGD
    >>> explain_optimizer(SGD([knoll.zeros(1)], lr=0.1, momentum=0.9)).written
    'SGD(lr=0.1, momentum=0.9)'
    """
    kind = next((each for each in KINDS if type(optimizer) is each), None)
    if kind is None:
        raise ArgumentError(say("explain.unknown_optimizer", kind=type(optimizer).__name__))
    taken = inspect.signature(kind.__init__).parameters
    group = optimizer.param_groups[0]
    settings = {name: _plain(group[name]) for name in taken if name in group and name not in WAYS | {"params"}}
    defaults = {name: taken[name].default for name in settings}
    changed = (f"{name}={value!r}" for name, value in settings.items() if value != defaults[name])
    notes = (
        ParameterNote(name, value, defaults[name], False, value == defaults[name], words(kind, name, settings))
        for name, value in settings.items()
    )
    return OptimizerExplanation(
        kind.__name__,
        f"{kind.__name__}({', '.join(changed)})",
        sentence(f"explain_optimizers.{KINDS[kind]}"),
        tuple(notes),
        (steps(kind, settings),),
        f"https://pytorch.org/docs/stable/generated/torch.optim.{kind.__name__}.html",
    )


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "numel") else value


def words(kind: type[Optimizer], name: str, settings: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """What a setting means, with its value."""
    value = settings[name]
    if name in SWITCHES:
        return (sentence(f"explain_optimizers.{SWITCHES[name][bool(value)]}"),)
    if name == "betas":
        return (sentence("explain_optimizers.betas", first=value[0], second=value[1], steps=1 / (1 - value[0])),)
    if name == "weight_decay" and value:
        is_decoupled = kind is AdamW or settings.get("decoupled_weight_decay", False)
        if is_decoupled:
            return (sentence("explain_optimizers.weight_decay_decoupled", value=value, share=settings["lr"] * value),)
        return (sentence("explain_optimizers.weight_decay", value=value),)
    if name == "momentum" and value:
        buffers = tuple(short(each) for each in sums(value, settings["dampening"]))
        return (sentence("explain_optimizers.momentum", value=value, sums=buffers),)
    if name in NONE and not value:
        return (sentence(f"explain_optimizers.{NONE[name]}"),)
    if name == "lr" and kind is not SGD:
        return (sentence("explain_optimizers.lr_of_adam", value=value),)
    return (sentence(f"explain_optimizers.{name}", value=value),)


def sums(momentum: float, dampening: float) -> list[float]:
    """What is remembered after steps whose gradients are all 1: steps that are really done."""
    parameter = tensor([0.0], dtype="float64", requires_grad=True)
    optimizer = SGD([parameter], lr=1.0, momentum=momentum, dampening=dampening)
    found = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        parameter.sum().backward()
        optimizer.step()
        found.append(optimizer.state[parameter]["momentum_buffer"].item())
    return found


def steps(kind: type[Optimizer], settings: Mapping[str, Any]) -> NumberTable:
    """One number that begins at 1, with the loss p², led by such an optimiser."""
    parameter = tensor([1.0], dtype="float64", requires_grad=True)
    build: Any = kind
    optimizer = build([parameter], **settings)
    rows = []
    for number in range(1, STEPS + 1):
        before = parameter.item()
        optimizer.zero_grad()
        (parameter * parameter).sum().backward()
        gradient = parameter.grad
        assert gradient is not None
        slope = gradient.item()
        optimizer.step()
        rows.append((number, short(before), short(slope), short(parameter.item() - before), short(parameter.item())))
    names = ("step", "before", "gradient", "change", "after")
    header: tuple[Line, ...] = tuple(sentence(f"explain_optimizers.{name}") for name in names)
    return NumberTable(sentence("explain_optimizers.table"), header, tuple(rows))


def read_optimizer(text: str) -> Optimizer | None:
    """The optimiser that a text such as "SGD(lr=0.1)" makes, of one number; None for a text that names none.

    Parameters may be left out, or written as `net.parameters()`. Raises ArgumentError for settings that are no
    literals, and what the optimiser raises.

    >>> type(read_optimizer("optim.SGD(net.parameters(), lr=0.1)")).__name__, read_optimizer("ReLU()")
    ('SGD', None)
    """
    kinds: dict[str, Any] = {kind.__name__: kind for kind in KINDS}
    name, bracket, _ = text.strip().partition("(")
    kind = kinds.get(name.strip().rpartition(".")[2])
    if kind is None:
        return None
    try:
        call: Any = ast.parse(text.strip() if bracket else f"{text.strip()}()", mode="eval").body
        first = [] if not call.args or not isinstance(call.args[0], ast.Call | ast.Name) else call.args[:1]
        values = [ast.literal_eval(each) for each in call.args[len(first) :]]
        named = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg != "params"}
        made: Optimizer = kind([tensor([1.0], requires_grad=True)], *values, **named)
    except (SyntaxError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, KnollError):
            raise
        if isinstance(error, ValueError):
            raise ArgumentError(say("explain.no_literal"), came=text) from None
        reason = str(error).replace(f"{kind.__name__}.__init__()", kind.__name__)
        raise ArgumentError(say("explain.not_python", reason=reason), came=text) from None
    return made
