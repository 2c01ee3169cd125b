"""The language of the kernels: what it emits runs, and computes what the same lines would compute in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, LoopCarried, Register
from knoll.machine import NAMED, Machine, host
from single_kernel import emitted as run

MACHINES = [m for m in NAMED.values() if m.vector_bytes <= host().vector_bytes]
Array = np.ndarray[Any, Any]

on_all_machines = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
for_both_floats = pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)


def integer(k: KernelBuilder, index: IntRegister | int, place: int) -> None:
    """Write an index into element `place` of the first array."""
    name = str(index)
    k.store(Register(k, "i64", name), k.pointers[0] + 8 * place)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 50))
def test_index_arithmetic(a: int, b: int, c: int) -> None:
    def write(k: KernelBuilder) -> None:
        x, y = k.count, k.batch
        results = [x + y, x + c, c + x, x * y, c * x, x // c, x % c, (x + y) - x, (c + x) - c, 2000 - x]
        results += [k.minimum(x, y), k.maximum(x, y), k.minimum(x, c), k.maximum(x, c), k.minimum(3, c)]
        for place, result in enumerate(results):
            integer(k, result, place)

    found = np.zeros(15, np.int64)
    run(host(), "float32", write, found, count=a, batch=b)
    expected = [a + b, a + c, a + c, a * b, a * c, a // c, a % c, b, a, 2000 - a]
    expected += [min(a, b), max(a, b), min(a, c), max(a, c), min(3, c)]
    assert found.tolist() == expected


def test_what_is_constant_emits_nothing() -> None:
    k = KernelBuilder("constants", host(), np.dtype("float32"), 1)
    before = k.text()
    x, pointer = k.count, k.pointers[0]
    assert x + 0 is x
    assert x - 0 is x
    assert x * 1 is x
    assert x // 1 is x
    assert k.minimum(3, 4) == 3
    assert (pointer + 16 + 48).offset == 64
    assert k.text() == before


@on_all_machines
@for_both_floats
def test_loops_carry_their_cells(machine: Machine, dtype: Any) -> None:
    lanes, rows = machine.lanes(dtype), 5
    x = np.arange(rows * 3 * lanes, dtype=dtype)

    def write(k: KernelBuilder) -> None:
        source, target = k.pointers
        total, largest, here = LoopCarried(k.zero()), LoopCarried(k.constant(float("-inf"))), LoopCarried(source)
        with (
            k.loop(0, k.count, carrying=[total, largest, here], name="row"),
            k.loop(0, 3, carrying=[total, largest, here], name="column"),
        ):
            value = k.load(here.pointer)
            total.value = total.number + value
            largest.value = value.compare("ogt", largest.number).select(value, largest.number)
            here.value = here.pointer + lanes * k.bytes
        k.store(total.number, target)
        k.store(largest.number, target + lanes * k.bytes)

    for count in (0, 1, rows):
        y = np.zeros(2 * lanes, dtype)
        run(machine, dtype, write, x, y, count=count)
        seen = x.reshape(-1, lanes)[: count * 3]
        np.testing.assert_array_equal(y[:lanes], seen.sum(axis=0))
        np.testing.assert_array_equal(y[lanes:], seen.max(axis=0, initial=-np.inf))


@pytest.mark.parametrize(("start", "stop", "step"), [(0, 7, 1), (0, 7, 3), (2, 9, 2), (4, 4, 1), (5, 2, 1)])
@pytest.mark.parametrize("known", [True, False])
def test_loops_count_as_range_does(start: int, stop: int, step: int, known: bool) -> None:
    seen = np.full(16, -1, np.int64)

    def write(k: KernelBuilder) -> None:
        place = LoopCarried(k.pointers[0])
        first, last = (start, stop) if known else (k.first_part, k.last_part)
        with k.loop(first, last, step, carrying=[place]) as i:
            k.store(Register(k, "i64", str(i)), place.pointer)
            place.value = place.pointer + 8

    run(host(), "float32", write, seen, first_part=start, last_part=stop)
    expected = list(range(start, stop, step))
    assert seen.tolist() == expected + [-1] * (16 - len(expected))


@on_all_machines
@for_both_floats
def test_some_lanes(machine: Machine, dtype: Any) -> None:
    lanes = machine.lanes(dtype)
    page = np.arange(1, lanes + 1, dtype=dtype)

    for some in range(1, lanes + 1):

        def write(k: KernelBuilder, some: int = some) -> None:
            value = k.load_lanes(k.pointers[0], some)
            k.store(value, k.pointers[1])
            k.store_lanes(value + k.constant(10.0), k.pointers[2], some)

        whole, part = np.full(lanes, -1, dtype), np.full(lanes, -1, dtype)
        run(machine, dtype, write, page, whole, part)
        inside = np.arange(lanes) < some
        np.testing.assert_array_equal(whole, np.where(inside, page, 0))
        np.testing.assert_array_equal(part, np.where(inside, page + 10, -1))


@on_all_machines
def test_some_lanes_are_stored_through_a_mask_where_that_is_quick(machine: Machine) -> None:
    k = KernelBuilder("some", machine, np.dtype("float32"), 1)
    k.store_lanes(k.constant(1.0), k.pointers[0], 3)
    assert ("masked.store" in k.text()) == machine.masks
    assert k.text().count("store float") + k.text().count("store <2 x float>") == (0 if machine.masks else 2)


@on_all_machines
def test_lanes_from_the_middle(machine: Machine) -> None:
    lanes = machine.lanes(np.dtype("float32"))
    numbers, some = np.arange(lanes, dtype=np.float32) + 1, np.full(lanes, -1, np.float32)

    def write(k: KernelBuilder) -> None:
        k.store(k.load_lanes(k.pointers[0], lanes - 1, 1), k.pointers[1])

    run(machine, "float32", write, numbers, some)
    np.testing.assert_array_equal(some, [0, *numbers[1:-1], 0])


@on_all_machines
def test_an_address_within_bounds(machine: Machine) -> None:
    yes, no, chosen = np.arange(3.0), np.array([7.0]), np.zeros(5)

    def write(k: KernelBuilder) -> None:
        with k.loop(0, 5, name="i") as i:
            there = k.within(i - 1, 3, k.pointers[0] + (i - 1) * 8, k.pointers[1])
            k.store(k.load(there, k.scalar), k.pointers[2] + i * 8)

    run(machine, "float64", write, yes, no, chosen)
    np.testing.assert_array_equal(chosen, [7, 0, 1, 2, 7])


@on_all_machines
@for_both_floats
def test_multiply_adds_are_one_sum(machine: Machine, dtype: Any) -> None:
    lanes = machine.lanes(dtype)
    generator = np.random.default_rng(0)
    one, a, b, c = (generator.standard_normal(n).astype(dtype) for n in (1, lanes, lanes, lanes))

    def write(k: KernelBuilder) -> None:
        x, y, z = (k.load(pointer) for pointer in k.pointers[1:4])
        k.store(k.multiply_add(x, y, z), k.pointers[4])
        k.store(k.multiply_add_to(x, y, z), k.pointers[5])
        first, second = k.multiply_add_one(k.pointers[0], [x, y], [y, z])
        k.store(first, k.pointers[6])
        k.store(second, k.pointers[7])
        k.store(k.splat(k.load(k.pointers[0], k.scalar)), k.pointers[8])

    results = [np.zeros(lanes, dtype) for _ in range(5)]
    run(machine, dtype, write, one, a, b, c, *results)
    near = {"rtol": 4 * np.finfo(dtype).eps, "atol": 4 * np.finfo(dtype).eps}
    for found, truth in zip(results, [a * b + c, a * b + c, one * a + b, one * b + c, one + 0 * a], strict=True):
        np.testing.assert_allclose(found, truth, **near)
    if machine.fused:
        exact = (a.astype(np.longdouble) * b + c).astype(dtype)
        units = np.abs(results[0] - exact) / np.spacing(np.abs(exact))
        assert units.max() <= 0.5 if dtype.itemsize == 4 else units.max() <= 1


@on_all_machines
@for_both_floats
def test_numbers(machine: Machine, dtype: Any) -> None:
    lanes = machine.lanes(dtype)
    x = np.linspace(-2, 3, lanes).astype(dtype)
    y = np.where(np.arange(lanes) % 3 == 1, np.nan, 1).astype(dtype)

    def write(k: KernelBuilder) -> None:
        a, b = k.load(k.pointers[0]), k.load(k.pointers[1])
        truths = b.compare("uno", b) | a.compare("ogt", k.zero())
        results = [a + b, a - b, a * b, a / b, truths.select(a, k.constant(0.1)), k.constant(float("inf"))]
        for place, result in enumerate(results):
            k.store(result, k.pointers[2] + place * lanes * k.bytes)

    found = np.zeros((6, lanes), dtype)
    run(machine, dtype, write, x, y, found)
    truth = [
        x + y,
        x - y,
        x * y,
        x / y,
        np.where(np.isnan(y) | (x > 0), x, np.array(0.1, dtype)),
        np.full(lanes, np.inf),
    ]
    np.testing.assert_array_equal(found, np.array(truth, dtype))


@on_all_machines
@for_both_floats
def test_what_waits_in_memory(machine: Machine, dtype: Any) -> None:
    """Vectors on the stack, and constants that are read where they are used: the same numbers as in registers."""
    lanes = machine.lanes(dtype)
    x = np.linspace(-2, 3, 3 * lanes).astype(dtype)

    def write(k: KernelBuilder) -> None:
        width = lanes * k.bytes
        room, other = k.alloca(3), k.alloca(1)
        k.store(k.constant(5.0), other)
        for i in range(3):
            k.store(k.load(k.pointers[0] + i * width), room + i * width)
        with k.loop(0, 3) as i, k.constants_from_memory():
            value = k.load(room + i * width) * k.constant(0.1) + k.constant(-7.0) + k.constant(0.1) + k.constant(0.0)
            k.store(value + k.load(other), k.pointers[1] + i * width)
        assert "volatile" in k.text()

    found = np.zeros(3 * lanes, dtype)
    run(machine, dtype, write, x, found)
    tenth = np.array(0.1, dtype)
    np.testing.assert_array_equal(found, x * tenth - 7 + tenth + 5)


@on_all_machines
@for_both_floats
def test_vectors_of_several_registers(machine: Machine, dtype: Any) -> None:
    lanes = machine.lanes(dtype)
    x, factors = np.linspace(-2, 3, 4 * lanes).astype(dtype), np.linspace(1, 2, lanes).astype(dtype)

    def write(k: KernelBuilder) -> None:
        factor = k.load(k.pointers[1])
        assert k.repeated(factor) is factor
        with k.wider(4):
            value = k.multiply_add(k.load(k.pointers[0]), k.repeated(factor), k.constant(0.5))
            k.store(value.compare("ogt", k.zero()).select(value, k.zero()), k.pointers[2])
        k.store(k.constant(7.0), k.pointers[3])

    wide, one = np.zeros(4 * lanes, dtype), np.zeros(2 * lanes, dtype)
    run(machine, dtype, write, x, factors, wide, one)
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(wide, np.maximum(x * np.tile(factors, 4) + 0.5, 0), rtol=4 * eps, atol=4 * eps)
    assert one.tolist() == [7.0] * lanes + [0.0] * lanes


@settings(max_examples=30, deadline=None)
@given(st.floats(allow_nan=False, width=32))
def test_literals_keep_every_bit(number: float) -> None:
    for machine_type, dtype in (("float", "float32"), ("double", "float64")):
        found = np.zeros(1, dtype)

        def write(k: KernelBuilder, machine_type: str = machine_type) -> None:
            k.store(Register(k, machine_type, k.literal(number)), k.pointers[0])

        run(host(), dtype, write, found)
        np.testing.assert_array_equal(found, np.array([number], dtype))


def test_tables_are_read_by_index() -> None:
    def write(k: KernelBuilder) -> None:
        entry = k.load(k.table([10, -20, 30]) + k.count * 8, "i64")
        k.store(entry, k.pointers[0])

    found = np.zeros(1, np.int64)
    for index, number in enumerate([10, -20, 30]):
        run(host(), "float32", write, found, count=index)
        assert found[0] == number


def test_a_listing_reads_like_the_loops() -> None:
    def write(k: KernelBuilder) -> None:
        total = LoopCarried(k.zero())
        with k.loop(0, k.count, name="n"), k.loop(0, 8, 2, carrying=[total], name="c") as c:
            total.value = total.number + k.load(k.pointers[0] + c * k.bytes)
        k.store(k.zero(), k.pointers[0])

    k = KernelBuilder("listed", host(), np.dtype("float32"), 1)
    write(k)
    assert k.listing().splitlines() == [
        "listed",
        "  for n in 0 … count:",
        "    for c in 0 … 8 step 2, carrying 1:",
        "      1 load, 1 fadd",
        "  1 store",
    ]


def test_long_tables_are_written_as_bytes() -> None:
    k = KernelBuilder("k", host(), np.dtype(np.float32), 1)
    numbers = np.arange(100) * 1.5
    k.table(numbers, k.scalar)
    k.table(numbers[:3], k.scalar)
    text = k.text()
    assert "".join(f"\\{byte:02X}" for byte in numbers.astype("<f4").tobytes()) in text
    assert "[3 x float] [float 0x" in text
