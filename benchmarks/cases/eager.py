"""What a call costs beside the work: small networks, layers, operations and a training step, as a learner writes them.

Of operations on many numbers the work itself is what costs.

Both libraries run the same lines, as they have the same names; gradients are wanted unless the work says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.cases.case import Case, Settings, Tell
from benchmarks.network import Task, practice, task
from benchmarks.processes import Contestant
from benchmarks.race import TOLERANCE, Timing, largest_difference, raced
from benchmarks.table import Column, Row, Table
from knoll.errors import DataError
from knoll.messages import say

COLUMNS = (
    Column("work"),
    Column("knoll", 1e6, ".1f"),
    Column("torch", 1e6, ".1f"),
    Column("ratio"),
)
Work = Callable[[Any], Callable[[], Any]]  # from a library to the call that is timed


def _drawn(library: Any, *shape: int) -> Any:
    numbers = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return library.as_tensor(numbers)


def _same(library: Any, net: Any) -> Any:
    """The network with numbers that are the same in both libraries."""
    with library.no_grad():
        for parameter in net.parameters():
            parameter.copy_(_drawn(library, *parameter.shape) / max(parameter[0].numel(), 1) ** 0.5)
    return net


def _layer(shape: tuple[int, ...], make: Callable[[Any], Any], library: Any) -> Callable[[], Any]:
    layer, x = _same(library, make(library.nn)).eval(), _drawn(library, *shape)
    return lambda: layer(x)


def _small_layers(nn: Any) -> Any:
    blocks = ((nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU()) for _ in range(10))
    return nn.Sequential(*(layer for block in blocks for layer in block))


def _practice(nn: Any) -> Any:
    layers = [(nn.Conv2d(c, k, 5, padding=2), nn.MaxPool2d(2)) for c, k in ((3, 32), (32, 32), (32, 64))]
    return nn.Sequential(*sum(layers, ()), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))


def _two_layers(nn: Any) -> Any:
    return nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 2))


def _step(optimizer: str, library: Any) -> Callable[[], Any]:
    net, x = _same(library, _two_layers(library.nn)), _drawn(library, 8, 10)
    labels, loss_fn = library.as_tensor(np.arange(8) % 2), library.nn.CrossEntropyLoss()
    update = getattr(library.optim, optimizer)(net.parameters(), lr=1e-3)

    def step() -> Any:
        update.zero_grad()
        loss = loss_fn(net(x), labels)
        loss.backward()
        update.step()
        return loss

    return step


def _operation(operation: Callable[[Any, Any], Any], library: Any, size: int = 4) -> Callable[[], Any]:
    a, b = _drawn(library, size, size), _drawn(library, size, size)
    return lambda: operation(a, b)


WORKS: dict[str, Work] = {
    "small_layers": partial(_layer, (1, 8, 8, 8), _small_layers),
    "practice": partial(_layer, (1, 3, 32, 32), _practice),
    "step_sgd": partial(_step, "SGD"),
    "step_adam": partial(_step, "Adam"),
    "Linear(10, 10)": partial(_layer, (8, 10), lambda nn: nn.Linear(10, 10)),
    "Conv2d(3, 8, 3)": partial(_layer, (1, 3, 8, 8), lambda nn: nn.Conv2d(3, 8, 3)),
    "ReLU()": partial(_layer, (8, 10), lambda nn: nn.ReLU()),
    "a + b": partial(_operation, lambda a, b: a + b),
    "a * 2": partial(_operation, lambda a, _: a * 2),
    "a.exp()": partial(_operation, lambda a, _: a.exp()),
    "a.sum()": partial(_operation, lambda a, _: a.sum()),
    "a.reshape(2, -1)": partial(_operation, lambda a, _: a.reshape(2, -1)),
    "a[0]": partial(_operation, lambda a, _: a[0]),
    "a @ b": partial(_operation, lambda a, b: a @ b),
}


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a * 2": lambda a, _: a * 2,
    "a * b[0]": lambda a, b: a * b[0],
    "a.mul_(1)": lambda a, _: a.mul_(1),
    "a.clamp_(0, 1)": lambda a, _: a.clamp_(0, 1),
    "a.exp()": lambda a, _: a.exp(),
    "a.erf()": lambda a, _: a.erf(),
    "a.abs().sqrt()": lambda a, _: a.abs().sqrt(),
    "a.mean()": lambda a, _: a.mean(),
    "a.sum(1)": lambda a, _: a.sum(1),
    "((a - b) ** 2).mean()": lambda a, b: ((a - b) ** 2).mean(),
    "a.softmax(1)": lambda a, _: a.softmax(1),
    "a.topk(5).values": lambda a, _: a.topk(5).values,
    "a.t().contiguous()": lambda a, _: a.t().contiguous(),
    "a.flip(1)": lambda a, _: a.flip(1),
    "a.half()": lambda a, _: a.half(),
    "a.cumsum(1)": lambda a, _: a.cumsum(1),
}
MANY = "10⁶: "  # what names of works on many numbers begin with
LARGE: dict[str, Work] = {
    MANY + name: partial(_operation, operation, size=1000) for name, operation in OPERATIONS.items()
}


def prepare(work: str, library: str, checked: bool, given: Task) -> Callable[[], Any]:
    """The call of some work with a library; `checked`, its results are arrays."""
    module = import_module(library)
    import_module(f"{library}.optim")
    module.set_num_threads(given.threads)
    call = (WORKS | LARGE)[work](module)
    return (lambda: np.asarray(call().detach())) if checked else call


def run(settings: Settings, tell: Tell) -> Table:
    """A row for each small work, Knoll and PyTorch in turns."""
    return _table("eager", WORKS, settings, tell)


def run_large(settings: Settings, tell: Tell) -> Table:
    """A row for each operation on many numbers, Knoll and PyTorch in turns."""
    return _table("operations", LARGE, settings, tell)


def _table(name: str, works: dict[str, Work], settings: Settings, tell: Tell) -> Table:
    present = {rival.modules[0] for rival in settings.rivals}
    libraries = [library for library in ("knoll", "torch") if library in present]
    given, rows = task(practice(), 1, settings.threads), []
    with ExitStack() as stack:
        contestants = {
            library: stack.enter_context(Contestant(library, partial(prepare, "ReLU()", library, False), given))
            for library in libraries
        }
        for work in works:
            tell(_name(work))
            rows.append(_row(work, contestants, given, settings.rounds))
    return Table(name, say(f"bench.{name}", threads=settings.threads), COLUMNS, tuple(rows), {})


def _row(work: str, contestants: dict[str, Contestant], given: Task, rounds: int) -> Row:
    """The medians, after results have been compared."""
    found = []
    for library, contestant in contestants.items():
        contestant.prepare(partial(prepare, work, library, True), given)
        found.append(contestant.results(1))
    for results in found[1:]:
        if not largest_difference(results, found[0]) < TOLERANCE:
            raise DataError(say("bench.differs", rival="PyTorch", first="Knoll"), got=_name(work))
    for library, contestant in contestants.items():
        contestant.prepare(partial(prepare, work, library, False), given)
    timings = raced(list(contestants.values()), rounds, lambda _: None, alone=contestants)
    return row_of(work, {timing.rival: timing for timing in timings})


def row_of(work: str, timings: dict[str, Timing]) -> Row:
    """The medians, and how many times as fast as PyTorch Knoll is."""
    mine, theirs = timings["knoll"].median, timings["torch"].median if "torch" in timings else None
    return {"work": _name(work), "knoll": mine, "torch": theirs, "ratio": theirs / mine if theirs else None}


def _name(work: str) -> str:
    """Its name in a table: a sentence, or the line of code."""
    return say(f"bench.eager_{work}") if work.isidentifier() else work.removeprefix(MANY)


CASES = (Case("eager", run), Case("operations", run_large))
