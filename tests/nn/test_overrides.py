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
