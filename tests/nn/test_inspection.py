"""Methods that look at a module give way to what a network stores under their names."""

from __future__ import annotations

from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentTypeError
from knoll.nn.inspection import inspection


class Looked(nn.Module):
    @inspection
    def look(self, times: int = 1) -> str:
        """How it looks."""
        return f"{type(self).__name__} × {times}"


class Net(Looked):
    def __init__(self, stored: Any) -> None:
        super().__init__()
        self.look = stored

    def forward(self, x: knoll.Tensor) -> Any:
        return self.look(x)


def test_it_is_a_method_of_objects_and_of_the_class() -> None:
    assert Looked().look() == Looked.look(Looked()) == "Looked × 1"
    assert Looked().look(times=2) == "Looked × 2"
    assert Looked.look.__doc__ == "How it looks."


@pytest.mark.parametrize("name", ["explain", "check", "summary", "animate"])
@pytest.mark.parametrize("given", [(), ((3, 32, 32),), (None,)])
def test_asked_of_a_class_it_says_to_make_a_layer(name: str, given: tuple[Any, ...]) -> None:
    for kind in (nn.Conv2d, nn.Module, nn.Sequential):
        with pytest.raises(ArgumentTypeError, match=f"^{name} is asked of a layer") as told:
            getattr(kind, name)(*given)
        assert f"layer.{name}(" in str(told.value)


@pytest.mark.parametrize("stored", [nn.Linear(2, 3), abs, nn.Parameter(knoll.ones(2)), nn.Buffer(knoll.ones(2)), None])
def test_what_is_stored_comes_first(stored: Any) -> None:
    assert Net(stored).look is stored


def test_a_layer_of_that_name_is_a_layer_like_any_other() -> None:
    net = Net(nn.Linear(2, 3))
    assert net(knoll.ones(1, 2)).shape == (1, 3)
    assert list(net.state_dict()) == ["look.weight", "look.bias"]
    del net.look
    assert net.look() == "Net × 1"


@pytest.mark.parametrize(
    ("register", "value"),
    [
        ("add_module", nn.ReLU()),
        ("register_parameter", nn.Parameter(knoll.ones(1))),
        ("register_buffer", knoll.ones(1)),
    ],
)
def test_the_name_is_free_until_it_is_taken(register: str, value: Any) -> None:
    net = Looked()
    getattr(net, register)("look", value)
    assert net.look is value
    other = "register_buffer" if register != "register_buffer" else "register_parameter"
    with pytest.raises(KeyError, match="attribute 'look' already exists"):
        getattr(net, other)("look", None)


def test_a_subclass_may_write_its_own() -> None:
    class Own(Looked):
        def look(self) -> str:
            return "own"

    assert Own().look() == "own"


def test_set_submodule_puts_a_module_there() -> None:
    net = Looked()
    net.set_submodule("look", nn.ReLU())
    assert isinstance(net.look, nn.ReLU)
