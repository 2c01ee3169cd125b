# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

import copy
import operator
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn


def listed(k: Any) -> Any:
    """Parameters, a tensor that becomes one, and something else."""
    return k.nn.ParameterList([k.nn.Parameter(k.x(2, 3)), k.x(4), "a word", k.x()])


def named(k: Any) -> Any:
    return k.nn.ParameterDict(OrderedDict(left=k.nn.Parameter(k.x(2, 3)), right=k.x(4), word="a word"))


class Knoll:
    nn = nn

    @staticmethod
    def x(*shape: int) -> Any:
        return knoll.ones(*shape) if shape else knoll.tensor(1.0)


@pytest.fixture
def other(torch: Any) -> Any:
    class Torch:
        nn = torch.nn
        x = staticmethod(lambda *shape: torch.ones(shape))

    return Torch


def put(key: Any, value: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def change(s: Any, k: Any) -> Any:
        s[key] = value(k)
        return s

    return change


def then(*calls: Callable[[Any], object]) -> Callable[[Any, Any], Any]:
    def change(s: Any, _: Any) -> Any:
        for call in calls:
            call(s)
        return s

    return change


def state(thing: Any) -> Any:
    return (repr(thing), list(thing.state_dict()), list(dict(thing.named_parameters())))


@pytest.mark.parametrize(
    "operation",
    [
        lambda s, k: s,
        lambda s, k: s[1:],
        lambda s, k: s[::-1],
        lambda s, k: s.append(k.x(5)),
        lambda s, k: s.extend([k.x(5), 7]),
        lambda s, k: operator.iadd(s, listed(k)),
        put(-1, lambda k: k.x(2, 2)),
        put(0, lambda k: k.x(2, 2)),
        put(2, lambda k: None),
        lambda s, k: k.nn.ParameterList(),
        lambda s, k: k.nn.ParameterList(k.x(i + 1) for i in range(2)),
        lambda s, k: k.nn.Sequential(k.nn.ReLU(), s),
    ],
)
def test_lists_are_pytorchs(other: Any, operation: Callable[[Any, Any], Any]) -> None:
    assert state(operation(listed(Knoll), Knoll)) == state(operation(listed(other), other))


@pytest.mark.parametrize(
    "operation",
    [
        lambda s, k: s,
        put("left", lambda k: k.x(7)),
        put("new", lambda k: k.nn.Parameter(k.x(7))),
        then(lambda s: s.pop("left")),
        then(lambda s: s.popitem(), lambda s: s.popitem()),
        then(lambda s: s.clear()),
        then(lambda s: s.setdefault("left", 3), lambda s: s.setdefault("more", 3)),
        then(lambda s: s.update([("b", 1), ("a", 2)]), lambda s: s.update({"d": 1, "c": 2})),
        lambda s, k: s.copy(),
        lambda s, k: s.fromkeys(["x", "y"], 3),
        lambda s, k: s | k.nn.ParameterDict({"left": k.x(9)}),
        lambda s, k: operator.ior(s, k.nn.ParameterDict({"left": k.x(9)})),
        lambda s, k: k.nn.ParameterDict(),
    ],
)
def test_dictionaries_are_pytorchs(other: Any, operation: Callable[[Any, Any], Any]) -> None:
    ours, theirs = operation(named(Knoll), Knoll), operation(named(other), other)
    assert state(ours) == state(theirs)
    assert list(ours) == list(theirs) == list(ours.keys()) == [key for key, _ in ours.items()]
    assert list(reversed(ours)) == list(reversed(theirs))


def test_reading() -> None:
    values, names = listed(Knoll), named(Knoll)
    assert values[2] == "a word"
    assert len(values) == 4
    assert [type(value).__name__ for value in values] == ["Parameter", "Parameter", "str", "Parameter"]
    assert "0" not in dir(values)
    assert "left" in names
    assert names.get("none") is None
    assert names.get("none", 3) == 3
    assert names["word"] == "a word"
    assert len(names) == len(list(names.values())) == 3


def test_gradients_arrive() -> None:
    values = nn.ParameterList([knoll.ones(2), knoll.ones(2)])
    (values[0] * values[1] * 3).sum().backward()
    assert values[0].grad.tolist() == [3, 3]


def test_copies_have_parameters_of_their_own() -> None:
    for made in (listed(Knoll), named(Knoll)):
        for twin in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert repr(twin) == repr(made)
            assert next(twin.parameters()) is not next(made.parameters())
            np.testing.assert_array_equal(next(twin.parameters()).tolist(), next(made.parameters()).tolist())


@pytest.mark.parametrize(
    "call",
    [
        lambda k: listed(k)[4],
        lambda k: listed(k)["0"],
        lambda k: listed(k).extend(3),
        lambda k: listed(k).extend(k.x(3)),
        lambda k: k.nn.ParameterList(3),
        lambda k: listed(k)(3),
        lambda k: named(k)(3),
        lambda k: named(k)["none"],
        lambda k: named(k)[0],
        lambda k: put(0, lambda k: k.x(3))(named(k), k),
        lambda k: k.nn.ParameterDict(3),
        lambda k: k.nn.ParameterDict([3]),
        lambda k: k.nn.ParameterDict([("a", 1, 2)]),
        lambda k: named(k).pop("none"),
        lambda k: k.nn.ParameterDict().popitem(),
        lambda k: k.nn.ModuleDict([3]),
    ],
)
def test_errors_are_pytorchs(other: Any, call: Callable[[Any], object]) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever PyTorch raises)
        call(other)
    with pytest.raises(type(theirs.value)) as ours:
        call(Knoll)
    assert str(ours.value).split("\n")[0] == str(theirs.value).split("\n")[0]
