# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.standard_normal((3, 4)).astype(np.float32)
X = RANDOM.standard_normal((2, 4)).astype(np.float32)


def network(n: Any, tensor: Any) -> Any:
    net = n.Sequential(n.Linear(4, 3), n.ReLU(), n.Linear(3, 2))
    random = np.random.default_rng(1)
    for parameter in net.parameters():
        parameter.data = tensor(random.standard_normal(tuple(parameter.shape)).astype(np.float32))
    return net


def numbers(gradients: Any) -> list[Any]:
    return [None if d is None else d.detach().numpy().round(5).tolist() for d in gradients]


def watched(n: Any, tensor: Any, where: Any, wants: bool, hook: Any = None, before: Any = None) -> Any:
    """What the hooks on one part saw, and all gradients."""
    net, seen = network(n, tensor), []
    part = where(net)

    def after(module: Any, grad_input: Any, grad_output: Any) -> Any:
        seen.append((type(module).__name__, numbers(grad_input), numbers(grad_output)))
        return None if hook is None else hook(grad_input)

    part.register_full_backward_hook(after)
    if before is not None:
        part.register_full_backward_pre_hook(lambda module, grad_output: before(grad_output))
    x = tensor(X)
    x.requires_grad = wants
    (net(x) ** 2).sum().backward()
    return seen, numbers([p.grad for p in net.parameters()]), numbers([x.grad])


def close(one: Any, other: Any) -> None:
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            close(a, b)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-4)
    else:
        assert one == other


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@pytest.mark.parametrize("wants", [True, False])
@pytest.mark.parametrize(
    ("hook", "before"),
    [
        (None, None),
        (lambda d: tuple(None if g is None else g * 10 for g in d), None),
        (None, lambda d: (d[0] * 2,)),
        (lambda d: (d[0],), lambda d: (d[0] * 0.5,)),
    ],
)
@pytest.mark.parametrize("where", [lambda net: net, lambda net: net[0], lambda net: net[1], lambda net: net[2]])
def test_gradients_are_seen_and_changed_as_in_pytorch(
    torch: Any, where: Any, wants: bool, hook: Any, before: Any
) -> None:
    ours = watched(nn, knoll.tensor, where, wants, hook, before)
    theirs = watched(torch.nn, torch.tensor, where, wants, hook, before)
    close(ours, theirs)


def test_hooks_go_away_and_cost_nothing_then() -> None:
    net, seen = network(nn, knoll.tensor), []
    handle = net[1].register_full_backward_hook(lambda module, d, e: seen.append(1))
    net(X).sum().backward()
    assert seen == [1]
    handle.remove()
    y = net(X)
    assert type(y._edge.node.program).__name__ == "CompiledProgram"
    y.sum().backward()
    assert seen == [1]


def test_without_gradients_nothing_is_called() -> None:
    net, seen = network(nn, knoll.tensor), []
    net.register_full_backward_hook(lambda module, d, e: seen.append(1))
    with knoll.no_grad():
        net(X)
    assert seen == []


class Two(nn.Module):
    """Two inputs, two results."""

    def forward(self, x: Any, y: Any) -> Any:
        return x * y, x + y


def test_several_inputs_and_results() -> None:
    two, seen = Two(), []
    two.register_full_backward_hook(lambda module, d, e: seen.append((numbers(d), numbers(e))))
    x, y = knoll.tensor([2.0], requires_grad=True), knoll.tensor([5.0])
    product, total = two(x, y)
    (product * 3 + total).sum().backward()
    assert seen == [([[16.0], None], [[3.0], [1.0]])]
    assert x.grad.tolist() == [16]


def test_a_hook_must_give_as_many_as_it_was_given() -> None:
    net, x = nn.Linear(4, 3), knoll.tensor(X, requires_grad=True)
    handle = net.register_full_backward_hook(lambda module, d, e: (None, None))
    with pytest.raises(RuntimeError, match="Backward hook returned an invalid number of grad_input, got 2"):
        net(x).sum().backward()
    handle.remove()
    net.register_full_backward_pre_hook(lambda module, d: (d[0], d[0]))
    with pytest.raises(RuntimeError, match="Backward pre hook returned an invalid number of grad_output, got 2"):
        net(x).sum().backward()


def test_inputs_that_want_no_gradient_are_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="is firing") as theirs:
        watched(torch.nn, torch.tensor, lambda net: net, False)
    with pytest.warns(UserWarning, match="is firing") as ours:
        watched(nn, knoll.tensor, lambda net: net, False)
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]


def test_forward_hooks_alone_do_not_watch_gradients() -> None:
    """Which would cut the network's program in two, and warn of an input that wants none."""
    net = nn.Linear(4, 3)
    net.register_forward_hook(lambda module, inputs, result: None)
    assert net(X).grad_fn.name() == nn.Linear(4, 3)(X).grad_fn.name()
    net(X).sum().backward()
    assert net.weight.grad is not None


def test_the_last_hook_may_come_first() -> None:
    net, seen = nn.Linear(4, 3), []
    x = knoll.tensor(X, requires_grad=True)
    net.register_full_backward_hook(lambda module, d, e: seen.append("second"))
    net.register_full_backward_hook(lambda module, d, e: seen.append("first"), prepend=True)
    net(x).sum().backward()
    assert seen == ["first", "second"]


def test_a_hook_that_is_always_called() -> None:
    class Failing(nn.Module):
        def forward(self, x: Any) -> Any:
            raise ValueError(f"on purpose, with {x.shape}")

    net, seen = Failing(), []
    net.register_forward_hook(lambda module, inputs, result: seen.append("usual"))
    net.register_forward_hook(lambda module, inputs, result: seen.append(result), always_call=True)
    net.register_forward_hook(lambda module, inputs, result: 1 / 0, always_call=True)
    with pytest.raises(ValueError, match="on purpose"):
        net(X)
    assert seen == [None]
