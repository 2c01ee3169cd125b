"""Groups, gradients that are forgotten, states that are saved, and what cannot be optimised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import optim
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.optim import SGD, Adam, Optimizer


def learned(*numbers: float) -> knoll.Tensor:
    return knoll.tensor(numbers, dtype=knoll.float32, requires_grad=True)


def walk(optimizer: Optimizer, params: list[knoll.Tensor], steps: int) -> list[Any]:
    for _ in range(steps):
        optimizer.zero_grad()
        sum((p * p).sum() for p in params).backward()
        optimizer.step()
    return [p.tolist() for p in params]


def test_groups_have_settings_of_their_own() -> None:
    a, b = learned(1), learned(1)
    optimizer = SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    assert walk(optimizer, [a, b], 1) == [[pytest.approx(0.8)], [0.0]]
    c = learned(1)
    optimizer.add_param_group({"params": [c], "lr": 0.25})
    assert walk(optimizer, [c], 1) == [[0.5]]
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5, 0.25]


def test_iterators_and_names() -> None:
    p = learned(1)
    assert SGD(iter([p])).param_groups[0]["params"] == [p]
    assert SGD([("weight", p)]).param_groups[0]["params"][0] is p


def test_gradients_are_forgotten_or_zeroed() -> None:
    p = learned(1, 2)
    optimizer = SGD([p])
    p.grad = knoll.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is not None
    assert p.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert p.grad is None
    optimizer.step()  # nothing to follow
    assert p.tolist() == [1, 2]


def test_a_closure_computes_the_loss_anew() -> None:
    p = learned(1)
    optimizer = SGD([p], lr=0.1)

    def closure() -> knoll.Tensor:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with knoll.no_grad():
        assert optimizer.step(closure).item() == 1
    assert p.item() == pytest.approx(0.8)


@pytest.mark.parametrize("make", [
    lambda params: SGD(params, lr=0.1, momentum=0.9), lambda params: Adam(params, lr=0.1, amsgrad=True),
])  # fmt: skip
def test_states_go_on(make: Callable[[list[knoll.Tensor]], Optimizer]) -> None:
    params = [learned(1, 2), learned(3)]
    whole = walk(make(params), params, 6)
    params = [learned(1, 2), learned(3)]
    first = make(params)
    walk(first, params, 3)
    saved = first.state_dict()
    second = make(params)
    second.load_state_dict(saved)
    assert walk(second, params, 3) == whole
    assert first.state_dict()["state"].keys() == {0, 1}
    held = saved["state"][0]
    assert all(second.state[params[0]][name] is not value for name, value in held.items())


def test_states_of_pytorch_can_be_read(torch: Any) -> None:
    theirs = torch.tensor([1.0, 2.0], requires_grad=True)
    ours = learned(1, 2)
    other = torch.optim.Adam([theirs], lr=0.1)
    (theirs * theirs).sum().backward()
    other.step()
    state = other.state_dict()
    state["state"] = {
        number: {name: knoll.from_numpy(value.numpy()) for name, value in remembered.items()}
        for number, remembered in state["state"].items()
    }
    ours.data = knoll.tensor(theirs.detach().numpy())
    optimizer = Adam([ours], lr=0.5)
    optimizer.load_state_dict(state)
    other.zero_grad()
    (theirs * theirs).sum().backward()
    other.step()
    np.testing.assert_allclose(walk(optimizer, [ours], 1)[0], theirs.tolist(), rtol=1e-6)


def test_states_of_other_models_are_refused() -> None:
    saved = SGD([learned(1), learned(2)]).state_dict()
    with pytest.raises(
        ArgumentError, match="parameter group that doesn't match the size of optimizer's group"
    ) as caught:
        SGD([learned(1)]).load_state_dict(saved)
    assert "1 group of [1] parameters" in str(caught.value)
    assert "1 group of [2] parameters" in str(caught.value)
    two = SGD([{"params": [learned(1)]}, {"params": [learned(2)]}])
    with pytest.raises(ArgumentError, match="different number of parameter groups"):
        two.load_state_dict(saved)


@pytest.mark.parametrize(
    ("params", "kind", "sentence"),
    [
        (list, ArgumentError, "optimizer got an empty parameter list"),
        (lambda: iter(()), ArgumentError, "optimizer got an empty parameter list"),
        (lambda: learned(1), ArgumentTypeError, "should be an iterable of Tensors or dicts, but got knoll.FloatTensor"),
        (lambda: [learned(1) * 2], ArgumentError, "can't optimize a non-leaf Tensor"),
        (lambda: ["weight"], ArgumentTypeError, "can only optimize Tensors, but one of the params is str"),
        (lambda: [{"params": {learned(1)}}], ArgumentTypeError, "need to be organized in ordered collections"),
    ],
)
def test_what_cannot_be_optimised(params: Callable[[], Any], kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        SGD(params())


def test_a_parameter_belongs_to_one_group() -> None:
    p = learned(1)
    with pytest.raises(ArgumentError, match="some parameters appear in more than one parameter group"):
        SGD([{"params": [p]}, {"params": [p]}])
    with pytest.warns(UserWarning, match="a parameter group with duplicate parameters"):
        SGD([p, p])


def test_repr() -> None:
    assert repr(SGD([learned(1)], lr=0.5)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n    fused: None\n"
        "    lr: 0.5\n    maximize: False\n    momentum: 0\n    nesterov: False\n    weight_decay: 0\n)"
    )


def test_the_base_updates_nothing_itself() -> None:
    p = learned(1)
    p.grad = knoll.ones(1)
    with pytest.raises(NotImplementedError, match="Optimizer has none"):
        Optimizer([p], {}).step()


def _trained(param: knoll.Tensor, name: str = "Adam") -> Any:
    """What three steps along a gradient of ones make of a parameter."""
    optimizer = getattr(optim, name)([param], lr=0.1)
    for _ in range(3):
        param.grad = knoll.ones(param.shape, dtype=param.dtype)
        optimizer.step()
    return param.detach().numpy()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Rprop"])
def test_strided_and_half_precise_parameters_follow_the_same_rule(name: str) -> None:
    whole = _trained(knoll.ones(3, 4, requires_grad=True), name)
    strided = knoll.from_numpy(np.ones((4, 3), np.float32).T).requires_grad_()
    np.testing.assert_allclose(_trained(strided, name), whole, rtol=1e-6)
    half = knoll.ones(3, 4, dtype=knoll.float16, requires_grad=True)
    np.testing.assert_allclose(_trained(half, name), whole, rtol=3e-3)


def test_gradients_that_repeat_one_number() -> None:
    p = knoll.zeros(2, 3, requires_grad=True)
    p.grad = knoll.ones(1).expand(2, 3)
    optim.SGD([p], lr=0.5).step()
    assert p.tolist() == [[-0.5] * 3] * 2


def test_parameters_of_several_types_and_ages_in_one_group() -> None:
    params = [knoll.ones(2, requires_grad=True), knoll.ones(3, dtype=knoll.float64, requires_grad=True)]
    optimizer = optim.Adam(params, lr=0.1)
    params[0].grad = knoll.ones(2)
    optimizer.step()
    params[1].grad = knoll.ones(3, dtype=knoll.float64)
    optimizer.step()
    assert [float(optimizer.state[p]["step"]) for p in params] == [2, 1]
    np.testing.assert_allclose(params[0].tolist(), [0.8] * 2, rtol=1e-6)
    np.testing.assert_allclose(params[1].tolist(), [0.9] * 3, rtol=1e-6)


def test_numbers_that_may_not_be_overwritten() -> None:
    numbers = np.ones(2, np.float32)
    numbers.flags.writeable = False
    p = knoll.from_numpy(numbers).requires_grad_()
    p.grad = knoll.ones(2)
    with pytest.raises(ArgumentError, match=r"(?s)assignment destination is read-only.*try: "):
        optim.SGD([p], lr=0.1).step()
    assert numbers.tolist() == [1, 1]


def test_a_subclass_with_its_own_update_is_asked() -> None:
    class Clipped(optim.SGD):
        """SGD along a gradient between −1 and 1."""

        def update(self, param: knoll.Tensor, gradient: Any, group: Any) -> None:
            super().update(param, np.clip(gradient, -1, 1), group)

    p = knoll.zeros(2, requires_grad=True)
    p.grad = knoll.tensor([5.0, -0.5])
    Clipped([p], lr=1.0).step()
    assert p.tolist() == [-1, 0.5]
