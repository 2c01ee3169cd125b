"""Normalisation of rows becomes one operation, where nobody reads in between; scale and shift become part of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import knoll
from against_meaning import arrays_for, check, machines, value
from knoll import Tensor, nn
from knoll.graph import Array, Graph, Value, evaluate
from knoll.machine import Machine
from knoll.nn import functional as F
from knoll.ops.elementwise.arithmetic import add, divide, multiply, sqrt, subtract
from knoll.ops.reduction.reduce import mean
from knoll.ops.shapes.reshape import reshape
from knoll.plan.passes import simplify
from knoll.tensor.record import traced

LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "layer": (nn.LayerNorm(10), (3, 4, 10)),
    "layer, several axes": (nn.LayerNorm((4, 10)), (3, 2, 4, 10)),
    "layer, no bias": (nn.LayerNorm(10, bias=False), (3, 10)),
    "layer, nothing learned": (nn.LayerNorm(10, elementwise_affine=False), (3, 10)),
    "group": (nn.GroupNorm(2, 6), (3, 6, 5, 5)),
    "group, one pixel": (nn.GroupNorm(2, 6), (3, 6)),
    "instance": (nn.InstanceNorm2d(4, affine=True), (3, 4, 5, 5)),
    "instance, nothing learned": (nn.InstanceNorm2d(4), (3, 4, 5, 5)),
    "root mean square": (nn.RMSNorm(10), (3, 4, 10)),
}


def _graph(layer: Callable[[Tensor], Tensor], *shape: int) -> Graph:
    with knoll.no_grad():
        return traced(layer, knoll.randn(*shape))[0]


def _positive(graph: Graph) -> list[Array]:
    """Numbers of which each may be a variance."""
    return [np.abs(array) + np.asarray(0.125, array.dtype) for array in arrays_for(graph)]


def _names(graph: Graph) -> list[str]:
    return [node.op.name for node in graph.nodes]


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_one_operation(name: str) -> None:
    layer, shape = LAYERS[name]
    graph = _graph(layer, *shape)
    fused = simplify(graph, False)
    assert _names(fused) == _names(simplify(graph, True)) == ["standardize"]
    arrays = [array.astype(np.float64) for array in _positive(graph)]
    np.testing.assert_allclose(evaluate(fused, arrays)[0], evaluate(graph, arrays)[0], rtol=1e-9, atol=1e-12)


@machines
@pytest.mark.parametrize("name", LAYERS)
def test_forward_and_backward(name: str, machine: Machine) -> None:
    layer, shape = LAYERS[name]
    graph = _graph(layer, *shape)
    wrt = (0, *(i for i, given in enumerate(graph.inputs) if i and given.spec.rank))
    check(graph, machine, _positive(graph), wrt=wrt)


def test_a_gradient_stops_where_it_stopped() -> None:
    layer, x = nn.LayerNorm(10), knoll.randn(3, 4, 10)
    layer(x).square().sum().backward()
    other = copy_of(layer)
    y = x.clone().requires_grad_()
    other(y).square().sum().backward()
    for mine, theirs in zip(layer.parameters(), other.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        np.testing.assert_allclose(mine.grad.numpy(), theirs.grad.numpy(), rtol=1e-5, atol=1e-5)
    assert x.grad is None


def copy_of(layer: nn.LayerNorm) -> nn.LayerNorm:
    """A layer with the same parameters."""
    other = nn.LayerNorm(10)
    other.load_state_dict(layer.state_dict())
    return other


def _parts(x: Value, epsilon: Value) -> dict[str, Value]:
    along = {"axes": (2,), "keep": True}
    middle = mean(x, **along)
    centred = subtract(x, middle)
    variance = mean(multiply(centred, centred), **along)
    root = sqrt(add(variance, epsilon))
    return {"mean": middle, "centred": centred, "variance": variance, "root": root, "y": divide(centred, root)}


@pytest.mark.parametrize("read", ["mean", "centred", "variance", "root"])
def test_what_others_read_stays_apart(read: str) -> None:
    x, epsilon = value("float64", 2, 3, 8), value("float64")
    parts = _parts(x, epsilon)
    for outputs in ((parts["y"], parts[read]), (add(parts["y"], parts[read]),)):
        assert "standardize" not in _names(simplify(Graph((x, epsilon), outputs), False))
    assert _names(simplify(Graph((x, epsilon), (parts["y"],)), False)) == ["standardize"]


def test_what_only_looks_like_it_stays_apart() -> None:
    x, other, epsilon = value("float64", 2, 3, 8), value("float64", 2, 3, 8), value("float64")
    along = {"axes": (2,), "keep": True}
    centred = subtract(x, mean(other, **along))
    square = multiply(centred, centred)
    for y in (
        divide(centred, sqrt(add(mean(multiply(centred, x), **along), epsilon))),
        divide(x, sqrt(add(mean(square, **along), epsilon))),
        divide(centred, sqrt(add(mean(square, axes=(1,), keep=True), epsilon))),
        divide(centred, sqrt(add(mean(square, **along), mean(other, **along)))),
    ):
        assert "standardize" not in _names(simplify(Graph((x, other, epsilon), (y,)), False))


def _scaled(scale: tuple[int, ...], shift: tuple[int, ...]) -> list[str]:
    x, epsilon, learned = (
        value("float64", 2, 6, 5, 3),
        value("float64"),
        [value("float64", *each) for each in (scale, shift)],
    )
    planes = reshape(x, shape=(2, 3, 30))
    y = reshape(_parts(planes, epsilon)["y"], shape=(2, 6, 5, 3))
    graph = Graph((x, epsilon, *learned), (add(multiply(y, learned[0]), learned[1]),))
    fused, arrays = simplify(graph, True), _positive(graph)
    np.testing.assert_allclose(evaluate(fused, arrays)[0], evaluate(graph, arrays)[0], rtol=1e-12, atol=1e-12)
    return _names(fused)


def test_what_stands_for_no_whole_channels_is_scaled_apart() -> None:
    """Rows of two channels of 5 × 3."""
    for each in ((6, 1, 1), (6, 5, 3), (6, 5, 1)):
        assert _scaled(each, each) == ["standardize"]
    for each in ((5, 3), (5, 1), (3,), (1, 1, 1), (1,), (6, 1, 3), (1, 6, 1, 1), (2, 6, 1, 1)):
        assert _scaled(each, each) == ["standardize", "multiply", "add"]
    for scale, shift in (((6, 1, 1), (6, 5, 3)), ((6, 5, 3), (6, 1, 1)), ((6, 1, 1), (6, 5, 1)), ((6, 1, 1), (3,))):
        assert _scaled(scale, shift) == ["standardize", "add"]


def test_what_has_no_samples_is_normalised_too() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(knoll.randn(5, 8))

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(x, F.layer_norm(self.weight, (8,)) + F.rms_norm(self.weight, (8,)))

    net, x = Net(), knoll.randn(4, 8)
    weight = net.weight.detach()
    both = F.layer_norm(weight, (8,)) + F.rms_norm(weight, (8,))
    np.testing.assert_allclose(net(x).detach().numpy(), (x @ both.T).numpy(), rtol=1e-5, atol=1e-5)
    net(x).sum().backward()
    assert net.weight.grad is not None
