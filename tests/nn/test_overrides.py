# ruff: noqa: ARG005 (every call is given the same arguments)

"""What a class of one's own overrides is called where PyTorch calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

import knoll
from knoll import nn

METHODS = (
    "forward", "__setattr__", "__delattr__", "register_parameter", "register_buffer", "add_module", "state_dict",
    "_save_to_state_dict", "load_state_dict", "_load_from_state_dict", "train", "eval", "_apply", "requires_grad_",
    "zero_grad", "apply", "named_parameters", "parameters", "named_buffers", "buffers", "named_children", "children",
    "named_modules", "modules", "get_submodule", "get_parameter", "_get_name", "extra_repr", "to", "double", "float",
    "half", "cpu", "type", "__repr__",
)  # fmt: skip


def watched(base: Any, heard: list[str]) -> Any:
    """A class that writes down each call of an overridden method."""

    def override(name: str) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            own = [name, *(a for a in args if isinstance(a, str))]
            heard.append(f"{self.__dict__.get('label')}: {' '.join(map(str, own))}")
            return getattr(base, name)(self, *args, **kwargs)

        return method

    return type("Watched", (base,), {name: override(name) for name in METHODS})


def told(k: Any, operation: Any) -> list[str]:
    """The overridden methods that an operation calls, for a model with a child and a normalisation below it."""
    heard: list[str] = []
    root, child = watched(k.nn.Sequential, heard), watched(k.nn.BatchNorm1d, heard)
    net = root(watched(k.nn.Linear, heard)(2, 3), child(3))
    for name, each in [("net", net), *net.named_children()]:
        each.__dict__["label"] = name
    heard.clear()
    operation(net, k)
    return heard


OPERATIONS = {
    "call": lambda net, k: net(k.ones(2, 2)),
    "parameter": lambda net, k: setattr(net, "more", k.nn.Parameter(k.ones(2))),
    "buffer": lambda net, k: setattr(net, "more", k.nn.Buffer(k.ones(2))),
    "module": lambda net, k: setattr(net, "more", k.nn.ReLU()),
    "attribute": lambda net, k: setattr(net, "more", 3),
    "delete": lambda net, k: delattr(net[0], "bias"),
    "append": lambda net, k: net.append(k.nn.ReLU()),
    "extend": lambda net, k: net.extend([k.nn.ReLU(), k.nn.ReLU()]),
    "state_dict": lambda net, k: net.state_dict(),
    "load_state_dict": lambda net, k: net.load_state_dict(net.state_dict()),
    "train": lambda net, k: net.train(),
    "eval": lambda net, k: net.eval(),
    "requires_grad_": lambda net, k: net.requires_grad_(False),
    "zero_grad": lambda net, k: net.zero_grad(),
    "apply": lambda net, k: net.apply(lambda module: None),
    "parameters": lambda net, k: list(net.parameters()),
    "buffers": lambda net, k: list(net.buffers()),
    "modules": lambda net, k: list(net.modules()),
    "children": lambda net, k: list(net.children()),
    "get_parameter": lambda net, k: net.get_parameter("0.weight"),
    "repr": lambda net, k: repr(net),
    **{name: (lambda net, k, name=name: getattr(net, name)()) for name in ("double", "float", "half", "cpu")},
    "to": lambda net, k: net.to(k.float64),
    "type": lambda net, k: net.type(k.float64),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_overridden_methods_are_called_as_in_pytorch(torch: Any, operation: Any) -> None:
    assert told(knoll, operation) == told(torch, operation)


class Outputs(NamedTuple):
    """A result with names."""

    scores: Any
    indices: Any
    note: str


class Returning(nn.Module):
    """A module that returns what its function makes of a tensor."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self.make = make

    def forward(self, x: Any) -> Any:
        return self.make(x * 2)


@dataclass
class Record:
    """A result that is an object."""

    scores: Any


