"""A forward is not believed to only compute where something that it uses is not what its name says."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.nn import effects
from knoll.nn import functional as F
from knoll.tensor.record import Recorder

SPECIAL = knoll.ones(2, 3, 6, 6)


class Own(nn.Module):
    """What the networks below have."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn, self.parts = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), Parts([nn.ReLU(), nn.Tanh()])
        self.blocks = nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.Tanh(), nn.Sigmoid())])
        self.child, self.settings, self.least = Child(), Settings(rate=0.5), None
        self.register_buffer("count", knoll.tensor(2))
        self.register_buffer("slope", knoll.tensor(0.25))


class Parts(nn.ModuleList):
    """A list with methods of its own."""

    used = 1

    def __getitem__(self, index: Any) -> Any:
        print("item", end="")
        return super().__getitem__(index)

    def __len__(self) -> int:
        return self.used


class Child(nn.Module):
    """A module that is asked for something and not called."""

    def __init__(self) -> None:
        super().__init__()
        self.factor, self.weight = 2.0, nn.Parameter(knoll.ones(1))

    def __getattr__(self, name: str) -> Any:
        if name == "weight":
            print("weight", end="")
        return super().__getattr__(name)


class Settings(dict[str, float]):
    """Options by attributes, as many configuration files are read; it fails with an error of another kind."""

    __getattr__ = dict.__getitem__

    def __deepcopy__(self, _: object) -> Settings:
        return Settings(self)


class Asking(type):
    """A class of classes that says what is an object of them."""

    def __instancecheck__(cls, _: object) -> bool:
        print("asked", end="")
        return True


class Anything(metaclass=Asking):
    """What everything is."""


class Descriptor:
    """A number that an object has and its class has not."""

    value = 2.0

    def __get__(self, module: Any, kind: type) -> float:
        return 1.0 if module is None else self.value


@functools.wraps(F.relu)
def relu(x: Tensor) -> Tensor:
    """It has the names of the function that it calls."""
    print("relu", end="")
    return F.relu(x)


def wraps(self: Any, x: Tensor) -> Tensor:
    return relu(self.conv(x))


def asks_a_property(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) if hasattr(self, "seen") else x * 2


