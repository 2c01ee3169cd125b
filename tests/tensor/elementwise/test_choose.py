"""Elements chosen from two tensors, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.run import program_cache
from side_by_side import A, B, Case, both, comparisons

RNG = np.random.default_rng(4)
TIES = np.array([np.nan, 1.0, 2.0, 1.0, 3.0, np.nan, np.nan])
COMPARED: dict[str, Case] = {
    "fmax": (lambda t, a, b: t.fmax(a, b), (A, B)),
    "fmin": (lambda t, a, b: t.fmin(a, b), (A, B)),
    "fmax of equal ones and NaN": (lambda t, a, b: t.fmax(a, b), (TIES, TIES[::-1].copy())),
    "fmin of equal ones and NaN": (lambda t, a, b: t.fmin(a, b), (TIES, TIES[::-1].copy())),
    "copysign": (lambda t, a, b: t.copysign(a, b), (A, B)),
    "heaviside": (lambda t, a: t.heaviside(a.detach(), t.full_like(a, 0.5)), (np.array([-1.0, 0.0, 2.0]),)),
    "where": (lambda _, a, b: a.where(a > 0, b), (A, B)),
    "where number": (lambda _, a: a.where(a > 0, 0.5), (A,)),
    "where alone": (lambda t, a: t.where(a > 0), (A,)),
    "where alone of numbers": (lambda t, a: (*t.where(a), *t.where(a[0, 0])), (np.array([[1, 0], [0, 2]]),)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_where_takes_two_to_choose_from_or_none() -> None:
    holds: Any = knoll.ones(2) > 0
    for call, words in (
        (lambda: knoll.where(holds, 1.0), 'missing 1 required positional arguments: "other"'),
        (lambda: knoll.where(holds, other=1.0), 'missing 1 required positional arguments: "input"'),
        (lambda: knoll.where(holds, out=knoll.ones(2)), "unexpected keyword argument 'out'"),
    ):
        with pytest.raises(ArgumentTypeError, match=words):
            call()


def test_where() -> None:
    condition = np.array([[True, False, True]])
    both(lambda lib, c, a, b: lib.where(c, a, b), condition, RNG.standard_normal((2, 3)), RNG.standard_normal(()))
    both(lambda lib, c, a: lib.where(c, a, 2.5), condition, np.array([1, 2, 3]))
    both(lambda _, c, a: a.masked_fill(c, 9), condition, RNG.standard_normal((2, 3)))


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (None, 0.5), (-0.5, None), (2.0, -2.0), (0, 1)])
def test_clamp(bounds: tuple[float | None, float | None]) -> None:
    x = np.array([-2.0, 0.0, 0.3, 1.0, 2.0])
    if bounds != (2.0, -2.0):
        both(lambda _, x: x.clamp(*bounds), x)
    both(lambda _, x: x.detach().clamp(*bounds), np.append(x, np.nan))


def test_clamp_wants_a_bound() -> None:
    with pytest.raises(ArgumentError, match="At least one of 'min' or 'max' must not be None"):
        knoll.ones(2).clamp()


def test_a_clamp_within_a_network_is_fused_with_it(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Any] = []
    new = program_cache._new

    def seen(*given: Any) -> Any:
        programs.append(new(*given))
        return programs[-1]

    monkeypatch.setattr(program_cache, "_new", seen)

    class Net(knoll.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = knoll.nn.Conv2d(3, 8, 3), knoll.nn.Conv2d(8, 2, 3)

        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return self.second(self.first(x).clamp(-0.1, 0.5))

    x = np.random.default_rng(0).normal(size=(2, 3, 9, 9)).astype(np.float32)
    net, layers = Net(), [torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 2, 3)]
    for ours, theirs in zip((net.first, net.second), layers, strict=True):
        theirs.load_state_dict({name: torch.tensor(each.detach().numpy()) for name, each in ours.state_dict().items()})
    made = net(knoll.tensor(x))
    assert [type(program).__name__ for program in programs] == ["CompiledProgram"]
    wanted = layers[1](layers[0](torch.tensor(x)).clamp(-0.1, 0.5))
    made.sum().backward()
    wanted.sum().backward()
    np.testing.assert_allclose(made.detach().numpy(), wanted.detach().numpy(), atol=1e-5)
    assert net.first.weight.grad is not None
    np.testing.assert_allclose(net.first.weight.grad.numpy(), layers[0].weight.grad.numpy(), atol=1e-4)
