"""The numbers of the lab's layers, which code in any framework can draw again, and how large a layer may be."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

import numpy as np

from knoll import nn
from knoll.analysis import trace
from knoll.analysis.arguments import signature
from knoll.errors import ArgumentError
from knoll.explain.reading import call_in, kind_of
from knoll.graph import Array, Shape
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.uninitialized import is_lazy
from knoll.tensor import Tensor

MOST_PARAMETERS = 1 << 22
MOST_LEARNED, MOST_NUMBER = 1 << 16, 1 << 12  # of an argument that says how much is learned, and of any other
MOST_MADE, MOST_LAZY = 1 << 24, 1 << 13  # numbers of a layer that is made before they are counted
MOST_NUMBERS = 1 << 21  # of any result of an operation
MOST_WORK = 1 << 29  # multiply-adds
SEED = 0
LEARNED = (
    "in_channels", "out_channels", "kernel_size", "in_features", "out_features", "num_features", "num_parameters",
    "embed_dim", "num_embeddings", "embedding_dim", "in1_features", "in2_features", "d_model",
    "dim_feedforward",
)  # fmt: skip
"""Arguments that say how many numbers a layer learns."""
DRAWN = (
    nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.Linear, nn.Bilinear, nn.Embedding,
    nn.MultiheadAttention,
)  # fmt: skip
"""Layers whose parameters are drawn; those of others begin with constants."""


def check_numbers(text: str) -> None:
    """Refuse the text of a layer with numbers so large that making it would take much memory. Raises ArgumentError."""
    for call in (each for each in ast.walk(call_in(text)) if isinstance(each, ast.Call)):
        kind = kind_of(call.func)
        for name, value in _written(kind, call):
            most = MOST_LEARNED if name in LEARNED else MOST_NUMBER
            if _largest(value) > most:
                got = f"{name}={ast.unparse(value)}"[:80]
                raise ArgumentError(say("lab.large_number"), expected=say("lab.at_most", most=most), got=got)
        if _weights(kind, call) > (MOST_LAZY if issubclass(kind, LazyModuleMixin) else MOST_MADE):
            raise ArgumentError(say("lab.many_parameters"), got=ast.unparse(call)[:80])


def _written(kind: type[Module], call: ast.Call) -> list[tuple[str, ast.expr]]:
    """The arguments that are written, by their names."""
    named = [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
    return [*zip(signature(kind), call.args, strict=False), *named]


def _largest(expression: ast.expr) -> int:
    """The largest whole number in an argument that is no layer."""
    if any(isinstance(each, ast.Call) for each in ast.walk(expression)):
        return 0
    found = (each.value for each in ast.walk(expression) if isinstance(each, ast.Constant))
    return max((each for each in found if isinstance(each, int)), default=0)


def _weights(kind: type[Module], call: ast.Call) -> int:
    """About how many numbers a layer learns, by what is written."""
    learned = [(name, _largest(value)) for name, value in _written(kind, call) if name in LEARNED]
    sizes = [size**2 if name == "kernel_size" else size for name, size in learned]
    return math.prod(max(size, 1) for size in sizes)


def check_parameters(module: Module, most: int = MOST_PARAMETERS) -> None:
    """Refuse a layer or a network with more parameters than can be drawn at once. Raises ArgumentError."""
    count = sum(each.numel() for each in module.parameters() if not is_lazy(each))
    if count > most:
        raise ArgumentError(say("lab.too_many_parameters", count=count), expected=say("lab.at_most", most=most))


def check_results(layer: Module, inputs: Sequence[Input]) -> Shape:
    """The shape of the output, unless its results or its work are too much.

    Raises ArgumentError, and what the pass raises.
    """
    found = trace(layer, *inputs)
    if not found.outputs[0].spec.size:
        got = shape_text(found.outputs[0].spec.shape)
        raise ArgumentError(say("lab.nothing"), got=got)
    for step in found.steps:
        for value in step.node.outputs:
            if value.spec.size > MOST_NUMBERS:
                got = shape_text(value.spec.shape)
                raise ArgumentError(say("lab.too_large"), expected=say("lab.at_most", most=MOST_NUMBERS), got=got)
    work = sum(found.multiply_adds(call) for call in found.calls if call.parent is None)
    if work > MOST_WORK:
        raise ArgumentError(say("lab.too_much_work", work=work), expected=say("lab.at_most", most=MOST_WORK))
    return found.outputs[0].spec.shape


def fill(layer: Module) -> None:
    """Draw the parameters that begin with random numbers, in their order, the same every time."""
    rng = np.random.default_rng(SEED)
    for each in layer.modules():
        if isinstance(each, DRAWN):
            for parameter in each.parameters(recurse=False):
                numbers = uniform(rng, parameter.shape, bound_of(each))
                parameter.data = Tensor._over(numbers.astype(parameter.dtype))


def bound_of(layer: Module) -> float:
    """How far from zero the parameters of a layer may be: 1/√(numbers that each sum has)."""
    weight = next(each for each in layer.parameters() if each.ndim > 1)
    return 1 / math.sqrt(max(math.prod(weight.shape[1:]), 1))


def decimals_of(bound: float) -> int:
    """How many decimals tell the numbers below a bound apart, at least two."""
    return max(2, math.ceil(-math.log10(bound)) + 1)


def uniform(rng: np.random.Generator, shape: Shape, bound: float) -> Array:
    """Numbers between −bound and bound, short enough to be read."""
    return np.round(rng.uniform(-bound, bound, shape), decimals_of(bound)).astype(np.float32)
