"""Changes in place of tensors of which several elements are one in memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.tensor.storage.overlap import first_in_memory, overlaps
from side_by_side import same_refusal

Change = Callable[[Any, Any], Any]  # of the library and the tensor

KINDS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {  # the numbers, and how they are repeated
    "rows": ((1, 4), lambda x: x.expand(3, 4)),
    "columns": ((3, 1), lambda x: x.expand(3, 4)),
    "one": ((), lambda x: x.expand(3, 4)),
    "transposed": ((4, 1), lambda x: x.expand(4, 3).t()),
    "part": ((3, 1), lambda x: x.expand(3, 6)[:, 1:5]),
}
WINDOWS: tuple[tuple[int, ...], Callable[[Any], Any]] = ((6,), lambda x: x.unfold(0, 4, 1))
MASK = np.array([[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]], np.bool_)


def _put(key: Callable[[Any], Any], value: Callable[[Any], Any]) -> Change:
    def change(lib: Any, x: Any) -> Any:
        x[key(lib)] = value(lib)
        return x

    return change


def _numbers(lib: Any, *shape: int) -> Any:
    return lib.arange(int(np.prod(shape))).reshape(shape).to(lib.float64) + 10


SOME: dict[str, Change] = {
    "masked_fill_": lambda lib, x: x.masked_fill_(lib.tensor(MASK), 5.0),
    "masked_fill_ broadcast": lambda lib, x: x.masked_fill_(lib.tensor(MASK[2:]), 5.0),
    "masked_fill_ nothing": lambda lib, x: x.masked_fill_(lib.tensor(MASK & False), 5.0),
    "index_fill_ rows": lambda lib, x: x.index_fill_(0, lib.tensor([0, 2]), 5.0),
    "index_fill_ columns": lambda lib, x: x.index_fill_(-1, lib.tensor([3, 1]), 5.0),
    "index_put_": lambda lib, x: x.index_put_((lib.tensor([0, 0]), lib.tensor([3, 1])), _numbers(lib, 2)),
    "index_put_ sum": lambda lib, x: x.index_put_((lib.tensor([0, 2]), lib.tensor([1, 1])), _numbers(lib, 2), True),
    "index_put_ row": lambda lib, x: x.index_put_((lib.tensor([0, 2]),), _numbers(lib, 2, 1)),
    "index_put_ mask": lambda lib, x: x.index_put_((lib.tensor(MASK),), _numbers(lib, 2)),
    "index_put_ mask, one number": lambda lib, x: x.index_put_((lib.tensor(MASK),), _numbers(lib)),
    "list": _put(lambda _: ([0, 2],), lambda _: 3.0),
    "rows": _put(lambda lib: lib.tensor([2, 0]), lambda lib: _numbers(lib, 2, 4)),
    "mask": _put(lambda lib: lib.tensor(MASK), lambda _: 3.0),
    "mask, numbers": _put(lambda lib: lib.tensor(MASK), lambda lib: _numbers(lib, 2)),
    "slice and list": _put(lambda lib: (slice(0, 2), lib.tensor([2, 1])), lambda lib: _numbers(lib, 2, 2)),
    "fill_diagonal_": lambda _, x: x.fill_diagonal_(3.0),
    "tril_": lambda _, x: x.tril_(),
    "tril_ 1": lambda _, x: x.tril_(1),
    "triu_": lambda _, x: x.triu_(-1),
    "threshold": lambda lib, x: lib.nn.functional.threshold(x, 0.25, 9.0, True),
    "fill_": lambda _, x: x.fill_(3.0),
    "zero_": lambda _, x: x.zero_(),
}
ALL: dict[str, Change] = {
    "add_": lambda _, x: x.add_(1),
    "+=": lambda _, x: x.__iadd__(1),
    "exp_": lambda _, x: x.exp_(),
    "fill_ by a tensor": lambda lib, x: x.fill_(lib.tensor(3.0)),
    "copy_": lambda lib, x: x.copy_(_numbers(lib, 3, 4)),
    "put_": lambda lib, x: x.put_(lib.tensor([0, -1]), _numbers(lib, 2)),
    "scatter_": lambda lib, x: x.scatter_(0, lib.tensor([[0, 1, 2, 0]]), 3.0),
    "index_copy_": lambda lib, x: x.index_copy_(0, lib.tensor([0, 2]), _numbers(lib, 2, 4)),
    "index_add_": lambda lib, x: x.index_add_(0, lib.tensor([0, 2]), _numbers(lib, 2, 4)),
    "masked_scatter_": lambda lib, x: x.masked_scatter_(lib.tensor(MASK), _numbers(lib, 3, 4)),
    "cumsum_": lambda _, x: x.cumsum_(0),
    "normal_": lambda _, x: x.normal_(),
    "clamp_": lambda _, x: x.clamp_(0.2, 0.3),
    "relu": lambda lib, x: lib.nn.functional.relu(x, inplace=True),
    "a slice by numbers": _put(lambda _: slice(0, 2), lambda lib: _numbers(lib, 2, 4)),
    "out": lambda lib, x: lib.add(_numbers(lib, 3, 4), 1, out=x),
}


def _leaf(lib: Any, shape: tuple[int, ...]) -> Any:
    return lib.arange(1, int(np.prod(shape)) + 1).reshape(shape).to(lib.float64) / 10


def _changed(lib: Any, name: str, kind: str) -> tuple[Any, Any, list[str]]:
    shape, repeated = KINDS[kind]
    base = _leaf(lib, shape)
    x = repeated(base)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        result = SOME[name](lib, x)
    return result.numpy().copy(), base.numpy(), [str(one.message).partition(" (Trigg")[0] for one in found]


@pytest.mark.pytorch
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SOME)
def test_some_elements_are_changed_as_in_pytorch(torch: Any, name: str, kind: str) -> None:
    (ours, base, said), (theirs, expected, warned) = _changed(knoll, name, kind), _changed(torch, name, kind)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(base, expected)
    assert said == warned


@pytest.mark.pytorch
@pytest.mark.parametrize("name", ALL)
def test_all_elements_are_refused_as_in_pytorch(name: str) -> None:
    same_refusal(lambda lib: ALL[name](lib, _leaf(lib, (3, 1)).expand(3, 4)))


@pytest.mark.parametrize("name", ALL)
def test_all_elements_are_refused(name: str) -> None:
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
        ALL[name](knoll, _leaf(knoll, (3, 1)).expand(3, 4))


@pytest.mark.pytorch
def test_a_leaf_is_refused_before_its_expansion() -> None:
    same_refusal(lambda lib: lib.ones(2, 1, requires_grad=True).expand(2, 3).add_(1))
    same_refusal(lambda lib: lib.ones(2, 1, requires_grad=True).expand(2, 3).masked_fill_(lib.ones(3) > 0, 1))


@pytest.mark.parametrize("kind", [*KINDS, "windows"])
@pytest.mark.parametrize("name", SOME)
@pytest.mark.filterwarnings("ignore:Use of")
def test_recorded_changes_are_those_at_once(name: str, kind: str) -> None:
    """With gradients, which equal slopes, and inside a module."""
    shape, repeated = WINDOWS if kind == "windows" else KINDS[kind]
    begin = _leaf(knoll, shape).numpy()

    def outcome(x: Any) -> tuple[Any, Any]:
        base = x * 1
        return SOME[name](knoll, repeated(base)), base

    class Network(nn.Module):
        def forward(self, x: Any) -> tuple[Any, Any]:
            return outcome(x)

    expected = [each.numpy() for each in outcome(knoll.tensor(begin))]
    leaf = knoll.tensor(begin, requires_grad=True)
    recorded = outcome(leaf)
    for found in (recorded, Network()(knoll.tensor(begin))):
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(ours.detach().numpy(), theirs)
    weights = [np.arange(1.0, each.size + 1).reshape(each.shape) for each in expected]

    def total(results: tuple[Any, Any]) -> Any:
        first, second = ((each * knoll.tensor(w)).sum() for each, w in zip(results, weights, strict=True))
        return first + second

    total(recorded).backward()
    for place in np.ndindex(shape):
        step = np.zeros(shape)
        step[place] = 1e-3
        after, before = (total(outcome(knoll.tensor(begin + sign * step))).item() for sign in (1, -1))
        np.testing.assert_allclose(leaf.grad.numpy()[place], (after - before) / 2e-3, atol=1e-8)


def test_which_tensors_overlap() -> None:
    x = knoll.zeros(3, 4)
    for alone in (x, x.t(), x[::2, 1:], x[:, :1], x.unsqueeze(0), x.unfold(0, 2, 2), knoll.zeros(0, 3).expand(2, 0, 3)):
        assert first_in_memory(alone) is None
        assert not overlaps(alone)
    windows = knoll.zeros(4).unfold(0, 3, 1)
    assert not overlaps(windows)
    assert first_in_memory(windows).tolist() == [[0, 1, 2], [1, 2, 5]]
    assert overlaps(knoll.zeros(1).expand(2))


def test_windows_that_are_changed_have_one_number_for_one_place() -> None:
    """Recorded and at once, where PyTorch's numbers depend on the order in which it goes over them."""
    add = _numbers(knoll, 3, 4)
    base = _leaf(knoll, (6,))
    expected = base.unfold(0, 4, 1).add_(add)
    recorded = _leaf(knoll, (6,)).requires_grad_() * 1
    x = recorded.unfold(0, 4, 1).add_(add)
    assert x.tolist() == expected.tolist()
    assert recorded.tolist() == base.tolist()


