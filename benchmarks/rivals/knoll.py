"""Knoll: a module called as a learner calls it, and the bare program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import modules
from benchmarks.layers import Array
from benchmarks.network import Network, Task
from benchmarks.rivals.rival import LEARNING_RATE, Call, Rival

if TYPE_CHECKING:
    from knoll import nn


def module_of(network: Network) -> nn.Module:
    """The network with Knoll's layers, holding its arrays."""
    from knoll import nn
    from knoll.tensor import Tensor

    module: nn.Module = modules.module_of(network, nn, Tensor)
    return module


def call_module(task: Task) -> Call:
    """`net(x)`, with everything Python does around it."""
    import knoll
    from knoll.run.threads import set_num_threads

    set_num_threads(task.threads)
    net, x = module_of(task.network).eval(), knoll.as_tensor(task.x)

    def call() -> Array:
        with knoll.no_grad():
            return np.asarray(net(x))

    return call


def call_program(task: Task) -> Call:
    """The compiled program, as one would serve it."""
    import knoll
    from knoll.run.threads import set_num_threads

    set_num_threads(task.threads)
    program = knoll.compile(module_of(task.network).eval(), task.x)
    return lambda: program(task.x)


class KnollLearner:
    """A training step as the course writes it."""

    def __init__(self, network: Network, threads: int) -> None:
        from knoll import nn, optim
        from knoll.run.threads import set_num_threads

        set_num_threads(threads)
        self._net = module_of(network)
        self._loss = nn.CrossEntropyLoss()
        self._optimizer = optim.SGD(self._net.parameters(), lr=LEARNING_RATE)

    def batch(self, x: Array, labels: Array) -> Any:
        """Tensors that share the arrays' memory."""
        import knoll

        return knoll.as_tensor(x), knoll.as_tensor(labels)

    def step(self, batch: Any) -> float:
        """Forward, loss, backward, update."""
        x, labels = batch
        loss = self._loss(self._net(x), labels)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        return float(loss.item())

    def outputs(self, x: Array) -> Array:
        """What the model says."""
        import knoll

        with knoll.no_grad():
            return np.asarray(self._net(x))


LAYER, PROGRAM = "Knoll, net(x)", "Knoll, knoll.compile(net, x)"
RIVALS = (
    Rival(LAYER, ("knoll", "knoll.nn", "knoll.optim"), call_module, KnollLearner),
    Rival(PROGRAM, ("knoll", "knoll.nn"), call_program),
)
