# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import StateError


def first_sentence(error: BaseException) -> str:
    return str(error).split("\n")[0]


def nested(n: Any) -> Any:
    """A tree, with one module in two places."""
    net = n.Module()
    net.first = n.Sequential(n.Linear(2, 2), n.ReLU())
    net.second = n.ModuleDict({"a": n.Linear(2, 1), "b": net.first[0]})
    net.register_buffer("count", None)
    return net


def test_walking_is_pytorchs(torch: Any) -> None:
    ours, theirs = nested(nn), nested(torch.nn)
    for once in (True, False):
        assert [type(m).__name__ for m in ours.modules(once)] == [type(m).__name__ for m in theirs.modules(once)]
        for walk in ("named_modules", "named_parameters", "named_buffers"):
            mine, its = (getattr(net, walk)(remove_duplicate=once) for net in (ours, theirs))
            assert [name for name, _ in mine] == [name for name, _ in its], walk
    assert [name for name, _ in ours.named_parameters("root", False)] == []
    assert [name for name, _ in ours.first.named_modules(prefix="x")] == ["x", "x.0", "x.1"]


@pytest.mark.parametrize(
    ("target", "strict"), [("first.0", False), ("first.0", True), ("second.c", False), ("third", False)]
)
def test_modules_are_replaced_as_in_pytorch(torch: Any, target: str, strict: bool) -> None:
    def changed(n: Any) -> str:
        net = nested(n)
        net.set_submodule(target=target, module=n.Tanh(), strict=strict)
        return repr(net)

    assert changed(nn) == changed(torch.nn)


