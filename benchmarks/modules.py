"""A network out of the layers of a library that has PyTorch's names for them: PyTorch, and Knoll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.layers import (
    Add,
    Array,
    BatchNorm,
    Convolution,
    Flatten,
    Function,
    Layer,
    Linear,
    MaxPool,
    MeanPool,
    Relu,
    Tanh,
    Transposed,
    Unpool,
)
from benchmarks.network import IMAGE, Network


def module_of(network: Network, nn: Any, tensor: Callable[[Array], Any]) -> Any:
    """The network with the layers of `nn`, holding its arrays as what `tensor` makes of them."""
    layers = [_layer(layer, nn) for layer in network.layers]
    in_a_row = nn.Sequential(*layers)
    in_a_row.load_state_dict({name: tensor(array) for name, array in network.state().items()})
    return in_a_row if network.is_chain else _branching(network, nn, layers)


def _branching(network: Network, nn: Any, layers: list[Any]) -> Any:
    """Layers that read more than the one before them; a result is let go when nobody reads it any more."""

    class Branching(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(layers)

        def forward(self, x: Any) -> Any:
            results = {IMAGE: x}
            for place, layer in enumerate(self.layers):
                first, *others = (results[source] for source in network.reads[place])
                x = layer(first[0] if isinstance(first, tuple) else first, *others)  # with indices for an unpooling
                for source in network.spent[place]:
                    del results[source]
                results[place] = x
            return x

    return Branching()


def _layer(layer: Layer, nn: Any) -> Any:
    match layer:
        case Convolution(weight, bias, padding, stride, groups, dilation):
            k, c, *window = weight.shape
            return nn.Conv2d(c * groups, k, tuple(window), stride, padding, dilation, groups, bias=bias is not None)
        case Transposed(weight, _, padding, stride):
            c, k, *window = weight.shape
            return nn.ConvTranspose2d(c, k, tuple(window), stride, padding)
        case BatchNorm(scale, epsilon=epsilon):
            return nn.BatchNorm2d(len(scale), epsilon)
        case Relu(None):
            return nn.ReLU(inplace=True)
        case Relu(most):
            return nn.Hardtanh(0.0, most, inplace=True)
        case Tanh():
            return nn.Tanh()
        case MaxPool(size, stride, padding, indices):
            return nn.MaxPool2d(size, stride, padding, return_indices=indices)
        case Unpool(size):
            return _unpooling(nn, size)
        case MeanPool(None):
            return nn.AdaptiveAvgPool2d(1)
        case MeanPool(size):
            return nn.AvgPool2d(size)
        case Add():
            return _sum(nn)
        case Flatten():
            return nn.Flatten()
        case Function(name, arguments):
            return getattr(nn, name)(**dict(arguments))
        case Linear(weight):
            return nn.Linear(weight.shape[1], weight.shape[0])


def _unpooling(nn: Any, size: int) -> Any:
    class Unpooling(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.unpool = nn.MaxUnpool2d(size)

        def forward(self, x: Any, pooled: tuple[Any, Any]) -> Any:
            return self.unpool(x, pooled[1])

    return Unpooling()


def _sum(nn: Any) -> Any:
    class Sum(nn.Module):  # type: ignore[misc]
        def forward(self, a: Any, b: Any) -> Any:
            return a + b

    return Sum()
