"""NumPy's functions of tensors, beside PyTorch's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentTypeError, StateError
from side_by_side import Refused, refusals

A = np.array([[1, 4], [9, 16]], np.float32)
B = np.array([[2, 3], [1, 20]], np.float32)
ROOM = (2, 2)

CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sqrt": lambda t, *_: np.sqrt(t),
    "exp": lambda t, *_: np.exp(t),
    "abs": lambda t, *_: np.abs(t),
    "truths are uint8": lambda t, *_: np.isnan(t),
    "float64 of integers": lambda _, __, lib: np.sqrt(lib.tensor([1, 4])),
    "float16 of truths": lambda _, __, lib: np.sqrt(lib.tensor([True])),
    "without axes": lambda _, __, lib: np.sqrt(lib.tensor(4.0)),
    "add a number": lambda t, *_: np.add(t, 1),
    "add to a number": lambda t, *_: np.add(1, t),
    "add to a float": lambda _, __, lib: np.add(1.5, lib.tensor([1, 2])),
    "add an array": lambda t, *_: np.add(t, B),
    "add to an array": lambda t, *_: np.add(A, t),
    "maximum": lambda t, u, _: np.maximum(t, u),
    "greater": lambda t, u, _: np.greater(t, u),
    "matmul": lambda t, u, _: np.matmul(t, u),
    "two results": lambda t, u, _: np.divmod(t, u),
    "results of two types": lambda t, *_: np.frexp(t),
    "dtype": lambda t, *_: np.sqrt(t, dtype=np.float64),
    "where": lambda t, _, lib: np.sqrt(t, where=lib.tensor([True, False]), out=np.zeros(ROOM, np.float32)),
    "out": lambda t, *_: np.sqrt(t, out=np.zeros(ROOM, np.float32)),
    "one of two outs": lambda t, u, _: np.divmod(t, u, out=(np.zeros(ROOM, np.float32), None)),
    "reduce": lambda t, *_: np.add.reduce(t),
    "reduce all": lambda t, *_: np.multiply.reduce(t, axis=None),
    "accumulate": lambda t, *_: np.add.accumulate(t),
    "reduceat": lambda t, *_: np.add.reduceat(t, [0, 1]),
    "outer": lambda t, u, _: np.subtract.outer(t, u),
    "cumsum": lambda t, *_: np.cumsum(t),
    "clip": lambda t, *_: np.clip(t, 0, 5),
    "argmax": lambda t, *_: np.argmax(t, axis=1),
    "transpose": lambda t, *_: np.transpose(t),
    "nonzero": lambda t, *_: np.nonzero(t),
    "number times": lambda t, *_: np.float64(2) * t,
    "number of integers": lambda _, __, lib: np.float64(2) * lib.tensor([1, 2]),
}


def parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.filterwarnings("ignore:__array_wrap__ must accept context")  # PyTorch's does not yet
@pytest.mark.parametrize("name", CALLS)
def test_numpy_answers_as_with_pytorch(name: str, torch: Any) -> None:
    ours, theirs = (parts(CALLS[name](lib.tensor(A), lib.tensor(B), lib)) for lib in (knoll, torch))
    assert len(ours) == len(theirs)
    for own, other in zip(ours, theirs, strict=True):
        assert isinstance(own, knoll.Tensor) is isinstance(other, torch.Tensor)
        assert str(own.dtype) == str(other.dtype).removeprefix("torch.")
        np.testing.assert_array_equal(np.asarray(own), np.asarray(other))


def test_numpy_writes_to_out_and_changes_an_array_in_place() -> None:
    room = np.zeros(2, np.float32)
    assert np.sqrt(knoll.tensor([4.0, 9.0]), out=room) is room
    assert room.tolist() == [2, 3]
    whole = room
    room += knoll.tensor([1.0, 1.0])
    assert room is whole
    assert whole.tolist() == [3, 4]
    np.add.at(whole, knoll.tensor([0, 0]), knoll.tensor([1.0, 1.0]))
    assert whole.tolist() == [5, 4]


REFUSED: dict[str, Refused] = {
    "requires grad": lambda lib: np.sqrt(lib.ones(2).requires_grad_()),
    "one of two requires grad": lambda lib: np.add(lib.ones(2), lib.ones(2).requires_grad_()),
    "out is a tensor": lambda lib: np.sqrt(np.ones(2), out=lib.ones(2)),
    "at a tensor": lambda lib: np.add.at(lib.ones(2), [0], 1),
}

test_numpy_refuses_as_with_pytorch = refusals(REFUSED)


def test_a_parameter_can_be_read_without_gradient() -> None:
    layer = knoll.nn.Linear(2, 2)
    with knoll.no_grad():
        read = np.sqrt(np.abs(layer.weight))
    assert type(read) is knoll.Tensor
    assert not layer.weight._memory.shared, "nobody keeps the array"
    with pytest.raises(StateError, match="requires grad"):
        np.abs(layer.weight)


def test_an_operator_behind_an_array_has_a_gradient() -> None:
    x = knoll.ones(2).requires_grad_()
    (np.array([2.0, 3.0], np.float32) * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 3]
    for result in (np.float32(1) - x, np.ones(2, np.float32) / x, np.ones((1, 2), np.float32) @ x):
        assert result.requires_grad
    truths = [np.arange(2.0) < x, np.arange(2.0) <= x, np.arange(2.0) > x, np.arange(2.0) >= x, np.arange(2.0) == x]
    assert [each.tolist() for each in truths] == [
        [True, False], [True, True], [False, False], [False, True], [False, True]
    ]  # fmt: skip


def test_what_numpy_gives_that_no_tensor_holds() -> None:
    with pytest.raises(ArgumentTypeError, match="complex128"):
        np.sqrt(knoll.ones(2), dtype=complex)
