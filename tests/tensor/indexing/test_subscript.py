"""Square brackets: PyTorch's elements, views, gradients and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll.errors import ArgumentTypeError, DimensionError, ShapeError
from side_by_side import both, same_refusal

RNG = np.random.default_rng(8)
X = RNG.standard_normal((3, 4, 5))


@st.composite
def keys(draw: st.DrawFn) -> tuple[Any, ...]:
    """Integers, slices, None, lists and one ellipsis for an array of shape (3, 4, 5)."""
    parts: list[Any] = []
    for size in (3, 4, 5)[: draw(st.integers(0, 3))]:
        kind = draw(st.sampled_from(["integer", "slice", "list", "new"]))
        if kind == "new":
            parts.append(None)
        if kind == "integer":
            parts.append(draw(st.integers(-size, size - 1)))
        elif kind == "list":
            parts.append(draw(st.lists(st.integers(-size, size - 1), min_size=2, max_size=2)))
        else:
            start, stop = draw(st.integers(0, size)), draw(st.integers(0, size))
            parts.append(slice(start, stop, draw(st.integers(1, 2))))
    if draw(st.booleans()):
        parts.append(Ellipsis)
    return tuple(parts)


@given(key=keys())
@settings(max_examples=200, deadline=None)
def test_picking(key: tuple[Any, ...]) -> None:
    both(lambda _, x: x[key], X)
    both(lambda _, x: x.detach()[key], X)


@given(key=keys())
@settings(max_examples=60, deadline=None)
def test_assigning(key: tuple[Any, ...]) -> None:
    def assigned(_: Any, x: Any, value: Any) -> Any:
        y = x * 1
        y[key] = value
        plain = x.detach().clone()
        plain[key] = value.detach()
        return y, plain

    both(assigned, X, np.array(0.5))


def test_masks() -> None:
    both(lambda _, x: (x[x > 0], x[(x > 0).any(2)], x[:, x.detach()[0, :, 0] > 0]), X)
    both(lambda lib, x: (x[True], x[False], x[lib.tensor(True)]), X)

    def filled(_: Any, x: Any) -> Any:
        y = x * 2
        y[x > 0] = 7
        return y

    both(filled, X)


def test_tensors_as_indices() -> None:
    both(lambda _, x, i, j: (x[i], x[i, j], x[:, j], x[i[0]], x[i.to(i.dtype), None]), X, [0, 2], [1, 3])
    both(lambda _, x, i: (x[i], x[i[:1], i[:, :1]]), X, np.array([[0, 1], [2, 2]]))
    both(lambda _, x: (x[np.array([0, 2])], x[np.int64(1)], x[[True, False, True]]), X)
    both(lambda lib, x: x[lib.tensor([0, 0, 1])].sum(), X)  # taken twice, counted twice


def test_integers_go_before_lists() -> None:
    both(lambda _, x: x[0, :, [1, 2]], X)
    assert knoll.tensor(X)[0, :, [1, 2]].shape == (4, 2)


def test_views_share_memory() -> None:
    x = knoll.zeros(2, 3)
    x[0].fill_(1)
    x[1][2] = 5
    x[:, 1] += 10
    assert x.tolist() == [[1, 11, 1], [0, 10, 5]]
    assert x[0]._memory is x._memory


def test_views_of_parameters_are_written_under_no_grad() -> None:
    x = knoll.zeros(2, requires_grad=True)
    with knoll.no_grad():
        x[0] = 3
        x[1].add_(4)
    assert x.tolist() == [3, 4]


def test_views_of_results_hand_changes_on() -> None:
    def changed(_: Any, x: Any) -> Any:
        y = x * 1
        y[0].mul_(2)
        y[1:][0, 1] += 3
        y.reshape(-1)[0] = 9
        y.t()[1].add_(1)
        return y

    both(changed, RNG.standard_normal((3, 2)))


def test_overlapping_assignment() -> None:
    def shifted(_: Any, x: Any) -> Any:
        y = x.detach().clone()
        y[1:] = y[:-1].clone()
        return y

    both(shifted, np.arange(5.0))
    x = knoll.arange(5)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3]


def test_iteration() -> None:
    both(lambda _, x: [row * 2 for row in x], X)
    a, b = knoll.tensor([1, 2])
    assert (int(a), int(b)) == (1, 2)
    assert 2 in knoll.tensor([1, 2])
    assert 3 not in knoll.tensor([1, 2])


def test_sequences_of_numbers_can_be_indexed_by_tensors() -> None:
    assert ["a", "b"][knoll.tensor(1)] == "b"
    with pytest.raises(TypeError, match="only integer tensors of a single element can be converted to an index"):
        ["a", "b"][knoll.tensor(1.0)]


def test_refusals() -> None:
    same_refusal(lambda lib: lib.zeros(3)[3])
    same_refusal(lambda lib: lib.zeros(3)[-4])
    same_refusal(lambda lib: lib.zeros(3)[0, 0])
    same_refusal(lambda lib: lib.zeros(3)[1.5])
    same_refusal(lambda lib: lib.zeros(3, 3)[0, {}])
    same_refusal(lambda lib: lib.zeros(3).__setitem__(1.5, 1))
    same_refusal(lambda lib: lib.tensor(1.0)[0])
    same_refusal(lambda lib: list(lib.tensor(1.0)))
    same_refusal(lambda lib: len(lib.tensor(1.0)))
    same_refusal(lambda lib: lib.zeros(2, 3)[lib.tensor([True, False, True])])


def test_other_refusals() -> None:
    with pytest.raises(DimensionError, match="an index can only have a single ellipsis"):
        knoll.zeros(3)[..., ...]
    with pytest.raises(DimensionError, match="index 5 is out of bounds for dimension 0 with size 3"):
        knoll.zeros(3)[[0, 5]]
    with pytest.raises(DimensionError, match="tensors used as indices must be long, int, byte or bool"):
        knoll.zeros(3)[knoll.tensor([0.0])]
    with pytest.raises(ArgumentTypeError, match=r"valid indices \(got str\)"):
        knoll.zeros(3)["a"]
    with pytest.raises(ShapeError, match=r"expanded size of the tensor \(3\) must match the existing size \(2\)"):
        knoll.zeros(3)[:] = knoll.ones(2)
    with pytest.raises(ShapeError, match=r"value tensor of shape \[2\]"):
        knoll.zeros(3)[[0, 1, 2]] = knoll.ones(2)


def test_a_tensor_without_axes_is_an_integer() -> None:
    def changed(lib: Any, x: Any) -> Any:
        y = x * 1
        y[lib.tensor(1)].mul_(3)
        y[None, lib.tensor(-1)].add_(1)
        return y, y[lib.tensor(0), :, [1, 0]], y[:, lib.tensor(1), lib.tensor([True, False, True])]

    both(changed, RNG.standard_normal((3, 2, 3)))
    x = knoll.zeros(2, 3)
    x[knoll.tensor(1)].fill_(2)
    assert x.tolist() == [[0] * 3, [2] * 3]


def test_a_value_with_an_axis_too_many() -> None:
    x = knoll.tensor(1)
    x[()] = knoll.tensor([3])
    assert x.item() == 3
    y = knoll.zeros(2)
    y[[1]] = knoll.ones(1, 1, 1)
    assert y.tolist() == [0, 1]


def test_which_axis_an_index_is_beyond() -> None:
    same_refusal(lambda lib: lib.zeros(2, 3)[None, 2])
    same_refusal(lambda lib: lib.zeros(2, 3)[True, 0, 3])
    same_refusal(lambda lib: lib.zeros(2, 0)[:, [0]])
    same_refusal(lambda lib: lib.zeros(2, 3).__setitem__(0, lib.ones(2)))
    same_refusal(lambda lib: lib.zeros(2, 3).__setitem__([0], lib.ones(1, 2, 2)))


def test_bytes_are_a_mask() -> None:
    x = np.arange(6.0).reshape(2, 3)
    with pytest.warns(UserWarning, match="uint8 is now deprecated"):
        found = knoll.tensor(x)[knoll.tensor([1, 0], dtype=knoll.uint8)]
    np.testing.assert_array_equal(found.numpy(), x[:1])