@pytest.mark.parametrize(
    "call",
    [
        lambda k: nested(k.nn).set_submodule("", k.nn.ReLU()),
        lambda k: nested(k.nn).set_submodule("third", k.nn.ReLU(), strict=True),
        lambda k: nested(k.nn).set_submodule("none.a", k.nn.ReLU()),
        lambda k: nested(k.nn).set_submodule("first.0.weight", k.nn.ReLU()),
        lambda k: nested(k.nn).get_submodule("first.9"),
        lambda k: nested(k.nn).get_submodule("first.0.weight"),
        lambda k: nested(k.nn).get_parameter("first.0"),
        lambda k: nested(k.nn).get_parameter("first.0.none"),
        lambda k: nested(k.nn).get_buffer("first.0.weight"),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_what_is_no_module_cannot_replace_one() -> None:
    with pytest.raises(ValueError, match=r"is not an nn\.Module, found <class 'int'>"):
        nested(nn).set_submodule("first", 3)


def test_the_very_parameters_are_kept_on_request() -> None:
    net = nn.Linear(2, 1)
    state = net.state_dict(keep_vars=True)
    assert state["weight"] is net.weight
    assert net.state_dict()["weight"].requires_grad is False
    there = {"old": 1}
    assert net.state_dict(destination=there, prefix="x.") is there
    assert list(there) == ["old", "x.weight", "x.bias"]


def test_tensors_are_put_in_place_on_request() -> None:
    net = nn.BatchNorm1d(2)
    net.weight.requires_grad_(False)
    state = {key: knoll.tensor(value.numpy().astype(np.float64)) for key, value in net.state_dict().items()}
    state["weight"] += 4
    net.load_state_dict(state, assign=True)
    assert net.weight.dtype == knoll.float64
    assert net.weight.tolist() == [5, 5]
    assert net.running_mean is state["running_mean"]
    assert isinstance(net.weight, nn.Parameter)
    assert not net.weight.requires_grad
    assert net.bias.requires_grad


class LabelOptions(nn.Module):
    """A module that keeps something that is no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.seen = 0

    def get_extra_state(self) -> Any:
        return {"seen": self.seen}

    def set_extra_state(self, state: Any) -> None:
        self.seen = state["seen"]


def test_what_else_a_module_keeps() -> None:
    outer = nn.Sequential(LabelOptions())
    outer[0].seen = 7
    state = outer.state_dict()
    assert list(state) == ["0._extra_state", "0.layer.weight", "0.layer.bias"]
    other = nn.Sequential(LabelOptions())
    other.load_state_dict(state)
    assert other[0].seen == 7
    del state["0._extra_state"]
    with pytest.raises(StateError, match=r'Missing key\(s\) in state_dict: "0._extra_state"'):
        other.load_state_dict(state)
    with pytest.raises(NotImplementedError, match="get_extra_state and set_extra_state"):
        nn.ReLU().get_extra_state()


def test_hooks_of_saving() -> None:
    net, seen = nn.Sequential(nn.Linear(1, 1)), []
    net[0].register_state_dict_pre_hook(lambda module, prefix, keep: seen.append((type(module), prefix, keep)))
    handle = net.register_state_dict_post_hook(lambda module, state, prefix, _: state.update(more=knoll.ones(1)))
    assert list(net.state_dict()) == ["0.weight", "0.bias", "more"]
    assert seen == [(nn.Linear, "0.", False)]
    handle.remove()
    assert "more" not in net.state_dict()
    net.register_state_dict_post_hook(lambda *_: 3)
    with pytest.raises(RuntimeError, match="state_dict post-hook must return None"):
        net.state_dict()


def test_hooks_of_loading() -> None:
    def renamed(module: Any, state: Any, prefix: str, *_: Any) -> None:
        if f"{prefix}old" in state:
            state[f"{prefix}weight"] = state.pop(f"{prefix}old")

    net, seen = nn.Sequential(nn.Linear(1, 1)), []
    net[0].register_load_state_dict_pre_hook(renamed)
    net.register_load_state_dict_post_hook(lambda module, keys: seen.append(keys.missing_keys))
    given = {"0.old": knoll.ones(1, 1) * 5, "0.bias": knoll.ones(1)}
    assert str(net.load_state_dict(given)) == "<All keys matched successfully>"
    assert net[0].weight.item() == 5
    assert seen == [[]]
    assert "0.old" in given, "the caller's own is not touched"
    net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    assert net.load_state_dict({}, strict=False).missing_keys == []
    net[0].register_load_state_dict_pre_hook(lambda *a: a[-1].append("too old"))
    with pytest.raises(RuntimeError, match="too old"):
        net.load_state_dict(given)
    net.register_load_state_dict_post_hook(lambda *_: 1)
    net[0]._load_state_dict_pre_hooks.clear()
    with pytest.raises(AssertionError, match="not expected to return new values"):
        net.load_state_dict(net.state_dict())


def test_element_types() -> None:
    net = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
    for change, dtype in (("half", np.float16), ("double", np.float64), ("float", np.float32)):
        assert getattr(net, change)() is net
        assert {p.dtype for p in net.parameters()} == {np.dtype(dtype)}
    assert net.type(knoll.float64)[0].weight.dtype == knoll.float64
    assert net[1].num_batches_tracked.dtype == knoll.int64
    assert net.compile() is None


def test_copies_share_nothing_and_give_the_same() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8, 3))
    net[0].register_forward_hook(_nothing)
    shared = nn.Sequential(net[0], net[0])
    net.eval()
    x = knoll.rand(2, 1, 4, 4)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(twin(x).detach().numpy(), net(x).detach().numpy())
        twin[0].weight.data.zero_()
        assert net[0].weight.abs().sum().item() > 0
        assert not twin.training
        assert len(twin[0]._forward_hooks) == 1
    twin = copy.deepcopy(shared)
    assert twin[0] is twin[1]


def _nothing(module: Any, inputs: Any, result: Any) -> None:
    """A hook that pickles."""


def test_integers_are_no_parameters(same_error: Any) -> None:
    same_error(lambda k: k.nn.Parameter(k.x(2, dtype="int64")))
    assert not nn.Parameter(np.array([1, 2]), requires_grad=False).requires_grad


TO: dict[str, Callable[[Any], object]] = {
    text: eval(f"lambda k: k.nn.Linear(1, 1).to({text})")  # noqa: S307 (our own text)
    for text in (
        "'cpu', copy=True", "k.device('cpu'), True", "k.int64", "None, True", "[]", "{}, non_blocking=True",
        "k.tensor(3)", "typo=3", "k.float64, 'cpu'", "device=k.float64", "k.ones(1), 'cpu'", "dtype='cpu'",
        "'cpu', 'cpu'",
    )
}  # fmt: skip


@pytest.mark.parametrize("call", TO.values(), ids=TO)
def test_arguments_of_to_that_are_refused(torch: Any, call: Callable[[Any], object]) -> None:
    with pytest.raises((TypeError, RuntimeError)) as theirs:
        call(torch)
    with pytest.raises(type(theirs.value)) as ours:
        call(knoll)
    assert first_sentence(ours.value) == first_sentence(theirs.value)


def test_arguments_of_to() -> None:
    net = nn.Linear(1, 1)
    for arguments in (("cpu", knoll.float64, False), (knoll.float64, True), (float,), (knoll.ones(1).double(),)):
        assert net.float().to(*arguments).weight.dtype == knoll.float64
    for named in ({"dtype": knoll.float64}, {"tensor": knoll.ones(1).double()}, {"device": "cpu", "dtype": float}):
        assert net.float().to(**named).weight.dtype == knoll.float64
    for arguments in ((), (None,), ("cpu",), (knoll.device("cpu"),)):
        assert net.float().to(*arguments).weight.dtype == knoll.float32


def test_functions_of_apply_may_work_in_place() -> None:
    net = nn.Linear(2, 1)
    net(knoll.ones(1, 2)).sum().backward()
    weight, gradient = net.weight.tolist(), net.weight.grad
    assert net._apply(lambda tensor: tensor.add_(1)) is net
    assert net.weight.tolist() == [[number + 1 for number in weight[0]]]
    assert net.weight.grad is gradient
    assert gradient.tolist() == [[2, 2]]


def test_other_bases_are_initialised_on_request(torch: Any) -> None:
    def told(k: Any) -> Any:
        class Named:
            def __init__(self, name: str = "none") -> None:
                self.name = name

        class Before(Named, k.nn.Module):
            pass

        class After(k.nn.Module, Named):
            call_super_init = True

        class Never(k.nn.Module, Named):
            pass

        errors = []
        for make in (lambda: Never("x"), lambda: Never(name="x"), lambda: k.nn.Sigmoid(3)):
            with pytest.raises(TypeError) as caught:
                make()
            errors.append(first_sentence(caught.value))
        return Before("a").name, After("b").name, After(name="c").name, hasattr(Never(), "name"), errors

    assert told(knoll) == told(torch)
