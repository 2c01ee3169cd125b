"""Tensors over the memory of a buffer, against PyTorch."""

from __future__ import annotations

import array

import knoll
from side_by_side import Refused, refusals, same_warning

REFUSED: dict[str, Refused] = {
    "frombuffer rest": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=3),
    "frombuffer count": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, count=5),
    "frombuffer none": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, count=0),
    "frombuffer offset": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=9),
    "frombuffer before": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, offset=-1),
    "frombuffer empty": lambda t: t.frombuffer(bytearray(), dtype=t.int32),
    "frombuffer gradient": lambda t: t.frombuffer(bytearray(8), dtype=t.int32, requires_grad=True),
    "frombuffer of a number": lambda t: t.frombuffer(3, dtype=t.int32),
}

test_refused_as_in_pytorch = refusals(REFUSED)


def test_a_tensor_over_a_buffer() -> None:
    memory = bytearray(b"12345678")
    x = knoll.frombuffer(memory, dtype=knoll.uint8, count=3, offset=2)
    memory[2] = 7
    assert x.tolist() == [7, 52, 53]
    x[1] = 9
    assert memory[3] == 9
    assert knoll.frombuffer(array.array("f", [1.5, 2.5]), dtype=knoll.float32, requires_grad=True).requires_grad


def test_a_read_only_buffer_is_told() -> None:
    same_warning(lambda t: t.frombuffer(b"1234", dtype=t.uint8))
