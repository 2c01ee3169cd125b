"""What a class or an object overrides of a layer takes effect: nothing takes it for the layer that it was."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backends import flat
from table import CASES, Case

import knoll
from knoll import nn
from knoll.graph import Array


def plus_one(*given: Any, **_: Any) -> Any:
    """The first tensor plus one, whatever the layer would do."""
    return next(x for x in given if isinstance(x, knoll.Tensor)) + 1


def subclassed(layer: nn.Module, **attributes: Any) -> nn.Module:
    """The same layer, as one of a class of its own."""
    layer.__class__ = type(f"Own{type(layer).__name__}", (type(layer),), attributes)
    return layer


def with_instance_forward(layer: nn.Module) -> nn.Module:
    layer.forward = plus_one
    return layer


OVERRIDES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "forward of the class": lambda layer: subclassed(layer, forward=plus_one),
    "forward of the object": with_instance_forward,
    "call of the class": lambda layer: subclassed(layer, __call__=plus_one),
}


def called(layer: nn.Module, arrays: list[Array]) -> Array:
    return flat(nn.Sequential(layer)[0](*map(knoll.tensor, arrays)))[0].detach().numpy()


def compiled(layer: nn.Module, arrays: list[Array]) -> Array:
    return knoll.compile(lambda x: flat(layer(x, *map(knoll.tensor, arrays[1:])))[0], arrays[0])(arrays[0])


@pytest.mark.parametrize("override", OVERRIDES.values(), ids=OVERRIDES)
@pytest.mark.parametrize("call", [called, compiled])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_overridden_forward_is_what_runs(case: Case, call: Any, override: Any) -> None:
    arrays = case.arrays()
    np.testing.assert_array_equal(call(override(case.build().eval()), arrays), arrays[0] + 1)


@pytest.mark.parametrize("call", [called, compiled])
@pytest.mark.parametrize("case", [c for c in CASES if c.build()._parameters.get("weight") is not None], ids=str)
def test_a_computed_weight_is_the_one_used(case: Case, call: Any) -> None:
    layer, arrays = case.build("float64").eval(), case.arrays("float64")
    expected = call(copy.deepcopy(layer), arrays)
    layer.raw = nn.Parameter(layer.weight.detach() / 2)
    del layer.weight
    computed = subclassed(copy.deepcopy(layer), weight=property(lambda self: self.raw * 2))
    np.testing.assert_allclose(call(computed, arrays), expected, rtol=0, atol=1e-12)
    layer.register_forward_pre_hook(lambda module, _: setattr(module, "weight", module.raw * 2))
    np.testing.assert_allclose(call(layer, arrays), expected, rtol=0, atol=1e-12)
    if call is called:
        flat(layer(*map(knoll.tensor, arrays)))[0].sum().backward()
        assert layer.raw.grad is not None


class Frozen(nn.Sequential):
    """Layers that stay in evaluation and in single precision, and save their numbers doubled."""

    def train(self, mode: bool = True) -> Any:
        return super().train(False)

    def _apply(self, *_: Any, **__: Any) -> Any:
        return self

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        state = super().state_dict(*args, **kwargs)
        state.update((key, value * 2) for key, value in list(state.items()) if "count" not in key)
        return state


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_model_asks_its_layers(case: Case) -> None:
    net = nn.Sequential(Frozen(case.build()))
    assert not any(module.training for module in net.train()[0].modules())
    for change in (net.double, net.half, lambda: net.to(knoll.float64), lambda: net.type(knoll.float64)):
        change()
        assert {t.dtype for t in (*net.parameters(), *net.buffers()) if t.is_floating_point()} <= {knoll.float32}
    plain = net[0][0].state_dict()
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), plain[key.removeprefix("0.0.")].numpy() * 2)


def test_lazy_layers_have_any_options() -> None:
    x = np.random.default_rng(0).standard_normal((4, 6, 8, 8)).astype(np.float32)
    options: list[tuple[str, tuple[Any, ...], list[dict[str, Any]]]] = [
        ("BatchNorm2d", (), [{"affine": a, "track_running_stats": t, "bias": b, "momentum": m}
                             for a in (True, False) for t in (True, False) for b in (True, False)
                             for m in (None, 0.1)]),
        ("Conv2d", (6, 3), [{"bias": b, "groups": g, "padding_mode": p, "padding": 1}
                            for b in (True, False) for g in (1, 2) for p in ("zeros", "circular")]),
        ("ConvTranspose2d", (6, 3), [{"bias": b, "groups": g} for b in (True, False) for g in (1, 3)]),
        ("Linear", (5,), [{"bias": b} for b in (True, False)]),
    ]  # fmt: skip
    for name, arguments, each in options:
        for named in each:
            size = (8,) if name == "Linear" else (6,)
            knoll.manual_seed(3)
            lazy = getattr(nn, f"Lazy{name}")(*arguments, **named)
            found = lazy(x)
            knoll.manual_seed(3)
            ordinary = getattr(nn, name)(*size, *arguments, **named)
            assert repr(lazy) == repr(ordinary)
            np.testing.assert_array_equal(found.detach().numpy(), ordinary(x).detach().numpy())
            assert list(lazy.state_dict()) == list(ordinary.state_dict())


def test_a_lazy_layer_draws_its_first_numbers_as_its_class_says() -> None:
    class Ones(nn.LazyLinear):
        def reset_parameters(self) -> None:
            if not self.has_uninitialized_params():
                nn.init.ones_(self.weight)

    assert Ones(2, bias=False)(knoll.ones(1, 3)).tolist() == [[3, 3]]
