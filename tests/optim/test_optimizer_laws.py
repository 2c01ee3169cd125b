"""Laws over all optimisers and their options: steps, states, groups and refusals as PyTorch's."""

# ruff: noqa: ARG005 (hooks and makers are called with more than some of them need)
from __future__ import annotations

import copy
import inspect
import itertools
import re
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn, optim
from knoll.errors import ArgumentError, ArgumentTypeError, EntryError, KnollError, StateError, UnsupportedError

SHAPES = ((3, 4), (4,), (), (2, 0))
OURS = SimpleNamespace(
    tensor=knoll.tensor, optim=optim, nn=nn, ones=knoll.ones, zeros=knoll.zeros, float64=knoll.float64
)


def _options(**options: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Every combination."""
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


SGD = [
    settings
    for settings in _options(
        lr=(0.05,), momentum=(0, 0.9), dampening=(0, 0.3), weight_decay=(0, 0.1), nesterov=(False, True),
        maximize=(False, True),
    )
    if not settings["nesterov"] or (settings["momentum"] and not settings["dampening"])
]  # fmt: skip
ADAM = _options(
    lr=(0.05,), betas=((0.9, 0.999), (0.0, 0.5)), weight_decay=(0, 0.1), amsgrad=(False, True), maximize=(False, True)
)
CASES = [("SGD", s) for s in SGD] + [(kind, s) for kind in ("Adam", "AdamW") for s in ADAM]
OTHERS = ("RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD", "Adafactor")
KINDS = ("SGD", "Adam", "AdamW", *OTHERS)
SHARED: dict[str, tuple[Any, ...]] = {"lr": (0.05,), "weight_decay": (0, 0.1), "maximize": (False, True)}
BETAS = ((0.9, 0.999), (0.0, 0.5), (0.5, 0.9))
DECOUPLED = {"betas": BETAS, "decoupled_weight_decay": (False, True)}
CASES += [("RMSprop", s) for s in _options(alpha=(0.99, 0.3), momentum=(0, 0.9), centered=(False, True), **SHARED)]
CASES += [("Adagrad", s) for s in _options(lr_decay=(0, 0.5), initial_accumulator_value=(0, 0.1), **SHARED)]
CASES += [("Adadelta", s) for s in _options(rho=(0.9, 0.3, 1.0), eps=(1e-6, 1e-2), **SHARED)]
CASES += [("Adamax", s) for s in _options(betas=BETAS, eps=(1e-8, 0.1), **SHARED)]
CASES += [("NAdam", s) for s in _options(momentum_decay=(4e-3, 0.5), **DECOUPLED, **SHARED)]
CASES += [("RAdam", s) for s in _options(eps=(1e-8, 0.1), **DECOUPLED, **SHARED)]
STEPS: dict[str, tuple[Any, ...]] = {"lr": (0.05,), "maximize": (False, True)}
CASES += [("Rprop", s) for s in _options(etas=((0.5, 1.2), (0.3, 1.5)), step_sizes=((1e-6, 50), (0.04, 0.06)), **STEPS)]
CASES += [("ASGD", s) for s in _options(lambd=(1e-4, 0.1), alpha=(0.75, 0.5), t0=(1e6, 2), **SHARED)]
FACTORED = {"beta2_decay": (-0.8, -0.3), "eps": ((None, 1e-3), (1e-3, 0.1)), "d": (1.0, 2.0)}
CASES += [("Adafactor", s) for s in _options(**FACTORED, **SHARED)]
CASES.append(("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.1, "eps": 1e-3}))


OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"nesterov": True, "momentum": 0.5}, "Adam": {"amsgrad": True, "betas": (0.5, 0.6)},
    "AdamW": {"amsgrad": True, "betas": (0.5, 0.6)}, "RMSprop": {"centered": True, "momentum": 0.5},
    "Adagrad": {"lr_decay": 0.5}, "Adadelta": {"rho": 0.5}, "Adamax": {"betas": (0.5, 0.6)},
    "NAdam": {"betas": (0.5, 0.6), "momentum_decay": 0.1}, "RAdam": {"betas": (0.5, 0.6)},
    "Rprop": {"etas": (0.4, 1.5)}, "ASGD": {"lambd": 0.1, "t0": 3}, "Adafactor": {"d": 2.0, "beta2_decay": -0.5},
}  # fmt: skip


@pytest.fixture(scope="module")
def theirs(torch: Any) -> Any:
    return SimpleNamespace(tensor=torch.tensor, optim=torch.optim, nn=torch.nn, ones=torch.ones, zeros=torch.zeros)


def parameters(world: Any, dtype: str, kind: str = "") -> list[Any]:
    rng = np.random.default_rng(0)
    shapes = SHAPES[:-1] if kind == "Adafactor" else SHAPES  # PyTorch's divides by the number of elements
    return [world.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True) for shape in shapes]


def gradients(params: list[Any], world: Any, step: int) -> None:
    """The same gradients in both worlds; some parameters have none in some steps."""
    rng = np.random.default_rng(step)
    for place, param in enumerate(params):
        numbers = rng.standard_normal(tuple(param.shape)).astype(str(param.dtype).rsplit(".", 1)[-1])
        param.grad = None if (step + place) % 3 == 0 else world.tensor(numbers)


def walk(optimizer: Any, params: list[Any], world: Any, steps: range) -> list[Any]:
    for step in steps:
        gradients(params, world, step)
        optimizer.step()
    return [param.detach().numpy() for param in params]


def agree(ours: Any, expected: Any, dtype: str = "float32") -> None:
    tolerance = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-12}[dtype]
    if hasattr(ours, "detach"):
        ours, expected = ours.detach().numpy(), expected.detach().numpy()
        assert ours.dtype == expected.dtype
    if isinstance(ours, np.ndarray):
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance)
    elif isinstance(ours, dict):
        assert ours.keys() == expected.keys()
        for key, value in ours.items():
            agree(value, expected[key], dtype)
    elif isinstance(ours, list | tuple):
        assert type(ours) is type(expected)
        for mine, other in zip(ours, expected, strict=True):
            agree(mine, other, dtype)
    else:
        assert ours == expected


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "settings"), CASES, ids=str)
def test_every_option(theirs: Any, kind: str, settings: dict[str, Any], dtype: str) -> None:
    def run(world: Any) -> Any:
        params = parameters(world, dtype, kind)
        optimizer = getattr(world.optim, kind)(params, **settings)
        return walk(optimizer, params, world, range(9)), optimizer.state_dict()

    agree(run(OURS), run(theirs), dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision(theirs: Any, kind: str) -> None:
    def run(world: Any) -> Any:
        params = parameters(world, "float16", kind)
        settings: dict[str, Any] = {"weight_decay": 0.01, "eps": 1e-3}
        own = {"SGD": {"momentum": 0.9, "weight_decay": 0.01}, "Rprop": {}, "ASGD": {"weight_decay": 0.01}}
        own["Adafactor"] = {"weight_decay": 0.01}
        optimizer = getattr(world.optim, kind)(params, lr=0.05, **own.get(kind, settings))
        return walk(optimizer, params, world, range(5))

    agree(run(OURS), run(theirs), "float16")


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_and_defaults(theirs: Any, kind: str) -> None:
    ours, expected = (inspect.signature(getattr(world.optim, kind)).parameters for world in (OURS, theirs))
    assert [(each.name, each.default, each.kind) for each in ours.values()] == [
        (each.name, each.default, each.kind) for each in expected.values()
    ]
    mine, other = (getattr(world.optim, kind)([world.zeros(1)]) for world in (OURS, theirs))
    assert mine.defaults == {name: other.defaults[name] for name in mine.defaults}
    agree(mine.state_dict()["state"], other.state_dict()["state"])


@pytest.mark.parametrize("way", [
    {"foreach": True}, {"foreach": False}, {"fused": True}, {"fused": False}, {"foreach": None, "fused": None},
    {"capturable": True}, {"differentiable": False},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_ways_to_compute_change_nothing(kind: str, way: dict[str, Any]) -> None:
    if not way.keys() <= inspect.signature(getattr(optim, kind)).parameters.keys():
        return
    plain, params = parameters(OURS, "float32"), parameters(OURS, "float32")
    expected = walk(getattr(optim, kind)(plain, lr=0.1), plain, OURS, range(5))
    agree(walk(getattr(optim, kind)(params, lr=0.1, **way), params, OURS, range(5)), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_groups_with_settings_of_their_own(theirs: Any, kind: str) -> None:
    def run(world: Any) -> Any:
        params = parameters(world, "float64", kind)
        more = OPTIONS[kind]
        first = {"params": params[0], "lr": 0.5}
        optimizer = getattr(world.optim, kind)([first, {"params": params[1:2], **more}], lr=0.1)
        assert optimizer.param_groups[0] is first
        walk(optimizer, params[:2], world, range(4))
        optimizer.add_param_group({"params": iter(params[2:]), "maximize": True})
        optimizer.param_groups[0]["lr"] = 0.01
        numbers = walk(optimizer, params, world, range(4, 9))
        return numbers, optimizer.state_dict(), repr(optimizer), [sorted(group) for group in optimizer.param_groups]

    agree(run(OURS), run(theirs), "float64")


@pytest.mark.parametrize("kind", KINDS)
def test_rates_that_are_tensors(theirs: Any, kind: str) -> None:
    def run(world: Any) -> Any:
        params = parameters(world, "float32", kind)
        rate = world.tensor(0.1)
        optimizer = getattr(world.optim, kind)(params, lr=rate, **({} if kind == "Rprop" else {"weight_decay": 0.1}))
        walk(optimizer, params, world, range(2))
        rate.fill_(0.01)
        return walk(optimizer, params, world, range(2, 5))

    agree(run(OURS), run(theirs))


@pytest.mark.parametrize(("kind", "settings"), [
    ("SGD", {"momentum": 0.9}), ("Adam", {"amsgrad": True}), ("AdamW", {"weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.9}), ("Adagrad", {"lr_decay": 0.1}), ("Adadelta", {}), ("Adamax", {}),
    ("NAdam", {}), ("RAdam", {"betas": (0.5, 0.9)}), ("Rprop", {}), ("ASGD", {"t0": 2, "lambd": 0.1}),
    ("Adafactor", {"weight_decay": 0.1}),
])  # fmt: skip
def test_states_of_pytorch(torch: Any, theirs: Any, kind: str, settings: dict[str, Any], tmp_path: Any) -> None:
    params = parameters(theirs, "float32", kind)
    other = getattr(torch.optim, kind)(params, lr=0.1, **settings)
    walk(other, params, theirs, range(4))
    torch.save({"optimizer": other.state_dict(), "params": [p.detach() for p in params]}, tmp_path / "state.pth")
    read = knoll.load(tmp_path / "state.pth")
    ours = [param.requires_grad_() for param in read["params"]]
    optimizer = getattr(optim, kind)(ours, lr=0.5)
    optimizer.load_state_dict(read["optimizer"])
    assert optimizer.param_groups[0]["lr"] == 0.1
    agree(walk(optimizer, ours, OURS, range(4, 8)), walk(other, params, theirs, range(4, 8)))
    agree(optimizer.state_dict()["state"], other.state_dict()["state"])
    back = {number: {name: torch.tensor(value.numpy()) for name, value in remembered.items()}
            for number, remembered in optimizer.state_dict()["state"].items()}  # fmt: skip
    other.load_state_dict({**optimizer.state_dict(), "state": back})
    agree(walk(optimizer, ours, OURS, range(8, 10)), walk(other, params, theirs, range(8, 10)))


def test_states_as_pytorch_saved_them_once() -> None:
    p = knoll.ones(2, requires_grad=True)
    optimizer = optim.Adam([p], lr=0.1)
    group = {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "params": [140]}  # no amsgrad, and ids
    state = {140: {"step": 3, "exp_avg": knoll.zeros(2), "exp_avg_sq": knoll.ones(2)}}
    optimizer.load_state_dict({"state": state, "param_groups": [group]})
    p.grad = knoll.ones(2)
    optimizer.step()
    assert optimizer.state[p]["step"].item() == 4
    empty = optim.SGD([p], lr=0.1, momentum=0.9)
    empty.load_state_dict({"state": {0: {"momentum_buffer": None}}, "param_groups": empty.state_dict()["param_groups"]})
    empty.step()
    assert empty.state[p]["momentum_buffer"].tolist() == [1, 1]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_loaded_state_has_the_type_of_the_parameters(dtype: str) -> None:
    first, second = parameters(OURS, "float32"), parameters(OURS, dtype)
    optimizer, other = optim.Adam(first), optim.Adam(second)
    walk(optimizer, first, OURS, range(3))
    other.load_state_dict(optimizer.state_dict())
    assert {str(value.dtype) for value in other.state[second[0]].values()} == {"float32", dtype}
    assert other.state[second[0]]["exp_avg"] is not optimizer.state[first[0]]["exp_avg"]
    walk(other, second, OURS, range(3, 5))


def test_amsgrad_switched_on_later_and_states_of_ones_own() -> None:
    params = parameters(OURS, "float32")
    optimizer = optim.Adam(params)
    walk(optimizer, params, OURS, range(2))
    optimizer.param_groups[0]["amsgrad"] = True
    walk(optimizer, params, OURS, range(2, 4))
    optimizer.state["mine"] = {"seen": [knoll.ones(1), 2]}
    again = optim.Adam(parameters(OURS, "float32"))
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert again.state["mine"]["seen"][1] == 2


def test_optimisers_can_be_copied() -> None:
    params = parameters(OURS, "float32")
    optimizer = optim.SGD(params, lr=0.1, momentum=0.9)
    walk(optimizer, params, OURS, range(3))
    twin = copy.deepcopy(optimizer)
    theirs = twin.param_groups[0]["params"]
    agree(walk(twin, theirs, OURS, range(3, 6)), walk(optimizer, params, OURS, range(3, 6)))


def test_hooks(theirs: Any) -> None:
    def run(world: Any) -> Any:
        p = world.ones(1, requires_grad=True)
        optimizer = world.optim.SGD([p], lr=0.1)
        told: list[Any] = []
        handles = [
            optimizer.register_step_pre_hook(lambda o, args, kwargs: told.append(("before", len(args), kwargs))),
            optimizer.register_step_post_hook(lambda o, args, kwargs: told.append(("after", o is optimizer))),
            optimizer.register_state_dict_pre_hook(lambda o: told.append("state")),
            optimizer.register_state_dict_post_hook(lambda o, state: {**state, "more": 1}),
            optimizer.register_state_dict_post_hook(lambda o, state: told.append(sorted(state)), prepend=True),
            optimizer.register_load_state_dict_pre_hook(lambda o, state: told.append(state.pop("more"))),
            optimizer.register_load_state_dict_post_hook(lambda o: told.append("loaded")),
        ]
        optimizer.step()
        optimizer.step(closure=lambda: told.append("closure"))
        state = optimizer.state_dict()
        told.append(sorted(state))
        optimizer.load_state_dict(state)
        for handle in handles:
            handle.remove()
        optimizer.step()
        return told

    mine, other = run(OURS), run(theirs)
    assert [str(part).split(" at 0x")[0] for part in mine] == [str(part).split(" at 0x")[0] for part in other]


def test_a_hook_may_replace_the_arguments() -> None:
    optimizer = optim.SGD([knoll.ones(1)])
    handle = optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 7}))
    assert optimizer.step() == 7
    handle.remove()
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(StateError, match=r"must return None or a tuple of \(new_args, new_kwargs\), but got 3"):
        optimizer.step()


def test_a_step_of_ones_own_is_taken_and_counted_once() -> None:
    calls: list[str] = []

    class Clipped(optim.SGD):
        def step(self, closure: Any = None) -> Any:
            calls.append("own")
            for group in self.param_groups:
                for param in group["params"]:
                    param.grad = param.grad.clamp(-1, 1)
            return super().step(closure)

    class Sign(optim.Optimizer):
        def __init__(self, params: Any, lr: Any = optim.optimizer.required) -> None:
            super().__init__(params, {"lr": lr})

        def update(self, param: Any, gradient: Any, group: Any) -> None:
            param._realize()[...] -= group["lr"] * np.sign(gradient)

    p = knoll.zeros(2, requires_grad=True)
    optimizer = Clipped([p], lr=1.0)
    optimizer.register_step_post_hook(lambda *_: calls.append("hook"))
    p.grad = knoll.tensor([5.0, -0.5])
    optimizer.step()
    assert p.tolist() == [-1, 0.5]
    assert calls == ["own", "hook"]
    assert optimizer.steps == 1
    Sign([p], lr=0.5).step()
    assert p.tolist() == [-1.5, 1.0]
    with pytest.raises(ArgumentError, match="didn't specify a value of required optimization parameter lr"):
        Sign([p])


def test_a_step_that_fails_leaves_the_optimiser_usable() -> None:
    p = knoll.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=0.1)
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        optimizer.step(lambda: 1 / 0)
    p.grad = knoll.ones(1)
    optimizer.step()
    assert optimizer.steps == 1
    assert p.item() == pytest.approx(0.9)


def test_zeroed_gradients_stay_where_they_are() -> None:
    p = knoll.ones(2, requires_grad=True)
    p.grad = knoll.ones(2)
    held = p.grad
    optim.SGD([p]).zero_grad(set_to_none=False)
    assert p.grad is held
    assert held.tolist() == [0, 0]


def test_names_of_parameters(theirs: Any) -> None:
    def run(world: Any) -> Any:
        net = world.nn.Sequential(world.nn.Linear(2, 3), world.nn.Linear(3, 1))
        optimizer = world.optim.SGD(net.named_parameters(), lr=0.1)
        state = optimizer.state_dict()
        optimizer.load_state_dict(state)
        optimizer.add_param_group({"params": [("more", world.zeros(1, requires_grad=True))]})
        return state["param_groups"], [group["param_names"] for group in optimizer.param_groups]

    assert run(OURS) == run(theirs)


def _doubled(world: Any) -> Any:
    p = world.zeros(1, requires_grad=True)
    return world.optim.SGD([{"params": [p]}, {"params": [world.zeros(2), p]}])


def _loaded(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    def load(world: Any) -> None:
        optimizer = world.optim.SGD([world.zeros(1), world.zeros(2)])
        state = copy.deepcopy(optimizer.state_dict())
        change(state)
        optimizer.load_state_dict(state)

    return load


REFUSED: dict[str, Callable[[Any], Any]] = {
    "a tensor": lambda w: w.optim.SGD(w.zeros(1)),
    "a number": lambda w: w.optim.SGD(3),
    "nothing": lambda w: w.optim.SGD(None),
    "a network": lambda w: w.optim.SGD(w.nn.Linear(2, 2)),
    "an empty list": lambda w: w.optim.Adam([]),
    "texts": lambda w: w.optim.Adam(["a"]),
    "a set": lambda w: w.optim.AdamW([{"params": {w.zeros(1)}}]),
    "a result": lambda w: w.optim.SGD([w.zeros(1, requires_grad=True) * 2]),
    "two groups": _doubled,
    "a group that is a list": lambda w: w.optim.SGD([w.zeros(1)]).add_param_group([w.zeros(1)]),
    "a group twice": lambda w: (o := w.optim.SGD([w.zeros(1)])).add_param_group(dict(o.param_groups[0])),
    "some names": lambda w: w.optim.SGD([("a", w.zeros(1)), w.zeros(1)]),
    "names later": lambda w: w.optim.SGD([w.zeros(1)]).add_param_group({"params": [("a", w.zeros(1))]}),
    "names missing later": lambda w: w.optim.SGD([("a", w.zeros(1))]).add_param_group({"params": [w.zeros(1)]}),
    "negative rate": lambda w: w.optim.SGD([w.zeros(1)], lr=-0.1),
    "rate of several numbers": lambda w: w.optim.SGD([w.zeros(1)], lr=w.tensor([0.1, 0.2])),
    "rate of several numbers for Adam": lambda w: w.optim.Adam([w.zeros(1)], lr=w.tensor([0.1, 0.2])),
    "momentum": lambda w: w.optim.SGD([w.zeros(1)], momentum=-1.0),
    "nesterov": lambda w: w.optim.SGD([w.zeros(1)], nesterov=True),
    "weight decay": lambda w: w.optim.AdamW([w.zeros(1)], weight_decay=-1),
    "epsilon": lambda w: w.optim.Adam([w.zeros(1)], eps=-1.0),
    "first beta": lambda w: w.optim.Adam([w.zeros(1)], betas=(1.0, 0.9)),
    "second beta": lambda w: w.optim.AdamW([w.zeros(1)], betas=(0.9, 2.0)),
    "alpha": lambda w: w.optim.RMSprop([w.zeros(1)], alpha=-0.1),
    "momentum of RMSprop": lambda w: w.optim.RMSprop([w.zeros(1)], momentum=-0.1),
    "decay of the rate": lambda w: w.optim.Adagrad([w.zeros(1)], lr_decay=-0.1),
    "first sum": lambda w: w.optim.Adagrad([w.zeros(1)], initial_accumulator_value=-0.1),
    "rho": lambda w: w.optim.Adadelta([w.zeros(1)], rho=1.1),
    "decay of the momentum": lambda w: w.optim.NAdam([w.zeros(1)], momentum_decay=-0.1),
    "betas of Adamax": lambda w: w.optim.Adamax([w.zeros(1)], betas=(0.9, 1.0)),
    "betas of RAdam": lambda w: w.optim.RAdam([w.zeros(1)], betas=(1.0, 0.9)),
    "etas": lambda w: w.optim.Rprop([w.zeros(1)], etas=(0.5, 0.9)),
    "rate of Rprop": lambda w: w.optim.Rprop([w.zeros(1)], lr=-1),
    "weight decay of ASGD": lambda w: w.optim.ASGD([w.zeros(1)], weight_decay=-1),
    "rate of Adafactor": lambda w: w.optim.Adafactor([w.zeros(1)], lr=-1),
    "decay of Adafactor": lambda w: w.optim.Adafactor([w.zeros(1)], beta2_decay=0.5),
    "first epsilon": lambda w: w.optim.Adafactor([w.zeros(1)], eps=(-1.0, 1e-3)),
    "second epsilon": lambda w: w.optim.Adafactor([w.zeros(1)], eps=(None, -1.0)),
    "clipping": lambda w: w.optim.Adafactor([w.zeros(1)], d=0.5),
    "weight decay of Adafactor": lambda w: w.optim.Adafactor([w.zeros(1)], weight_decay=-1),
    "rate of Muon": lambda w: w.optim.Muon([w.zeros(1, 1)], lr=-1),
    "several rates of Muon": lambda w: w.optim.Muon([w.zeros(1, 1)], lr=w.tensor([0.1, 0.2])),
    "momentum of Muon": lambda w: w.optim.Muon([w.zeros(1, 1)], momentum=-1),
    "weight decay of Muon": lambda w: w.optim.Muon([w.zeros(1, 1)], weight_decay=-1),
    "rule of Muon": lambda w: w.optim.Muon([w.zeros(1, 1)], adjust_lr_fn="none"),
    "vectors for Muon": lambda w: w.optim.Muon([w.zeros(1, 1), w.zeros(3)]),
    "groups of LBFGS": lambda w: w.optim.LBFGS([{"params": [w.zeros(1)]}, {"params": [w.zeros(1)]}]),
    "rate of LBFGS": lambda w: w.optim.LBFGS([w.zeros(1)], lr=-1),
    "fused and foreach for Adagrad": lambda w: w.optim.Adagrad([w.zeros(1)], fused=True, foreach=True),
    "fused and foreach": lambda w: w.optim.SGD([w.zeros(1)], fused=True, foreach=True),
    "fused and differentiable": lambda w: w.optim.Adam([w.zeros(1)], fused=True, differentiable=True),
    "other groups": _loaded(lambda state: state["param_groups"].append(state["param_groups"][0])),
    "other sizes": _loaded(lambda state: state["param_groups"][0]["params"].pop()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(theirs: Any, name: str) -> None:
    def error(world: Any) -> BaseException:
        with pytest.raises((ValueError, TypeError, RuntimeError)) as caught:
            REFUSED[name](world)
        return caught.value

    ours, expected = error(OURS), error(theirs)
    assert isinstance(ours, KnollError)
    assert isinstance(ours, type(expected))
    assert ours.reason.replace("knoll.", "torch.") == str(expected)


@pytest.mark.parametrize(("said", "wrong"), [
    ("lr is not a number but str.", lambda p: optim.SGD(p, lr="a")),
    ("lr is not a number but NoneType.", lambda p: optim.SGD(p, lr=None)),
    ("betas are two numbers.", lambda p: optim.Adam(p, betas=0.9)),
    ("betas are two numbers.", lambda p: optim.Adam(p, betas=(0.9,))),
    ("betas is not a number but str.", lambda p: optim.Adam(p, betas=("a", 0.9))),
    ("momentum is not a number but str.", lambda p: optim.SGD(p, momentum="a")),
    ("dampening is not a number but list.", lambda p: optim.SGD(p, dampening=[1])),
    ("defaults must be a dict, but got <class 'int'>", lambda p: optim.Optimizer(p, 3)),
    ("'int' object is not callable", lambda p: optim.SGD(p).step(3)),
    ("A parameter with a name is a pair of both.", lambda p: optim.SGD([("a",)])),
    ("A parameter with a name is a pair of both.", lambda p: optim.SGD([("a", 1, 2)])),
    ("Expected state_dict to be dict-like, got <class 'int'>.", lambda p: optim.SGD(p).load_state_dict(3)),
    ("The state of an optimiser lacks state, param_groups.", lambda p: optim.SGD(p).load_state_dict({})),
    ("The state of an optimiser lacks param_groups.", lambda p: optim.SGD(p).load_state_dict({"state": {}})),
    ("A parameter group has its parameters under the key \"params\".", lambda p: optim.SGD([{"lr": 0.1}])),
    ("'NoneType' object is not iterable", lambda p: optim.SGD([{"params": None}])),
    ("'int' object is not iterable", lambda p: optim.SGD([{"params": 3}])),
    ("optimizer can only optimize Tensors, but one of the params is NoneType", lambda p: optim.SGD([None])),
    ("SGD(): argument 'nesterov' must be bool, not ndarray", lambda p: optim.SGD(p, momentum=0.9, nesterov=np.ones(2))),
    ("SGD(): argument 'maximize' must be bool, not Tensor", lambda p: optim.SGD(p, maximize=knoll.ones(2))),
    ("Adam(): argument 'amsgrad' must be bool, not ndarray", lambda p: optim.Adam(p, amsgrad=np.ones(0))),
    ("Adam(): argument 'maximize' must be bool, not ndarray", lambda p: optim.AdamW(p, maximize=np.ones(2))),
    ("optimizer can only optimize Tensors, but one of the params is int", lambda p: optim.SGD(iter([3]))),
    ("Invalid learning rate: -1", lambda p: optim.SGD([{"params": p}, {"params": [], "lr": -1}])),
])  # fmt: skip
def test_wrong_arguments_are_told(said: str, wrong: Callable[[Any], object]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=f"^{re.escape(said)}"):
        wrong([knoll.zeros(1)])


def test_differentiable_steps_are_not_built() -> None:
    with pytest.raises(UnsupportedError, match="differentiable=True is not built yet"):
        optim.SGD([knoll.zeros(1)], differentiable=True)


@pytest.mark.parametrize("given", [
    nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)), nn.Linear(2, 2).parameters, nn.Linear, nn.ModuleList([nn.ReLU()]),
])  # fmt: skip
def test_a_network_in_place_of_its_parameters_is_told(given: Any) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        optim.SGD(given, lr=0.1)
    assert "SGD(net.parameters(), lr=0.01)" in str(caught.value)


def test_a_parameter_twice_in_a_group_is_warned_of(theirs: Any) -> None:
    def told(world: Any) -> list[str]:
        p = world.zeros(1, requires_grad=True)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            optimizer = world.optim.SGD([p, p], lr=0.1)
        p.grad = world.ones(1)
        optimizer.step()
        return [str(warning.message) for warning in caught] + [round(p.item(), 6)]

    assert told(OURS) == told(theirs)


@pytest.mark.parametrize("key", ["count", 5, None, (1, 2), 0.5])
@pytest.mark.parametrize("entry", [{"step": 1}, {}, 7, None, [1], "text", (2.0, 3)])
def test_a_state_under_a_key_that_is_no_parameter_comes_back(theirs: Any, key: Any, entry: Any) -> None:
    def kept(world: Any) -> list[Any]:
        optimizer = world.optim.SGD([world.zeros(1)], lr=0.1, momentum=0.9)
        optimizer.state[key] = entry
        saved = optimizer.state_dict()
        optimizer.load_state_dict(saved)
        return [saved["state"], optimizer.state[key]]

    assert kept(OURS) == kept(theirs)


def test_a_state_of_a_foreign_tensor_is_told() -> None:
    optimizer = optim.SGD([knoll.zeros(1)], lr=0.1)
    optimizer.state[knoll.zeros(2, 3)] = {}
    with pytest.raises(EntryError, match=r"none of its parameters(?s:.*)got: a tensor of shape \(2, 3\)"):
        optimizer.state_dict()
