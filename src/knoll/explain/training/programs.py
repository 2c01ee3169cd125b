"""A few lines of Python with an optimiser or a schedule: the loop that it stands in, and one that prints numbers."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.explain.training.card import Unit
from knoll.explain.training.common import SHOWN
from knoll.explain.training.recipe import Recipe
from knoll.explain.training.setup import Setup, start, watched
from knoll.optim import LBFGS, Optimizer
from knoll.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

PRINTED = 8  # epochs that a sample prints
_CLOSURE = (
    "def closure():",
    "    optimizer.zero_grad()",
    "    loss = loss_fn(net(images), labels)",
    "    loss.backward()",
    "    return loss",
)


def loop(setup: Setup, unit: Unit) -> str:
    """The loop of a training, in which `step()` stands where it belongs."""
    optimizer = setup.optimizer if setup.is_schedule else setup.recipe
    lines = [f"optimizer = {optimizer.code('net.parameters()')}"]
    if setup.is_schedule:
        lines.append(f"scheduler = {setup.recipe.code('optimizer')}")
    if optimizer.kind is LBFGS and not setup.is_schedule:
        lines += [*_CLOSURE, "for epoch in range(epochs):", "    optimizer.step(closure)"]
        return "\n".join((*lines, ""))
    lines += [
        "for epoch in range(epochs):",
        "    for images, labels in loader:",
        "        optimizer.zero_grad()",
        "        loss_fn(net(images), labels).backward()",
        "        optimizer.step()",
    ]
    if unit == "batch":
        lines.append("        scheduler.step()")
    elif setup.is_schedule:
        given = "test_loss" if setup.recipe.kind is ReduceLROnPlateau else ""
        lines.append(f"    scheduler.step({given})")
    return "\n".join((*lines, ""))


def sample(setup: Setup, count: int) -> str:
    """A program that runs when it is pasted alone, and prints what the optimiser or the schedule gives."""
    lines = _of_schedule(setup, count) if setup.is_schedule else _of_optimizer(setup)
    return "\n".join((*lines, ""))


def _of_optimizer(setup: Setup) -> Iterator[str]:
    yield "import knoll"
    yield from _imports(setup.recipe)
    yield f"p = knoll.tensor({start(setup.recipe.kind)}, requires_grad=True)"
    yield f"optimizer = {setup.recipe.code('[p]')}"
    if setup.recipe.kind is LBFGS:
        yield from (line.replace("loss_fn(net(images), labels)", "(p * p).sum()") for line in _CLOSURE)
        yield f"for step in range({SHOWN}):"
        yield "    loss = optimizer.step(closure)"
        yield '    print(f"{p.item():.4g}")'
        return
    yield f"for step in range({SHOWN}):"
    yield "    optimizer.zero_grad()"
    yield "    (p * p).sum().backward()"
    yield "    optimizer.step()"
    yield '    print(f"{p.item():.4g}")'


def _of_schedule(setup: Setup, count: int) -> Iterator[str]:
    yield "import knoll"
    yield from _imports(setup.optimizer, setup.recipe)
    yield "p = knoll.ones(1, requires_grad=True)"
    yield f"optimizer = {setup.optimizer.code('[p]')}"
    yield from _begun(setup.recipe)
    shown = "{scheduler.get_last_lr()[0]:.4g}"
    if any(moment.momentum != setup.moments(1)[0].momentum for moment in setup.moments(count)):
        shown += ' {optimizer.param_groups[0]["momentum"]:.4g}'
    count = min(count, len(setup.moments(count + 1)) - 1)  # no further than it goes
    is_watching = setup.recipe.kind is ReduceLROnPlateau
    losses = tuple(watched(setup.arguments["mode"], epoch) for epoch in range(count)) if is_watching else ()
    yield f"for loss in {losses}:" if is_watching else f"for _ in range({count}):"
    yield f"    print(f'{shown}')" if '"' in shown else f'    print(f"{shown}")'
    yield "    optimizer.step()"
    yield f"    scheduler.step({'loss' if is_watching else ''})"


def _begun(recipe: Recipe) -> Iterator[str]:
    """The schedule; one that goes on after an epoch, after another that has come so far."""
    last = recipe.arguments.get("last_epoch", -1)
    if last != -1:
        yield f"scheduler = {recipe.with_value('last_epoch', -1).code('optimizer')}"
        yield f"for _ in range({last + 1}):"
        yield "    optimizer.step()"
        yield "    scheduler.step()"
    yield f"scheduler = {recipe.code('optimizer')}"


def _imports(*recipes: Recipe) -> Iterator[str]:
    """The lines that import the classes, and an empty one."""
    kinds = {kind for recipe in recipes for kind in recipe.kinds()}
    for module, base in (("knoll.optim", Optimizer), ("knoll.optim.lr_scheduler", LRScheduler)):
        names = sorted(kind.__name__ for kind in kinds if issubclass(kind, base))
        if names:
            yield f"from {module} import {', '.join(names)}"
    yield ""
