"""An outermost call that is memoised gives what an equal module that was never called gives, whatever was changed."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from tests.nn.test_memoised import CHANGES, X

import knoll
from knoll import Tensor, nn
from knoll.analysis.unchanged import unchanged
from knoll.autograd import Function
from knoll.errors import ShapeError, StateError
from knoll.nn import memoised
from knoll.tensor.record import Recorder


def _network() -> Any:
    """The parts of `test_memoised.Block`, one after the other."""
    features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    parts: list[tuple[str, nn.Module]] = [
        ("features", features), ("conv", nn.Conv2d(4, 4, 1)), ("relu", nn.ReLU(inplace=True)),
        ("flatten", nn.Flatten()), ("linear", nn.Linear(64, 5)),
    ]  # fmt: skip
    return nn.Sequential(OrderedDict(parts)).eval()


@pytest.fixture(params=[True, False], ids=["grad", "no_grad"])
def net(request: pytest.FixtureRequest) -> Any:
    """A network that was called before."""
    with knoll.set_grad_enabled(request.param):
        net = _network()
        for _ in range(3):
            net(X)
        yield net


def _same(net: nn.Module, x: Tensor = X) -> None:
    """Three calls in a row give what a copy gives, and gradients flow to what a copy's flow to."""
    for _ in range(3):
        y, other = net(x), copy.deepcopy(net)(x)
        np.testing.assert_array_equal(y.detach().numpy(), other.detach().numpy())
        assert (y.requires_grad, y.is_leaf) == (other.requires_grad, other.is_leaf)


def test_the_second_call_records_nothing(net: Any, recordings: list[Recorder]) -> None:
    _same(net)
    before = len(recordings)
    net(X)
    net(X.numpy())
    assert len(recordings) == before
    net(knoll.randn(3, 3, 8, 8))
    assert len(recordings) == before + 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_counts(net: Any, change: Callable[[Any], Any]) -> None:
    net(X)
    change(net)
    _same(net)


IN_PLACE = sorted(name for name in dir(Tensor) if name.endswith("_") and not name.startswith("_"))
_GIVEN: tuple[tuple[Any, ...], ...] = ((), (0.5,), (0.5, 0.25), (-1, 1), (0, 1))


def test_every_change_in_place_counts() -> None:
    """Of a parameter and of a buffer."""
    net, changed = _network(), set[str]()
    with knoll.no_grad():
        for tensor in (net.conv.bias, net.features[1].running_var):
            for name in IN_PLACE:
                before = tensor.clone()
                for given in _GIVEN:
                    with suppress(Exception):
                        getattr(tensor, name)(*given)
                        changed |= set() if np.array_equal(tensor.clone(), before.clone()) else {name}
                    if tensor.shape != before.shape:  # resized: what no layer takes any more is refused
                        with pytest.raises(ShapeError, match="expected"):
                            net(X)
                        break
                    y, other = net(X), copy.deepcopy(net)(X)
                    np.testing.assert_array_equal(y.numpy(), other.numpy(), name)
                    if name in changed:
                        break
                if tensor.shape != before.shape or tensor.dtype != before.dtype:
                    tensor.data = before.clone()
                tensor.copy_(before)
                _same(net)
    assert len(changed) > 60, changed


def _never_called(net: nn.Module) -> Tensor:
    """What the network gives when nothing is remembered of its calls."""
    for module in net.modules():
        memoised.calls_of.pop(id(module), None)
    return net(X)


