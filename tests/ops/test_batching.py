"""Each operation for many examples at once gives what it gives for one after the other."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

import knoll
from functions_as_text import IMAGES, INDEXED, PAIRS, SMOOTH
from knoll import ops
from knoll.graph import Array, Graph, Node, Op, Value, evaluate, spec_of
from knoll.graph.node import evaluate_nodes
from knoll.ops.batching import batched
from knoll.ops.differentiate import differentiate
from knoll.ops.elementwise.arithmetic import add
from knoll.tensor.mapped import MappedCall
from knoll.tensor.record import recorded_by

SIZE = 3
NUMBERS = np.random.default_rng(0)
MORE = [
    "T.cumprod(x, 1)",
    "x.prod(0)",
    "T.argsort(x, 1).float()",
    "x.argmax(1) + x.argmin(1)",
    "F.one_hot(x.argmax(1), 4) * 1.0",
    "x.view(T.int32).view(T.float32)",
    "F.multilabel_margin_loss(x, T.tensor([[0, 1, -1, 2]] * 3))",
    "x[0].softmax(0)",
    "x[0, 0].softmax(0)",
    "x[0, 0].cumsum(0)",
    "x[None].expand(2, 3, 4).reshape(6, 4).unfold(0, 2, 3)",
    "F.rrelu(x, 0.2, 0.2, True)",
    "x[0, 0].max(0)[0] * 2",
    "x.amin(1)",
    "F.scaled_dot_product_attention(x[None], x[None], x[None])",
    "F.rms_norm(x, (4,), x[0])",
    "F.embedding(T.tensor([1, 0]), x, padding_idx=0)",
    "T.nn.functional.celu(x)",
    "F.prelu(x.sum(1), x[0, :1])",
    "F.unfold(x[None, None], 2).sum(1)",
    "F.fold(x.reshape(1, 2, 6), (3, 3), (1, 2)).sum(2)",
    "T.cat([x, x[:1]]).split([1, 3])[1]",
]
IN_IMAGES = ["F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2)", "F.pad(x, (1, 0, 0, 1))"]


def all_operations() -> set[Op]:
    """Every operation that there is."""
    modules = [importlib.import_module(file.name) for file in pkgutil.walk_packages(ops.__path__, "knoll.ops.")]
    return {thing for module in modules for thing in vars(module).values() if isinstance(thing, Op)}


def function(text: str, arguments: str) -> Callable[..., Any]:
    made: Callable[..., Any] = eval(f"lambda {arguments}: {text}", {"T": knoll, "F": knoll.nn.functional})  # noqa: S307 (the texts are those of the tests)
    return made


def second_order(graph: Graph) -> Graph:
    """The graph with its gradients by all floats, and their gradients."""
    for _ in range(2):
        floats = tuple(place for place, value in enumerate(graph.inputs) if value.spec.is_float)
        try:
            graph = differentiate(graph, floats).joint
        except knoll.errors.UnsupportedError:
            break
    return graph


def nodes_of(text: str, arguments: str, *arrays: Array) -> Iterator[tuple[Node, list[Array]]]:
    """The nodes of a function, its gradients and theirs, with what they read."""
    call = MappedCall(1, "same")
    with recorded_by(call):
        y = function(text, arguments)(*(call.example(knoll.tensor(array[None])) for array in arrays))
    trace = call._cached_trace((y._value,))
    joint = second_order(trace.graph)
    mapped = [number in call._mapped for number in trace.leaves]
    begins = [call._leaves[number]._realize() for number in trace.leaves]
    begins = [array[0] if has else array for array, has in zip(begins, mapped, strict=True)]
    known = dict(zip(joint.inputs, begins, strict=False))
    for value in joint.inputs[len(begins) :]:
        known[value] = NUMBERS.standard_normal(value.spec.shape).astype(value.spec.dtype)
    with np.errstate(all="ignore"):
        evaluate_nodes(joint.nodes, known)
    for node in joint.nodes:
        yield node, [known[value] for value in node.inputs]


@cache
def nodes() -> dict[Any, tuple[Node, list[Array]]]:
    """All nodes of the functions, each once."""
    x, i = NUMBERS.standard_normal((3, 4)).astype("f"), np.array([2, 0, 1])
    y, pictures = (NUMBERS.standard_normal(shape).astype("f") for shape in ((3, 4), (2, 3, 6, 6)))
    found = [
        *(("x", text, x) for text in (*SMOOTH, *MORE)),
        *(("x", text, pictures) for text in (*IMAGES, *IN_IMAGES)),
        *(("a, b", text, x, y) for text in PAIRS),
        *(("x, i", text, x, i) for text in INDEXED),
    ]
    all_nodes = [each for arguments, text, *arrays in found for each in nodes_of(text, arguments, *arrays)]
    return {(n.op, tuple(v.spec for v in n.inputs), repr(n.attributes)): (n, given) for n, given in all_nodes if given}


def varied(array: Array) -> Array:
    """Three examples that differ, whose integers are those of one."""
    if not array.ndim:
        return np.stack([array, array + 1, array]) if array.dtype.kind == "f" else np.stack([array] * SIZE)
    return np.stack([array, array[::-1], np.roll(array, 1, 0)])


def check(node: Node, given: Sequence[Array], which: tuple[bool, ...]) -> None:
    """For all examples at once, and for one after the other."""
    operands = [varied(array) if has else array for array, has in zip(given, which, strict=True)]
    with np.errstate(all="ignore"):
        each = [
            node.op.meaning(
                *(np.array(a[n], order="C") if has else a for a, has in zip(operands, which, strict=True)),
                **node.attributes,
            )
            for n in range(SIZE)
        ]
        values = [Value(spec_of(array)) for array in given]
        graph = Graph(tuple(values), node.op.node(*values, **node.attributes).outputs)
        whole, has = batched(graph, {place for place, flag in enumerate(which) if flag}, SIZE)
        results = evaluate(whole, operands)
    assert all(has)
    for y, value, *rows in zip(results, whole.outputs, *each, strict=True):
        assert spec_of(y) == value.spec
        np.testing.assert_allclose(y, np.stack(rows), 1e-4, 1e-4, err_msg=f"{node.op} {node.attributes} {which}")
        assert y.dtype == rows[0].dtype


@pytest.mark.parametrize("op", sorted({node.op.name for node, _ in nodes().values()}))
def test_each_operation(op: str) -> None:
    for node, given in nodes().values():
        if node.op.name == op:
            for which in product((False, True), repeat=len(given)):
                if any(which) and len(given) <= 5:
                    check(node, given, which)


def test_every_rule_is_tried() -> None:
    tried = {node.op for node, _ in nodes().values()}
    untried = {op.name for op in all_operations() if op.batching is not None} - {op.name for op in tried}
    assert untried == {"fractional_max_pool2d"} | untried_elementwise()


def untried_elementwise() -> set[str]:
    """Operations of two operands that broadcast, which share one rule."""
    tried = {node.op.name for node, _ in nodes().values()}
    return {op.name for op in all_operations() if op.batching is add.batching} - tried