def test_gradients_of_changed_windows_count_each_number_once() -> None:
    leaf = knoll.ones(4, requires_grad=True)
    base = leaf * 1
    base.unfold(0, 2, 1).mul_(3)
    base.sum().backward()
    assert leaf.grad.tolist() == [3, 3, 3, 3]


def test_threshold_of_expanded_tensors() -> None:
    x = knoll.tensor([[1.0], [2.0]])
    assert nn.functional.threshold_(x.expand(2, 3), 1.5, 9.0).tolist() == [[9] * 3, [2] * 3]
    assert x.tolist() == [[9], [2]]
    with pytest.raises(RuntimeError, match="leaf Variable"):
        nn.functional.threshold_(knoll.ones(2, requires_grad=True), 1.0, 0.0)


@pytest.mark.pytorch
def test_index_put_refuses_as_pytorch() -> None:
    x = np.zeros((3, 4))
    same_refusal(lambda lib: lib.tensor(x).index_put((lib.tensor([1]),), lib.tensor(1)))
    same_refusal(lambda lib: lib.tensor(x).index_put((lib.tensor([1, 2]),), lib.tensor(np.ones(3))))
    same_refusal(lambda lib: lib.tensor(x).index_put((lib.tensor([1, 2]), lib.tensor([0, 1, 2])), lib.tensor(x[0, 0])))
    same_refusal(lambda lib: lib.tensor(x).index_put(lib.tensor([1]), lib.tensor(x[0, 0])))
    same_refusal(lambda lib: lib.ones(3).float_power_(2))
    same_refusal(lambda lib: lib.ones(3, 4).__setitem__((lib.tensor([1, 2]), lib.tensor([0, 1, 2])), 1.0))


def test_index_put_by_a_mask() -> None:
    x = knoll.arange(6.0).reshape(2, 3)
    assert x.index_put((x > 3,), knoll.tensor([8.0, 9.0])).tolist() == [[0, 1, 2], [3, 8, 9]]
    with pytest.raises(TypeError, match="must be tuple of Tensors, not Tensor"):
        x.index_put(knoll.tensor([1]), knoll.tensor(1.0))
    with pytest.raises(RuntimeError, match="got Float for the destination and Long for the source"):
        x.index_put((knoll.tensor([1]),), knoll.tensor(1))
    with pytest.raises(RuntimeError, match="dtype Float but the operation's result requires dtype Double"):
        x.float_power_(2)
