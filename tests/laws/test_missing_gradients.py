"""No gradient is not a gradient of zero: where PyTorch leaves None, Knoll leaves None, and the other values agree.

Random networks of several outputs: layers used once, twice or never, frozen layers, detached values, slopes that are
infinite at zero. Some of the outputs have a loss, in one or several backward passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import knoll

torch = pytest.importorskip("torch")
DRAWN = range(60)
LAYERS = 5


def _network(lib: Any, seed: int) -> Any:
    """A module with the layers and the steps that `seed` draws."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 12))
    steps = [(rng.choice(KINDS, p=SHARES), *(float(part) for part in rng.random(3))) for _ in range(count)]
    watched = rng.random(count) < 0.15
    exposed = [float(part) for part in rng.random(int(rng.integers(1, 5)))]

    class Drawn(lib.nn.Module):  # of either library
        def __init__(self) -> None:
            super().__init__()
            self.layers = lib.nn.ModuleList([lib.nn.Linear(4, 4) for _ in range(LAYERS)])
            self.conv = lib.nn.Conv2d(2, 2, 3, padding=1)
            self.told: list[int] = []
            self.watched: list[Any] = []

        def forward(self, x: Any) -> Any:
            known = [x]
            for (kind, *choices), watches in zip(steps, watched, strict=True):
                a, b = (known[int(choice * len(known))] for choice in choices[:2])
                known.append(STEPS[kind](Step(lib, self, a, b, int(choices[2] * LAYERS))))
                if watches and known[-1].requires_grad:
                    self._watch(known[-1], len(known))
            return tuple(known[-1 - int(choice * min(len(known) - 1, 6))] for choice in exposed)

        def _watch(self, value: Any, number: int) -> None:
            value.retain_grad()
            value.register_hook(lambda _: self.told.append(number))
            self.watched.append(value)

    network = Drawn()
    for parameter in network.parameters():
        parameter.data = lib.tensor(rng.normal(0, 0.7, tuple(parameter.shape)).astype(np.float32))
        if rng.random() < 0.15:
            parameter.requires_grad_(False)
    return network


class Step(NamedTuple):
    """What a step works with: the library, the network, two values that are known, and the number of a layer."""

    lib: Any
    network: Any
    a: Any
    b: Any
    k: int


def _apart(s: Step) -> Any:
    with s.lib.no_grad():
        return s.network.layers[s.k](s.a)


STEPS: dict[str, Callable[[Step], Any]] = {
    "linear": lambda s: s.network.layers[s.k](s.a),
    "conv": lambda s: s.network.conv(s.a.reshape(-1, 2, 2, 2)).reshape(-1, 4),
    "sum": lambda s: s.a + s.b,
    "product": lambda s: s.a * s.b,
    "relu": lambda s: s.a.relu(),
    "root at zero": lambda s: s.lib.sqrt(s.a - s.a.detach()),  # its slope is infinite
    "detached": lambda s: s.a.detach() * 2,
    "part": lambda s: s.lib.cat((s.a[:, :2], s.b[:, 2:]), 1),
    "sign": lambda s: s.a.sign() + s.b,
    "apart": _apart,
}
KINDS = list(STEPS)
SHARES = np.array([6, 2, 2, 1, 1, 1, 1, 1, 0.5, 0.5])
SHARES = SHARES / SHARES.sum()


def _by_backward(lib: Any, seed: int) -> list[Any]:
    """What several backward passes leave in every `grad`, and what the hooks were told."""
    rng = np.random.default_rng(seed + 1000)
    network = _network(lib, seed)
    x = lib.tensor(rng.normal(0, 1, (2, 4)).astype(np.float32), requires_grad=bool(rng.random() < 0.5))
    outputs = network(x)
    for number, parameter in enumerate(network.parameters()):
        if parameter.requires_grad:
            parameter.register_hook(lambda _, number=number: network.told.append(100 + number))
    for _ in range(int(rng.integers(1, 4))):
        chosen = [o for o in outputs if rng.random() < 0.5 and o.requires_grad]
        if chosen:
            sum(((output * output).sum() for output in chosen[1:]), chosen[0].sum()).backward(retain_graph=True)
    tensors = [x, *network.parameters(), *network.watched]
    return [[t.grad for t in tensors], sorted(network.told), [t.requires_grad for t in outputs]]


def _by_grad(lib: Any, seed: int) -> list[Any]:
    """What `autograd.grad` gives for every parameter, and what it says where one is unused."""
    network = _network(lib, seed)
    x = lib.tensor(np.random.default_rng(seed).normal(0, 1, (2, 4)).astype(np.float32), requires_grad=True)
    outputs = network(x)
    inputs = [x, *(p for p in network.parameters() if p.requires_grad)]
    output = outputs[0]
    if not output.requires_grad:
        return [[], "", []]
    found = lib.autograd.grad(output.sum(), inputs, allow_unused=True, retain_graph=True)
    try:
        lib.autograd.grad(output.sum(), inputs)
        sentence = ""
    except RuntimeError as error:
        sentence = str(error).split("\n")[0]
    return [list(found), sentence, []]


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")  # NumPy, of infinite numbers
@pytest.mark.parametrize("backend", [_by_backward, _by_grad])
@pytest.mark.parametrize("seed", DRAWN)
def test_none_where_pytorch_has_none(seed: int, backend: Any) -> None:
    ours, theirs = backend(knoll, seed), backend(torch, seed)
    assert ours[1:] == theirs[1:]
    assert [gradient is None for gradient in ours[0]] == [gradient is None for gradient in theirs[0]]
    for a, b in zip(ours[0], theirs[0], strict=True):
        if a is not None and np.isfinite(b.numpy()).all():
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-4, atol=2e-4 * max(float(abs(b).max()), 1e-3))
