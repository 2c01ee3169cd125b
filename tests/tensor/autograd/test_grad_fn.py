"""`x.grad_fn`: the operations that backward goes through, by PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.nn import functional as F

X = np.random.default_rng(0).random((2, 3, 4, 4)) + 0.1
M = np.random.default_rng(1).random((3, 3))

SAME: list[str] = """
x + 1; x - 1; x * 2; x / 2; -x; x.abs(); x.exp(); x.log(); x.sqrt(); x.sin(); x.cos(); x.relu(); x.sigmoid(); x.tanh()
x ** 2; x ** x; x.square(); x.sum(); x.sum(1); x.mean(); x.mean((2, 3)); x.prod(); x.prod(1); x.amax(1); x.max(1)[0]
x.reshape(2, -1); x.view(-1); x.flatten(1); x.permute(0, 2, 3, 1); x.transpose(1, 2); m.t(); x[0]; x[:, 1:]; x[0, 1]
m @ m; t.maximum(x, x); t.minimum(x, x); x.cumsum(1); x.cumprod(1); x.clone()
x.gather(1, t.zeros(2, 1, 4, 4, dtype=t.int64)); t.cat([x, x]); t.where(x > 0, x, -x); m.expand(2, 3, 3); x.erf()
x.expm1(); x.log1p(); x.tan(); x.atan(); x.float()
x.scatter_add(1, t.zeros(2, 1, 4, 4, dtype=t.int64), x)
F.linear(m, m); F.linear(m, m, m[0]); F.conv2d(x, x[:, :, :2, :2]); F.conv_transpose2d(x, x.transpose(0, 1))
F.max_pool2d(x, 2); F.batch_norm(x, None, None, training=True); F.elu(x); F.leaky_relu(x); F.gelu(x); F.silu(x)
F.hardtanh(x); F.hardswish(x); F.softplus(x); F.mish(x); F.selu(x); F.celu(x); F.prelu(x, m[0]); F.softmax(x, 1)
F.log_softmax(x, 1); F.glu(x, 3); F.hardshrink(x); F.softshrink(x); F.pad(x, (1, 1)); F.logsigmoid(x)
F.embedding(t.tensor([0]), m); F.unfold(x, 2); x[t.tensor([0])]; 2 ** x
""".replace("\n", ";").split(";")  # fmt: skip
EXPRESSIONS = [expression.strip() for expression in SAME if expression.strip()]


def names(library: Any, functional: Any, expression: str) -> str:
    x, m = library.tensor(X, requires_grad=True), library.tensor(M, requires_grad=True)
    result = eval(expression, {"t": library, "F": functional, "x": x, "m": m})  # noqa: S307 (the test's own text)
    name: str = result.grad_fn.name()
    return name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_names_are_those_of_pytorch(torch: Any, expression: str) -> None:
    assert names(knoll, F, expression) == names(torch, torch.nn.functional, expression)


def chain(library: Any) -> list[str]:
    """The names back to a leaf, by the first operand each time."""
    x = library.tensor(X, requires_grad=True)
    step, found = (x.exp().sum(1).sqrt() * 3).mean().grad_fn, []
    while step is not None:
        found.append(step.name())
        step = step.next_functions[0][0] if step.next_functions else None
    return found


def test_the_way_back_is_that_of_pytorch(torch: Any) -> None:
    assert chain(knoll) == chain(torch)


def test_leaves_have_none() -> None:
    x = knoll.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    assert x.grad_fn is None
    assert knoll.ones(2).grad_fn is None
    assert y.detach().grad_fn is None
    with knoll.no_grad():
        assert (x * 2).grad_fn is None
    (leaf, number), _ = y.grad_fn.next_functions
    assert (leaf.variable is x, number, leaf.next_functions) == (True, 0, ())
    assert repr(leaf).startswith("<AccumulateGrad object at 0x")
    assert repr(y.grad_fn).startswith("<MulBackward0 object at 0x")
    assert repr(y) == "tensor([1., 4.], grad_fn=<MulBackward0>)"
    assert y.grad_fn == y.grad_fn
    assert len({y.grad_fn, y.grad_fn, (x * 2).grad_fn}) == 2
    assert (x * knoll.ones(2)).grad_fn.next_functions[1] == (None, 0)


def test_a_network_is_told_operation_by_operation() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    step, found = net(knoll.rand(1, 3, 4, 4)).grad_fn, []
    while step.next_functions:
        found.append(step.name())
        step = next(before for before, _ in step.next_functions if before is not None)
    assert found == ["AddmmBackward0", "ViewBackward0", "ReluBackward0", "ConvolutionBackward0"]
    assert step.variable is net[0].weight


def test_programs_one_after_the_other() -> None:
    x = knoll.rand(2, 3, requires_grad=True)
    y = nn.ReLU()(nn.Linear(3, 2)(x))
    assert y.grad_fn.next_functions[0][0].name() == "AddmmBackward0"
    values, places = x.max(1)
    assert places.grad_fn is None
    assert values.grad_fn.name() == "MaxBackward0"
    assert x.split(1, 1)[2].grad_fn.next_functions[0][0].variable is x
    largest = x.max(1)[0]
    assert (largest * 2).grad_fn.next_functions[0] == (largest.grad_fn, 0)


def test_after_backward_the_way_back_is_not_known() -> None:
    x = knoll.rand(2, requires_grad=True)
    y = (x * 2).sum()
    y.backward()
    assert y.grad_fn.name() == "SumBackward0"
    product = y.grad_fn.next_functions[0][0]
    assert product.name() == "MulBackward0"
    assert product.next_functions[0] == (None, 0)
