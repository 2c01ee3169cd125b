"""What Python says of a call with arguments that a method does not take."""

from __future__ import annotations

import pickle
from types import FunctionType

import pytest

import knoll

ALIASES = {"type_as": "to"}
STATIC = {name: value for base in knoll.Tensor.__mro__[:2] for name, value in vars(base).items()}
METHODS = sorted(name for name, value in STATIC.items() if isinstance(value, FunctionType) and not name.startswith("_"))
FIRST = {value: name for name, value in reversed(STATIC.items()) if name in METHODS}  # PyTorch has several for some


@pytest.mark.parametrize("name", [name for name in METHODS if name != "cuda"])  # which refuses whatever comes
def test_errors_call_a_method_by_its_name(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        getattr(knoll.ones(2), name)(nonsense=1)
    assert str(caught.value).split("(")[0].rpartition(".")[2] in (FIRST[STATIC[name]], ALIASES.get(name))
    assert "nonsense" in str(caught.value)


@pytest.mark.parametrize("name", METHODS)
def test_a_function_can_be_pickled(name: str) -> None:
    function = STATIC[name]
    assert pickle.loads(pickle.dumps(function)) is function
