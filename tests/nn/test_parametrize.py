"""Parametrized tensors: results, gradients, state dicts and refusals beside PyTorch."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.nn.utils import parametrizations, parametrize
from reparametrised import LAYERS, losses_of

RNG = np.random.default_rng(0)


def utils(lib: Any) -> tuple[Any, Any]:
    """`parametrize` and `parametrizations` of a library."""
    found = [import_module(f"{lib.__name__}.nn.utils.{name}") for name in ("parametrize", "parametrizations")]
    return found[0], found[1]


def symmetric(lib: Any, inverse: bool = False) -> Any:
    class Symmetric(lib.nn.Module):
        def forward(self, x: Any) -> Any:
            return x.triu() + x.triu(1).transpose(-1, -2)

    class Invertible(Symmetric):
        def right_inverse(self, x: Any) -> Any:
            return x.triu()

    return Invertible() if inverse else Symmetric()


def rank_one(lib: Any) -> Any:
    class RankOne(lib.nn.Module):
        def forward(self, x: Any, y: Any) -> Any:
            return x.unsqueeze(-1) @ y.unsqueeze(-2)

        def right_inverse(self, z: Any) -> Any:
            u, s, vh = lib.linalg.svd(z, full_matrices=False)
            root = s[0].sqrt().unsqueeze(-1)
            return u[..., :, 0] * root, vh[..., 0, :] * root

    return RankOne()


def doubled(lib: Any) -> Any:
    class Doubled(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = lib.nn.Parameter(lib.tensor(2.0))

        def forward(self, x: Any) -> Any:
            return x * self.scale

        def right_inverse(self, x: Any) -> Any:
            return x / self.scale

    return Doubled()


WRAPS: dict[str, Callable[[Any, Any], Any]] = {
    "weight": lambda lib, layer: utils(lib)[1].weight_norm(layer),
    "weight, as one": lambda lib, layer: utils(lib)[1].weight_norm(layer, dim=None),
    "weight, other axis": lambda lib, layer: utils(lib)[1].weight_norm(layer, dim=1),
    "spectral": lambda lib, layer: utils(lib)[1].spectral_norm(layer),
    "spectral, other axis": lambda lib, layer: utils(lib)[1].spectral_norm(layer, n_power_iterations=3, dim=1),
    "orthogonal": lambda lib, layer: utils(lib)[1].orthogonal(layer),
    "exponential": lambda lib, layer: utils(lib)[1].orthogonal(layer, orthogonal_map="matrix_exp"),
    "cayley": lambda lib, layer: utils(lib)[1].orthogonal(layer, orthogonal_map="cayley"),
    "without a base": lambda lib, layer: utils(lib)[1].orthogonal(
        layer, orthogonal_map="householder", use_trivialization=False
    ),
    "exponential alone": lambda lib, layer: utils(lib)[1].orthogonal(
        layer, orthogonal_map="matrix_exp", use_trivialization=False
    ),
    "doubled": lambda lib, layer: utils(lib)[0].register_parametrization(layer, "weight", doubled(lib)),
    "two": lambda lib, layer: utils(lib)[0].register_parametrization(
        utils(lib)[1].weight_norm(layer), "weight", doubled(lib)
    ),
}


def loaded(ours: Any, theirs: Any) -> None:
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({key: knoll.tensor(value.numpy()) for key, value in theirs.state_dict().items()})


def close(ours: Any, theirs: Any) -> None:
    tolerance = 2e-5 if ours.dtype == knoll.float32 else 1e-11
    one, two = (np.asarray(each.detach().numpy()) for each in (ours, theirs))
    np.testing.assert_allclose(one, two, rtol=tolerance, atol=tolerance * max(1e-3, float(np.abs(two).max())))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("wrap", WRAPS)
def test_results_gradients_and_state_are_those_of_pytorch(torch: Any, layer: str, wrap: str) -> None:
    make, shape = LAYERS[layer]
    ours, theirs = (WRAPS[wrap](lib, make(lib).double()) for lib in (knoll, torch))
    loaded(ours, theirs)
    x = RNG.standard_normal(shape)
    optimizers = [lib.optim.SGD(net.parameters(), lr=0.01) for lib, net in ((knoll, ours), (torch, theirs))]
    for training in (True, True, False):
        results = []
        for lib, net, optimizer in zip((knoll, torch), (ours, theirs), optimizers, strict=True):
            net.train(training)
            optimizer.zero_grad()
            results.append(net(lib.tensor(x)))
            results[-1].square().sum().backward()
        close(*results)
        for one, two in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(one.grad, two.grad)
        for optimizer in optimizers:
            optimizer.step()
        for one, two in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
            close(one, two)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("wrap", [name for name in WRAPS if "alone" not in name])
def test_the_first_weight_is_that_of_pytorch(torch: Any, wrap: str) -> None:
    ours, theirs = nn.Linear(6, 4), torch.nn.Linear(6, 4)
    loaded(ours, theirs)
    WRAPS[wrap](knoll, ours), WRAPS[wrap](torch, theirs)
    if "spectral" not in wrap:  # its vectors are drawn
        close(ours.weight, theirs.weight)
    weight = ours.weight.detach().numpy()
    if wrap in ("orthogonal", "exponential", "cayley", "without a base"):
        np.testing.assert_allclose(weight @ weight.T, np.eye(4), atol=1e-5)
    if "spectral" in wrap:
        assert np.linalg.svd(weight)[1][0] == pytest.approx(1, rel=1e-2)


@pytest.mark.parametrize("leave", [True, False])
def test_a_matrix_of_rank_one_and_what_stays_of_it(torch: Any, leave: bool) -> None:
    ours, theirs = nn.Linear(5, 4), torch.nn.Linear(5, 4)
    loaded(ours, theirs)
    for lib, net in ((knoll, ours), (torch, theirs)):
        utils(lib)[0].register_parametrization(net, "weight", rank_one(lib))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    close(ours.weight, theirs.weight)
    value = np.outer(np.arange(1, 5), np.arange(2, 7)).astype(np.float32)
    ours.weight = knoll.tensor(value)
    theirs.weight = torch.tensor(value)
    close(ours.weight, knoll.tensor(value))
    for lib, net in ((knoll, ours), (torch, theirs)):
        if leave:
            utils(lib)[0].remove_parametrizations(net, "weight")
        else:
            with pytest.raises(ValueError, match="in terms of a sequence of tensors"):
                utils(lib)[0].remove_parametrizations(net, "weight", leave_parametrized=False)
    if leave:
        assert list(ours.state_dict()) == list(theirs.state_dict())
        assert type(ours) is nn.Linear
        close(ours.weight, theirs.weight)


@pytest.mark.parametrize("leave", [True, False])
def test_a_parameter_stays_the_one_that_optimisers_know(leave: bool) -> None:
    layer = nn.Linear(3, 3)
    weight = layer.weight
    parametrize.register_parametrization(layer, "weight", symmetric(knoll))
    assert layer.parametrizations.weight.original is weight
    made = layer.weight.detach().numpy()
    np.testing.assert_array_equal(made, made.T)
    first = weight.detach().numpy().copy()
    parametrize.remove_parametrizations(layer, "weight", leave)
    assert layer.weight is weight
    np.testing.assert_array_equal(weight.detach().numpy(), made if leave else first)
    assert not parametrize.is_parametrized(layer)
    assert not hasattr(layer, "parametrizations")
    (layer(knoll.ones(1, 3)).sum()).backward()
    assert weight.grad is not None


@pytest.mark.parametrize("name", ["knoll", pytest.param("torch", marks=pytest.mark.pytorch)])
def test_an_optimiser_that_holds_the_former_weight_still_changes_its_direction(name: str) -> None:
    """The direction of weight normalisation lies in the memory of the weight that it came from."""
    lib = pytest.importorskip(name)
    layer = lib.nn.Linear(3, 2)
    optimizer = lib.optim.SGD([layer.weight], lr=0.5, weight_decay=1.0)
    layer(lib.ones(1, 3)).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    former = layer.weight.detach().clone()
    lib.nn.utils.parametrizations.weight_norm(layer)
    optimizer.step()
    direction = layer.parametrizations.weight.original1
    np.testing.assert_array_equal(direction.detach().numpy(), former.numpy() * np.float32(0.5))
    np.testing.assert_allclose(layer.weight.detach().numpy(), former.numpy(), rtol=1e-6)


def test_buffers_and_users_modules() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mask", knoll.tensor([[1.0, 2.0], [3.0, 4.0]]))

        def forward(self, x: Any) -> Any:
            return x * self.mask

    net, x = Net(), knoll.ones(2, 2)
    assert net(x).tolist() == [[1, 2], [3, 4]]  # memoised: what follows has to be seen
    assert net(x).tolist() == [[1, 2], [3, 4]]
    parametrize.register_parametrization(net, "mask", symmetric(knoll, inverse=True))
    assert net(x).tolist() == [[1, 2], [2, 4]]
    net.mask = knoll.tensor([[0.0, 5.0], [7.0, 0.0]])
    assert net(x).tolist() == [[0, 5], [5, 0]]
    assert net(x).tolist() == [[0, 5], [5, 0]]
    assert list(net.state_dict()) == ["parametrizations.mask.original"]
    assert [name for name, _ in net.named_parameters()] == []
    parametrize.remove_parametrizations(net, "mask")
    assert list(net.state_dict()) == ["mask"]
    assert net(x).tolist() == [[0, 5], [5, 0]]


def test_copies_are_of_their_own() -> None:
    layer = parametrizations.weight_norm(nn.Conv2d(2, 3, 3))
    other = copy.deepcopy(layer)
    x = knoll.randn(1, 2, 5, 5)
    expected = layer(x).detach().numpy()
    np.testing.assert_array_equal(other(x).detach().numpy(), expected)
    with knoll.no_grad():
        other.parametrizations.weight.original0.mul_(2)
    np.testing.assert_array_equal(layer(x).detach().numpy(), expected)
    parametrize.remove_parametrizations(layer, "weight")
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    assert (other.weight.detach().numpy() != layer.weight.detach().numpy()).all()
    assert parametrize.is_parametrized(other, "weight")
    assert parametrize.type_before_parametrizations(other) is nn.Conv2d
    with pytest.raises(RuntimeError, match=r"only supported through state_dict\(\)"):
        pickle.dumps(other)


def test_a_network_is_trained_saved_compiled_and_read_by_pytorch(torch: Any, tmp_path: Any) -> None:
    def make(lib: Any) -> Any:
        wrapped = utils(lib)[1]
        return lib.nn.Sequential(
            wrapped.spectral_norm(lib.nn.Conv2d(1, 4, 3)), lib.nn.LeakyReLU(0.2),
            wrapped.weight_norm(lib.nn.Conv2d(4, 4, 3)), lib.nn.Flatten(), wrapped.orthogonal(lib.nn.Linear(64, 4)),
        )  # fmt: skip

    knoll.manual_seed(0)
    net = make(knoll)
    x = knoll.tensor(RNG.standard_normal((4, 1, 8, 8)).astype(np.float32))
    losses = losses_of(net, x, 0.02)
    assert losses == sorted(losses, reverse=True)
    weight = net[4].weight.detach().numpy()
    np.testing.assert_allclose(weight @ weight.T, np.eye(4), atol=1e-5)
    knoll.save(net.state_dict(), tmp_path / "net.safetensors")
    other = make(knoll)
    other.load_state_dict(knoll.load(tmp_path / "net.safetensors"))
    expected = net.eval()(x).detach().numpy()
    np.testing.assert_array_equal(other.eval()(x).detach().numpy(), expected)
    np.testing.assert_allclose(knoll.compile(net, x)(x.numpy()), expected, rtol=1e-5, atol=1e-6)
    theirs = make(torch)
    theirs.load_state_dict({key: torch.tensor(value.numpy()) for key, value in net.state_dict().items()})
    close(net(x), theirs.eval()(torch.tensor(x.numpy())))
    assert "ParametrizedConv2d" in str(net.summary((1, 8, 8)))


def test_state_of_the_former_weight_norm_is_read() -> None:
    former, layer = nn.utils.weight_norm(nn.Conv2d(2, 3, 3)), parametrizations.weight_norm(nn.Conv2d(2, 3, 3))
    layer.load_state_dict(former.state_dict())
    x = knoll.randn(1, 2, 5, 5)
    np.testing.assert_array_equal(layer(x).detach().numpy(), former(x).detach().numpy())


def test_a_cached_weight_is_computed_once() -> None:
    calls = []

    class Counted(nn.Module):
        def forward(self, x: Any) -> Any:
            calls.append(1)
            return x * 2

    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Counted())
    calls.clear()
    with parametrize.cached():
        first = layer.weight
        (layer(knoll.ones(1, 2)) + layer(knoll.ones(1, 2))).sum().backward()
        assert layer.weight is first
    assert len(calls) == 1
    assert layer.weight is not first
    np.testing.assert_array_equal(layer.parametrizations.weight.original.grad.numpy(), np.full((2, 2), 4.0))


def test_parametrizations_are_transferred() -> None:
    given = parametrizations.weight_norm(nn.Linear(3, 2))
    parametrize.register_parametrization(given, "bias", doubled(knoll))
    taken = parametrize.transfer_parametrizations_and_params(given, nn.Linear(3, 2))
    assert taken.parametrizations.weight.original1 is given.parametrizations.weight.original1
    np.testing.assert_array_equal(taken.weight.detach().numpy(), given.weight.detach().numpy())
    np.testing.assert_array_equal(taken.bias.detach().numpy(), given.bias.detach().numpy())
    alone = parametrize.transfer_parametrizations_and_params(given, nn.Linear(3, 2), "weight")
    assert not parametrize.is_parametrized(alone, "bias")


class Wrong:
    """What both libraries refuse: a layer, and rules that do not keep what they should."""

    def __init__(self, lib: Any) -> None:
        self.lib, self.layer = lib, lib.nn.Linear(3, 3)
        self.parametrize, self.parametrizations = utils(lib)

    def rule(self, forward: Callable[..., Any], inverse: Callable[..., Any] | None = None) -> Any:
        class Rule(self.lib.nn.Module):
            pass

        setattr(Rule, "forward", lambda _, *x: forward(*x))  # noqa: B010 (mypy sees no attribute)
        if inverse is not None:
            setattr(Rule, "right_inverse", lambda _, x: inverse(x))  # noqa: B010 (on a class)
        return Rule()

    def on(self, forward: Callable[..., Any], inverse: Callable[..., Any] | None = None, name: str = "weight") -> Any:
        return self.parametrize.register_parametrization(self.layer, name, self.rule(forward, inverse))

    def symmetric(self) -> Wrong:
        self.parametrize.register_parametrization(self.layer, "weight", symmetric(self.lib))
        return self

    def put(self, value: Any) -> None:
        self.layer.weight = value

    def orthogonal(self, *given: Any, **named: Any) -> Wrong:
        self.parametrizations.orthogonal(self.layer, *given, **named)
        return self


WRONG: dict[str, Callable[[Wrong], object]] = {
    "no tensor": lambda on: on.on(str),
    "another type": lambda on: on.on(lambda x: x.double()),
    "another shape": lambda on: on.on(lambda x: x[:1]),
    "inverse no tensor": lambda on: on.on(lambda x: x, lambda x: 3 * len(x)),
    "inverse of another type": lambda on: on.on(lambda x: x.float(), lambda x: x.double()),
    "inverse with no tensor": lambda on: on.on(lambda x, y: x * y, lambda x: (x, 3)),
    "second of another shape": lambda on: on.symmetric().on(lambda x: x[:1]),
    "second no tensor": lambda on: on.symmetric().on(str),
    "second inverse of another shape": lambda on: on.symmetric().on(lambda x: x, lambda x: x[:1]),
    "second inverse of another type": lambda on: on.symmetric().on(lambda x: x, lambda x: x.double()),
    "no such tensor": lambda on: on.on(lambda x: x, name="bia"),
    "not parametrized": lambda on: on.parametrize.remove_parametrizations(on.layer, "bias"),
    "a parameter over it": lambda on: on.symmetric().put(on.lib.nn.Parameter(on.lib.ones(3, 3))),
    "no inverse": lambda on: on.symmetric().put(on.lib.ones(3, 3)),
    "norm of nothing": lambda on: on.parametrizations.weight_norm(on.lib.nn.ReLU()),
    "spectrum of nothing": lambda on: on.parametrizations.spectral_norm(on.lib.nn.ReLU()),
    "no such axis": lambda on: on.parametrizations.spectral_norm(on.layer, dim=2),
    "no steps": lambda on: on.parametrizations.spectral_norm(on.layer, n_power_iterations=0),
    "orthogonal nothing": lambda on: on.parametrizations.orthogonal(on.lib.nn.ReLU()),
    "orthogonal vector": lambda on: on.orthogonal("bias"),
    "no such map": lambda on: on.orthogonal(orthogonal_map="svd"),
    "no base to set": lambda on: on.orthogonal(use_trivialization=False).put(on.lib.ones(3, 3)),
    "base of another shape": lambda on: on.orthogonal().put(on.lib.ones(3, 2)),
}


@pytest.mark.parametrize("name", WRONG)
def test_refusals_are_pytorchs(torch: Any, name: str) -> None:
    said = []
    for lib in (knoll, torch):
        with pytest.raises((ValueError, RuntimeError, KeyError, IndexError, NotImplementedError)) as caught:
            WRONG[name](Wrong(lib))
        told = str(getattr(caught.value, "reason", None) or caught.value.args[0])
        said.append((" ".join(told.split()), isinstance(caught.value, KeyError)))
    assert said[0] == said[1]


def test_what_is_no_module_is_refused() -> None:
    for wrong in (lambda: parametrize.register_parametrization(3, "weight", nn.ReLU()),
                  lambda: parametrize.register_parametrization(nn.Linear(1, 1), "weight", 3)):  # fmt: skip
        with pytest.raises(TypeError, match="int is not a Module subclass"):
            wrong()
    with pytest.raises(ArgumentError, match="requires one or more modules"):
        parametrize.ParametrizationList([], knoll.ones(1))
    with pytest.raises(ArgumentError, match="does not have a parameter, a buffer"):
        parametrize.register_parametrization(nn.Linear(2, 2, bias=False), "bias", nn.ReLU())
