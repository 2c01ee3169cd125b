"""Keys in square brackets, drawn at random: what is read, written and changed there is what it is in PyTorch."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pytest

import knoll

GROUPS, IN_EACH = 16, 60
VIEWS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda x: x,
    "transposed": lambda x: x.transpose(0, -1) if x.dim() else x,
    "every other": lambda x: x[..., ::2] if x.dim() else x,
    "unsqueezed": lambda x: x.unsqueeze(0),
}


@dataclass
class Case:
    """What is done at a key of a view; entries that are arrays come as tensors."""

    shape: tuple[int, ...]
    view: str
    key: list[Any]
    action: str
    value: tuple[int, ...] | None  # the shape of a tensor; else a number
    floats: bool
    learns: bool


def _entry(draw: random.Random, shape: tuple[int, ...], axis: int) -> tuple[Any, int]:
    """An entry of a key, and how many axes it takes."""
    size = shape[axis]
    kind = draw.choice(["integer", "slice", "slice", "list", "places", "mask", "masks", "number", "range"])
    if kind in ("integer", "number"):
        place = draw.randint(-size - (draw.random() < 0.05), max(size - (draw.random() > 0.05), -size))
        return np.array(place) if kind == "number" else place, 1
    if kind == "slice":
        start, stop = (draw.choice([None, draw.randint(-size - 2, size + 2)]) for _ in range(2))
        return slice(start, stop, draw.choice([None, 1, 2, 3])), 1
    if kind == "range":
        return range(0, size, 2), 1
    if kind in ("mask", "masks"):
        axes = shape[axis : axis + (1 if kind == "mask" else 2)]
        return np.array([draw.random() < 0.5 for _ in range(prod(axes))], np.bool_).reshape(axes), len(axes)
    picked = (draw.randint(0, 3),) if kind == "list" else draw.choice([(2,), (3,), (2, 1), (1, 2), (2, 2)])
    places = np.array([draw.randint(-size, size - 1) for _ in range(prod(picked))] if size else [], np.int64)
    return places.tolist() if kind == "list" or not size else places.reshape(picked), 1


def _case(seed: int) -> Case:
    draw = random.Random(seed)  # noqa: S311 (examples)
    shape = tuple(draw.choice([0, 1, 2, 3, 3, 4]) for _ in range(draw.choice([0, 1, 2, 2, 3, 3, 4])))
    view = draw.choice(list(VIEWS))
    seen = VIEWS[view](knoll.zeros(shape)).shape
    key, axis, more = list[Any](), 0, True
    for _ in range(draw.randint(0, len(seen) + 2)):
        word = draw.choice(["entry", "entry", "entry", "new", "rest", "truth"])
        if word == "new":
            key.append(None)
        elif word == "truth" and draw.random() < 0.3:
            key.append(draw.random() < 0.5)
        elif word == "rest" and more:
            more = False
            key.append(...)
            axis += draw.randint(0, len(seen) - axis)
        elif word == "entry" and axis < len(seen):
            entry, count = _entry(draw, tuple(seen), axis)
            key.append(entry)
            axis += count
    action = draw.choice(["get", "get", "put", "put", "add", "multiply", "fill", "add in place", "again"])
    floats = draw.random() < 0.7
    case = Case(shape, view, key, action, None, floats, floats and draw.random() < 0.6)
    if action != "get" and draw.random() < 0.6:
        try:
            found = VIEWS[view](knoll.zeros(shape))[_key(knoll, case)].shape
        except (IndexError, RuntimeError):
            found = (1,)
        part = found[draw.randint(0, len(found)) :] if draw.random() < 0.5 else found
        case.value = (1,) * (draw.random() < 0.15) + tuple(1 if draw.random() < 0.2 else size for size in part)
    return case


def _key(library: Any, case: Case) -> Any:
    key = tuple(library.tensor(part) if isinstance(part, np.ndarray) else part for part in case.key)
    return key[0] if len(key) == 1 else key


def _numbers(library: Any, shape: tuple[int, ...], floats: bool) -> Any:
    numbers = library.arange(prod(shape)).reshape(shape)
    return numbers.to(library.float64) / 7 + 0.3 if floats else numbers


def _done(library: Any, case: Case) -> list[np.ndarray] | str:
    """The numbers after it, and the gradients of what was there and of the value; or the kind of error."""
    leaf = _numbers(library, case.shape, case.floats)
    base = leaf.requires_grad_() * 1 if case.learns else leaf
    value: Any = 3 if case.value is None else _numbers(library, case.value, case.floats) + 100
    leaves = [leaf]
    if case.learns and case.value is not None:
        leaves.append(value.requires_grad_())
        value = value * 1
    try:
        x, key = VIEWS[case.view](base), _key(library, case)
        results = [base, x]
        if case.action == "get":
            results = [x[key]]
        elif case.action == "put":
            x[key] = value
        elif case.action == "add":
            x[key] += value
        elif case.action == "multiply":
            x[key] *= value
        elif case.action == "fill":
            x[key].fill_(2)
        elif case.action == "add in place":
            x[key].add_(value)
        else:
            x[key] = x[key] * 2
    except (IndexError, RuntimeError, ValueError, TypeError):
        return "refused"
    if case.learns:
        total = sum((each * (_numbers(library, tuple(each.shape), floats=True) + 1)).sum() for each in results)
        total.backward()
        results += [library.zeros(tuple(each.shape)) if each.grad is None else each.grad for each in leaves]
    return [each.detach().numpy() for each in results]


@pytest.mark.pytorch
@pytest.mark.parametrize("group", range(GROUPS))
def test_random_keys_do_what_they_do_in_pytorch(torch: Any, group: int) -> None:
    for seed in range(group * IN_EACH, (group + 1) * IN_EACH):
        case = _case(seed)
        ours, theirs = _done(knoll, case), _done(torch, case)
        assert isinstance(ours, str) == isinstance(theirs, str), (seed, case)
        if not isinstance(ours, str):
            assert len(ours) == len(theirs)
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, err_msg=f"{seed} {case}")
