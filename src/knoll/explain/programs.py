"""A few lines of Python that make the layer of an example and what it is given, as text and as objects.

What training would find is set to plain numbers, weights to 1 and biases to 0, so that results can be checked by hand.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import numpy as np

from knoll.analysis.arguments import arguments_of, signature
from knoll.analysis.run import Run
from knoll.explain.examples import Example
from knoll.explain.made import Made
from knoll.explain.parts import Option
from knoll.graph import Array, Shape
from knoll.nn import Module, init
from knoll.nn.inspection import Input
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.tensor import Tensor


def made(example: Example) -> Module:
    """The layer of an example with plain numbers; one that was lazy has met the input."""
    layer = example.layer
    if isinstance(layer, LazyModuleMixin):
        Run(layer, *arrays(example, layer))
    for name, parameter in layer.named_parameters():
        if parameter.ndim > 1:
            init.ones_(parameter)
        elif name.endswith("bias"):
            init.zeros_(parameter)
    return layer


def arrays(example: Example, layer: Module) -> tuple[Input, ...]:
    """What the layer is given: 1, 2, 3 … in reading order where any numbers will do."""
    dtype = dtype_of(layer)
    return tuple(counted((1, *each), dtype) if isinstance(each, tuple) else each for each in example.inputs)


def counted(shape: Shape, dtype: str) -> Array:
    """The numbers 1, 2, 3 … in reading order."""
    return np.arange(1, np.prod(shape) + 1, dtype=dtype).reshape(shape)


def dtype_of(layer: Module) -> str:
    """The element type of a layer's parameters."""
    return str(arguments_of(layer).get("dtype") or "float32")


def program(example: Example) -> tuple[str, ...]:
    """The lines that make `layer`, `x` and the other inputs."""
    return ("import knoll", "from knoll import nn", "", *_inputs(example), *_layer(example))


def call_of(example: Example) -> str:
    """The call of the layer."""
    return f"layer({', '.join(_names(example))})"


def _layer(example: Example) -> Iterator[str]:
    yield f"layer = {constructed(example)}"
    layer = example.layer
    if _has_modes(example):
        yield "layer.eval()"
    if isinstance(layer, LazyModuleMixin):
        yield call_of(example)
    for name, parameter in made(example).named_parameters():
        if parameter.ndim > 1:
            yield f"nn.init.ones_(layer.{_path(name)})"
        elif name.endswith("bias"):
            yield f"nn.init.zeros_(layer.{_path(name)})"


def _path(name: str) -> str:
    """The dotted name of a parameter as a program writes it.

    >>> _path("layers.0.linear1.weight")
    'layers[0].linear1.weight'
    """
    return re.sub(r"\.(\d+)", r"[\1]", name)


def _value(value: Option) -> str:
    """The value of an argument as a program writes it."""
    return f"nn.{value!r}" if isinstance(value, Made) else repr(value)


def _has_modes(example: Example) -> bool:
    """Whether the layer does something else in training."""
    modes = [outputs(example, training=training)[0].tobytes() for training in (True, False)]
    return modes[0] != modes[1]


def constructed(example: Example) -> str:
    """The call that makes the layer, with the argument that is shown written out.

    >>> from knoll import nn
    >>> constructed(Example(nn.MaxPool2d, "ceil_mode", True))
    'nn.MaxPool2d(2, ceil_mode=True)'
    """
    words = []
    for name, parameter in signature(example.kind).items():
        if name in example.arguments:
            is_plain = parameter.default is parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY
            value = _value(example.arguments[name])
            words.append(value if is_plain else f"{name}={value}")
    return f"nn.{example.kind.__name__}({', '.join(words)})"


def _names(example: Example) -> tuple[str, ...]:
    """Names of the inputs: x, then those that `forward` has."""
    own = list(inspect.signature(example.kind.forward).parameters)[2:]
    return ("x", *own[: len(example.inputs) - 1])


def _inputs(example: Example) -> Iterator[str]:
    dtype = dtype_of(made(example))
    suffix = "" if dtype == "float32" else f', dtype="{dtype}"'
    for name, each in zip(_names(example), example.inputs, strict=True):
        if isinstance(each, tuple):
            shape = (1, *each)
            yield f"{name} = knoll.arange(1.0, {int(np.prod(shape)) + 1}.0{suffix}).reshape{shape}"
        else:
            yield f"{name} = knoll.tensor({_written(each)}{suffix if _is_float(each) else ''})"


def _is_float(given: Array | Tensor | Shape) -> bool:
    return isinstance(given, np.ndarray | Tensor) and np.issubdtype(given.dtype, np.floating)


def _written(given: Array | Tensor | Shape) -> str:
    values = given.tolist() if isinstance(given, np.ndarray | Tensor) else list(given)
    return repr(values)


def outputs(example: Example, *, training: bool = False) -> tuple[Array, ...]:
    """What the layer gives, evaluated by the meaning of its operations."""
    layer = made(example)
    run = Run(layer, *arrays(example, layer), training=training)
    return tuple(map(run.array, run.trace.outputs))