RESULTS = {
    "named tuple": lambda x: Outputs(x, x + 1, "as it was"),
    "tuple": lambda x: (x, [x, x], None),
    "list": lambda x: [x, x + 1],
    "dict": lambda x: {"scores": x},
    "object": Record,
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
@pytest.mark.parametrize("hook", ["forward", "forward_pre", "full_backward", "full_backward_pre"])
@pytest.mark.filterwarnings("ignore:For backward hooks to be called")
def test_hooks_leave_the_kind_of_a_result(hook: str, make: Any) -> None:
    x = knoll.ones(2, requires_grad=True)
    module = Returning(make)
    expected = module(x)
    getattr(module, f"register_{hook}_hook")(lambda *_: None)
    found = nn.Sequential(module)(x)
    assert type(found) is type(expected)
    assert str(found).split("grad_fn")[0] == str(expected).split("grad_fn")[0]


def test_backward_hooks_see_the_tensors_of_a_named_tuple() -> None:
    seen: list[Any] = []
    module = Returning(RESULTS["named tuple"])
    module.register_full_backward_hook(lambda _module, _inputs, outputs: seen.append(outputs))
    x = knoll.ones(2, requires_grad=True)
    module(x).scores.sum().backward()
    assert [None if d is None else d.tolist() for d in seen[0]] == [[1, 1], None, None]
    assert x.grad.tolist() == [2, 2]


def test_backward_hooks_warn_of_results_that_they_cannot_see(torch: Any) -> None:
    for k, x in ((knoll, knoll.ones(2, requires_grad=True)), (torch, torch.ones(2, requires_grad=True))):
        module = k.nn.Sequential(k.nn.ReLU())
        module.forward = lambda x: [x]
        module.register_full_backward_hook(lambda *_: None)
        with pytest.warns(UserWarning, match="output should be a Tensor or a tuple of Tensors but received <class 'li"):
            assert len(module(x)) == 1


class Forgetful(nn.Module):
    """A class that does not call `super().__init__()`."""

    def __init__(self) -> None:
        self.size = 3

    def forward(self, x: Any) -> Any:
        return x


USES: dict[str, Any] = {
    "call": lambda k, m: m(k.ones(1)),
    "parameters": lambda k, m: list(m.parameters()),
    "train": lambda k, m: m.eval().train(),
    "repr": lambda k, m: repr(m),
    "state_dict": lambda k, m: m.state_dict(),
    "load_state_dict": lambda k, m: m.load_state_dict({}),
    "hook": lambda k, m: m.register_forward_hook(print),
    "layer": lambda k, m: setattr(m, "layer", k.nn.ReLU()),
    "parameter": lambda k, m: setattr(m, "weight", k.nn.Parameter(k.ones(1))),
    "to": lambda k, m: m.to(k.float64),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_forgotten_init_is_named(torch: Any, use: Any) -> None:
    theirs = type("Forgetful", (torch.nn.Module,), {"__init__": Forgetful.__init__, "forward": Forgetful.forward})
    with pytest.raises(AttributeError) as expected:
        use(torch, theirs())
    with pytest.raises(AttributeError) as found:
        use(knoll, Forgetful())
    first, *rest = str(found.value).split("\n")
    assert re.sub(r"'_\w+'", "'_'", first) == re.sub(r"'_\w+'", "'_'", str(expected.value))
    assert rest == ["  try: super().__init__() as the first line of the class's __init__"]


def doubled(base: Any) -> Any:
    """A convolution whose weight is doubled on the way, by an override of what computes it."""

    class Doubled(base):
        def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
            return super()._conv_forward(input, weight * 2, bias)

    return Doubled


def standardised(base: Any) -> Any:
    """A convolution whose weight has mean 0 and deviation 1, by a `forward` that calls what computes it."""

    class Standardised(base):
        def forward(self, input: Any) -> Any:
            axes = tuple(range(1, self.weight.ndim))
            weight = self.weight - self.weight.mean(axes, keepdim=True)
            return self._conv_forward(input, weight / weight.std(axes, keepdim=True), self.bias)

    return Standardised


@pytest.mark.parametrize("mode", ["zeros", "circular"])
@pytest.mark.parametrize("axes", [1, 2])
def test_a_convolution_computes_by_what_a_subclass_overrides(axes: int, mode: Any) -> None:
    base = getattr(nn, f"Conv{axes}d")
    x = knoll.randn(2, 3, *(8,) * axes)
    plain, layer = base(3, 4, 3, padding=1, padding_mode=mode), doubled(base)(3, 4, 3, padding=1, padding_mode=mode)
    layer.load_state_dict(plain.state_dict())
    network = nn.Sequential(layer, nn.ReLU())
    with knoll.no_grad():
        expected = 2 * plain(x) - plain.bias.reshape(-1, *(1,) * axes)
    knoll.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)
    knoll.testing.assert_close(network(x), expected.relu(), atol=1e-5, rtol=1e-5)


@pytest.mark.pytorch
@pytest.mark.parametrize("of", [doubled, standardised])
@pytest.mark.parametrize("mode", ["zeros", "reflect"])
@pytest.mark.parametrize("axes", [1, 2])
def test_subclasses_of_a_convolution_learn_as_in_pytorch(torch: Any, axes: int, mode: str, of: Any) -> None:
    options: Any = {"padding": 2, "dilation": 2, "padding_mode": mode, "dtype": None}
    theirs = of(getattr(torch.nn, f"Conv{axes}d"))(3, 4, 3, **options | {"dtype": torch.float64})
    ours = of(getattr(nn, f"Conv{axes}d"))(3, 4, 3, **options | {"dtype": knoll.float64})
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    x = torch.randn(2, 3, *(9,) * axes, dtype=torch.float64)
    theirs(x).square().sum().backward()
    ours(knoll.from_numpy(x.numpy())).square().sum().backward()
    for mine, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        knoll.testing.assert_close(mine.grad, knoll.from_numpy(their.grad.numpy()), rtol=1e-10, atol=1e-10)


@pytest.mark.pytorch
def test_what_subclasses_ask_their_layers_for_is_what_pytorch_says(torch: Any) -> None:
    for words in ({"padding": (1, 2)}, {"padding": "same", "kernel_size": (4, 3)}, {"padding": "valid"}):
        options: Any = {"in_channels": 3, "out_channels": 4, "kernel_size": 3, "padding_mode": "reflect"} | words
        ours, theirs = nn.Conv2d(**options), torch.nn.Conv2d(**options)
        assert ours._reversed_padding_repeated_twice == tuple(theirs._reversed_padding_repeated_twice)
    assert nn.Conv1d(3, 4, 3, padding=2)._reversed_padding_repeated_twice == (2, 2)
    made = []
    for library in (knoll, torch):
        layer: Any = library.nn.ConvTranspose2d(3, 2, 3, stride=2)
        x: Any = library.ones(2, 3, 8, 8)
        args = layer.stride, layer.padding, layer.kernel_size, 2, layer.dilation
        made.append([tuple(layer._output_padding(x, size, *args)) for size in (None, [18, 17], [2, 2, 17, 18])])
    assert made[0] == made[1]


@pytest.mark.parametrize("base", [nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm2d])
def test_a_normalisation_that_takes_other_axes_does_so_by_an_override(base: Any) -> None:
    class Any2d(base):
        def _check_input_dim(self, input: Any) -> None:
            seen.append(tuple(input.shape))

    seen: list[Any] = []
    x = knoll.randn(2, 3, 4, 5) if base is nn.InstanceNorm2d else knoll.randn(2, 3, 4, 5, 2)
    made = Any2d(3)(x)
    assert seen == [tuple(x.shape)]
    assert made.shape == x.shape
