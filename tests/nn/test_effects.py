"""A forward of the user's own is memoised where it only computes its result, and runs on every call elsewhere."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.nn import effects
from knoll.nn import functional as F
from knoll.tensor.record import Recorder
from knoll.vision import models

SCALE = 2.0
NUMBERS = [1, 2]
LAST = None
WEIGHT = knoll.ones(1)


class Own(nn.Module):
    """What the networks below have."""

    factor = 3

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn, self.other = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1)
        self.blocks = nn.ModuleList([nn.Conv2d(3, 3, 1), nn.Sequential(nn.ReLU(), nn.Conv2d(3, 3, 1))])
        self.none, self.twins, self.gaps = nn.ModuleList(), nn.Module(), nn.ModuleDict({"a": nn.ReLU()})
        self.twins.one = self.twins.two = nn.ReLU()
        self.gaps.add_module("b", None)
        self.named = nn.ModuleDict({"a": nn.Conv2d(3, 3, 1)})
        self.down: nn.Module | None = None
        self.drop, self.linear = nn.Dropout(0.5), nn.Linear(3, 4)
        self.verbose, self.gain, self.seen, self.last = False, 0.5, [], None
        self.settings = {"rate": 0.5}
        self.scale = nn.Parameter(knoll.ones(3, 1, 1))
        self.register_buffer("shift", knoll.ones(3, 1, 1))


def helper(x: Tensor, slope: float = 0.1) -> Tensor:
    """A function of the user's own."""
    return F.leaky_relu(x, slope) * SCALE


def noisy(x: Tensor) -> Tensor:
    """A function that does something else too."""
    print("noise", end="")
    return x * 1


def branch(self: Any, x: Tensor) -> Tensor:
    identity, nothing = x, 1
    del nothing
    out = F.relu(self.bn(self.conv(x)))
    if self.down is not None:
        identity = self.down(x)
    out += identity
    return out.mean((2, 3))


def loop(self: Any, x: Tensor) -> Tensor:
    outs = []
    for i, block in enumerate(self.blocks):
        x = block(x) if i > 0 else x + block(x)
        outs.append(x)
    for one, two in zip(self.blocks, reversed(self.blocks), strict=True):
        x = two(one(x))
    outs.extend([b(x) for b in self.blocks])
    return knoll.cat(outs[::-1], dim=1) * len(outs)


