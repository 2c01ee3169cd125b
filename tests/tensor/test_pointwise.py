"""Functions of single elements against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from side_by_side import WHOLE, A, Case, Refused, both, comparisons, refusals, same_refusal

import knoll
from knoll.errors import ArgumentError
from knoll.run import program_cache

RNG = np.random.default_rng(4)
EDGES = np.array([0.0, -0.0, 1.0, -1.0, 1e-30, 80.0, -80.0, np.inf, -np.inf, np.nan], np.float32)
EVERYWHERE = ["exp", "sigmoid", "tanh", "abs", "sign", "floor", "ceil", "round", "relu", "square", "sin", "cos"]


@pytest.mark.parametrize("name", [*EVERYWHERE, "log", "sqrt"])
@given(shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
@settings(max_examples=10, deadline=None)
def test_values_and_gradients(name: str, shape: tuple[int, ...]) -> None:
    low = 0.1 if name in ("log", "sqrt") else -3.0
    both(lambda library, x: getattr(library, name)(x), RNG.uniform(low, 3.0, shape), tolerance=1e-10)
    both(lambda _, x: getattr(x, name)(), RNG.uniform(low, 3.0, shape).astype(np.float32))


@pytest.mark.parametrize("name", [*EVERYWHERE, "log", "sqrt", "isnan", "isinf", "isfinite"])
def test_edges(name: str) -> None:
    both(lambda library, x: getattr(library, name)(x.detach()), EDGES)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sigmoid", "tanh", "sin"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integers_become_floats(name: str, dtype: str) -> None:
    both(lambda library, x: getattr(library, name)(x), np.array([0, 1, 1], dtype))


@pytest.mark.parametrize("decimals", [-1, 0, 1, 2, 7])
def test_round_to_decimals(decimals: int) -> None:
    both(lambda lib, x: lib.round(x, decimals=decimals), np.array([1.25, -2.35, 15.5, 25.0, 0.05, 1234.5678]))
    both(lambda _, x: x.detach().round(decimals=100 * decimals), EDGES)
    both(lambda _, x: x.detach().round(decimals=decimals), EDGES)
    both(lambda _, x: x.detach().round(decimals=decimals), np.array([1.25, 2000.7, 0.127], np.float16))


def test_what_round_refuses() -> None:
    for decimals in (1.0, None, True):
        same_refusal(lambda lib, decimals=decimals: lib.ones(2).round(decimals=decimals))
    same_refusal(lambda lib: lib.tensor([15]).round(decimals=1))


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(name: str, dim: int) -> None:
    both(lambda library, x: getattr(library, name)(x, dim), RNG.uniform(-5, 5, (2, 3, 4)))
    both(lambda library, x: getattr(library, name)(x, dim), np.full((2, 3, 4), 1000.0))


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (None, 0.5), (-0.5, None), (2.0, -2.0), (0, 1)])
def test_clamp(bounds: tuple[float | None, float | None]) -> None:
    x = np.array([-2.0, 0.0, 0.3, 1.0, 2.0])
    if bounds != (2.0, -2.0):
        both(lambda _, x: x.clamp(*bounds), x)
    both(lambda _, x: x.detach().clamp(*bounds), np.append(x, np.nan))


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


def test_clamp_wants_a_bound() -> None:
    with pytest.raises(ArgumentError, match="At least one of 'min' or 'max' must not be None"):
        knoll.ones(2).clamp()


def test_where() -> None:
    condition = np.array([[True, False, True]])
    both(lambda lib, c, a, b: lib.where(c, a, b), condition, RNG.standard_normal((2, 3)), RNG.standard_normal(()))
    both(lambda lib, c, a: lib.where(c, a, 2.5), condition, np.array([1, 2, 3]))
    both(lambda _, c, a: a.masked_fill(c, 9), condition, RNG.standard_normal((2, 3)))


def test_extremes_of_two() -> None:
    a, b = np.array([1.0, 2.0, 3.0, np.nan]), np.array([3.0, 2.0, 1.0, 1.0])
    both(lambda lib, a, b: (lib.maximum(a, b), lib.minimum(a, b)), a[:3], b[:3])
    both(lambda lib, a, b: (lib.maximum(a.detach(), b.detach()), lib.max(a.detach(), b.detach())), a, b)


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, 3).softmax(2))


def _shifted_in_place(a: Any) -> Any:
    a <<= 2
    a >>= 1
    return a


COMPARED: dict[str, Case] = {
    "sgn": (lambda t, a: t.sgn(a.detach()), (A,)),
    "shifts": (lambda t, a: (t.bitwise_left_shift(a, 2), t.bitwise_right_shift(a, t.tensor(1))), (WHOLE,)),
    "shifts by operators": (
        lambda t, a: (a << 1, a >> t.tensor(1), 1 << a, t.tensor(64) >> a, _shifted_in_place(a.clone())),
        (WHOLE,),
    ),
    "shifts of truths": (lambda _, a: (a << 1, 1 << a), (np.array([True, False]),)),
}
REFUSED: dict[str, Refused] = {
    "shift by a fraction": lambda t: t.tensor([1]) << 1.5,
    "shift of fractions": lambda t: t.ones(2) >> t.tensor([1]),
    "shift of a list": lambda t: [1] << t.tensor([1]),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)
test_refused_as_in_pytorch = refusals(REFUSED)
