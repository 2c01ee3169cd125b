"""The same calls in Knoll and in PyTorch, compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import knoll

Case = tuple[Callable[..., Any], tuple[Any, ...]]  # a function of the library and tensors, and their numbers
Refused = Callable[[Any], object]  # a call of the library that PyTorch refuses
# What cases share: two matrices, three axes, a matrix with zeros, whole numbers of which some are equal, and edges.
A, B = np.random.default_rng(0).standard_normal((2, 3, 4)) + 0.1
X = np.random.default_rng(3).standard_normal((2, 3, 4))
ZEROS = np.array([[1.0, 0.0, 2.0, 3.0], [0.0, 4.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0]])
WHOLE = np.array([3, 1, 3, 2, 2, 2])
EDGES = np.array([0.0, -0.0, 1.0, -1.0, 1e-30, 80.0, -80.0, np.inf, -np.inf, np.nan], np.float32)


def _flat(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [part for entry in result for part in _flat(entry)]
    return [result]


def _is_float(tensor: Any) -> bool:
    return "float" in str(tensor.dtype)


def _run(
    library: Any, call: Callable[..., Any], arrays: tuple[np.ndarray, ...], dy: float | None = None
) -> tuple[list[Any], list[Any]]:
    """The results of `call`, and the gradients of its arguments under fixed gradients of the results, or all `dy`."""
    tensors = [library.tensor(array) for array in arrays]
    for tensor in tensors:
        if _is_float(tensor):
            tensor.requires_grad_()
    results = _flat(call(library, *tensors))
    rng = np.random.default_rng(1)
    for result in results:
        shape = tuple(result.shape)
        seed = np.asarray(rng.standard_normal(shape) if dy is None else np.full(shape, dy))
        if result.requires_grad:
            result.backward(library.tensor(seed).to(result.dtype), retain_graph=True)
    return results, [tensor.grad for tensor in tensors]


def _same(ours: Any, theirs: Any, tolerance: float) -> None:
    if theirs is None:
        assert ours is None or not np.any(ours.numpy())
        return
    if ours is None:  # PyTorch gives zeros where Knoll gives nothing
        assert not theirs.numpy().any()
        return
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(theirs.dtype) == f"torch.{ours.dtype}"
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


def both(call: Callable[..., Any], *arrays: Any, tolerance: float = 1e-6, dy: float | None = None) -> None:
    """Check that `call(library, *tensors)` gives the same results and gradients in both libraries.

    The gradients of the results are fixed numbers, or all `dy`.
    """
    torch = pytest.importorskip("torch")
    given = tuple(np.asarray(array) for array in arrays)
    ours, theirs = (_run(library, call, given, dy) for library in (knoll, torch))
    assert len(ours[0]) == len(theirs[0])
    for a, b in zip((*ours[0], *ours[1]), (*theirs[0], *theirs[1]), strict=True):
        _same(a, b, tolerance)


def second(call: Callable[..., Any], *arrays: Any, tolerance: float = 1e-6) -> None:
    """Check that the gradients of `call(library, *tensors)` have the same gradients in both libraries."""
    torch = pytest.importorskip("torch")
    found = []
    for library in (knoll, torch):
        tensors = [library.tensor(np.asarray(array)) for array in arrays]
        learning = [tensor.requires_grad_() for tensor in tensors if _is_float(tensor)]
        rng = np.random.default_rng(2)
        total = None
        for result in _flat(call(library, *tensors)):
            if result.requires_grad:
                seed = library.tensor(rng.standard_normal(tuple(result.shape)))
                total = (result * seed).sum() + (0 if total is None else total)
        first = library.autograd.grad(total, learning, create_graph=True)
        weighed = [(dx * library.tensor(rng.standard_normal(tuple(dx.shape)))).sum() for dx in first]
        again = [part for part in weighed if part.requires_grad]
        dx = library.autograd.grad(sum(again), learning, allow_unused=True) if again else [None] * len(learning)
        shapes = zip(dx, learning, strict=True)
        found.append([np.zeros(tuple(x.shape)) if d is None else d.detach().numpy() for d, x in shapes])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def same_refusal(call: Callable[[Any], object]) -> None:
    """Check that both libraries refuse `call(library)` with the same sentence and kind of error."""
    torch = pytest.importorskip("torch")
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever PyTorch raises)
        call(torch)
    with pytest.raises(type(theirs.value)) as ours:
        call(knoll)
    assert str(ours.value).split("\n")[0] == str(theirs.value).split("\n")[0]


def same_warning(call: Callable[[Any], object]) -> None:
    """Check that `call(library)` warns first of the same, with the same kind of warning, in both libraries."""
    torch = pytest.importorskip("torch")
    told = []
    for library in (knoll, torch):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(library)
        told.append([(entry.category, str(entry.message).split(".")[0]) for entry in caught][:1])
    assert told[0] == told[1] != []


def comparisons(cases: Mapping[str, Case]) -> Callable[[str], None]:
    """A test that the results and gradients of each case are PyTorch's."""

    @pytest.mark.parametrize("name", cases)
    def compare(name: str) -> None:
        call, arrays = cases[name]
        both(call, *arrays, tolerance=1e-7)

    return compare


def second_derivatives(cases: Mapping[str, Case], names: Sequence[str]) -> Callable[[str], None]:
    """A test that the second derivatives of the named cases are PyTorch's."""

    @pytest.mark.parametrize("name", names)
    def compare(name: str) -> None:
        call, arrays = cases[name]
        second(call, *arrays)

    return compare


def refusals(calls: Mapping[str, Refused]) -> Callable[[str], None]:
    """A test that each call is refused with PyTorch's sentence and kind of error."""

    @pytest.mark.parametrize("name", calls)
    def compare(name: str) -> None:
        same_refusal(calls[name])

    return compare
