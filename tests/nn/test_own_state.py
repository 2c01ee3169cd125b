# ruff: noqa: ARG005 (every call is given the same arguments)

"""State dicts of classes that save and load in their own way, as in PyTorch; and loads that fail leave no trace."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import StateError


def renaming(k: Any) -> Any:
    """A layer that saves its weight by another name, and reads files of an older version."""

    class Renaming(k.nn.Linear):
        _version = 3

        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[f"{prefix}kernel"] = destination.pop(f"{prefix}weight")

        def _load_from_state_dict(self, state: Any, prefix: str, metadata: Any, *rest: Any) -> None:
            self.was, self.seen = metadata.get("version"), list(state)
            if f"{prefix}kernel" in state:
                state[f"{prefix}weight"] = state.pop(f"{prefix}kernel")
            super()._load_from_state_dict(state, prefix, metadata, *rest)
            self.first = self.weight.detach().reshape(-1)[0].item()

    return Renaming


def test_a_class_saves_and_loads_in_its_own_way(torch: Any) -> None:
    def told(k: Any) -> Any:
        net = k.nn.Sequential(k.nn.ReLU(), renaming(k)(1, 1))
        state = net.state_dict()
        state["1.kernel"] = k.ones(1, 1) * 5
        found = net.load_state_dict(state)
        assert "1.kernel" in state, "the caller's own is not touched"
        return list(state), dict(state._metadata), found == ([], []), net[1].was, net[1].seen, net[1].first

    assert told(knoll) == told(torch)
    assert told(knoll)[5] == 5


def test_metadata_names_the_version_of_every_module(torch: Any) -> None:
    def metadata(k: Any) -> Any:
        net = k.nn.Sequential(k.nn.BatchNorm2d(2), k.nn.Sequential(k.nn.ReLU(), renaming(k)(1, 1)))
        return net.state_dict()._metadata

    assert metadata(knoll) == metadata(torch)


def test_a_hook_sees_the_part_of_its_module(torch: Any) -> None:
    def heard(k: Any) -> list[Any]:
        net, calls = k.nn.Sequential(k.nn.Linear(1, 1), k.nn.Sequential(k.nn.Linear(1, 1, bias=False))), []
        for name, module in net.named_modules():
            module._register_load_state_dict_pre_hook(
                lambda state, prefix, metadata, strict, *lists, name=name: calls.append(
                    (name, list(state), prefix, metadata, strict, [list(each) for each in lists])
                )
            )
            module.register_load_state_dict_pre_hook(
                lambda module, state, *_, name=name: calls.append((name, type(module).__name__, list(state)))
            )
            module._register_load_state_dict_pre_hook(
                lambda module, *_, name=name: calls.append((name, type(module).__name__)), with_module=True
            )
        net.load_state_dict({**net.state_dict(), "1.more": k.ones(1), "10.weight": k.ones(1)}, strict=False)
        return calls

    assert heard(knoll) == heard(torch)


def test_a_hook_may_rename_for_the_modules_below(torch: Any) -> None:
    def loaded(k: Any) -> Any:
        def rename(_module: Any, state: Any, prefix: str, *_: Any) -> None:
            for key in list(state):
                state[key.replace("old.", "0.")] = state.pop(key)

        net = k.nn.Sequential(k.nn.Linear(1, 1, bias=False))
        net.register_load_state_dict_pre_hook(rename)
        found = net.load_state_dict({"old.weight": k.ones(1, 1) * 7})
        return tuple(found), net[0].weight.item()

    assert loaded(knoll) == loaded(torch) == (([], []), 7)


def test_what_a_private_hook_returns_is_the_state_dict(torch: Any) -> None:
    def keys(k: Any) -> list[str]:
        net = k.nn.Sequential(k.nn.Linear(1, 1))
        net._register_state_dict_hook(
            lambda module, state, prefix, metadata: OrderedDict((f"net.{key}", value) for key, value in state.items())
        )
        net[0]._register_state_dict_hook(lambda module, state, prefix, metadata: state.pop("0.bias") and None)
        return list(net.state_dict())

    assert keys(knoll) == keys(torch) == ["net.0.weight"]


def test_arguments_by_place_still_work(torch: Any) -> None:
    def saved(k: Any) -> Any:
        there: dict[str, Any] = {}
        with pytest.warns(FutureWarning, match="Positional args are being deprecated"):
            k.nn.Linear(1, 1).state_dict(there, "x.", True)
        return {key: value.requires_grad for key, value in there.items()}

    assert saved(knoll) == saved(torch)


class Breaking(nn.Linear):
    """A layer that fails after it has loaded."""

    def _load_from_state_dict(self, *args: Any) -> None:
        super()._load_from_state_dict(*args)
        raise KeyError("of an older version")


def breaking_hook(net: nn.Module) -> None:
    net[2].register_load_state_dict_post_hook(lambda *_: 1 / 0)


FAILURES: dict[str, tuple[Callable[[nn.Module], object], dict[str, Any], str]] = {
    "a shape": (lambda net: None, {"2.weight": np.ones(3)}, "size mismatch for 2.weight"),
    "a key": (lambda net: None, {"more": np.ones(3)}, "Unexpected key"),
    "no number": (lambda net: None, {"2.weight": np.array([["one", "two", "three"]])}, "2.weight"),
    "a hook": (breaking_hook, {}, "division by zero"),
    "a class": (
        lambda net: net.append(Breaking(1, 1)), {"3.weight": np.ones((1, 1)), "3.bias": np.ones(1)}, "an older version",
    ),
    "a hook's judgement": (
        lambda net: net.register_load_state_dict_post_hook(lambda _, keys: keys.missing_keys.append("sense")), {},
        "sense",
    ),
}  # fmt: skip


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize(("prepare", "more", "words"), FAILURES.values(), ids=FAILURES)
def test_a_load_that_fails_leaves_no_trace(prepare: Any, more: dict[str, Any], words: str, assign: bool) -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    state = {key: value.numpy() + 1 for key, value in net.state_dict().items()} | more
    prepare(net)
    tensors = dict(net.named_parameters()) | dict(net.named_buffers())
    before = {key: value.detach().numpy().copy() for key, value in tensors.items()}
    with pytest.raises((RuntimeError, KeyError, ZeroDivisionError), match=words):
        net.load_state_dict(state, assign=assign)
    after = dict(net.named_parameters()) | dict(net.named_buffers())
    for key, tensor in after.items():
        assert tensor is tensors[key]
        np.testing.assert_array_equal(tensor.detach().numpy(), before[key])


def test_a_load_that_fails_leaves_lazy_layers_lazy() -> None:
    net = nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 1))
    state = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2)).state_dict()
    with pytest.raises(StateError, match=r"size mismatch for 1.weight"):
        net.load_state_dict(state)
    assert net[0].has_uninitialized_params()
    assert net(knoll.ones(4, 5)).shape == (4, 1)


def test_what_cannot_be_copied_is_told_by_its_key(torch: Any) -> None:
    net = nn.Linear(3, 1)
    with pytest.raises(StateError) as caught:
        net.load_state_dict({"weight": np.array([["one", "two", "three"]]), "bias": np.zeros(1)})
    assert (
        'While copying the parameter named "weight", whose dimensions in the model are torch.Size([1, 3]) and'
        in str(caught.value)
    )


def test_tied_weights_have_a_key_each(torch: Any) -> None:
    def tied(k: Any) -> Any:
        net = k.nn.Sequential(k.nn.Linear(2, 2), k.nn.Linear(2, 2, bias=False))
        net[1].weight = net[0].weight
        state = net.state_dict()
        state["0.weight"], state["1.weight"] = k.ones(2, 2), k.ones(2, 2) * 4
        net.load_state_dict(state)
        names = [[name for name, _ in net.named_parameters(remove_duplicate=each)] for each in (True, False)]
        return list(state), names, net[0].weight.tolist(), net[1].weight is net[0].weight, len(list(net.parameters()))

    assert tied(knoll) == tied(torch)


def model() -> Any:
    return nn.Sequential(OrderedDict(body=nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), head=nn.Linear(2, 4)))


def given(**kinds: Any) -> dict[str, Any]:
    """Numbers for the model, changed as a checkpoint of another program would have them."""
    state: Any = {key: value.numpy() for key, value in model().state_dict().items()}
    if kinds.get("old"):
        del state["body.1.num_batches_tracked"]
    if "head" in kinds:
        state |= {"head.weight": np.ones((kinds["head"], 2)), "head.bias": np.ones(kinds["head"])}
    state = {kinds.get("prefix", "") + key.removeprefix(kinds.get("without", "")): v for key, v in state.items()}
    return {kinds["inside"]: state, "epoch": 3} if "inside" in kinds else state


ADVICE: dict[str, tuple[dict[str, Any], str | None]] = {
    "DataParallel": ({"prefix": "module."}, "all keys that were given begin with 'module.'"),
    "of an older version": ({"prefix": "module.", "old": True}, "all keys that were given begin with 'module.'"),
    "two wrappers": ({"prefix": "model.net."}, "all keys that were given begin with 'model.net.'"),
    "another model": ({"prefix": "module.", "head": 3}, None),
    "a checkpoint": ({"inside": "model_state"}, "load_state_dict(checkpoint['model_state'])"),
    "other classes": ({"head": 3}, "key not in ('head.weight', 'head.bias',)}, strict=False)"),
}


@pytest.mark.parametrize(("kinds", "advice"), ADVICE.values(), ids=ADVICE)
def test_advice_that_is_followed_loads(kinds: dict[str, Any], advice: str | None) -> None:
    net, state = model(), given(**kinds)
    with pytest.raises(StateError) as caught:
        net.load_state_dict(state)
    if advice is None:
        assert "try:" not in str(caught.value)
        return
    assert advice in str(caught.value)
    text = str(caught.value.advice)
    code = text[text.index(": ") + 2 :]
    names = {"state": state, "checkpoint": state, "load_state_dict": net.load_state_dict}
    followed = eval(code, names)  # noqa: S307 (our own advice)
    if isinstance(followed, dict):
        net.load_state_dict(followed)


def test_a_module_is_no_state_dict() -> None:
    with pytest.raises(TypeError, match=r"Expected state_dict to be dict-like, got <class .*BatchNorm1d") as caught:
        nn.BatchNorm1d(3).load_state_dict(nn.BatchNorm1d(3))
    assert "other.state_dict()" in str(caught.value)


def test_keys_that_are_no_strings_are_unexpected() -> None:
    with pytest.raises(StateError, match=r'Unexpected key\(s\) in state_dict: "0"'):
        nn.ReLU().load_state_dict({0: knoll.ones(1)})
