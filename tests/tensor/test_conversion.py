"""Tensors as numbers, lists, arrays, other element types and other libraries' tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import StateError, UnsupportedError
from knoll.tensor import recording
from side_by_side import both, same_refusal


def test_single_numbers() -> None:
    assert knoll.tensor(2.5).item() == 2.5
    assert isinstance(knoll.tensor([[3]]).item(), int)
    assert knoll.tensor([True]).item() is True
    assert float(knoll.tensor(2.5)) == 2.5
    assert int(knoll.tensor([2.5])) == 2
    assert bool(knoll.tensor([0.0])) is False
    assert [10, 20][knoll.tensor(1)] == 20
    assert max(knoll.tensor(1), knoll.tensor(2)).item() == 2


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2).item())
    same_refusal(lambda lib: bool(lib.ones(2)))
    same_refusal(lambda lib: bool(lib.ones(0)))
    same_refusal(lambda lib: float(lib.ones(2)))
    same_refusal(lambda lib: lib.ones(2, requires_grad=True).numpy())
    same_refusal(lambda lib: np.asarray(lib.ones(2, requires_grad=True)))


def test_arrays_share_memory() -> None:
    x = knoll.zeros(3)
    array = x.numpy()
    array[0] = 5
    x[1] = 6
    assert x.tolist() == [5, 6, 0]
    assert array.tolist() == [5, 6, 0]
    assert x._shared
    assert np.shares_memory(np.asarray(x), array)
    assert not np.shares_memory(np.array(x), array)
    assert np.asarray(x, dtype=np.float64).dtype == np.float64


def test_copies_are_not_shared() -> None:
    x = knoll.zeros(3)
    np.array(x)
    assert not x._shared


def test_numpy_takes_tensors() -> None:
    x = knoll.arange(6).reshape(2, 3)
    assert np.stack([x, x]).shape == (2, 2, 3)
    np.testing.assert_array_equal(x, np.arange(6).reshape(2, 3))


def test_force() -> None:
    x = knoll.ones(2, requires_grad=True)
    assert x.numpy(force=True).tolist() == [1, 1]
    assert x.detach().numpy().tolist() == [1, 1]
    assert x._shared


def test_pending_tensors_become_arrays() -> None:
    with recording():
        y = knoll.ones(2) * 3
        assert y.numpy().tolist() == [3, 3]
        assert np.asarray(y * 2).tolist() == [6, 6]


def test_element_types() -> None:
    x = knoll.tensor([1.5, 0.0])
    assert x.to(knoll.float64).dtype == x.double().dtype == knoll.float64
    assert x.long().tolist() == x.int().tolist() == [1, 0]
    assert x.bool().tolist() == [True, False]
    assert x.half().dtype == knoll.float16
    assert x.byte().dtype == knoll.uint8
    assert x.long().float().dtype == x.long().to("cpu", knoll.float32).dtype == knoll.float32
    assert x.to("cpu") is x.to(x.dtype) is x.cpu() is x
    assert x.to(x.dtype, copy=True) is not x
    assert x.to(knoll.zeros(1, dtype=knoll.int64)).dtype == x.type_as(knoll.arange(1)).dtype == knoll.int64
    assert x.to(dtype=knoll.float64, device="cpu", non_blocking=True).dtype == knoll.float64
    assert x.type() == "knoll.FloatTensor"
    assert x.type("torch.LongTensor").dtype == x.type(knoll.int64).dtype == knoll.int64


def test_conversion_of_wild_numbers_does_not_warn() -> None:
    knoll.tensor([np.nan, np.inf, 1e30]).long()
    assert knoll.tensor([1e300], dtype=knoll.float64).float().item() == np.inf


def test_devices() -> None:
    x = knoll.ones(1)
    assert x.device == "cpu"
    assert x.device == knoll.device("cpu")
    assert x.device == knoll.device("cpu:0")
    assert x.device.type == "cpu"
    assert str(x.device) == "cpu"
    assert x.to(knoll.device("cuda" if knoll.cuda.is_available() else "cpu")) is x
    assert (x.is_cpu, x.is_cuda, x.is_xpu) == (True, False, False)
    assert knoll.cuda.device_count() == 0
    assert len({knoll.device("cpu"), knoll.device("cpu")}) == 1


@pytest.mark.parametrize("refused", [
    lambda: knoll.ones(1).cuda(), lambda: knoll.ones(1).to("cuda:0"),
    lambda: knoll.ones(1).to(knoll.device("cuda")),
    lambda: nn.Linear(2, 2).to(knoll.device("cuda", 1)), lambda: nn.Linear(2, 2, device="cuda"),
    lambda: knoll.Generator("cuda"), lambda: knoll.ones(2).new_zeros(2, device="cuda"),
])  # fmt: skip
def test_graphics_cards_are_refused_kindly(refused: Callable[[], Any]) -> None:
    with pytest.raises(UnsupportedError, match="CUDA") as caught:
        refused()
    assert "leave .cuda() out" in str(caught.value)


def test_other_devices_are_refused_by_their_names() -> None:
    for device in ("mps", knoll.device("xpu", 1)):
        with pytest.raises(UnsupportedError, match=r"device '(mps|xpu)' does not exist here\n  try: name 'cpu'"):
            knoll.zeros(2, device=device)


@pytest.mark.parametrize("words", [("cuda",), ("cuda:1",), ("mps",), ("cuda", 1), ("meta",)])
def test_graphics_cards_can_be_named(torch: Any, words: tuple[Any, ...]) -> None:
    mine, theirs = knoll.device(*words), torch.device(*words)
    assert (mine.type, mine.index, str(mine), repr(mine)) == (theirs.type, theirs.index, str(theirs), repr(theirs))
    assert knoll.device(mine) == mine
    assert mine != knoll.device("cpu")
    assert knoll.ones(1).device != mine


@pytest.mark.parametrize(
    ("word", "reason"),
    [("tpu9", "device type at start of device string: tpu9"), ("cuda:x", "Invalid device string: 'cuda:x'")],
)
def test_devices_that_are_none(word: str, reason: str) -> None:
    with pytest.raises(StateError, match=reason):
        knoll.device(word)


def test_dlpack_with_numpy() -> None:
    x = knoll.arange(4).reshape(2, 2)
    array = np.from_dlpack(x)
    assert array.tolist() == [[0, 1], [2, 3]]
    assert np.shares_memory(array, x.numpy())
    assert x.__dlpack_device__() == (1, 0)
    assert knoll.from_dlpack(np.arange(3.0)).tolist() == [0, 1, 2]
    with pytest.raises(BufferError, match="Can't export tensors that require gradient"):
        np.from_dlpack(knoll.ones(2, requires_grad=True))


def test_dlpack_with_pytorch(torch: Any) -> None:
    theirs = torch.arange(3.0)
    ours = knoll.from_dlpack(theirs)
    theirs[0] = 7
    assert ours.tolist() == [7, 1, 2]
    back = torch.from_dlpack(ours)
    ours[1] = 8
    assert back.tolist() == [7, 8, 2]


def test_sizes() -> None:
    x = knoll.zeros(2, 3, dtype=knoll.float64)
    assert (x.dim(), x.ndim, x.numel(), x.nelement()) == (2, 2, 6, 6)
    assert (x.itemsize, x.element_size(), x.nbytes) == (8, 8, 48)
    assert (x.size(), x.size(-1)) == ((2, 3), 3)
    assert x.data_ptr() == x.numpy().ctypes.data
    assert x.is_floating_point()
    assert knoll.is_tensor(x)
    assert not knoll.is_tensor(x.numpy())
    with pytest.raises(IndexError, match="Dimension out of range"):
        x.size(2)


def test_comparisons() -> None:
    x = knoll.tensor([1.0, 2.0])
    assert knoll.allclose(x, x + 1e-7)
    assert not knoll.allclose(x, x + 1)
    assert knoll.equal(x, x.clone())
    assert not knoll.equal(x, knoll.ones(3))
    with pytest.raises(RuntimeError, match="Float did not match Double"):
        knoll.allclose(x, x.double())


def test_the_array_of_a_parameter_is_at_hand_where_no_gradient_is_kept() -> None:
    weight = knoll.ones(2).requires_grad_()
    with pytest.raises(StateError, match="requires grad"):
        weight.numpy()
    with knoll.no_grad():
        weight.numpy()[0] = 5
        assert weight.tolist() == [5.0, 1.0]


def test_short() -> None:
    both(lambda _, a: (a.short(), a.char()), np.array([3, 1, 2]))
