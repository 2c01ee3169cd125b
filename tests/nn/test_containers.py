# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn


def listed(n: Any, count: int = 3) -> Any:
    """Layers that can be told apart."""
    return n.ModuleList(n.Linear(1, i + 1) for i in range(count))


def changed(s: Any, n: Any) -> Any:
    s[-1] = n.ReLU()
    del s[0]
    s += [n.Tanh()]
    s.insert(1, n.Sigmoid())
    return s


@pytest.mark.parametrize(
    "operation",
    [
        lambda s, n: s,
        lambda s, n: s[1],
        lambda s, n: s[-3:],
        lambda s, n: s[1:],
        changed,
        lambda s, n: s.append(n.ReLU()).append(n.ReLU()),
        lambda s, n: s.extend([n.Sequential(n.ReLU())] * 2),
        lambda s, n: s.pop(0),
        lambda s, n: s + [n.ReLU()],  # noqa: RUF005 (the operator is what is tested)
        lambda s, n: n.ModuleList(),
    ],
)
def test_lists_are_pytorchs(torch: Any, operation: Callable[[Any, Any], Any]) -> None:
    ours, theirs = operation(listed(nn), nn), operation(listed(torch.nn), torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_deleting_a_slice_renumbers(torch: Any) -> None:
    ours, theirs = listed(nn), listed(torch.nn)
    del ours[:2], theirs[:2]
    assert repr(ours) == repr(theirs)
    assert len(ours) == 1


def test_dictionaries(torch: Any) -> None:
    def build(n: Any) -> Any:
        d = n.ModuleDict({"conv": n.Linear(1, 1), "pool": n.ReLU()})
        d["more"] = n.Tanh()
        d.update([("pair", n.Sigmoid())])
        d.update(n.ModuleDict({"pool": n.Identity()}))
        d.pop("conv")
        del d["more"]
        return d

    ours = build(nn)
    assert repr(ours) == repr(build(torch.nn))
    assert list(ours) == list(ours.keys()) == ["pool", "pair"]
    assert "pool" in ours
    assert len(ours) == len(list(ours.items())) == 2
    assert next(iter(ours.values())) is ours["pool"]
    ours.clear()
    assert repr(ours) == "ModuleDict()"


@pytest.mark.parametrize(
    "call",
    [
        lambda k: listed(k.nn)[3],
        lambda k: listed(k.nn).extend(3),
        lambda k: k.nn.ModuleList([3]),
        lambda k: k.nn.ModuleDict({"a": 3}),
        lambda k: k.nn.ModuleDict({"a.b": k.nn.ReLU()}),
        lambda k: k.nn.ModuleDict(3),
        lambda k: k.nn.ModuleDict([("a",)]),
        lambda k: k.nn.ModuleDict()["a"],
        lambda k: k.nn.ModuleList()(1),
        lambda k: k.nn.ModuleDict({"keys": k.nn.ReLU()}),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_a_forward_that_chooses() -> None:
    class Choosing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
            self.ends = nn.ModuleDict({"relu": nn.ReLU(), "none": nn.Identity()})

        def forward(self, x: Any, end: str) -> Any:
            for step in self.steps:
                x = step(x)
            return self.ends[end](x)

    net, x = Choosing(), np.ones((1, 2), np.float32)
    np.testing.assert_allclose(
        net(x, "relu").detach().numpy(), np.maximum(net(x, end="none").detach().numpy(), 0), rtol=1e-6
    )
    assert len(list(net.parameters())) == 4
