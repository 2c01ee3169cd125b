"""`jit.trace`: the operations of one call, done again with other inputs and with the parameters of the moment."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import jit, nn
from knoll.errors import ArgumentTypeError, ShapeError, StateError, UnsupportedError

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
RNG = np.random.default_rng(0)


def network(library: Any) -> Any:
    layers = library.nn
    return layers.Sequential(
        layers.Conv2d(3, 8, 3), layers.BatchNorm2d(8), layers.ReLU(), layers.AdaptiveAvgPool2d(1), layers.Flatten(),
        layers.Linear(8, 4),
    ).eval()  # fmt: skip


def images(samples: int) -> Any:
    return RNG.standard_normal((samples, 3, 8, 8)).astype(np.float32)


def test_results_gradients_and_keys_are_pytorchs(torch: Any) -> None:
    theirs, ours = network(torch), network(knoll)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    traced = jit.trace(ours, knoll.tensor(images(2))), torch.jit.trace(theirs, torch.tensor(images(2)))
    assert list(traced[0].state_dict()) == list(traced[1].state_dict())
    assert traced[0].original_name == traced[1].original_name == "Sequential"
    for samples in (2, 1, 5):
        x, found = images(samples), []
        for library, module in zip((knoll, torch), traced, strict=True):
            leaf = library.tensor(x, requires_grad=True)
            y = module(leaf)
            y.square().sum().backward()
            gradients = [each.grad.numpy().copy() for each in (leaf, *module.parameters())]
            found.append([y.detach().numpy(), *gradients])
            module.zero_grad()
        for mine, truth in zip(*found, strict=True):
            np.testing.assert_allclose(mine, truth, rtol=1e-4, atol=1e-5)


def test_a_change_of_parameters_counts_and_a_change_of_layers_does_not() -> None:
    net, x = network(knoll), knoll.tensor(images(3))
    traced = jit.trace(net, x)
    with knoll.no_grad():
        net[5].bias.add_(1)
    np.testing.assert_array_equal(traced(x).detach().numpy(), net(x).detach().numpy())
    net[5].weight = nn.Parameter(knoll.zeros(4, 8))
    np.testing.assert_array_equal(traced(x).detach().numpy(), net(x).detach().numpy())
    before = traced(x).detach().numpy()
    net[5] = nn.Linear(8, 4)
    np.testing.assert_array_equal(traced(x).detach().numpy(), before)
    traced.load_state_dict({name: value * 0 for name, value in traced.state_dict().items()})
    assert not traced(x).detach().numpy().any()


def test_a_traced_module_learns() -> None:
    net, x = network(knoll), knoll.tensor(images(3))
    traced = jit.trace(net, x)
    optimiser = knoll.optim.SGD(traced.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        optimiser.zero_grad()
        loss = traced(x).square().sum()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[0] > losses[1] > losses[2]


def test_branches_by_shapes_are_those_of_the_example() -> None:
    traced = jit.trace(lambda x: x * 2 if x.shape[0] > 2 else x * 3, knoll.ones(4, 2))
    assert traced(knoll.ones(4, 2)).unique().tolist() == [2]
    with pytest.raises(ShapeError, match="computes with the number of samples"):
        traced(knoll.ones(1, 2))


def test_functions_of_several_inputs_and_results() -> None:
    traced = jit.trace(lambda a, pair: (a + pair[0], pair[1] * 2), (knoll.ones(2, 3), (knoll.ones(3), knoll.ones(2))))
    first, second = traced(knoll.zeros(2, 3), (knoll.ones(3), knoll.ones(2)))
    assert first.tolist() == [[1, 1, 1]] * 2
    assert second.tolist() == [2, 2]
    assert jit.trace(lambda x: [x * 2], knoll.ones(2), strict=False)(knoll.ones(2))[0].tolist() == [2, 2]


def test_its_mode_changes_nothing() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.9)).eval()
    traced = jit.trace(net, knoll.ones(2, 4))
    traced.train()
    x = knoll.ones(2, 4)
    np.testing.assert_array_equal(traced(x).detach().numpy(), net(x).detach().numpy())
    assert not net[1].training
    assert jit.trace(traced, x) is traced


def test_no_grad_inside_stays() -> None:
    class Frozen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(3, 3), nn.Linear(3, 2)

        def forward(self, x: Any) -> Any:
            with knoll.no_grad():
                x = self.first(x)
            return self.last(x)

    traced = jit.trace(Frozen(), knoll.ones(2, 3))
    traced(knoll.ones(2, 3)).sum().backward()
    assert traced.first.weight.grad is None or not traced.first.weight.grad.numpy().any()
    assert traced.last.weight.grad.numpy().any()


REFUSED: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "numbers": (lambda x: x * 2 if x.sum() > 0 else x, knoll.ones(2), UnsupportedError, "asks for numbers"),
    "dropout": (nn.Dropout(), knoll.ones(2), UnsupportedError, "draws random numbers"),
    "training": (nn.BatchNorm1d(2), knoll.ones(2, 2), UnsupportedError, "trace of a network in training"),
    "a dictionary": (lambda x: {"a": x * 2}, knoll.ones(2), StateError, "Encountering a dict at the output"),
    "nothing": (lambda: 1, (), ArgumentTypeError, "example"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_traced(name: str) -> None:
    func, given, kind, sentence = REFUSED[name]
    with pytest.raises(kind, match=sentence):
        jit.trace(func, given)


def test_containers_are_refused_or_warned_of_in_pytorchs_words(torch: Any) -> None:
    for func in (lambda x: {"a": x * 2}, lambda x: (x, {"a": x * 2})):
        with pytest.raises(RuntimeError) as theirs, warnings.catch_warnings(action="ignore"):
            torch.jit.trace(func, torch.ones(2))
        with pytest.raises(StateError) as ours:
            jit.trace(func, knoll.ones(2))
        assert ours.value.reason == str(theirs.value)
    said = []
    for library in (knoll, torch):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            library.jit.trace(lambda x: [x * 2], library.ones(2))
        said.append({str(each.message) for each in caught if each.category.__name__ == "TracerWarning"})
    assert said[0] == said[1] != set()


def test_other_inputs_are_refused() -> None:
    traced = jit.trace(network(knoll), knoll.tensor(images(2)))
    x = knoll.tensor(images(2))
    for wrong in ((x[:, :, :4],), (x.double(),), (x[0],)):
        with pytest.raises(ShapeError, match="compiled for inputs like"):
            traced(*wrong)
    with pytest.raises(ArgumentTypeError, match="compiled for 1 input array, but got 2"):
        traced(x, x)


def test_a_trace_that_differs_is_warned_of() -> None:
    calls = [0]

    def counts(x: Any) -> Any:
        calls[0] += 1
        return x * calls[0]

    with pytest.warns(jit.TracerWarning, match="Output nr 1. of the traced function does not match"):
        jit.trace(counts, knoll.ones(2))
    jit.trace(counts, knoll.ones(2), check_trace=False)
