"""A network that is looked at is afterwards what it was, whatever its forward changes."""

from __future__ import annotations

from typing import Any

import numpy as np

import knoll
from knoll import nn
from knoll.analysis import trace


class Remembers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.frozen = nn.Parameter(knoll.ones(4), requires_grad=False)
        self.register_buffer("mean", knoll.ones(4))
        self.register_buffer("count", knoll.zeros(1))
        self.seen, self.last, self.calls = [], knoll.zeros(4), 0

    def forward(self, x: Any) -> Any:
        with knoll.no_grad():
            self.mean.mul_(0.9).add_(x.mean(0))
            self.count += 1
            self.frozen.mul_(0.5)
            self.frozen.data = self.frozen.data + 1
            self.last = x.mean(0)
        self.calls += 1
        self.seen.append(x)
        self.new = x
        return self.fc(x - self.mean)


def test_a_network_is_afterwards_what_it_was() -> None:
    net = Remembers()
    before = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    seen, last = net.seen, net.last
    for training in (False, True):
        trace(net, (4,), training=training)
    assert net.check((4,))
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    assert (net.calls, net.seen, hasattr(net, "new")) == (0, [], False)
    assert (net.seen is seen, net.last is last) == (True, True)


def test_a_trace_knows_what_the_network_kept() -> None:
    pass_ = trace(Remembers(), (4,))
    means = [step.node.outputs[0] for step in pass_.steps if step.node.op.name == "mean"]
    assert means[-1] in pass_.stored


def test_sizes_left_open_stay_settled() -> None:
    net = nn.Sequential(nn.LazyLinear(3))
    trace(net, (4,))
    assert net[0].in_features == 4
