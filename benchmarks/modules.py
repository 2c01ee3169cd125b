"""A network out of the layers of a library that has PyTorch's names for them: PyTorch, and Knoll."""

from __future__ import annotations

import linecache
import zlib
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
    """Layers that read more than the one before them, in a class as people write it."""

    class Branching(nn.Module):
        forward = _compiled(_forward(network))

        def __init__(self) -> None:
            super().__init__()
            for place, layer in enumerate(layers):
                setattr(self, f"layer{place}", layer)

    return Branching()


def _forward(network: Network) -> str:
    """A line for each layer; a result is let go when nobody reads it any more."""
    names = {IMAGE: "x"} | {place: f"x{place}" for place in range(len(network.layers))}
    lines = ["def forward(self, x):"]
    for place, (first, *others) in enumerate(network.reads):
        pooled = first != IMAGE and getattr(network.layers[first], "indices", False)  # a pair of values and indices
        given = ", ".join([f"{names[first]}[0]" if pooled else names[first], *(names[other] for other in others)])
        lines.append(f"    {names[place]} = self.layer{place}({given})")
        spent = [names[source] for source in network.spent[place]]
        lines += [f"    del {', '.join(spent)}"] if spent else []
    return "\n".join([*lines, f"    return {names[len(network.layers) - 1]}", ""])


def _compiled(source: str) -> Callable[..., Any]:
    """The function `forward` of a text, whose lines are found as those of a file are."""
    name, made = f"<network {zlib.crc32(source.encode()):08x}>", dict[str, Any]()
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    exec(compile(source, name, "exec"), made)  # noqa: S102 (the text is made above)
    function: Callable[..., Any] = made["forward"]
    return function


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
    class Unpooling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.unpool = nn.MaxUnpool2d(size)

        def forward(self, x: Any, pooled: tuple[Any, Any]) -> Any:
            return self.unpool(x, pooled[1])

    return Unpooling()


def _sum(nn: Any) -> Any:
    class Sum(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a + b

    return Sum()