class Doubled(Function):
    """Twice a tensor, in place."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, _: Tensor) -> Tensor:
        """The doubled tensor."""
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG004 (PyTorch's)
        """Twice the gradient."""
        return dy * 2, dy * 0


def test_a_buffer_that_a_gradient_flows_through_counts() -> None:
    for change in (
        lambda mean, bias: mean.add_(bias), lambda mean, bias: (mean.add_(bias), mean.detach_()),
        Doubled.apply, lambda mean, bias: mean[1:].add_(bias[1:]),
    ):  # fmt: skip
        net = _network()
        mean: Any = net.features[1].running_mean
        for _ in range(3):
            net(X)
        change(mean, net.conv.bias)
        y, again = net(X), net(X)
        other = _never_called(net)
        for result in (y, again):
            np.testing.assert_array_equal(result.detach().numpy(), other.detach().numpy())
        mine, right = (knoll.autograd.grad(result.sum(), net.conv.bias)[0].numpy() for result in (again, other))
        np.testing.assert_array_equal(mine, right)


def test_what_was_changed_while_it_was_looked_at_is_put_back() -> None:
    net = _network()
    for _ in range(3):
        before = net(X).detach().numpy()
    with unchanged(net):
        net.conv.bias.data = knoll.ones(4)
        assert not np.array_equal(net(X).detach().numpy(), before)
        np.testing.assert_array_equal(net(X).detach().numpy(), _never_called(net).detach().numpy())
        net(X)
    np.testing.assert_array_equal(net(X).detach().numpy(), before)


def test_what_a_leaf_wants_counts() -> None:
    net = _network()
    weight = net.conv.weight
    for change in (
        lambda: weight.requires_grad_(False), lambda: weight.requires_grad_(), lambda: weight.detach_(),
        lambda: setattr(weight, "requires_grad", True), lambda: net.requires_grad_(False),
        lambda: net.requires_grad_(True), lambda: net.conv.bias.view(2, 2), lambda: weight.data.mul_(2),
    ):  # fmt: skip
        net(X)
        change()
        _same(net)


def test_hooks_and_a_forward_of_the_class_run_every_time(net: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    handle = net.register_forward_hook(lambda *given: seen.append(given))
    for calls in (1, 2):
        net(X)
        assert len(seen) == calls
    handle.remove()
    own = nn.ReLU.forward
    monkeypatch.setattr(nn.ReLU, "forward", lambda *given: (seen.append(given), own(*given))[1])
    for calls in (4, 6):
        net(X)
        assert len(seen) == calls


def test_gradients_are_those_of_a_network_that_was_never_called() -> None:
    net, x = _network(), X.clone().requires_grad_()
    for frozen in (False, True, False):
        net.features[0].requires_grad_(not frozen)
        for _ in range(2):
            net.zero_grad()
            x.grad = None
            net(x * 1).sum().backward()
            other, mine = copy.deepcopy(net), x.grad
            x.grad = None
            other(x * 1).sum().backward()
            np.testing.assert_array_equal(mine.numpy(), x.grad.numpy())
            for (name, one), two in zip(net.named_parameters(), other.parameters(), strict=True):
                assert (one.grad is None) is (frozen and name.startswith("features.0")), name
                if one.grad is not None:
                    np.testing.assert_array_equal(one.grad.numpy(), two.grad.numpy(), name)


def test_what_backward_reads_must_not_be_changed() -> None:
    layer, x = nn.Linear(3, 2), knoll.ones(1, 3, requires_grad=True)
    for _ in range(3):
        y = layer(x).sum()
        with knoll.no_grad():
            layer.weight.mul_(2)
        with pytest.raises(StateError, match="modified by an inplace operation"):
            y.backward()


def test_the_two_modes_of_a_layer_and_of_gradients_are_told_apart() -> None:
    layer, x = nn.Linear(3, 2), knoll.ones(1, 3)
    norm = nn.BatchNorm1d(3)
    for _ in range(3):
        assert layer(x).requires_grad
        with knoll.no_grad():
            assert not layer(x).requires_grad
        assert layer.requires_grad_(False)(x.clone().requires_grad_()).requires_grad
        layer.requires_grad_(True)
        before = norm.running_mean.numpy().copy()
        norm.train()(knoll.randn(4, 3))
        assert not np.array_equal(norm.running_mean.numpy(), before)
        _same(norm.eval(), knoll.randn(4, 3))


def test_results_that_are_the_input_stay_so() -> None:
    layers = {nn.Flatten(): 2, nn.Identity(): 2, nn.ReLU(inplace=True): 2, nn.ReLU(): 1, nn.Softmax(-1): 1}
    for layer, seen in layers.items():
        for _ in range(3):
            given = knoll.ones(2, 3, 4)
            layer(given).add_(1)
            np.testing.assert_array_equal(given.numpy(), np.full((2, 3, 4), seen), repr(layer))


class _Features(nn.Module):
    """Rows of the last channels that a convolution made."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return y[:, 1:].flatten(1)


