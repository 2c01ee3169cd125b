"""Knoll = PyTorch: the same text makes both layers, the same state dict fills both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backends import Outcome, as_chosen, close, flat, outcome, same, seed_for
from table import CASES, Case

from knoll.interop import read_weights

pytestmark = pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")


def theirs(torch: Any, case: Case, layer: Any, dtype: str) -> Any:
    """PyTorch's layer with the same numbers."""
    other = case.build(library=torch.nn).to(getattr(torch, dtype)).train(layer.training)
    other.load_state_dict({name: torch.tensor(t.detach().numpy()) for name, t in layer.state_dict().items()})
    return other


def their_outcome(torch: Any, layer: Any, arrays: list[np.ndarray]) -> Outcome:
    inputs = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    results = flat(layer(*inputs))
    results[0].backward(torch.tensor(seed_for(results[0].detach().numpy())))
    named = {f"gradient of input {i}": tensor for i, tensor in enumerate(inputs)}
    named |= {f"gradient of {name}": parameter for name, parameter in layer.named_parameters()}
    return Outcome(
        tuple(result.detach().numpy() for result in results),
        {name: tensor.grad.numpy() for name, tensor in named.items() if tensor.grad is not None},
        {name: buffer.numpy().copy() for name, buffer in layer.named_buffers()},
        [],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_results_gradients_and_buffers(torch: Any, case: Case, dtype: str) -> None:
    for training in (False,) if case.random else (True, False):
        layer = case.build(dtype).train(training)
        expected = their_outcome(torch, theirs(torch, case, layer, dtype), case.arrays(dtype))
        mine = outcome(as_chosen, layer, case.arrays(dtype))
        close(mine, expected, dict.fromkeys(expected.everything, case.their_error))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_print_and_keys(torch: Any, case: Case) -> None:
    ours, other = case.build(), case.build(library=torch.nn)
    assert repr(ours) == repr(other)
    assert [(k, tuple(v.shape)) for k, v in ours.state_dict().items()] == [
        (k, tuple(v.shape)) for k, v in other.state_dict().items()
    ]


@pytest.mark.parametrize("case", [case for case in CASES if case.build().state_dict()], ids=str)
def test_a_file_of_pytorchs_is_read(torch: Any, case: Case, tmp_path: Path) -> None:
    layer, fresh = case.build(), case.build()
    torch.save(theirs(torch, case, layer, "float32").state_dict(), tmp_path / "weights.pth")
    for tensor in (*fresh.parameters(), *fresh.buffers()):
        tensor.detach().numpy()[...] = 0
    fresh.load_state_dict(read_weights(tmp_path / "weights.pth"))
    same(outcome(as_chosen, fresh, case.arrays()), outcome(as_chosen, layer, case.arrays()))


@pytest.mark.parametrize("case", [case for case in CASES if case.integers], ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_whole_numbers(torch: Any, case: Case, dtype: str) -> None:
    numbers = np.random.default_rng(1).integers(0, 100, case.shape).astype(dtype)
    expected = case.build(library=torch.nn)(torch.tensor(numbers)).numpy()
    np.testing.assert_array_equal(case.build()(numbers).numpy(), expected, strict=True)