def shapes(self: Any, x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    if h != w or x.dim() != 4 or c % 3:  # an assert is other code under pytest
        raise ValueError(f"{c} channels")
    y = x * self.scale + self.shift
    y = y.view(n, 3, -1).transpose(1, 2).reshape(n, c, h, x.size(3))
    y = F.interpolate(y, size=(h * 2, int(w * 1.5)), mode="bilinear", align_corners=False)
    return F.pad(y, (0, 1, 0, 1))[:, :2, ::2, 1:] / math.sqrt(c)


def squeeze(self: Any, x: Tensor) -> Tensor:
    weights = F.adaptive_avg_pool2d(x, 1)
    weights = knoll.sigmoid(self.other(F.relu(self.named["a"](weights), inplace=True)))
    for block in self.named.values():
        x = block(x) * weights
    return -(x**2) if self.gain > 1 else x - self.gain * self.factor


def helped(self: Any, x: Tensor) -> Tensor:
    def_ = helper(self.conv(x), slope=0.3)
    return F.softmax(self.linear(F.dropout(def_, 0.5, training=self.training).mean([2, 3])), dim=1)


def made(self: Any, x: Tensor) -> Tensor:
    y = nn.LeakyReLU(0.3)(self.conv(x)) * self.settings["rate"]
    return y if hasattr(self, "missing") or not hasattr(self, "bn") else nn.MaxPool2d(kernel_size=2)(self.bn(y))


def nothing_but_a_call(self: Any, *inputs: Tensor) -> Tensor:
    """It has a docstring."""
    a, b = self.conv(*inputs).chunk(2, 0)
    (c,) = (knoll.stack((a, b)),)
    return c.flatten(1) * True


def in_place_after_a_loop(self: Any, x: Tensor) -> Tensor:
    for block in self.blocks:
        x = block(x)
    return F.relu(x, inplace=True)


PURE = [branch, loop, shapes, squeeze, helped, made, nothing_but_a_call, in_place_after_a_loop]


def prints(self: Any, x: Tensor) -> Tensor:
    x = self.conv(x)
    print("shape", end="")
    return x


def keeps(self: Any, x: Tensor) -> Tensor:
    self.last = self.conv(x)
    return self.last * 1


def counts(self: Any, x: Tensor) -> Tensor:
    self.seen.append(1)
    return self.conv(x)


def asks(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) if x.sum() > 0 else self.other(x)


def asks_a_parameter(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * float(self.scale[0, 0, 0])


def calls_noise(self: Any, x: Tensor) -> Tensor:
    return self.conv(noisy(x))


def writes(self: Any, x: Tensor) -> Tensor:
    x += 1
    return self.conv(x)


def writes_through_a_view(self: Any, x: Tensor) -> Tensor:
    y = x[:, :1]
    y += 1
    return self.conv(x)


def writes_after_a_loop_over_nothing(self: Any, x: Tensor) -> Tensor:
    for block in self.none:
        x = block(x)
    return self.conv(F.relu(x, inplace=True))


def writes_after_a_loop_over_one_module_with_two_names(self: Any, x: Tensor) -> Tensor:
    before = x
    for child in self.twins.children():
        before, x = x, child(x)
    return self.conv(x) + F.relu(before, inplace=True)


def scales_where_a_module_is_missing(self: Any, x: Tensor) -> Tensor:
    for block in self.gaps.values():
        x = x + knoll.rand(1) if block is None else block(x)
    return self.conv(x)


def writes_a_buffer(self: Any, x: Tensor) -> Tensor:
    self.shift += 1
    return self.conv(x) + self.shift


def draws(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) + knoll.rand(1)


def drops(self: Any, x: Tensor) -> Tensor:
    return F.dropout(self.conv(x), 0.5, True)


def takes_a_list(self: Any, x: Tensor) -> Tensor:
    return self.conv(x).mean(NUMBERS)


def warns(self: Any, x: Tensor) -> Tensor:
    return F.softmax(self.conv(x))


def takes_a_global_tensor(self: Any, x: Tensor) -> Tensor:
    return self.conv(x) * WEIGHT


def breaks(self: Any, x: Tensor) -> Tensor:
    for block in self.blocks:
        x = block(x)
        if x.size(0) > 1:
            break
    return x


def makes_what_learns(self: Any, x: Tensor) -> Tensor:
    return nn.Conv2d(3, 3, 1)(self.conv(x))


def makes_what_draws(self: Any, x: Tensor) -> Tensor:
    return nn.Dropout()(self.conv(x))


def assigns_a_global_name(self: Any, x: Tensor) -> Tensor:
    if self.verbose:
        global LAST
    LAST = self.conv(x)
    return LAST * 1


def depends_on_numbers(self: Any, x: Tensor) -> Tensor:
    return self.conv(x)[(x[:, 0, 0, 0] > 0).nonzero().flatten()]


IMPURE = [
    prints, keeps, counts, asks, asks_a_parameter, calls_noise, writes, writes_through_a_view,
    writes_after_a_loop_over_nothing, writes_after_a_loop_over_one_module_with_two_names, writes_a_buffer, draws,
    drops, scales_where_a_module_is_missing, takes_a_list, warns, takes_a_global_tensor, breaks, depends_on_numbers,
    makes_what_learns, assigns_a_global_name, makes_what_draws,
]  # fmt: skip


def _of(forward: Callable[..., Any]) -> Any:
    return type(forward.__name__.title(), (Own,), {"forward": forward, "__module__": __name__})().eval()


def _x() -> Tensor:
    return knoll.randn(2, 3, 6, 6)


def _same(net: Any) -> None:
    """Calls give what those of a copy give, for other images each time."""
    for _ in range(3):
        x = _x()
        np.testing.assert_array_equal(net(x).detach().numpy(), copy.deepcopy(net)(x).detach().numpy())


@pytest.mark.parametrize("forward", PURE, ids=lambda f: f.__name__)
def test_what_only_computes_does_not_run_again(forward: Any, recordings: list[Recorder]) -> None:
    net = _of(forward)
    _same(net)
    before = len(recordings)
    net(_x())
    assert len(recordings) == before


@pytest.mark.parametrize("forward", PURE, ids=lambda f: f.__name__)
def test_gradients_flow_as_in_a_network_that_was_never_called(forward: Any) -> None:
    net, x = _of(forward), _x()
    for _ in range(3):
        other = copy.deepcopy(net)
        for each in (net, other):
            each.zero_grad()
            each(x).square().sum().backward()
        for one, two in zip(net.parameters(), other.parameters(), strict=True):
            assert (one.grad is None) is (two.grad is None)
            if one.grad is not None:
                np.testing.assert_array_equal(one.grad.numpy(), two.grad.numpy())


@pytest.mark.filterwarnings("ignore:Implicit dimension")
@pytest.mark.parametrize("forward", IMPURE, ids=lambda f: f.__name__)
def test_what_does_more_runs_on_every_call(forward: FunctionType) -> None:
    runs = 0

    def counting(self: Any, x: Tensor) -> Tensor:
        nonlocal runs
        runs += 1
        return forward(self, x)

    net, same = _of(counting), _of(forward)
    for calls in (1, 2, 3):
        net(_x())
        assert runs == calls
    for _ in range(3):
        assert same(_x()) is not None
    assert effects.reads_of(same, 1) is None or forward in (draws, drops, takes_a_global_tensor)


@pytest.mark.parametrize("forward", [prints, calls_noise])
def test_what_is_printed_is_printed_every_time(forward: Any, capsys: pytest.CaptureFixture[str]) -> None:
    net = _of(forward)
    for _ in range(4):
        net(_x())
    assert capsys.readouterr().out == {prints: "shape", calls_noise: "noise"}[forward] * 4


def test_a_branch_is_taken_by_the_numbers_of_each_call() -> None:
    net = _of(asks)
    for sign in (1, -1, 1, -1):
        x = knoll.ones(1, 3, 4, 4) * sign
        expected = (net.conv if sign > 0 else net.other)(x)
        np.testing.assert_array_equal(net(x).detach().numpy(), expected.detach().numpy())


def test_what_is_kept_is_of_this_call() -> None:
    net = _of(keeps)
    for _ in range(3):
        y = net(_x())
        np.testing.assert_array_equal(net.last.detach().numpy(), y.detach().numpy())


def test_drawn_numbers_are_others_each_time() -> None:
    for forward in (draws, drops):
        net, x = _of(forward), _x()
        assert len({net(x).sum().item() for _ in range(4)}) == 4


def _twice(x: Tensor, slope: float = 0.1) -> Tensor:
    return x * 2 * slope


def _is_seen(net: Any, change: Callable[[], Any]) -> None:
    """A change has its effect."""
    _same(net)
    before = net(knoll.ones(2, 3, 6, 6)).detach().numpy()
    change()
    after = net(knoll.ones(2, 3, 6, 6)).detach().numpy()
    assert before.shape != after.shape or not np.array_equal(before, after)
    _same(net)


def test_names_and_code_of_functions_count(monkeypatch: pytest.MonkeyPatch) -> None:
    this, net, code = sys.modules[__name__], _of(helped), helper.__code__
    _is_seen(net, lambda: monkeypatch.setattr(this, "SCALE", 5.0))
    _is_seen(net, lambda: monkeypatch.setattr(F, "leaky_relu", F.hardshrink))
    monkeypatch.undo()
    _is_seen(net, lambda: monkeypatch.setattr(this, "helper", _twice))
    _is_seen(net, lambda: monkeypatch.setattr(_twice, "__code__", code))


def test_the_class_and_the_code_of_forward_count(monkeypatch: pytest.MonkeyPatch) -> None:
    net = _of(helped)
    _is_seen(net, lambda: monkeypatch.setattr(F, "softmax", F.log_softmax))
    _is_seen(net, lambda: monkeypatch.setattr(type(net), "forward", branch))
    _is_seen(net, lambda: monkeypatch.setattr(branch, "__code__", squeeze.__code__))


def test_defaults_count(monkeypatch: pytest.MonkeyPatch) -> None:
    class Default(nn.Module):
        def forward(self, x: Tensor, factor: float = 2.0, *, shift: float = 1.0) -> Tensor:
            return x * factor + shift

    net = Default()
    _is_seen(net, lambda: monkeypatch.setattr(Default.forward, "__defaults__", (5.0,)))
    _is_seen(net, lambda: monkeypatch.setattr(Default.forward, "__kwdefaults__", {"shift": 3.0}))
    _is_seen(net, lambda: monkeypatch.setitem(Default.forward.__kwdefaults__, "shift", 4.0))


def first(t: Tensor) -> int:
    return t.shape[0]


def axes(t: Tensor) -> int:
    return t.dim() + len(t)


@pytest.mark.parametrize("asked", [first, axes, len])
@pytest.mark.parametrize("held", [nn.Parameter(knoll.ones(2)), nn.Buffer(knoll.ones(2)), knoll.ones(2)])
def test_what_is_asked_of_a_tensor_without_its_numbers_counts(held: Any, asked: Callable[[Any], int]) -> None:
    class Asking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.held = held.clone().detach() if type(held) is Tensor else type(held)(held.detach().clone())

        def forward(self, x: Tensor) -> Tensor:
            return x * asked(self.held)

    net: Any = Asking()
    for array in (knoll.ones(2), knoll.ones(3), knoll.ones(3, 3)):
        net.held.data = array
        for _ in range(3):
            np.testing.assert_array_equal(net(knoll.ones(2)).detach().numpy(), [asked(array)] * 2)


CHANGES: dict[str, Callable[[Any], Any]] = {
    "an option": lambda net: setattr(net, "gain", 1.5),
    "an option, unseen": lambda net: vars(net).update(gain=4.0),
    "an attribute of the class": lambda _: setattr(Own, "factor", 7),
    "an attribute in front of it": lambda net: vars(net).update(factor=9),
    "a parameter": lambda net: setattr(net, "scale", nn.Parameter(knoll.ones(3, 1, 1) * 4)),
    "a buffer": lambda net: net.shift.add_(3),
    "a layer": lambda net: setattr(net, "conv", nn.Conv2d(3, 3, 1)),
    "a layer in front of it": lambda net: vars(net).update(conv=nn.Conv2d(3, 3, 1)),
    "a layer in front of it, in the class": lambda net: setattr(type(net), "conv", nn.Conv2d(3, 3, 1)),
    "a layer in front of it, in a new base": lambda net: setattr(
        type(net), "__bases__", (type("Base", (Own,), {"conv": nn.Conv2d(3, 3, 1)}),)
    ),
    "a layer where was none": lambda net: setattr(net, "down", nn.Conv2d(3, 3, 1)),
    "two layers exchanged": lambda net: net._modules.update(conv=net.other, other=net.conv),
    "names exchanged": lambda net: _exchange(net._modules, "other", "bn"),
    "a block more": lambda net: net.blocks.append(nn.Tanh()),
    "a block less": lambda net: net.blocks.pop(0),
    "a block changed": lambda net: setattr(net.blocks[1], "0", nn.Sigmoid()),
    "an option of a block": lambda net: vars(net.bn).update(eps=0.5),
    "an item of a dictionary": lambda net: net.settings.update(rate=3.0),
    "an attribute that was asked for": lambda net: setattr(net, "missing", 1),
    "a mode": lambda net: net.bn.train(),
    "all attributes": lambda net: setattr(net, "__dict__", {**vars(net), "gain": 4.0}),
    "all attributes of a part": lambda net: setattr(net.conv, "__dict__", vars(nn.Conv2d(3, 3, 1))),
    "a method in the object": lambda net: setattr(net, "forward", lambda x: x * 2),
    "another class": lambda net: setattr(net, "__class__", type(_of(branch))),
    "a class with another call": lambda net: setattr(type(net), "__call__", lambda _, x: x * 3),
}


def _exchange(modules: Any, one: str, two: str) -> None:
    """The same modules in the same order under each other's names."""
    names = {one: two, two: one}
    items = [(names.get(name, name), module) for name, module in modules.items()]
    modules.clear()
    modules.update(items)


@pytest.mark.parametrize("forward", [branch, loop, shapes, squeeze, made], ids=lambda f: f.__name__)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_counts(
    forward: Any, change: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Own, "factor", 3)  # and put back afterwards
    net = _of(forward)
    _same(net)
    with knoll.no_grad():
        change(net)
    _same(net)


def test_what_a_function_encloses_counts() -> None:
    factor = 2.0

    class Enclosing(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * factor

    net = Enclosing()
    for _ in range(3):
        np.testing.assert_array_equal(net(knoll.ones(2)).numpy(), [factor, factor])
    factor = 3.0
    np.testing.assert_array_equal(net(knoll.ones(2)).numpy(), [3, 3])


def test_a_layer_that_was_asked_for_may_go() -> None:
    net = _of(made)
    _same(net)
    del net.bn
    _same(net)
    assert net(_x()).shape == (2, 3, 6, 6)


def test_a_generator_is_not_run_by_its_call() -> None:
    class Generating(Own):
        def forward(self, x: Tensor) -> Any:
            if self.verbose:
                yield self.conv(x)
            return self.conv(x)

    net = Generating().eval()
    for _ in range(3):
        assert list(net(_x())) == []


def test_a_debugger_sees_every_line() -> None:
    net, seen = _of(branch), []
    for _ in range(3):
        net(_x())

    def trace(frame: Any, event: str, _: object) -> Any:
        if frame.f_code is branch.__code__ and event == "line":
            seen.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        net(_x())
    finally:
        sys.settrace(before)
    assert len(seen) == 6  # the line of the shortcut that is not there is not reached


def test_a_source_that_was_edited_is_not_believed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "edited_network.py"
    text = (
        "from knoll import nn\n\nclass Net(nn.Module):\n    def forward(self, x):\n        {}\n        return x * 2\n"
    )
    file.write_text(text.format("print('hi')"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = __import__("edited_network")
    file.write_text(text.format("pass"), encoding="utf-8")
    assert effects.reads_of(module.Net(), 1) is None


def test_an_assertion_about_shapes_is_none_about_numbers(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from knoll import nn\n\nclass Net(nn.Module):\n def forward(self, x):\n  assert {}\n  return x * 2\n"
    monkeypatch.syspath_prepend(str(tmp_path))
    for number, (condition, proven) in enumerate({"x.dim() == 4": True, "x.sum() > 0": False}.items()):
        (tmp_path / f"asserting_{number}.py").write_text(text.format(condition), encoding="utf-8")
        net = __import__(f"asserting_{number}").Net()
        assert (effects.reads_of(net, 1) is not None) is proven


def test_a_network_without_source_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"nn": nn}
    exec(  # noqa: S102 (code that comes from no file)
        "class Net(nn.Module):\n def forward(self, x):\n  print('ran', end='')\n  return x * 2", names
    )
    net = names["Net"]()
    for _ in range(3):
        net(knoll.ones(2))
    assert capsys.readouterr().out == "ran" * 3


MODELS = [
    "resnet18", "mobilenet_v1", "mobilenet_v2", "vgg11_bn", "unet", "segnet_vgg11", "lenet", "practice", "densenet121",
]  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models_of_the_library_are_memoised(name: str) -> None:
    assert effects.reads_of(getattr(models, name)().eval(), 1) is not None


def test_two_inputs_and_other_shapes() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 3)

        def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
            z = self.layer(x)
            return z if y is None else knoll.relu(z) - y

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.two = Two()

        def forward(self, x: Tensor) -> Tensor:
            return self.two(x) + self.two(x, x) + self.two(x, y=x * 2)

    net = Outer()
    for rows in (1, 2, 1, 3, 2):
        for _ in range(2):
            x = knoll.randn(rows, 3)
            np.testing.assert_allclose(net(x).detach().numpy(), copy.deepcopy(net)(x).detach().numpy(), rtol=1e-6)
            np.testing.assert_array_equal(
                net.two(x, x).detach().numpy(), (knoll.relu(net.two.layer(x)) - x).detach().numpy()
            )
