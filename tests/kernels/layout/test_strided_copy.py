"""Copies of arrays of any strides and element types: as NumPy's, bit by bit, and nothing beside the target."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.graph import Array
from knoll.kernels.layout.strided_copy import Lie, instruction_of, strided_copy
from knoll.machine import Machine
from knoll.run.nesting import nesting_of
from knoll.run.single_step import EagerKernel

SHAPES = [(16, 16), (17, 16), (20, 200), (3, 37, 65), (2, 1, 16, 300)]
LIES: list[Lie] = ["one", "order", "reverse", "apart", "across"]
TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
KNOWN = [(a, b) for a in TYPES for b in TYPES if a != b and instruction_of(a, b)]


def source(lie: Lie, shape: tuple[int, ...], dtype: str) -> Array:
    """An array that lies so."""
    generator, kind = np.random.default_rng(0), np.dtype(dtype)
    *before, rows, size = shape
    given = {"one": (rows, 1), "apart": (rows, 3 * size), "across": (size, rows)}.get(lie, (rows, size))
    x = (
        generator.integers(-200, 200, (*before, *given))
        if kind.kind in "iu"
        else generator.normal(0, 99, (*before, *given))
    )
    x = x.astype(dtype)
    if lie == "reverse":
        return x[..., ::-1]
    if lie == "apart":
        return x[..., ::3]
    return x.swapaxes(-1, -2) if lie == "across" else np.broadcast_to(x, shape)


def check(machine: Machine, lie: Lie, given: str, made: str, shape: tuple[int, ...], apart: bool) -> None:
    x = source(lie, shape, given)
    room = np.full((*shape[:-1], 2 * shape[-1] + 3), 1, made)
    target = room[..., 1 : 2 * shape[-1] + 1 : 2] if apart else room[..., 1 : shape[-1] + 1]
    expected = room.copy()
    with np.errstate(all="ignore"):
        np.copyto(
            expected[..., 1 : 2 * shape[-1] + 1 : 2] if apart else expected[..., 1 : shape[-1] + 1], x, casting="unsafe"
        )
    nesting = nesting_of(x, target)
    assert nesting is not None
    kernel = EagerKernel(strided_copy(machine, given, made, lie, "apart" if apart else "order"))
    kernel.run(nesting.pieces, target.size, nesting.words, [x, target])
    np.testing.assert_array_equal(room.view(np.uint8), expected.view(np.uint8))


@machines
@pytest.mark.parametrize("apart", [False, True], ids=["in order", "apart"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("lie", LIES)
def test_every_way(machine: Machine, lie: Lie, dtype: str, apart: bool) -> None:
    for shape in SHAPES:
        check(machine, lie, dtype, dtype, shape, apart)


@machines
@pytest.mark.parametrize(("given", "made"), KNOWN)
def test_every_conversion(machine: Machine, given: str, made: str) -> None:
    if "float16" in (given, made) and not machine.converts_half:
        pytest.skip("the processor has no instruction for it")
    check(machine, "order", given, made, (3, 37, 65), apart=False)


@machines
@pytest.mark.parametrize("lie", LIES)
def test_conversions_of_every_way(machine: Machine, lie: Lie) -> None:
    for given, made in [("uint8", "float32"), ("float32", "float64")]:
        check(machine, lie, given, made, (3, 37, 65), apart=lie == "order")


@machines
def test_special_numbers(machine: Machine) -> None:
    bits = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    made = np.empty(bits.size, np.float32)
    nesting = nesting_of(bits, made)
    assert nesting is not None
    if machine.converts_half:
        EagerKernel(strided_copy(machine, "float16", "float32", "order", "order")).run(
            nesting.pieces, bits.size, nesting.words, [bits, made]
        )
        np.testing.assert_array_equal(made, bits.astype(np.float32))
        assert (np.signbit(made) == np.signbit(bits)).all()
        back = np.empty_like(bits)
        wide = np.concatenate([made[: 1 << 15] * np.float32(1.0003), [np.inf, -0.0, np.nan, 1e-8, 65520, 65519]])
        wide = np.resize(wide, bits.size).astype(np.float32)
        EagerKernel(strided_copy(machine, "float32", "float16", "order", "order")).run(
            nesting_of(wide, back).pieces,
            back.size,
            nesting_of(wide, back).words,
            [wide, back],  # type: ignore[union-attr]  # few axes
        )
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(back, wide.astype(np.float16))


def test_what_kernels_do_not_know() -> None:
    assert {instruction_of(a, "bool") for a in TYPES if a != "bool"} == {None}
    assert instruction_of("float32", "uint8") is instruction_of("float64", "float16") is None
    assert instruction_of("int64", "float16") is None
