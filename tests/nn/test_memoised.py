"""A call that is memoised gives what the call of an equal module that was never called gives, whatever was changed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.errors import ShapeError
from knoll.nn import memoised
from knoll.tensor.record import Recorder


class Block(nn.Module):
    """Layers in a Sequential and alone, some of them in place, and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        pool = nn.MaxPool2d(2)
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), pool)
        self.conv, self.relu, self.linear = nn.Conv2d(4, 4, 1), nn.ReLU(inplace=True), nn.Linear(64, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, 5) for images (n, 3, 8, 8)."""
        y = self.features(x)
        return self.linear((self.relu(self.conv(y)) + y).flatten(1))


class Counting(Block):
    """The same, with a forward that does something else too: its layers are memoised, it is not."""

    calls = 0

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, 5) for images (n, 3, 8, 8)."""
        self.calls += 1
        return super().forward(x)


X = knoll.randn(2, 3, 8, 8)


@pytest.fixture(params=[True, False], ids=["grad", "no_grad"])
def grad(request: pytest.FixtureRequest) -> Any:
    """Whether gradients are recorded."""
    with knoll.set_grad_enabled(request.param):
        yield request.param


@pytest.fixture(params=[Block, Counting])
def net(request: pytest.FixtureRequest, grad: bool) -> Any:
    """A network that was called before, and whose calls are memoised."""
    net = request.param().eval()
    for _ in range(3):
        net(X)
    return net


def _same(net: nn.Module, x: Tensor = X) -> None:
    """Three calls in a row give what a copy gives."""
    for _ in range(3):
        np.testing.assert_array_equal(net(x).detach().numpy(), copy.deepcopy(net)(x).detach().numpy())


def test_layers_and_sequences_of_them_do_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    nets, seen = (Block().eval(), Counting().eval()), []
    for net in nets:
        net(X)
    record = Recorder.record
    monkeypatch.setattr(Recorder, "record", lambda *given: (seen.append(given[1].name), record(*given))[1])
    for net in nets:
        net(X)
    assert seen == ["add", "reshape"]  # which the forward of the second does
    assert nets[1].calls == 2


def _grown(weight: Any) -> None:
    with knoll.no_grad():
        weight.mul_(2)


def _moved(weight: Any) -> None:
    """The numbers of another tensor, which is then changed itself."""
    other = knoll.randn(4, 3, 3, 3)
    weight.data = other
    other.mul_(2)


def _stepped(net: nn.Module) -> None:
    for parameter in net.parameters():
        parameter.grad = knoll.ones(*parameter.shape)
    knoll.optim.SGD(net.parameters(), lr=0.1).step()


def _renewed(bn: nn.BatchNorm2d) -> None:
    bn.train()(knoll.randn(2, 4, 3, 3))
    bn.eval()