def has_a_descriptor(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * self.number


def has_a_static_method(self: Any, x: Tensor) -> Tensor:
    return self.twice(self.conv(x))


def takes_an_item(self: Any, x: Tensor) -> Tensor:
    return self.parts[0](self.conv(x))


def takes_the_length(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * len(self.parts)


def takes_of_a_child(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * self.child.weight


def takes_a_setting(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * self.settings.rate


def asks_for_a_class(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) if isinstance(x, (list, Anything)) else x * 2


def counts_to_a_buffer(self: Any, x: Tensor) -> Tensor:
    for _ in range(self.count):
        x = x * 2
    return self.conv(x)


def counts_to_a_number(self: Any, x: Tensor) -> Tensor:
    for _ in range(1 + (x[0, 0, 0, 0] > 0)):
        x = x * 2
    return self.conv(x)


class Networks(Own):
    """What the classes below have beside `forward`."""

    number = Descriptor()

    @property
    def seen(self) -> int:
        """A property that does something."""
        print("seen", end="")
        return 1

    @staticmethod
    def twice(x: Tensor, other: Tensor | None = None) -> Tensor:
        """A function that takes no object."""
        if other is None:
            print("twice", end="")
        return x * 2


def _of(forward: Callable[..., Any]) -> Any:
    return type(forward.__name__.title(), (Networks,), {"forward": forward, "__module__": __name__})().eval()


def _same(net: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        x, printed, results = knoll.randn(2, 3, 6, 6), [], []
        for each in (net, copy.deepcopy(net)):
            capsys.readouterr()
            results.append(each(x).detach().numpy())
            printed.append(capsys.readouterr().out)
        np.testing.assert_array_equal(*results)
        assert printed[0] == printed[1]


CHANGES: dict[Callable[..., Any], Callable[[Any], Any]] = {
    wraps: lambda _: None,
    asks_a_property: lambda _: None,
    has_a_descriptor: lambda _: setattr(Descriptor, "value", 3.0),
    has_a_static_method: lambda _: None,
    takes_an_item: lambda _: None,
    takes_the_length: lambda net: setattr(net.parts, "used", 2),
    takes_of_a_child: lambda _: None,
    takes_a_setting: lambda net: net.settings.update(rate=4.0),
    asks_for_a_class: lambda _: None,
    counts_to_a_buffer: lambda net: net.count.fill_(3),
    counts_to_a_number: lambda _: None,
}


@pytest.mark.parametrize("forward", CHANGES, ids=lambda f: f.__name__)
def test_what_is_overridden_runs_every_time(
    forward: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Descriptor, "value", 2.0)  # and put back afterwards
    net = _of(forward)
    _same(net, capsys)
    CHANGES[forward](net)
    _same(net, capsys)
    assert effects.reads_of(net, 1) is None


def slope(self: Any, x: Tensor) -> Tensor:
    return F.leaky_relu(x, self.slope)


def padding(self: Any, x: Tensor) -> Tensor:
    return F.pad(x, (0, self.count, 0, 0))


def shift(self: Any, x: Tensor) -> Tensor:
    return x.roll(self.count, 3)


def kernel(self: Any, x: Tensor) -> Tensor:
    return F.max_pool2d(x, kernel_size=self.count)


def dim(self: Any, x: Tensor) -> Tensor:
    return x.sum(self.count)


def dim_by_name(self: Any, x: Tensor) -> Tensor:
    return knoll.cat([x, x], dim=self.count)


def alpha(self: Any, x: Tensor) -> Tensor:
    return knoll.add(x, x, alpha=self.slope)


def alpha_in_place(self: Any, x: Tensor) -> Tensor:
    return (x * 2).add_(x, alpha=self.slope)


@pytest.mark.parametrize(
    "forward", [slope, padding, shift, kernel, dim, dim_by_name, alpha, alpha_in_place], ids=lambda f: f.__name__
)
def test_a_tensor_in_the_place_of_a_number_is_read(forward: Any) -> None:
    net, x = _of(forward), knoll.randn(2, 3, 6, 6)
    for count, number in ((2, 0.25), (3, 0.75), (3, 0.75), (2, 0.25)):
        net.count.fill_(count)
        net.slope.fill_(number)
        np.testing.assert_array_equal(net(x).numpy(), copy.deepcopy(net)(x).numpy())
    assert effects.reads_of(net, 1) is None


def is_it(self: Any, x: Tensor) -> Tensor:
    return x * 3 if x is SPECIAL else x * 2


def test_which_tensor_it_is_changes() -> None:
    net = _of(is_it)
    for _ in range(3):
        np.testing.assert_array_equal(net(SPECIAL).numpy(), np.full(SPECIAL.shape, 3))
        np.testing.assert_array_equal(net(knoll.ones(2, 3, 6, 6)).numpy(), np.full(SPECIAL.shape, 2))


def compares_with_none(self: Any, x: Tensor) -> Tensor:
    if x.dim() > 4 and self.least > 3:
        x = x * 2
    for block in self.blocks:
        x = block(x) if len(block) > 1 else x + block(x)
    return self.conv(x)


def makes_what_learns(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) if x.dim() == 4 else nn.Linear(3, 3)(x)


def makes_nothing(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) if x.dim() == 4 else nn.ReLU(slope=2)(x)


@pytest.mark.parametrize("forward", [compares_with_none, makes_what_learns, makes_nothing], ids=lambda f: f.__name__)
def test_what_is_never_reached_does_nothing(forward: Any, capsys: pytest.CaptureFixture[str]) -> None:
    net, drawn = _of(forward), set()
    for analysed in (False, True):
        knoll.manual_seed(0)
        assert not analysed or (effects.reads_of(net, 1) is not None) is (forward is compares_with_none)
        drawn.add(knoll.rand(1).item())
    assert len(drawn) == 1
    _same(net, capsys)


def plain(self: Any, x: Tensor) -> Tensor:
    return self.bn(self.conv(x))


@pytest.mark.parametrize(("kind", "name", "calls"), [(nn.Module, "__call__", 3), (nn.Conv2d, "__call__", 1)])
def test_a_call_that_is_put_into_a_class_of_the_library_sees_all(
    kind: Any, name: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, seen, own = _of(plain), [], getattr(kind, name)
    for _ in range(3):
        net(SPECIAL)
    monkeypatch.setattr(kind, name, lambda self, *given: (seen.append(self), own(self, *given))[1])
    for times in (1, 2):
        net(SPECIAL)
        assert len(seen) == calls * times


def operators(self: Any, x: Tensor) -> Tensor:
    y = -(x[:, :1].exp() + self.conv(x)) * 2
    y += x
    return y


@pytest.mark.parametrize("name", ["__neg__", "__add__", "__iadd__", "__mul__", "__getitem__", "exp"])
@pytest.mark.parametrize("before", [0, 3])
def test_a_method_that_is_put_into_tensors_runs_every_time(
    name: str, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, seen, own = _of(operators), [], getattr(Tensor, name)
    assert effects.reads_of(net, 1) is not None
    for _ in range(before):
        net(SPECIAL)
    monkeypatch.setattr(Tensor, name, lambda *given: (seen.append(given), own(*given))[1])
    net(SPECIAL)
    once = len(seen)
    assert once >= 1
    for calls in (2, 3):
        net(SPECIAL)
        assert len(seen) == once * calls


def test_a_forward_with_the_names_of_another_runs_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, own = [], nn.Conv2d.forward

    @functools.wraps(own)
    def forward(self: Any, *given: Any) -> Any:
        seen.append(self)
        return own(self, *given)

    monkeypatch.setattr(nn.Conv2d, "forward", forward)
    for net in (_of(plain), nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())):
        seen.clear()
        for calls in (1, 2, 3):
            net(SPECIAL)
            assert len(seen) == calls


@pytest.mark.parametrize("before", [0, 3])
def test_a_function_that_layers_call_sees_all_while_it_is_replaced(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    own = F.conv2d

    def counting(*given: Any) -> Any:
        seen.append(given)
        return own(*given)

    for net in (_of(plain), nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())):
        seen.clear()
        for _ in range(before):
            net(SPECIAL)
        with monkeypatch.context() as patch:
            patch.setattr(F, "conv2d", functools.wraps(own)(counting))
            for calls in (1, 2, 3):
                net(SPECIAL)
                assert len(seen) == calls
        for _ in range(2):
            net(SPECIAL)
        with monkeypatch.context() as patch:
            patch.setattr(Recorder, "__init__", lambda _: pytest.fail("it is not memoised again"))
            net(SPECIAL)


def test_a_part_that_is_not_initialised_says_so_every_time() -> None:
    class Part(nn.Module):
        def __init__(self) -> None:
            pass

        def forward(self, x: Tensor) -> Tensor:
            return x

    for net in (nn.Sequential(nn.ReLU(), Part()), _of(plain)):
        net._modules["conv"] = Part()
        for _ in range(3):
            with pytest.raises(AttributeError, match="'Part' object has no attribute"):
                net(SPECIAL)
