"""PyTorch's own samples of its layers and functions, turned into Knoll's terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

import knoll  # noqa: E402 (after the skips)

DTYPES = {torch.float32: knoll.float32, torch.float64: knoll.float64, torch.int64: knoll.int64}
TOLERANCE = {"float32": 2e-5, "float64": 1e-10}


def mine(value: Any) -> Any:
    """A value of PyTorch's as Knoll's: tensors copied, element types by their name."""
    if isinstance(value, torch.Tensor):
        array = np.array(value.detach().numpy(), order="K")
        made = knoll.nn.Parameter(array) if isinstance(value, torch.nn.Parameter) else knoll.tensor(array)
        return made.requires_grad_() if value.requires_grad else made
    if isinstance(value, torch.dtype):
        return getattr(knoll, str(value).removeprefix("torch."))
    if callable(value) and getattr(value, "__name__", "") in ("relu", "gelu"):  # an activation that a layer is given
        return getattr(knoll.nn.functional, value.__name__)
    if isinstance(value, torch.nn.Module):
        return getattr(knoll.nn, type(value).__name__)()  # those in samples have no arguments
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(mine, value))
    if isinstance(value, dict):
        return {key: mine(one) for key, one in value.items()}
    return value


def tensors_in(value: Any) -> Iterator[Any]:
    """The tensors of either library in nested arguments, in order."""
    if isinstance(value, (torch.Tensor, knoll.Tensor)):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from tensors_in(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from tensors_in(one)


def fits(*values: Any) -> bool:
    """Whether NumPy has these element types: no complex, half, bfloat or sparse ones are in scope."""
    return all(t.dtype in DTYPES and t.layout is torch.strided for t in tensors_in(values))


def close(ours: Any, theirs: Any, words: str, slack: float = 0.0) -> None:
    """Equal shapes, element types and, up to rounding, numbers."""
    mine_, truth = np.asarray(ours.detach().numpy()), theirs.detach().numpy()
    assert mine_.shape == truth.shape, f"{words}: {mine_.shape} instead of {truth.shape}"
    assert mine_.dtype == truth.dtype, f"{words}: {mine_.dtype} instead of {truth.dtype}"
    if truth.dtype.kind != "f":
        np.testing.assert_array_equal(mine_, truth, err_msg=words)
        return
    tolerance = max(TOLERANCE[truth.dtype.name], slack)
    scale = max(np.abs(truth[np.isfinite(truth)]).max(initial=0), 1e-2)
    np.testing.assert_allclose(mine_, truth, rtol=tolerance, atol=tolerance * scale, err_msg=words)


def same_results(
    ours: Callable[[], Any], theirs: Callable[[], Any], given: Any, sources: Any, words: str, slack: float = 0.0
) -> None:
    """Equal results, and equal gradients of all that wants one; `given` are our tensors, `sources` PyTorch's."""
    truth, result = theirs(), ours()
    pairs = list(zip(tensors_in(result), tensors_in(truth), strict=True))
    for one, other in pairs:
        close(one, other, words, slack)
    flowing = [(one, other) for one, other in pairs if other.requires_grad]
    if not flowing:
        return
    for source in sources:
        source.grad = None  # PyTorch's samples share weights, which would go on adding
    generator = np.random.default_rng(0)
    for one, other in flowing:
        assert one.requires_grad, f"{words}: the result wants no gradient"
        seed = generator.standard_normal(tuple(other.shape)).astype(other.detach().numpy().dtype)
        one.backward(knoll.tensor(seed), retain_graph=True)
        other.backward(torch.tensor(seed), retain_graph=True)
    for one, other in zip(given, sources, strict=True):
        if other.requires_grad and other.grad is not None:
            assert one.grad is not None, f"{words}: no gradient of an input"
            close(one.grad, other.grad, f"{words}: gradient", slack)