OWN_VIEWS: list[tuple[Callable[[], nn.Module], tuple[int, ...]]] = [
    (lambda: nn.Conv1d(4, 3, 2), (2, 4, 6)), (lambda: nn.ConvTranspose1d(4, 3, 2), (2, 4, 6)),
    (lambda: nn.MaxPool1d(2), (2, 4, 6)), (lambda: nn.AdaptiveAvgPool1d(2), (2, 4, 6)),
    (lambda: nn.BatchNorm1d(4), (2, 4, 6)), (lambda: nn.ReflectionPad1d(1), (2, 4, 6)),
    (lambda: nn.InstanceNorm2d(4), (2, 4, 6, 6)), (lambda: nn.LocalResponseNorm(3), (2, 4, 6, 6)),
    (lambda: nn.PixelShuffle(2), (2, 4, 6, 6)), (lambda: nn.PixelUnshuffle(2), (2, 4, 6, 6)),
    (lambda: nn.ChannelShuffle(2), (2, 4, 6, 6)), (_Features, (2, 4, 6, 6)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "shape"), OWN_VIEWS)
@pytest.mark.parametrize("grad", [True, False])
def test_a_view_of_what_the_call_made_is_a_result_as_any_other(
    make: Callable[[], nn.Module], shape: tuple[int, ...], grad: bool, recordings: list[Recorder]
) -> None:
    layer, x = make().eval(), knoll.randn(*shape)
    before, results = x.numpy().copy(), list[Tensor]()
    with knoll.set_grad_enabled(grad):
        for _ in range(2):
            results.append(layer(x))
        made = len(recordings)
        results.append(layer(x))
        assert len(recordings) == made
        right = results[0].detach().numpy().copy()
        with knoll.no_grad():
            results[0].add_(1)
            results[2].mul_(2)
        _same(layer, x)
    for y, wanted in zip(results, (right + 1, right, 2 * right), strict=True):
        np.testing.assert_array_equal(y.detach().numpy(), wanted)
    np.testing.assert_array_equal(x.numpy(), before)


class _Keeping(nn.Module):
    """It holds what its result is a view of."""

    def forward(self, x: Tensor) -> Tensor:
        self.kept = x * 2
        return self.kept.flatten(1)


@pytest.mark.parametrize("make", [nn.Flatten, lambda: nn.Unflatten(1, (2, 2)), _Keeping])
def test_views_of_what_people_hold_stay_views(make: Callable[[], nn.Module]) -> None:
    layer = make()
    for _ in range(3):
        x = knoll.ones(2, 4, 3)
        y = layer(x)
        held = layer.kept if isinstance(layer, _Keeping) else x
        held.add_(5)
        np.testing.assert_array_equal(y.numpy().ravel(), held.numpy().ravel())


def test_a_view_of_a_changed_tensor_is_as_it_is_now() -> None:
    layer, base = nn.ReLU(), knoll.ones(2, 3)
    row = base[0]
    for count in range(1, 4):
        np.testing.assert_array_equal(layer(row).numpy(), [count] * 3)
        base.add_(1)


def test_a_parameter_may_be_the_input() -> None:
    layer = nn.Linear(3, 3)
    layer(layer.weight.detach())
    for _ in range(3):
        y, other = layer(layer.weight), copy.deepcopy(layer)(layer.weight.detach())
        np.testing.assert_allclose(y.detach().numpy(), other.detach().numpy(), rtol=1e-6)
        layer.zero_grad()
        layer(layer.weight).sum().backward()
        grad, weight = layer.weight.grad, layer.weight.detach().numpy()
        assert grad is not None
        np.testing.assert_allclose(grad.numpy(), np.tile(2 * weight.sum(0), (3, 1)), rtol=1e-5, atol=1e-6)


def test_threads_call_one_network_at_once() -> None:
    net = _network()
    images = [knoll.randn(2, 3, 8, 8) for _ in range(8)]
    expected = [copy.deepcopy(net)(x).detach().numpy() for x in images]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(10):
            for y, right in zip(threads.map(net, images), expected, strict=True):
                np.testing.assert_array_equal(y.detach().numpy(), right)


def test_calls_are_not_kept_for_ever() -> None:
    layer = nn.ReLU()
    for rows in range(1, 3 * memoised.MOST_CALLS):
        assert layer(knoll.ones(rows)).shape == (rows,)
    assert len(memoised.calls_of[id(layer)].outermost) <= memoised.MOST_CALLS
