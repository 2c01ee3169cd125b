"""From an ONNX model to calls of Knoll: one function for each operator, in the files that `OPERATORS` is filled by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

import knoll
from knoll import Tensor, nn
from knoll.tensor.dtypes import SUPPORTED


class OutOfScope(Exception):  # noqa: N818 (no fault, but an answer)
    """What is asked is nothing that Knoll has; says what."""


@dataclass(frozen=True)
class Node:
    """One operator with its attributes, defaults of the standard included, and where its values come from and go."""

    kind: str
    opset: int
    attributes: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, proto: Any, opset: int) -> Node:
        schema = onnx.defs.get_schema(proto.op_type, opset, proto.domain)
        written = [attribute.default_value for attribute in schema.attributes.values()] + list(proto.attribute)
        attributes = {a.name: _plain(onnx.helper.get_attribute_value(a)) for a in written if a.name}
        return cls(proto.op_type, opset, attributes, tuple(proto.input), tuple(proto.output))

    def __getitem__(self, name: str) -> Any:
        return self.attributes.get(name)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


Operator = Callable[..., Any]  # takes the node and its inputs, None for one left out; gives a tensor or several
OPERATORS: dict[str, Operator] = {}
REFUSED: dict[str, str] = {}  # operators that are near, and why Knoll has none of their cases


_composed: list[bool] = []


def composed() -> None:
    """Note that the operator at hand is put together here, as no single function of Knoll says the same."""
    _composed.append(True)


def was_composed() -> bool:
    """Whether one was since this was last asked."""
    found = bool(_composed)
    _composed.clear()
    return found


def operator(*kinds: str) -> Callable[[Operator], Operator]:
    """Enter a function as what computes these operators."""

    def enter(function: Operator) -> Operator:
        OPERATORS.update(dict.fromkeys(kinds, function))
        return function

    return enter


def tensor(array: Any) -> Tensor:
    """`array` as a tensor, if it is one of numbers that Knoll holds."""
    if not isinstance(array, (np.ndarray, np.generic)):
        raise OutOfScope("sequences and optional values")
    if array.dtype not in SUPPORTED:
        raise OutOfScope("element types that Knoll has not")
    return knoll.tensor(np.asarray(array))


def numbers(x: Tensor) -> list[int]:
    """What a small integer tensor says, such as a shape."""
    return [int(number) for number in x.numpy().reshape(-1)]


class Model(nn.Module):
    """An ONNX graph as a module: a call of it is one program."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        graph = model.graph
        opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        self.nodes = [Node.of(node, opset) for node in graph.node]
        self.constants = {held.name: tensor(onnx.numpy_helper.to_array(held)) for held in graph.initializer}
        self.names = [given.name for given in graph.input if given.name not in self.constants]
        self.results = [result.name for result in graph.output]

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        values: dict[str, Tensor | None] = {**self.constants, **dict(zip(self.names, inputs, strict=True)), "": None}
        for node in self.nodes:
            results = OPERATORS[node.kind](node, *(values[name] for name in node.inputs))
            results = results if isinstance(results, (tuple, list)) else (results,)
            values |= zip(node.outputs, results, strict=False)
        return tuple(value for name in self.results if (value := values[name]) is not None)


def at_once(model: Model, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each operator on its own, as functions are called."""
    return model.forward(*inputs)


def as_one_program(model: Model, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The whole graph compiled together, as modules are called."""
    results: tuple[Tensor, ...] = model(*inputs)
    return results


WAYS = (at_once, as_one_program)
