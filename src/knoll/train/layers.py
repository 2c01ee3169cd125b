"""The layers of a network as a run of it meets them: names, shapes, sizes, and which feeds which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knoll.analysis.written import written
from knoll.graph import Shape, Value
from knoll.nn import Module
from knoll.tensor import Tensor, no_grad, zeros
from knoll.tensor.record import Recorder, tracing

INPUT = "input"


@dataclass(frozen=True)
class Layer:
    """One call of a layer. `output` is the shape of its result for one sample; `sources` name what it reads.

    `multiply_adds` are those of one sample, of the weights alone: bias and activations are not counted.
    """

    name: str
    module: Module
    output: Shape
    parameters: int
    multiply_adds: int
    sources: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The name of the layer's class."""
        return type(self.module).__name__

    @property
    def written(self) -> str:
        """The layer as one would type it, without the arguments that have their default value."""
        return written(self.module)


def layers_of(module: Module, *input_shapes: Shape) -> list[Layer]:
    """The layers (modules without modules of their own) in the order in which a sample (c, h, w) passes them.

    A network of several inputs takes the shapes of a sample of each.

    >>> from knoll import nn
    >>> [layer.output for layer in layers_of(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten()), (3, 32, 32))]
    [(8, 30, 30), (7200,)]
    """
    return passed_layers(module, [zeros(1, *shape) for shape in input_shapes])


def input_names(count: int) -> list[str]:
    """The names of the inputs of a network."""
    return [INPUT, *(f"{INPUT}_{number}" for number in range(1, count))]


def passed_layers(module: Module, inputs: Sequence[Tensor]) -> list[Layer]:
    """The layers in the order in which these inputs, which have an axis of samples first, pass them."""
    recorder = Recorder(traces=True)
    names = dict(zip(map(recorder.value_of, inputs), input_names(len(inputs)), strict=True))
    found: list[Layer] = []
    made: dict[Value, str] = {}
    handles = []

    def note(name: str, layer: Module, read: tuple[Any, ...], given: Any) -> None:
        result = first_of(given)
        shape = tuple(result.shape)[1:]
        leading = [_sources(recorder.value_of(came), made | names) for came in read if isinstance(came, Tensor)]
        sources = tuple(dict.fromkeys(source for some in leading for source in some)) or (INPUT,)
        found.append(Layer(name, layer, shape, _parameters(layer), _multiply_adds(layer, shape), sources))
        for tensor in given if isinstance(given, tuple) else (given,):
            if tensor._value is not None:
                made[tensor._value] = name

    for path, layer in module.named_modules():
        if not any(layer.children()):
            named = path or type(layer).__name__
            handles.append(layer.register_forward_hook(lambda m, i, r, name=named: note(name, m, i, r)))
    training = module.training
    module.eval()
    try:
        with no_grad(), tracing(recorder):
            module(*inputs)
    finally:
        module.train(training)
        for handle in handles:
            handle.remove()
    return found


def first_of(result: Any) -> Tensor:
    """The tensor that a layer gives; the first where there are more, as a pooling that also tells its indices."""
    tensor: Tensor = result[0] if isinstance(result, tuple) else result
    return tensor


def _sources(value: Value, made: dict[Value, str]) -> list[str]:
    """The layers and inputs that lead to this value, by way of operations that are no layers."""
    names: list[str] = []
    waiting, seen = [value], set()
    while waiting:
        value = waiting.pop()
        if value in seen:
            continue
        seen.add(value)
        if value in made:
            names.append(made[value])
        elif value.node is not None:
            waiting.extend(value.node.inputs)  # other values without a node are parameters
    return names


def _parameters(layer: Module) -> int:
    return sum(math.prod(parameter.shape) for parameter in layer.parameters())


def _multiply_adds(layer: Module, output: Shape) -> int:
    """Each number of the result is a sum over one row of the weight: (k, c, r, s) or (out, in)."""
    weight = getattr(layer, "weight", None)
    row = math.prod(weight.shape[1:]) if isinstance(weight, Tensor) and len(weight.shape) > 1 else 0
    return math.prod(output) * row
