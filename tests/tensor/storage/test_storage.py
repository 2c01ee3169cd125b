"""Storages: how large the memory of tensors is, what lies in it, and who shares it, as PyTorch tells."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll

MADE: dict[str, Callable[[Any], Any]] = {
    "whole": lambda lib: lib.arange(6.0).reshape(2, 3),
    "row": lambda lib: lib.arange(6.0).reshape(2, 3)[1],
    "every other": lambda lib: lib.arange(6)[1::2],
    "transposed": lambda lib: lib.arange(6.0).reshape(2, 3).t(),
    "expanded": lambda lib: lib.tensor([1, 2]).expand(3, 2),
    "detached": lambda lib: lib.arange(3.0).requires_grad_()[1:].detach(),
    "scalar": lambda lib: lib.tensor(2.0),
    "empty": lambda lib: lib.zeros(0, 3),
    "truths": lambda lib: lib.tensor([True, False]),
}


@pytest.mark.pytorch
@pytest.mark.parametrize("name", MADE)
def test_storages_are_those_of_pytorch(name: str) -> None:
    found = []
    for library in (knoll, pytest.importorskip("torch")):
        x = MADE[name](library)
        with warnings.catch_warnings(action="ignore"):
            typed, untyped = x.storage(), x.untyped_storage()
        sizes = [part() for each in (typed, untyped) for part in (each.size, each.nbytes, each.element_size)]
        numbers = [typed.tolist(), untyped.tolist(), list(typed), typed.untyped().nbytes(), len(typed), len(untyped)]
        ends = [typed[-1], typed[0], untyped[0]] if sizes[0] else []
        found.append((sizes, numbers, ends, x.storage_offset(), str(typed.dtype).removeprefix("torch.")))
    assert found[0] == found[1]


def test_who_shares_memory() -> None:
    x = knoll.zeros(2, 3)
    place = x.untyped_storage().data_ptr()
    assert place == x.data_ptr()
    for view in (x[1], x.t(), x.detach(), x.view(-1)[2:], x.data):
        assert view.untyped_storage().data_ptr() == place
    for copy in (x.clone(), x + 0, x.t().contiguous()):
        assert copy.untyped_storage().data_ptr() != place


def test_arrays_of_numpy_in_any_order() -> None:
    array = np.arange(6.0).reshape(2, 3)
    for given in (array.T, array[:, ::-1], array[::-1, ::2]):
        storage = knoll.from_numpy(given).untyped_storage()
        assert storage.nbytes() == len(storage.tolist())
        assert np.array(storage.tolist(), np.uint8).view(np.float64).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_typed_storage_is_given_up() -> None:
    with pytest.warns(UserWarning, match="TypedStorage is deprecated"):
        assert repr(knoll.ones(2).storage()) == "[TypedStorage(dtype=float32) of size 2]"
    assert repr(knoll.ones(2).untyped_storage()) == "[UntypedStorage of size 8]"
    assert str(knoll.ones(2).untyped_storage().device) == "cpu"
