"""Arrays that no memory can hold are refused, wherever they would be made, in PyTorch's words and with a size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
import knoll.nn.functional as F
from knoll import nn
from knoll.errors import OutOfMemoryError
from knoll.graph import memory_limit

HUGE = 10**14
MADE: dict[str, Callable[[knoll.Tensor], Any]] = {
    "zeros": lambda _: knoll.zeros(HUGE),
    "ones": lambda _: knoll.ones(2, HUGE),
    "empty": lambda _: knoll.empty(HUGE),
    "full": lambda _: knoll.full((HUGE,), 1.0),
    "rand": lambda _: knoll.rand(HUGE),
    "randn": lambda _: knoll.randn(HUGE),
    "randint": lambda _: knoll.randint(0, 2, (HUGE,)),
    "randperm": lambda _: knoll.randperm(HUGE),
    "arange": lambda _: knoll.arange(HUGE),
    "linspace": lambda _: knoll.linspace(0, 1, HUGE),
    "eye": lambda _: knoll.eye(10**7),
    "one_hot": lambda _: F.one_hot(knoll.zeros(4, dtype=knoll.int64), HUGE),
    "repeat": lambda x: x.repeat(HUGE, 1, 1, 1),
    "sum of two": lambda _: knoll.ones(10**7, 1) + knoll.ones(10**7),
    "product": lambda _: knoll.ones(10**7, 1) @ knoll.ones(1, 10**7),
    "Linear": lambda _: nn.Linear(HUGE, 1),
    "Conv2d": lambda _: nn.Conv2d(1, 1, 10**7),
    "ConvTranspose2d": lambda _: nn.ConvTranspose2d(1, HUGE, 1),
    "BatchNorm2d": lambda _: nn.BatchNorm2d(HUGE),
    "PReLU": lambda _: nn.PReLU(HUGE),
    "MultiheadAttention": lambda _: nn.MultiheadAttention(10**7, 1),
    "LazyLinear": lambda x: nn.LazyLinear(HUGE)(x),
    "convolution": lambda x: nn.Conv2d(1, 1, 3, padding=10**8)(x),
    "transposed convolution": lambda x: nn.ConvTranspose2d(1, 1, 3, stride=10**8)(x),
    "average": lambda x: nn.AdaptiveAvgPool2d((10**12, 2))(x),
    "maximum": lambda x: nn.AdaptiveMaxPool2d((10**12, 2))(x),
    "unpooling": lambda x: nn.MaxUnpool2d(2, stride=10**8)(x, knoll.zeros(1, 1, 4, 4, dtype=knoll.int64)),
    "nearest": lambda x: nn.Upsample(scale_factor=10**8)(x),
    "bilinear": lambda x: nn.Upsample(scale_factor=10**8, mode="bilinear")(x),
    "padding": lambda x: F.pad(x, (10**13, 10**13)),
    "zeros around": lambda x: nn.ZeroPad2d(10**8)(x),
    "copies of the edge": lambda x: nn.ReplicationPad2d(10**8)(x),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_what_fits_into_no_memory_is_refused(made: Callable[[knoll.Tensor], Any]) -> None:
    with pytest.raises(OutOfMemoryError, match=r"can't allocate memory: you tried to allocate \d{13,} bytes") as caught:
        made(knoll.ones(1, 1, 4, 4))
    assert isinstance(caught.value, (MemoryError, RuntimeError))
    assert caught.value.advice is None  # smaller batches and images would not help: the sizes themselves are too large
    assert "TiB" in str(caught.value) or "PiB" in str(caught.value)


@pytest.mark.parametrize(
    "made", [lambda: knoll.zeros(2**40, 2**40), lambda: nn.Upsample(size=(2**62, 4))(knoll.ones(1, 1, 4, 4))]
)
def test_sizes_beyond_64_bits_are_refused(made: Callable[[], Any]) -> None:
    with pytest.raises(OutOfMemoryError, match="Storage size calculation overflowed with sizes=") as caught:
        made()
    assert "EiB" in str(caught.value)


def test_a_window_that_stands_still_may_have_any_stride() -> None:
    x = knoll.randn(1, 2, 4, 5).requires_grad_(True)
    layer = nn.Conv2d(2, 3, 3, stride=10**9)
    y = layer(x)
    y.sum().backward()
    assert y.shape == (1, 3, 1, 1)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy()[0, :, :3, :3], layer.weight.detach().numpy().sum(0), rtol=1e-6)
    assert not x.grad.numpy()[0, :, 3:].any()


def test_the_limit_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_limit, "total", lambda: 1 << 20)
    memory_limit.check((1 << 18,), np.dtype(np.float32))
    with pytest.raises(OutOfMemoryError, match="tried to allocate 2097152 bytes"):
        memory_limit.check((1 << 18, 2), np.dtype(np.float32))
