# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import KnollError
from knoll.tensor.record import state

X = np.ones((2, 3), np.float32)


class Net(nn.Module):
    """A layer that fits nothing, called as `call` says."""

    def __init__(self, call: Any) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.ReLU(), nn.Sequential(nn.ReLU(), nn.Linear(7, 2))])
        self.call = call

    def forward(self, x: Any) -> Any:
        return self.call(self, x)


def where(net: nn.Module) -> str | None:
    """Where the error happened, by its own words."""
    with pytest.raises(KnollError) as caught:
        net(X)
    assert state.recorder is None
    return caught.value.where


def test_the_path_leads_through_lists_to_the_innermost_layer() -> None:
    assert where(Net(lambda net, x: net.blocks[1](x))) == "blocks.1.1 Linear(in_features=7, out_features=2, bias=True)"


def test_a_layer_that_is_no_attribute_goes_by_its_class() -> None:
    hidden = [nn.Linear(7, 2)]
    assert where(Net(lambda net, x: hidden[0](x))) == "Linear Linear(in_features=7, out_features=2, bias=True)"


def test_a_forward_that_fails_itself_goes_by_its_class() -> None:
    assert where(Net(lambda net, x: nn.functional.linear(x, np.ones((2, 7), np.float32)))) == "Net"


def test_a_lone_layer_is_where_it_is() -> None:
    assert where(nn.Linear(7, 2)) == "Linear(in_features=7, out_features=2, bias=True)"


def test_a_call_that_calls_the_base_is_one_place() -> None:
    class Counted(nn.Linear):
        def __call__(self, *inputs: Any, **named: Any) -> Any:
            return super().__call__(*inputs, **named)

    assert where(nn.Sequential(Counted(7, 2))) == "0 Counted(in_features=7, out_features=2, bias=True)"


def test_other_errors_pass_untouched_and_leave_no_recording() -> None:
    def fail(net: Any, x: Any) -> Any:
        raise ZeroDivisionError("as it is")

    with pytest.raises(ZeroDivisionError, match=r"^as it is$"):
        Net(fail)(X)
    assert state.recorder is None
