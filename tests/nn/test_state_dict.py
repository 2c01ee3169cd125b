# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentTypeError, StateError


def model(n: Any = nn) -> Any:
    """Two layers with parameters."""
    return n.Sequential(n.Linear(3, 2), n.ReLU(), n.Linear(2, 1, bias=False))


def changed(state: Any, **changes: Any) -> dict[str, Any]:
    """A state dict with other entries; None takes one away."""
    result = dict(state)
    for key, value in changes.items():
        result.pop(key.replace("_", "."), None)
        if value is not None:
            result[key.replace("_", ".")] = value
    return result


CHANGES: list[Callable[[Any], dict[str, Any]]] = [
    lambda k: {"0_weight": None},
    lambda k: {"0_weight": None, "2_weight": None},
    lambda k: {"extra_key": k.x(1), "0_more": k.x(1), "7_weight": k.x(1)},
    lambda k: {"0_weight": k.x(3, 2)},
    lambda k: {"0_weight": k.x(2), "0_bias": None, "top": k.x(1), "2_weight": k.x()},
    lambda k: {"2_bias": k.x(1)},
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("strict", [True, False])
def test_errors_are_pytorchs_to_the_letter(torch: Any, change: Callable[[Any], Any], strict: bool) -> None:
    class Knoll:
        x = staticmethod(lambda *shape: np.ones(shape, np.float32))

    class Torch:
        x = staticmethod(lambda *shape: torch.ones(shape))

    ours, theirs = model(), model(torch.nn)
    before = {key: value.detach().numpy().copy() for key, value in ours.state_dict().items()}
    try:
        expected, error = theirs.load_state_dict(changed(theirs.state_dict(), **change(Torch)), strict=strict), ""
    except RuntimeError as refusal:
        expected, error = None, str(refusal)
    if expected is None:
        with pytest.raises(StateError) as caught:
            ours.load_state_dict(changed(ours.state_dict(), **change(Knoll)), strict=strict)
        assert caught.value.reason == error
        for key, value in ours.state_dict().items():
            np.testing.assert_array_equal(value.detach().numpy(), before[key])
    else:
        found = ours.load_state_dict(changed(ours.state_dict(), **change(Knoll)), strict=strict)
        assert (found.missing_keys, found.unexpected_keys) == (expected.missing_keys, expected.unexpected_keys)
        assert repr(found) == repr(expected)


def test_what_fits_is_loaded_and_said_so(torch: Any) -> None:
    ours, other = model(), model()
    assert repr(ours.load_state_dict(other.state_dict())) == "<All keys matched successfully>"
    for a, b in zip(ours.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
        assert a is not b


def test_loading_keeps_objects_and_element_types_and_is_seen_at_once() -> None:
    net, x = model(), np.ones((1, 3), np.float32)
    weight, before = net[0].weight, net(x).detach().numpy().copy()
    net.load_state_dict({key: value.detach().numpy().astype(np.float64) + 1 for key, value in net.state_dict().items()})
    assert net[0].weight is weight
    assert weight.detach().numpy().dtype == np.float32
    assert (net(x).detach().numpy() != before).all()


def test_tensors_of_a_state_dict_share_memory_and_need_no_gradient() -> None:
    net = model()
    state = net.state_dict(prefix="net.")
    assert list(state) == ["net.0.weight", "net.0.bias", "net.2.weight"]
    assert not any(value.requires_grad for value in state.values())
    nn.init.constant_(net[0].bias, 7.0)
    assert state["net.0.bias"].detach().numpy().tolist() == [7, 7]


def test_a_number_may_come_as_a_row_of_one() -> None:
    net = nn.Module()
    net.register_buffer("count", knoll.tensor(np.zeros((), np.int64)))
    net.load_state_dict({"count": np.array([3])})
    assert net.count.detach().numpy() == 3


def test_what_is_no_tensor_is_told_by_its_key() -> None:
    with pytest.raises(StateError, match=r'While copying the parameter named "0.weight", expected torch.Tensor'):
        model().load_state_dict({**model().state_dict(), "0.weight": "numbers"})


def test_a_state_dict_is_ordered_and_says_so(torch: Any) -> None:
    assert type(model().state_dict()) is type(model(torch.nn).state_dict())
    assert repr(nn.ReLU().state_dict()) == repr(torch.nn.ReLU().state_dict())


def test_a_hook_has_the_last_word_on_missing_keys() -> None:
    net = model()
    net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    assert net.load_state_dict({"0.bias": np.array([5.0, 6.0])}) == ([], [])
    assert net[0].bias.detach().numpy().tolist() == [5, 6]
    with pytest.raises(StateError, match=r'Unexpected key\(s\) in state_dict: "more"'):
        net.load_state_dict({"more": np.zeros(1)})
    net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.append("sense"))
    with pytest.raises(StateError, match=r'Missing key\(s\) in state_dict: "sense"'):
        net.load_state_dict(net.state_dict())


def test_hooks_hear_of_loading_from_below(torch: Any) -> None:
    def heard(n: Any) -> list[str]:
        net, names = n.Sequential(model(n), n.ReLU()), []
        for name, each in net.named_modules():
            each.register_load_state_dict_post_hook(lambda module, keys, name=name: names.append(name))
        net.load_state_dict(net.state_dict())
        return names

    assert heard(nn) == heard(torch.nn)


def test_a_path_is_not_a_state_dict() -> None:
    with pytest.raises(ArgumentTypeError, match=r"Expected state_dict to be dict-like, got <class 'str'>") as caught:
        model().load_state_dict("net.pth")
    assert "read the file first" in str(caught.value)


def test_a_prefix_too_much_or_too_little_is_told() -> None:
    state = model().state_dict()
    with pytest.raises(StateError, match=r"try: all keys that were given begin with 'module.'"):
        model().load_state_dict({f"module.{key}": value for key, value in state.items()})
    net = nn.Module()
    net.model1 = model()
    with pytest.raises(StateError, match=r"try: all keys of the model begin with 'model1.'"):
        net.load_state_dict(state)
