"""Mixed precision: the factor of `GradScaler`, step for step beside PyTorch's."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.amp import GradScaler
from knoll.errors import ArgumentError, ArgumentTypeError, StateError


def scaled_step(scaler: Any, x: Any, optimizer: Any, factor: float) -> None:
    optimizer.zero_grad()
    scaler.scale((x * factor).sum()).backward()
    scaler.step(optimizer)
    scaler.update()


def training(scaler: Any) -> tuple[Any, Any]:
    x = knoll.ones(2, requires_grad=True)
    optimizer = knoll.optim.SGD([x], lr=0.5)
    assert scaler.is_enabled()
    return x, optimizer


@pytest.mark.pytorch
@pytest.mark.parametrize("seed", range(4))
def test_the_factor_goes_up_and_down_as_in_pytorch(torch: Any, seed: int) -> None:
    numbers = np.random.default_rng(seed)
    options: Any = {
        "init_scale": float(numbers.choice([1.0, 3.3, 1024.0, 2.0**120])),
        "growth_factor": float(numbers.choice([1.1, 2.0, 1000.0])),
        "backoff_factor": float(numbers.choice([0.1, 0.5])),
        "growth_interval": int(numbers.integers(1, 4)),
    }
    start = numbers.standard_normal(3).astype(np.float32)
    factors = numbers.choice([0.5, 2.0, np.inf, np.nan], 30, p=[0.4, 0.4, 0.1, 0.1])
    unscaled, clipped = numbers.random(30) < 0.3, numbers.random(30) < 0.5
    made = []
    for library in (knoll, torch):
        a_library: Any = library
        x = a_library.tensor(start, requires_grad=True)
        optimizer = a_library.optim.SGD([x], lr=0.1)
        scaler = a_library.amp.GradScaler("cpu", **options)
        told: list[Any] = [scaler.get_scale(), scaler.state_dict()]
        for factor, first, clip in zip(factors, unscaled, clipped, strict=True):
            optimizer.zero_grad()
            loss = (x * x * float(factor)).sum()
            told.append(scaler.scale(loss).item())
            scaler.scale(loss).backward()
            if first:
                scaler.unscale_(optimizer)
                told.append(x.grad.tolist())
                if clip:
                    a_library.nn.utils.clip_grad_value_([x], 0.3)
            assert scaler.step(optimizer) is None
            scaler.update()
            told += [x.tolist(), scaler.get_scale(), *scaler.state_dict().values()]
        made.append(told)
    assert len(made[0]) > 200
    for ours, theirs in zip(*made, strict=True):
        if isinstance(theirs, dict):
            assert ours == theirs
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_step_with_an_infinite_gradient_is_left_out_and_halves_the_factor() -> None:
    scaler = GradScaler("cpu", growth_interval=2)
    x, optimizer = training(scaler)
    scaled_step(scaler, x, optimizer, float("inf"))
    assert x.tolist() == [1.0, 1.0]
    assert scaler.get_scale() == 2.0**15
    for _ in range(2):
        scaled_step(scaler, x, optimizer, 1.0)
    assert x.tolist() == [0.0, 0.0]
    assert scaler.get_scale() == 2.0**16


def test_two_optimisers_each_have_their_own_step() -> None:
    scaler = GradScaler("cpu", init_scale=4.0)
    x, first = training(scaler)
    y, second = training(scaler)
    scaler.scale((x * float("inf")).sum() + y.sum()).backward()
    scaler.step(first)
    scaler.step(second)
    scaler.update()
    assert (x.tolist(), y.tolist(), scaler.get_scale()) == ([1.0, 1.0], [0.5, 0.5], 2.0)


def test_several_losses_are_scaled_at_once() -> None:
    scaler = GradScaler("cpu", init_scale=2.0)
    one, (two, three) = scaler.scale([knoll.tensor(1.0), (knoll.tensor(2.0), knoll.tensor(3.0))])
    assert (one.item(), two.item(), three.item()) == (2.0, 4.0, 6.0)
    assert [each.item() for each in scaler.scale(iter([knoll.tensor(1.0)]))] == [2.0]
    assert scaler.scale(knoll.tensor(1.0, dtype=knoll.float64)).dtype == knoll.float64


def test_for_a_device_that_is_not_there_it_is_not_enabled() -> None:
    for scaler in (GradScaler(), GradScaler("cuda:0"), GradScaler("cpu", enabled=False), knoll.cuda.amp.GradScaler()):
        loss = knoll.tensor(2.0)
        assert not scaler.is_enabled()
        assert scaler.scale(loss) is loss
        assert (scaler.get_scale(), scaler.state_dict()) == (1.0, {})
        scaler.update()


def test_a_state_is_taken_over_and_copies_go_on_from_it() -> None:
    scaler = GradScaler("cpu", init_scale=8.0, growth_interval=2)
    x, optimizer = training(scaler)
    scaled_step(scaler, x, optimizer, 1.0)
    other = GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    for each in (scaler, other, copy.deepcopy(scaler), pickle.loads(pickle.dumps(scaler))):
        scaled_step(each, x, optimizer, 1.0)
        assert each.get_scale() == 16.0
    scaler.set_growth_factor(3.0)
    scaler.set_backoff_factor(0.1)
    scaler.set_growth_interval(5)
    assert (scaler.get_growth_factor(), scaler.get_backoff_factor(), scaler.get_growth_interval()) == (3.0, 0.1, 5)
    scaler.update(64.0)
    assert scaler.get_scale() == 64.0
    scaler.update(knoll.tensor(32.0))
    assert scaler.get_scale() == 32.0


@pytest.mark.parametrize("method", ["step", "unscale_", "update"])
def test_nothing_is_done_before_a_loss_was_scaled(method: str) -> None:
    scaler = GradScaler("cpu")
    _, optimizer = training(scaler)
    with pytest.raises(StateError, match=rf"Attempted {method} but _scale is None") as caught:
        getattr(scaler, method)(*(() if method == "update" else (optimizer,)))
    assert "scaler.scale(loss).backward()" in str(caught.value)


def test_each_iteration_has_one_order() -> None:
    scaler = GradScaler("cpu")
    x, optimizer = training(scaler)
    scaler.scale(x.sum()).backward()
    with pytest.raises(StateError, match=r"No inf checks were recorded prior to update\."):
        scaler.update()
    scaler.unscale_(optimizer)
    with pytest.raises(StateError, match=r"unscale_\(\) has already been called"):
        scaler.unscale_(optimizer)
    with pytest.raises(StateError, match=r"may only be pickled at the beginning"):
        pickle.dumps(scaler)
    with pytest.raises(StateError, match="Closure use is not currently supported"):
        scaler.step(optimizer, closure=lambda: 1)
    scaler.step(optimizer)
    with pytest.raises(StateError, match=r"step\(\) has already been called"):
        scaler.step(optimizer)
    with pytest.raises(StateError, match=r"unscale_\(\) is being called after step\(\)"):
        scaler.unscale_(optimizer)
    scaler.update()
    optimizer.zero_grad()
    with pytest.raises(StateError, match="No inf checks were recorded for this optimizer"):
        scaler.step(optimizer)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"The growth factor must be > 1\.0"):
        GradScaler("cpu", growth_factor=1.0)
    with pytest.raises(ArgumentError, match=r"The backoff factor must be < 1\.0"):
        GradScaler("cpu", backoff_factor=1.0)
    scaler = GradScaler("cpu")
    with pytest.raises(ArgumentError, match="outputs must be a Tensor"):
        scaler.scale(3)
    scaler.scale(knoll.tensor(1.0))
    for wrong in ("2", True, knoll.ones(2), knoll.ones(1, requires_grad=True)):
        with pytest.raises(ArgumentTypeError, match="new_scale should be a float"):
            scaler.update(wrong)  # type: ignore[arg-type]  # the wrong values
    with pytest.raises(StateError, match="The source state dict is empty"):
        scaler.load_state_dict({})
    with pytest.raises(StateError, match=r"not the state of a GradScaler") as caught:
        scaler.load_state_dict({"scale": 2.0, "growth_factor": 3.0})
    assert "growth_interval" in str(caught.value)
    assert (scaler.get_scale(), scaler.get_growth_factor()) == (2.0**16, 2.0)
    half = knoll.ones(1, dtype=knoll.float16, requires_grad=True)
    scaler.scale((half * 1e-4).sum()).backward()
    with pytest.raises(ArgumentError, match=r"Attempting to unscale FP16 gradients\."):
        scaler.unscale_(knoll.optim.SGD([half], lr=0.1))
