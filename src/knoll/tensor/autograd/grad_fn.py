"""What a result's gradient goes back through: the operations of the graph that backward walks, under PyTorch's names.

A program of many operations is one step of backward; told are the operations inside it, back to the leaves. What
Knoll composes of others, as the mean of a loss, is told as what it is made of.
Source: https://pytorch.org/docs/stable/generated/torch.autograd.graph.Node.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knoll.graph import Node, Value
from knoll.tensor.autograd.gradient_edge import AutogradNode, GradientEdge
from knoll.tensor.base import TensorBase

_NAMES = {
    "absolute": "Abs", "add": "Add", "amax": "Amax", "amin": "Amin", "batch_norm": "NativeBatchNorm",
    "concatenate": "Cat", "conv2d": "Convolution", "conv_transpose2d": "Convolution", "convert": "ToCopy",
    "cross_entropy": "NllLoss", "divide": "Div", "fold2d": "Col2Im", "gelu_tanh": "Gelu", "huber": "HuberLoss",
    "logits_cross_entropy": "BinaryCrossEntropyWithLogits", "max_along": "Max", "max_pool2d": "MaxPool2DWithIndices",
    "min_along": "Min", "multiply": "Mul", "negative": "Neg", "nll": "NllLoss", "pad": "ConstantPadNd",
    "prelu": "PreluKernel", "put": "IndexPut", "reshape": "View", "selu": "Elu", "square": "Pow", "subtract": "Sub",
    "take": "Index", "unfold2d": "Im2Col",
}  # fmt: skip


def _reduced(word: str) -> Callable[[Node], str]:
    """PyTorch counts the reduction of everything first, that of some axes second."""
    return lambda node: f"{word}Backward{int(len(node.attributes['axes']) < node.inputs[0].spec.rank)}"


def _permuted(node: Node) -> str:
    axes: tuple[int, ...] = node.attributes["axes"]
    moved = sum(axis != place for place, axis in enumerate(axes))
    return "TBackward0" if axes == (1, 0) else "TransposeBackward0" if moved == 2 else "PermuteBackward0"


def _product(node: Node) -> str:
    ranks = node.inputs[0].spec.rank, node.inputs[1].spec.rank
    return {(2, 2): "MmBackward0", (2, 1): "MvBackward0", (1, 1): "DotBackward0"}.get(ranks, "BmmBackward0")


def _power(node: Node) -> str:
    """PyTorch tells a number as exponent from tensors, and these from a number as base."""
    base, exponent = (value.spec.rank for value in node.inputs)
    return f"PowBackward{0 if not exponent else 1 if base else 2}"


_BY_NODE: dict[str, Callable[[Node], str]] = {
    "sum": _reduced("Sum"),
    "mean": _reduced("Mean"),
    "prod": _reduced("Prod"),
    "permute": _permuted,
    "matmul": _product,
    "power": _power,
    "linear": lambda node: "AddmmBackward0" if len(node.inputs) > 2 else "MmBackward0",
    "expand": lambda node: "ExpandBackward0" if node.attributes["axes"] else "CloneBackward0",
    "pick": lambda node: (
        "SelectBackward0" if any(isinstance(part, int) for part in node.attributes["key"]) else "SliceBackward0"
    ),
}


def name_of(node: Node) -> str:
    """What PyTorch calls the gradient of an operation; that of one it does not have is called alike.

    >>> from knoll.tensor import tensor
    >>> (tensor([1.0], requires_grad=True) * 2).grad_fn.name()
    'MulBackward0'
    """
    name = node.op.name
    if name in _BY_NODE:
        return _BY_NODE[name](node)
    word = _NAMES.get(name) or "".join(map(_capital, name.split("_")))
    return f"{word}Backward0"


def _capital(word: str) -> str:
    """A word with a capital, and a letter behind a digit as one."""
    return "".join(
        letter.upper() if place == 0 or word[place - 1].isdigit() else letter for place, letter in enumerate(word)
    )


class GradFn:
    """One operation that backward goes through, as `x.grad_fn`.

    >>> from knoll.tensor import tensor
    >>> x = tensor([1.0], requires_grad=True)
    >>> y = (x * 2).grad_fn
    >>> y.name(), [before and before.name() for before, _ in y.next_functions]
    ('MulBackward0', ['torch::autograd::AccumulateGrad', None])
    """

    def __init__(self, node: AutogradNode, value: Value) -> None:
        assert value.node is not None
        self._node, self._made = node, value.node

    def name(self) -> str:
        """PyTorch's name of the operation's gradient."""
        return name_of(self._made)

    @property
    def next_functions(self) -> tuple[tuple[GradFn | AccumulateGrad | None, int], ...]:
        """For each operand what its gradient goes to, and which result of that it is; None where none goes.

        After a backward that did not keep the graph, the functions behind what needed numbers are not known any more.
        """
        return tuple(_function_behind(self._node, value) for value in self._made.inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and (self._node, self._made) == (other._node, other._made)

    def __hash__(self) -> int:
        return hash((self._node, self._made))

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._made):#x}>"


class AccumulateGrad:
    """Where a gradient arrives: at the `variable` whose `grad` it is added to."""

    next_functions: tuple[()] = ()

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        """PyTorch's name."""
        return "torch::autograd::AccumulateGrad"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self) -> int:
        return id(self.variable)

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"


def grad_fn(x: TensorBase) -> GradFn | AccumulateGrad | None:
    """What the gradient of a result goes back through; None for a leaf."""
    x._realize()
    return None if x._edge is None else _function_at(x._edge)[0]


def _function_at(edge: GradientEdge) -> tuple[GradFn | AccumulateGrad | None, int]:
    return _function_behind(edge.node, edge.node.graph.outputs[edge.index])


def _function_behind(node: AutogradNode, value: Value) -> tuple[GradFn | AccumulateGrad | None, int]:
    """What the gradient of a value goes to: the operation that made it, or what stands before its program.

    A reshape to the shape that is there already is no operation.
    """
    while (made := value.node) is not None and made.op.name == "reshape" and made.inputs[0].spec == value.spec:
        value = made.inputs[0]
    if value.node is not None:
        return (GradFn(node, value), value.index) if value in _differentiable(node) else (None, 0)
    for index, source in zip(node.wrt, node.sources, strict=False):  # which a spent program has let go
        if node.graph.inputs[index] is value:
            return _function_at(source) if isinstance(source, GradientEdge) else (AccumulateGrad(source), 0)
    return None, 0


def _differentiable(node: AutogradNode) -> set[Value]:
    """The values of a program that gradients flow through."""
    found = {node.graph.inputs[index] for index in node.wrt}
    for made in node.graph.nodes:
        if made.op.is_differentiable and made.op.name != "stop_gradient" and not found.isdisjoint(made.inputs):
            found.update(value for value in made.outputs if value.spec.is_float)
    return found
