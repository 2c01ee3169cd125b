"""What `torch.save` wrote, as plain values."""

from __future__ import annotations

import argparse
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import DataError


def loaded(torch: Any, value: Any, path: Path) -> Any:
    torch.save(value, path / "value.pt")
    return knoll.load(path / "value.pt")


def test_values_are_what_they_were(torch: Any, tmp_path: Path) -> None:
    value = {1: (2, [None, True, "text", 0.5]), "set": {3}, "shape": torch.ones(2, 3).shape, "dtype": torch.float32}
    assert loaded(torch, value, tmp_path) == {**value, "shape": (2, 3), "dtype": "float32"}
    best = loaded(torch, {"best": np.float64(0.75), "epoch": np.int64(-3), "done": np.bool_(True)}, tmp_path)
    assert repr(best) == "{'best': 0.75, 'epoch': -3, 'done': True}"
    assert loaded(torch, Counter("aab"), tmp_path) == {"a": 2, "b": 1}


def test_tensors_become_tensors_that_can_be_changed(torch: Any, tmp_path: Path) -> None:
    x = torch.arange(6.0).reshape(2, 3)
    first, turned, again = loaded(torch, [x, x.T, x], tmp_path)
    assert (first.tolist(), turned.tolist()) == (x.tolist(), x.T.tolist())
    assert again is first
    first += 1
    assert loaded(torch, torch.nn.Parameter(x), tmp_path).tolist() == x.tolist()


def test_arrays_stay_arrays(torch: Any, tmp_path: Path) -> None:
    array = loaded(torch, {"a": np.arange(3)}, tmp_path)["a"]
    assert isinstance(array, np.ndarray)
    array += 1
    assert array.tolist() == [1, 2, 3]


def test_a_state_dict_keeps_the_versions_of_its_modules(torch: Any, tmp_path: Path) -> None:
    versions: list[Any] = []

    class Versioned(knoll.nn.BatchNorm2d):
        def _load_from_state_dict(self, state: Any, prefix: str, metadata: Any, *others: Any) -> None:
            versions.append(metadata["version"])
            super()._load_from_state_dict(state, prefix, metadata, *others)

    net = torch.nn.Sequential(torch.nn.BatchNorm2d(2))
    state, checkpoint = net.state_dict(), {"model": net.state_dict(), "epoch": 3}
    for read in (loaded(torch, state, tmp_path), loaded(torch, checkpoint, tmp_path)["model"]):
        assert read._metadata == state._metadata == {"": {"version": 1}, "0": {"version": 2}}
        knoll.nn.Sequential(Versioned(2)).load_state_dict(read)
    assert versions == [2, 2]


def test_other_attributes_of_dicts_are_dropped(torch: Any, tmp_path: Path) -> None:
    value: Any = OrderedDict(a=1)
    value._metadata, value.get = "text", 3
    assert loaded(torch, value, tmp_path) == {"a": 1}


def test_objects_come_without_their_code(torch: Any, tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(3, 2))
    value = loaded(torch, {"net": net, "args": argparse.Namespace(lr=0.1, layers=[net])}, tmp_path)
    assert list(value["net"]) == ["0.weight", "0.bias"]
    assert value["net"]["0.bias"].tolist() == net[0].bias.tolist()
    assert value["args"]["lr"] == 0.1
    assert list(value["args"]["layers"][0]) == ["0.weight", "0.bias"]


def test_what_contains_itself(torch: Any, tmp_path: Path) -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(DataError, match="damaged or was cut short"):
        loaded(torch, value, tmp_path)


def test_many_references_to_one_part_are_one_part(torch: Any, tmp_path: Path) -> None:
    value: list[Any] = [torch.ones(2)]
    for _ in range(60):  # 2 ** 60 parts, were each made anew
        value = [value, value]
    deep = loaded(torch, value, tmp_path)
    for _ in range(60):
        assert deep[0] is deep[1]
        deep = deep[1]
    assert deep[0].tolist() == [1, 1]
