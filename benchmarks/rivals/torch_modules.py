"""What PyTorch's modes share: the network with PyTorch's layers, and its training step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import modules
from benchmarks.layers import Array
from benchmarks.network import Network
from benchmarks.rivals.rival import LEARNING_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


def start(threads: int) -> None:
    """The number of threads; denormals are flushed, as in Knoll, which never slows PyTorch."""
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def module_of(network: Network) -> Any:  # its stubs know no memory_format
    """The network with PyTorch's layers, holding its arrays."""
    import torch

    return modules.module_of(network, torch.nn, torch.from_numpy)


class TorchLearner:
    """A training step; `compiled` wraps forward and loss, `channels_last` lays images and weights out that way."""

    def __init__(
        self,
        network: Network,
        threads: int,
        channels_last: bool = False,
        compiled: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
    ) -> None:
        import torch

        start(threads)
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self._net = module_of(network).to(memory_format=self._format)
        self._optimizer = torch.optim.SGD(self._net.parameters(), lr=LEARNING_RATE, fused=True)
        self._loss: Callable[..., Any] = compiled(self._forward) if compiled else self._forward

    def _forward(self, x: torch.Tensor, labels: torch.Tensor) -> Any:
        import torch

        return torch.nn.functional.cross_entropy(self._net(x), labels)

    def batch(self, x: Array, labels: Array) -> Any:
        """Tensors in this mode's layout."""
        import torch

        return torch.from_numpy(x).to(memory_format=self._format), torch.from_numpy(labels)

    def step(self, batch: Any) -> float:
        """Forward, loss, backward, update."""
        loss = self._loss(*batch)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        return float(loss.item())

    def outputs(self, x: Array) -> Array:
        """What the model says."""
        import torch

        with torch.inference_mode():
            return np.asarray(self._net(torch.from_numpy(x).to(memory_format=self._format)))
