# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn


def layers(n: Any, count: int = 3) -> Any:
    """A Sequential whose layers can be told apart."""
    return n.Sequential(*(n.Linear(1, i + 1) for i in range(count)))


def named(n: Any) -> Any:
    """A Sequential with names of its own."""
    return n.Sequential(OrderedDict([("a", n.ReLU()), ("b", n.Linear(1, 1))]))


def after(change: Callable[[Any], object]) -> Callable[[Any, Any], Any]:
    """A change by statement, as an operation that gives the changed Sequential."""

    def operation(s: Any, n: Any) -> Any:
        change(s)
        return s

    return operation


def replaced(s: Any, n: Any) -> Any:
    s[-1] = n.ReLU()
    return s


def deleted(key: Any) -> Callable[[Any, Any], Any]:
    def operation(s: Any, n: Any) -> Any:
        del s[key]
        return s

    return operation


def added_in_place(s: Any, n: Any) -> Any:
    s += layers(n, 2)
    return s


def repeated_in_place(s: Any, n: Any) -> Any:
    s *= 2
    return s


OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda s, n: s,
    lambda s, n: s[0],
    lambda s, n: s[-1],
    lambda s, n: s[np.int64(1)],
    lambda s, n: s[1:],
    lambda s, n: s[::2],
    lambda s, n: s[5:],
    replaced,
    deleted(0),
    deleted(-1),
    deleted(slice(0, 2)),
    lambda s, n: s.append(n.ReLU()),
    lambda s, n: s.extend([n.ReLU(), n.Tanh()]),
    lambda s, n: s.extend(layers(n)),
    lambda s, n: s.insert(0, n.ReLU()),
    lambda s, n: s.insert(2, n.ReLU()),
    lambda s, n: s.insert(3, n.ReLU()),
    lambda s, n: s.pop(0),
    lambda s, n: s.pop(slice(0, 2)),
    after(lambda s: s.pop(-1)),
    lambda s, n: s + layers(n, 2),
    added_in_place,
    lambda s, n: s * 2,
    lambda s, n: 3 * s,
    repeated_in_place,
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_are_pytorchs(torch: Any, operation: Callable[[Any, Any], Any]) -> None:
    ours, theirs = operation(layers(nn), nn), operation(layers(torch.nn), torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


@pytest.mark.parametrize(
    "operation",
    [lambda s, n: s, lambda s, n: s[1:], lambda s, n: s.append(n.ReLU()), replaced],
)
def test_operations_on_names_are_pytorchs(torch: Any, operation: Callable[[Any, Any], Any]) -> None:
    assert repr(operation(named(nn), nn)) == repr(operation(named(torch.nn), torch.nn))


@pytest.mark.parametrize(
    "call",
    [
        lambda k: layers(k.nn)[3],
        lambda k: layers(k.nn)[-4],
        lambda k: k.nn.Sequential()[0],
        lambda k: layers(k.nn)["0"],
        lambda k: layers(k.nn).pop(7),
        lambda k: layers(k.nn).insert(7, k.nn.ReLU()),
        lambda k: layers(k.nn).append(3),
        lambda k: k.nn.Sequential({"a": k.nn.ReLU()}),
        lambda k: k.nn.Sequential([k.nn.ReLU()]),
        lambda k: layers(k.nn) + [k.nn.ReLU()],  # noqa: RUF005 (the operator is what is tested)
        lambda k: layers(k.nn).__iadd__(3),
        lambda k: layers(k.nn) * 0,
        lambda k: layers(k.nn) * 1.5,
        lambda k: layers(k.nn).__imul__(-1),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_only_modules_are_inserted() -> None:
    with pytest.raises(TypeError, match="module should be of type"):
        layers(nn).insert(0, 3)


def test_length_and_order() -> None:
    s = layers(nn)
    assert len(s) == 3
    assert [layer.out_features for layer in s] == [1, 2, 3]
    assert "0" not in dir(s)


def test_repeating_shares_the_layers() -> None:
    s = layers(nn, 1) * 3
    assert s[0] is s[2]
    assert len(list(s.parameters())) == 2


def test_adding_itself_ends() -> None:
    s = layers(nn)
    s += s
    assert len(s) == 6


def test_appending_to_a_slice_overwrites_nothing() -> None:
    assert list(layers(nn)[1:].append(nn.ReLU())._modules) == ["1", "2", "3"]


def test_names_of_ones_own_are_kept() -> None:
    """PyTorch replaces them by numbers when one is deleted, and cannot insert among them."""
    s = named(nn)
    del s[0]
    assert list(s._modules) == ["b"]
    s = named(nn)
    s.pop(slice(0, 1))
    assert list(s._modules) == ["b"]
    assert list(named(nn).insert(0, nn.ReLU())._modules) == ["2", "a", "b"]
    assert list(named(nn).insert(2, nn.ReLU())._modules) == ["a", "b", "2"]
    assert list(named(nn)[:1].append(nn.ReLU()).append(nn.ReLU()).insert(1, nn.Tanh())._modules) == ["a", "3", "1", "2"]


def test_a_slice_is_numbered_anew_when_it_changes(torch: Any) -> None:
    def changed(n: Any) -> Any:
        s = layers(n, 4)[1:]
        del s[0]
        return s

    assert repr(changed(nn)) == repr(changed(torch.nn))
    assert list(layers(nn)[1:].insert(0, nn.ReLU())._modules) == ["0", "1", "2"]


def test_a_tuple_passes_as_one() -> None:
    class Pair(nn.Module):
        def forward(self, x: Any) -> Any:
            return x, x + 1

    class Second(nn.Module):
        def forward(self, pair: Any) -> Any:
            return pair[1]

    assert nn.Sequential(Pair(), Second())(np.ones(2)).tolist() == [2, 2]
    first, second = nn.Sequential(nn.Identity(), Pair())(np.ones(1))
    assert (first.item(), second.item()) == (1, 2)
    with pytest.raises(TypeError, match="positional argument"):
        nn.Sequential(nn.Identity())(np.ones(1), np.ones(1))


def test_a_slice_shares_the_layers_and_computes() -> None:
    s = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.ReLU())
    assert s[:2][1] is s[1]
    assert s[:2](np.ones((3, 2, 2), np.float32)).shape == (3, 2)
    assert nn.Sequential()(np.ones(2)).detach().numpy().tolist() == [1, 1]
