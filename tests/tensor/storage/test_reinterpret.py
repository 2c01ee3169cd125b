"""Views that read bits as another type: PyTorch's results, aliasing, gradients and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from side_by_side import both, same_refusal

TYPES = ("float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64")


@pytest.mark.parametrize("source", TYPES)
@pytest.mark.parametrize("target", [*TYPES, "bool"])
def test_bits_are_read_as_by_pytorch(source: str, target: str) -> None:
    array = np.random.default_rng(0).integers(0, 2, (3, 16)).astype(source)
    both(lambda lib, x: (x.view(getattr(lib, target)), x.view(dtype=getattr(lib, target)).sum(0)), array)


VIEWS: dict[str, Callable[[Any], Any]] = {
    "transposed, same size": lambda lib: lib.arange(6.0).view(2, 3).t().view(lib.int32),
    "rows from the middle": lambda lib: lib.arange(8.0).view(4, 2)[1:].view(lib.float64),
    "every second row": lambda lib: lib.arange(8.0).view(4, 2)[::2].view(lib.int64),
    "part of rows": lambda lib: lib.arange(12.0).view(3, 4)[:, 2:].view(lib.float64),
    "one number": lambda lib: lib.tensor(1.5).view(lib.int32),
    "no rows": lambda lib: lib.zeros(0, 4).view(lib.uint8),
    "empty rows": lambda lib: lib.zeros(3, 0).view(lib.uint8),
    "and back": lambda lib: lib.arange(4.0).view(lib.uint8).view(2, 8).view(lib.float32),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_of_views(name: str) -> None:
    both(lambda lib: VIEWS[name](lib))


@pytest.mark.parametrize("call", [
    lambda lib: lib.arange(5.0).view(lib.float64),
    lambda lib: lib.tensor(1.0).view(lib.float64),
    lambda lib: lib.tensor(1.0).view(lib.uint8),
    lambda lib: lib.arange(6.0).view(2, 3).t().view(lib.uint8),
    lambda lib: lib.arange(6.0).view(2, 3).t().view(lib.float64),
    lambda lib: lib.arange(7.0)[1:].view(lib.float64),
    lambda lib: lib.arange(9.0).view(3, 3)[:, :2].view(lib.float64),
])  # fmt: skip
def test_refusals(call: Callable[[Any], object]) -> None:
    same_refusal(call)


def test_both_kinds_of_views_at_once_are_refused() -> None:
    x = knoll.zeros(4)
    for wrong in (lambda: x.view(2, 2, dtype="int32"), lambda: x.view(size=(2, 2), dtype="int32")):
        with pytest.raises(TypeError, match="takes sizes or an element type, not both"):
            wrong()
    with pytest.raises(TypeError, match=r"dtype must be torch\.dtype, not int"):
        x.view(dtype=5)
    assert x.view(size=(2, 2)).shape == (2, 2)


def test_both_names_see_changes() -> None:
    x = knoll.zeros(2, 4)
    wide, bits = x.view(knoll.float64), x[1].view(knoll.int32)
    x[0, 1] = 1.0
    assert wide[0, 0].item() == np.array([0, 1], "f4").view("f8")[0]
    wide[1] = knoll.tensor([2.0, 3.0], dtype=knoll.float64)
    np.testing.assert_array_equal(x[1].numpy(), np.array([2.0, 3.0]).view("f4"))
    bits.zero_()
    assert x[1].tolist() == [0, 0, 0, 0]
    array = np.zeros(2, "f4")
    knoll.from_numpy(array).view("int32")[0] = 1
    assert array.view("i4").tolist() == [1, 0]


def test_gradients_flow_past_bits_that_were_changed(torch: Any) -> None:
    found = []
    for lib in (knoll, torch):
        x = lib.arange(1.0, 5.0).requires_grad_()
        y = x * 3
        bits = y.view(lib.int32)
        assert not bits.requires_grad
        bits.bitwise_and_(~0xFFFFF)  # a straight-through rounding
        (y * y).sum().backward()
        found.append((y.detach().numpy(), x.grad.numpy()))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_inside_a_network_and_its_program() -> None:
    class Rounded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 4, 3)

        def forward(self, x: Any) -> Any:
            bits = self.conv(x).view(knoll.int32) & ~0xFFFF
            return bits.view(knoll.float32) * 2

    net, x = Rounded(), knoll.randn(3, 2, 6, 6)
    expected = (net.conv(x).detach().numpy().view("i4") & ~0xFFFF).view("f4") * 2
    np.testing.assert_array_equal(net(x).numpy(), expected)
    np.testing.assert_array_equal(knoll.compile(net.eval(), x)(x.numpy()), expected)