OTHER_CONV, OTHER_LAYER = dict(nn.Conv2d(4, 4, 1)._parameters), nn.Sigmoid()  # made before, as to make one is noted
CHANGES: dict[str, Callable[[Block], Any]] = {
    "an option": lambda net: setattr(net.features[1], "eps", 0.5),
    "an option, unseen": lambda net: vars(net.features[1]).update(eps=0.5),
    "an option, in the dictionary": lambda net: vars(net.features[1]).__setitem__("eps", 0.5),
    "an option, joined": lambda net: vars(net.features[1]).__ior__({"eps": 0.5}),
    "an option after a mode": lambda net: (net.train(), net.eval(), vars(net.features[1]).update(eps=0.5)),
    "an option that is missing": lambda net: vars(net.features[1]).update(eps=vars(net.features[1]).pop("eps") * 9),
    "an option through a copy": lambda net: (
        setattr(net, "features", copy.deepcopy(net.features)),
        vars(net.features[1]).update(eps=0.5),
    ),
    "an option through a pickle": lambda net: (
        setattr(net, "features", pickle.loads(pickle.dumps(net.features))),
        vars(net.features[1]).update(eps=0.5),
    ),
    "a parameter": lambda net: setattr(net.features[0], "weight", nn.Parameter(knoll.randn(4, 3, 3, 3))),
    "a parameter, unseen": lambda net: net.features[0]._parameters.update(bias=nn.Parameter(knoll.ones(4))),
    "no bias any more": lambda net: setattr(net.features[0], "bias", None),
    "a parameter in place": lambda net: _grown(net.features[0].weight),
    "data": lambda net: setattr(net.features[0].weight, "data", knoll.randn(4, 3, 3, 3)),
    "data in place": lambda net: net.features[0].weight.data.mul_(3),
    "data that lies elsewhere": lambda net: _moved(net.features[0].weight),
    "a view of a parameter, in place": lambda net: _grown(net.features[0].weight[1:]),
    "a part of data in place": lambda net: net.features[0].weight.data[0, 0].zero_(),
    "an optimiser's step": lambda net: _stepped(net),
    "looked at": lambda net: (net.summary((3, 8, 8)), _grown(net.linear.weight)),
    "an array": lambda net: net.features[0].weight.detach().numpy().fill(1),
    "a buffer": lambda net: net.features[1].running_mean.fill_(2),
    "what training remembers": lambda net: _renewed(net.features[1]),
    "another layer": lambda net: setattr(net.features, "2", nn.Tanh()),
    "another layer, unseen": lambda net: net.features._modules.update({"2": nn.Sigmoid()}),
    "one layer less": lambda net: net.features._modules.pop("2"),
    "one layer more": lambda net: net.features.insert(2, nn.Softmax(1)),
    "another class": lambda net: setattr(net.features[2], "__class__", nn.Tanh),
    "in place or not": lambda net: setattr(net.relu, "inplace", False),
    "a layer used twice": lambda net: net.features.append(net.conv),
    "a shared weight": lambda net: setattr(net.features.append(nn.Conv2d(4, 4, 1))[-1], "weight", net.conv.weight),
    "another type": lambda net: (net.double(), net.float()),
    "a state": lambda net: net.load_state_dict(Block().state_dict()),
    "an array in a layer": lambda net: setattr(net.features[0], "mask", np.ones(3)),
    "a tensor in a layer": lambda net: setattr(net.features[0], "mask", knoll.ones(3)),
    "other parameters, no registry": lambda net: vars(net.conv).update(
        _parameters=dict(nn.Conv2d(4, 4, 1)._parameters)
    ),
    "other parameters, no registry, unseen": lambda net: vars(net.conv).update(_parameters=OTHER_CONV),
    "other layers, no registry, unseen": lambda net: vars(net.features).update(
        _modules={**net.features._modules, "2": OTHER_LAYER}
    ),
    "other layers of its own, no registry, unseen": lambda net: vars(net).update(
        _modules={**net._modules, "relu": OTHER_LAYER}
    ),
    "all of a layer": lambda net: setattr(net.conv, "__dict__", vars(nn.Conv2d(4, 4, 1))),
    "options in a plain dictionary": lambda net: (
        setattr(net.features[1], "__dict__", dict(vars(net.features[1]))),
        net(X),
        net(X),
        vars(net.features[1]).update(eps=0.5),
    ),
    "an own forward": lambda net: setattr(net.relu, "forward", lambda x: x * 0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_counts(net: Block, change: Callable[[Block], Any]) -> None:
    before = net(X).detach().numpy()
    change(net)
    _same(net)
    net.load_state_dict(net.state_dict())
    _same(net)
    assert before.shape == (2, 5)


def test_an_option_that_fits_no_more_is_refused_and_may_be_put_back(net: Block) -> None:
    before = net(X).detach().numpy()
    net.features[0].padding = (2, 2)
    with pytest.raises(ShapeError, match="linear Linear"):
        net(X)
    net.features[0].padding = (1, 1)
    np.testing.assert_array_equal(net(X).detach().numpy(), before)


def test_hooks_are_called_and_may_replace(net: Block) -> None:
    before, seen = net(X).detach().numpy(), []
    handle = net.features[0].register_forward_hook(lambda *given: seen.append(given) or 0 * given[2])
    for calls in (1, 2):
        assert not np.array_equal(net(X).detach().numpy(), before)
        assert len(seen) == calls
    handle.remove()
    np.testing.assert_array_equal(net(X).detach().numpy(), before)


def test_a_forward_that_was_put_into_the_class_runs_every_time(net: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    own, seen = nn.ReLU.forward, []
    monkeypatch.setattr(nn.ReLU, "forward", lambda *given: (seen.append(given), own(*given))[1])
    for calls in (2, 4):
        net(X)
        assert len(seen) == calls


def test_a_class_of_the_users_own_runs_every_time() -> None:
    seen: list[Tensor] = []

    class Seeing(nn.Linear):
        def forward(self, input: Tensor) -> Tensor:
            seen.append(input)
            return super().forward(input)

    net = nn.Sequential(nn.Linear(3, 3), Seeing(3, 3))
    for calls in (1, 2, 3):
        net(knoll.ones(2, 3))
        assert len(seen) == calls


def test_hooks_that_were_there_from_the_start_are_called() -> None:
    net, seen = nn.Sequential(nn.Linear(3, 3), nn.ReLU()), []
    net[0].register_forward_hook(lambda *given: seen.append(given))
    for calls in (1, 2, 3):
        net(knoll.ones(2, 3))
        assert len(seen) == calls


def test_registries_that_were_replaced_count() -> None:
    for net in (Block().eval(), Counting().eval()):
        for _ in range(3):
            net(X)
        net.__dict__["_modules"] = {**net._modules, "relu": nn.Tanh()}
        _same(net)
        net._modules["relu"] = nn.Sigmoid()
        _same(net)
        net.features.__dict__["_modules"] = {**net.features._modules, "2": nn.Sigmoid()}
        _same(net)


def test_a_layer_that_was_of_an_own_class_is_looked_at_every_time() -> None:
    class Own(nn.LeakyReLU):
        pass

    net, x = nn.Sequential(nn.Linear(3, 3), Own()), knoll.tensor([[-1.0, 2.0, -3.0]])
    net[1].__class__ = nn.LeakyReLU
    for slope in (0.5, 0.25, 0.125):
        for _ in range(3):
            net(x)
        vars(net[1])["negative_slope"] = slope
        _same(net, x)


class Scaled(nn.Linear):
    """What a layer of the library may become."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight, self.bias) * self.gain


@pytest.mark.parametrize("within", [False, True])
def test_the_attributes_of_a_layer_that_became_one_of_an_own_class_count(within: bool) -> None:
    layer: Any = nn.Linear(3, 3)
    net, x = nn.Sequential(layer) if within else layer, knoll.ones(2, 3)
    plain = net(x).detach().numpy()
    layer.__class__ = Scaled
    for gain in (1.0, 4.0, 8.0):
        layer.gain = gain
        for _ in range(3):  # a copy would be noted
            np.testing.assert_array_equal(net(x).detach().numpy(), plain * gain)


def test_dropout_draws_every_time_and_warnings_come_every_time() -> None:
    net = nn.Sequential(nn.Linear(50, 50), nn.Dropout())
    x = knoll.ones(4, 50)
    assert len({tuple((net(x) == 0).flatten().tolist()) for _ in range(5)}) > 1
    for layer in (nn.Softmax(), nn.Sequential(nn.ReLU(), nn.LogSoftmax())):
        for _ in range(3):
            with pytest.warns(UserWarning, match="Implicit dimension"):
                layer(x)


def test_one_input_twice_has_two_results() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.relu, self.inplace, self.same = nn.ReLU(), nn.ReLU(inplace=True), nn.Identity()

        def forward(self, x: Tensor) -> tuple[Tensor, ...]:
            y = x * 2
            a, b = self.relu(y).add_(1), self.relu(y)
            return a, b, self.inplace(y), y, self.same(y)

    net, x = Twice(), knoll.randn(3, 3)
    expected = np.maximum(2 * x.numpy(), 0)
    for _ in range(4):
        a, b, c, y, same = net(x)
        np.testing.assert_array_equal(a.numpy(), expected + 1)
        np.testing.assert_array_equal(b.numpy(), expected)
        assert c is y
        assert same is y
        y.add_(5)
        np.testing.assert_array_equal(b.numpy(), expected)


def test_gradients_are_those_of_a_network_that_was_never_called() -> None:
    net = Block().eval()
    for frozen in (False, True, False):
        net.features[0].requires_grad_(not frozen)
        for _ in range(2):
            net.zero_grad()
            net(X).sum().backward()
            other = copy.deepcopy(net)
            other(X).sum().backward()
            for (name, one), two in zip(net.named_parameters(), other.parameters(), strict=True):
                assert (one.grad is None) is (frozen and name.startswith("features.0")), name
                if one.grad is not None and two.grad is not None:
                    np.testing.assert_array_equal(one.grad.numpy(), two.grad.numpy(), name)


def test_modes_of_gradients_are_told_apart() -> None:
    layer, x = nn.Linear(3, 2), knoll.ones(1, 3)
    for _ in range(3):
        assert layer(x).requires_grad
        with knoll.no_grad():
            assert not layer(x).requires_grad
        layer.requires_grad_(False)
        assert not layer(x).requires_grad
        assert layer(x.clone().requires_grad_()).requires_grad
        layer.requires_grad_(True)


def test_calls_go_with_their_module() -> None:
    before = len(memoised.calls_of)
    layers = [nn.Linear(3, 2) for _ in range(5)]
    for layer in layers:
        layer(knoll.ones(1, 3))
    assert len(memoised.calls_of) == before + 5
    del layers, layer
    assert len(memoised.calls_of) == before


def test_inputs_that_change_all_the_time_are_not_kept_for_ever() -> None:
    layer = nn.ReLU()
    for rows in range(1, 3 * memoised.MOST_CALLS):
        assert layer(knoll.ones(rows)).shape == (rows,)
    assert len(memoised.calls_of[id(layer)]) <= memoised.MOST_CALLS
