from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentTypeError, UnsupportedError
from knoll.tensor import no_grad


class Pair(nn.Module):
    """Two layers, of which the second is shared, a parameter and two buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Sequential(nn.ReLU(), self.first)
        self.scale = nn.Parameter(np.ones(1, np.float32))
        self.register_buffer("count", knoll.tensor(np.zeros((), np.int64)))
        self.register_buffer("cache", knoll.tensor(np.zeros(2, np.float32)), persistent=False)

    def forward(self, x: Any) -> Any:
        return self.first(x) * self.scale


def test_walks_give_shared_ones_once() -> None:
    net = Pair()
    assert [name for name, _ in net.named_modules()] == ["", "first", "second", "second.0"]
    assert [name for name, _ in net.named_modules(remove_duplicate=False)][-1] == "second.1"
    assert [name for name, _ in net.named_parameters()] == ["scale", "first.weight", "first.bias"]
    assert [name for name, _ in net.named_parameters(recurse=False)] == ["scale"]
    assert [name for name, _ in net.named_parameters(prefix="net", remove_duplicate=False)][-1] == "net.second.1.bias"
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert [name for name, _ in net.named_buffers()] == ["count", "cache"]
    assert len(list(net.parameters())) == 3
    assert len(list(net.modules())) == 4
    assert len(list(net.children())) == len(list(net.buffers())) == 2


def test_the_state_dict_names_shared_ones_twice_and_leaves_out_what_does_not_persist() -> None:
    assert list(Pair().state_dict()) == [
        "scale", "count", "first.weight", "first.bias", "second.1.weight", "second.1.bias",
    ]  # fmt: skip


def test_getters() -> None:
    net = Pair()
    assert net.get_submodule("second.1") is net.first
    assert net.get_submodule("") is net
    assert net.get_parameter("second.1.weight") is net.first.weight
    assert net.get_buffer("count") is net.count


ASSIGNMENTS: list[Callable[[Any], object]] = [
    lambda k: k.nn.ReLU().get_submodule("a.b"),
    lambda k: k.nn.Linear(1, 1).get_submodule("weight"),
    lambda k: k.nn.ReLU().get_parameter("weight"),
    lambda k: k.nn.Linear(1, 1).get_parameter("in_features"),
    lambda k: k.nn.Linear(1, 1).get_buffer("weight"),
    lambda k: k.nn.ReLU().get_buffer("weight"),
    lambda k: k.nn.ReLU().weight,
    lambda k: setattr(k.nn.Linear(1, 1), "weight", 3),
    lambda k: setattr(k.nn.Sequential(k.nn.ReLU()), "0", 3),
    lambda k: setattr(k.nn.CrossEntropyLoss(), "weight", 3),
    lambda k: k.nn.ReLU().register_parameter("a.b", None),
    lambda k: k.nn.ReLU().register_parameter("", None),
    lambda k: k.nn.ReLU().register_parameter(3, None),
    lambda k: k.nn.ReLU().register_parameter("inplace", None),
    lambda k: k.nn.ReLU().register_parameter("weight", 3),
    lambda k: k.nn.ReLU().register_buffer("a.b", None),
    lambda k: k.nn.ReLU().register_buffer("", None),
    lambda k: k.nn.ReLU().register_buffer(3, None),
    lambda k: k.nn.ReLU().register_buffer("inplace", None),
    lambda k: k.nn.ReLU().register_buffer("weight", [3]),
    lambda k: k.nn.ReLU().add_module("a.b", k.nn.ReLU()),
    lambda k: k.nn.ReLU().add_module("", k.nn.ReLU()),
    lambda k: k.nn.ReLU().add_module(3, k.nn.ReLU()),
    lambda k: k.nn.ReLU().add_module("inplace", k.nn.ReLU()),
    lambda k: k.nn.ReLU().register_module("a", 3),
    lambda k: k.nn.Sequential(k.nn.ReLU),
    lambda k: k.nn.ReLU().train("yes"),
    lambda k: k.nn.Module()(1),
]


@pytest.mark.parametrize("call", ASSIGNMENTS)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("what", ["module", "parameters", "buffer"])
def test_assigning_before_init_is_refused(same_error: Any, what: str) -> None:
    def call(k: Any) -> object:
        things = {
            "module": k.nn.ReLU,
            "parameters": lambda: k.nn.Parameter(k.x(1)),
            "buffer": lambda: k.nn.Buffer(k.x(1)),
        }

        class Early(k.nn.Module):
            def __init__(self) -> None:
                self.layer = things[what]()

        return Early()

    same_error(call)


def test_what_is_assigned_takes_the_place_of_what_was() -> None:
    net = nn.Module()
    net.a = 3
    net.a = nn.ReLU()
    assert list(net._modules) == ["a"]
    net.a = nn.Parameter(np.ones(1))
    assert list(net._modules) == []
    assert list(net.state_dict()) == ["a"]
    net.a = None
    assert net.a is None
    assert list(net.parameters()) == []
    net.b = nn.Buffer(np.ones(1), persistent=False)
    net.b = knoll.tensor(np.zeros(2))
    assert net.b.shape == (2,)
    assert list(net.state_dict()) == []


def test_attributes_can_be_deleted() -> None:
    net = Pair()
    del net.first, net.scale, net.count
    net.plain = 1
    del net.plain
    assert [name for name, _ in net.named_children()] == ["second"]
    with pytest.raises(AttributeError, match="'Pair' object has no attribute 'first'"):
        del net.first


def test_dir_names_what_was_registered_and_no_numbers() -> None:
    assert {"first", "scale", "count", "forward"} <= set(dir(Pair()))
    assert "0" not in dir(nn.Sequential(nn.ReLU()))


def test_repr_of_nested_and_described_modules(torch: Any) -> None:
    def nested(n: Any) -> Any:
        class Lines(n.Module):
            def extra_repr(self) -> str:
                return "one\ntwo"

        class Named(n.Module):
            def __init__(self) -> None:
                super().__init__()
                self.inner = n.Sequential(n.Sequential(n.ReLU()), Lines())
                self.empty = n.Sequential()
                self.none = None

            def extra_repr(self) -> str:
                return "alone"

        net = Named()
        net.inner.lines = Lines()
        net.inner.register_module("nothing", None)
        return net

    assert repr(nested(nn)) == repr(nested(torch.nn))


def test_modes() -> None:
    net = Pair()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert all(module.training for module in net.train().modules())


def test_freezing_and_forgetting_gradients() -> None:
    net = Pair()
    assert net.requires_grad_(False) is net
    assert not any(parameter.requires_grad for parameter in net.parameters())
    net.requires_grad_()
    net(np.ones((2, 3), np.float32)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert all(not parameter.grad.detach().numpy().any() for parameter in net.parameters())
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


def test_gradients_of_zeros_are_cut_off_from_what_they_were_computed_from() -> None:
    net = nn.Linear(3, 4)
    net(knoll.ones(2, 3)).square().sum().backward(create_graph=True)
    net.bias.grad = knoll.ones(8)[::2]  # a view that is a leaf
    former = [parameter.grad for parameter in net.parameters()]
    assert [gradient.grad_fn is not None for gradient in former] == [True, False]
    net.zero_grad(set_to_none=False)
    for parameter, gradient in zip(net.parameters(), former, strict=True):
        assert parameter.grad is gradient
        assert not parameter.grad.requires_grad
        assert not parameter.grad.any()


def test_apply_visits_children_first() -> None:
    seen: list[str] = []
    net = Pair()
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Pair"]


def test_element_types_change_and_objects_stay() -> None:
    net = Pair()
    weight = net.first.weight
    assert net.double() is net
    assert net.first.weight is weight
    assert {p.detach().numpy().dtype for p in net.parameters()} == {np.dtype("float64")}
    assert net.count.detach().numpy().dtype == np.int64
    assert net(np.ones((2, 3))).detach().numpy().dtype == np.float64
    assert net.float()(np.ones((2, 3), np.float32)).detach().numpy().dtype == np.float32
    assert net.to("cpu").cpu().first.weight is weight
    assert net.to("cpu", np.float64).first.weight.detach().numpy().dtype == np.float64
    assert net.to(dtype=np.float32).first.weight.detach().numpy().dtype == np.float32
    assert net.to(knoll.tensor(np.ones(1))).first.weight.detach().numpy().dtype == np.float64


def test_a_network_of_integers_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="only accepts floating point"):
        Pair().to(np.int64)


@pytest.mark.parametrize("move", [lambda net: net.cuda(), lambda net: net.to("cuda:0"), lambda net: net.cuda(1)])
def test_graphics_cards_are_refused_kindly(move: Callable[[nn.Module], object]) -> None:
    with pytest.raises(UnsupportedError, match="Knoll runs on the CPU"):
        move(Pair())


def test_a_missing_forward_is_told_with_its_name() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(UnsupportedError, match=r'Module .Empty. is missing the required "forward" function'):
        Empty()(np.ones(1))


@pytest.mark.parametrize("kept", [nn.ModuleList([nn.ReLU()]), nn.ModuleDict({"a": nn.ReLU()})])
def test_a_container_that_is_called_is_told_what_calls_its_layers(kept: nn.Module) -> None:
    with pytest.raises(UnsupportedError, match=f"{type(kept).__name__} only keeps layers: call them one by one"):
        kept(knoll.ones(1))


def test_copies_keep_what_is_shared_shared() -> None:
    net = Pair()
    twin = copy.deepcopy(net)
    assert twin.first is twin.second[1]
    assert twin.first.weight is not net.first.weight
    assert isinstance(twin.first.weight, nn.Parameter)
    assert isinstance(copy.deepcopy(nn.Buffer(np.ones(1), persistent=False)), nn.Buffer)
    np.testing.assert_array_equal(twin.first.weight.detach().numpy(), net.first.weight.detach().numpy())


def test_pickled_modules_are_new_ones() -> None:
    net = Pair()
    once, twice = (pickle.loads(pickle.dumps(net)) for _ in range(2))
    assert once.second[1] is once.first
    with no_grad():
        once.first.weight.zero_()
    assert twice.first.weight.detach().numpy().any()
    x = np.ones((1, 3), np.float32)
    assert (once(x).detach().numpy() != twice(x).detach().numpy()).any()
    assert not pickle.loads(pickle.dumps(nn.Buffer(np.ones(1), persistent=False))).persistent


def test_a_shared_layer_gathers_the_gradients_of_both_places() -> None:
    layer = nn.Linear(3, 3)
    twice, x = nn.Sequential(layer, layer), np.ones((1, 3), np.float32)
    twice(x).sum().backward()
    first, second = copy.deepcopy(layer), copy.deepcopy(layer)
    second.zero_grad()
    first.zero_grad()
    second(first(x)).sum().backward()
    expected = first.weight.grad.detach().numpy() + second.weight.grad.detach().numpy()
    np.testing.assert_allclose(layer.weight.grad.detach().numpy(), expected, rtol=1e-5)


def test_a_parameter_does_not_follow_the_array_it_was_made_from() -> None:
    numbers = np.ones(2)
    parameter = nn.Parameter(numbers)
    numbers[:] = 5
    assert parameter.detach().numpy().tolist() == [1, 1]
    assert repr(parameter).startswith("Parameter containing:\ntensor(")


def test_modules_print_however_deep_they_are_nested() -> None:
    net: nn.Module = nn.Linear(1, 2)
    for _ in range(3000):
        net = nn.Sequential(net)
    lines = repr(net).split("\n")
    assert len(lines) == 6001
    assert lines[1] == "  (0): Sequential("
    assert lines[3000] == "  " * 3000 + "(0): Linear(in_features=1, out_features=2, bias=True)"
    assert lines[-2:] == ["  )", ")"]
