"""Object files become code that runs wherever it lies, and goes when nobody holds it; what does not fit raises."""

from __future__ import annotations

import ctypes
import gc
import random
import struct
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from knoll.llvm import code as code_module
from knoll.llvm.code import Code, load
from knoll.llvm.compile import object_code
from knoll.llvm.link import _JUMPS, LinkError, linked
from knoll.machine import host
from knoll.run.parallel_map import parallel_map

TEXT = """
@numbers = private constant [4 x i64] [i64 10, i64 20, i64 30, i64 40], align 64
declare i64 @outside(i64)
define i64 @entry(i64 %i) {
  %at = getelementptr i64, ptr @numbers, i64 %i
  %v = load i64, ptr %at
  ret i64 %v
}
define i64 @asks(i64 %i) {
  %v = call i64 @outside(i64 %i)
  %w = call i64 @entry(i64 %i)
  %s = add i64 %v, %w
  ret i64 %s
}
"""
STATM = Path("/proc/self/statm")
ARM = ("aarch64-unknown-linux-gnu", "arm64-apple-macosx-elf")


def called(code: Code, name: str, argument: int) -> int:
    return int(ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address(name))(argument))


def test_constants_and_functions_far_away_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    double = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(lambda x: 2 * x)
    address = ctypes.cast(double, ctypes.c_void_p).value
    assert address
    monkeypatch.setattr(code_module, "_outside", lambda _: address)
    code = load(object_code(TEXT, host()), ("entry", "asks"))
    assert [called(code, "entry", i) for i in range(4)] == [10, 20, 30, 40]
    assert called(code, "asks", 3) == 46


def test_an_image_does_not_depend_on_where_it_lies() -> None:
    """Everything is reached by distances within the image, or by a whole address: nothing can be too far away."""
    file = object_code(TEXT, host())
    near, far = linked(file, lambda _: 0), linked(file, lambda _: 1 << 63)
    different = [i for i, (a, b) in enumerate(zip(near.code, far.code, strict=True)) if a != b]
    stub = near.code.index(_JUMPS[62] if host().x86 else _JUMPS[183]) + 8
    assert set(different) <= set(range(stub, stub + 8))


def relocated(file: bytes, **changes: int) -> bytes:
    """The file with its first relocation changed: symbol, kind or addend."""
    table, size, count = struct.unpack_from("<40xQ10xHH", file)
    for start in range(table, table + size * count, size):
        kind, at = struct.unpack_from("<4xI16xQ", file, start)
        if kind == 4:
            _, info, addend = struct.unpack_from("<QQq", file, at)
            info = (changes.get("symbol", info >> 32) << 32) | changes.get("kind", info & 0xFFFFFFFF)
            return file[: at + 8] + struct.pack("<Qq", info, changes.get("addend", addend)) + file[at + 24 :]
    raise AssertionError("no relocations")


@pytest.mark.parametrize("change", [{"addend": 1 << 31}, {"addend": -(1 << 40)}, {"kind": 99}, {"symbol": 10_000}])
def test_what_does_not_fit_raises(change: dict[str, int]) -> None:
    file = object_code(TEXT, host())
    linked(relocated(file), lambda _: 0)
    with pytest.raises(LinkError, match=r"does not fit in|relocation 99|a damaged object file"):
        linked(relocated(file, **change), lambda _: 0)


def test_functions_that_are_nowhere_raise() -> None:
    with pytest.raises(LinkError, match="outside"):
        load(object_code(TEXT, host()), ("entry",))
    with pytest.raises(LinkError, match="missing"):
        load(object_code("define void @f() { ret void }", host()), ("f", "missing"))


def test_variables_are_refused() -> None:
    with pytest.raises(LinkError, match="variables"):
        linked(object_code("@v = global i64 7\ndefine ptr @f() { ret ptr @v }", host()), lambda _: 0)


def test_damaged_files_raise_and_nothing_else() -> None:
    file, draw = object_code(TEXT, host()), random.Random(0)  # noqa: S311 (no secret)
    for _ in range(500):
        damaged = bytearray(file[: draw.choice([len(file), draw.randrange(len(file))])])
        for _ in range(draw.randrange(1, 20)):
            if damaged:
                damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            linked(bytes(damaged), lambda _: 0)
        except LinkError:
            continue


@pytest.mark.skipif(not STATM.exists(), reason="the system does not tell what is mapped")
def test_memory_is_given_back_with_the_last_holder() -> None:
    file = object_code("define void @f() { ret void }", host())
    pages = -(-(64 << 20) // load(file, ("f",)).bytes) // 16
    before = mapped()
    kept = [load(file, ("f",)) for _ in range(pages)]
    assert mapped() > before + pages // 2
    del kept
    gc.collect()
    assert mapped() < before + pages // 2


def mapped() -> int:
    """Pages of memory that this process has."""
    return int(STATM.read_text().split()[0])


def arm_object(triple: str, text: str) -> bytes:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=3, reloc="pic", codemodel="small", jit=True)
    module = llvm.parse_assembly(text)
    module.triple = triple
    return bytes(machine.emit_object(module))


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


@pytest.mark.parametrize("triple", ARM)
def test_arm_code_reaches_its_constants_and_its_stubs(triple: str) -> None:
    """Decoded, as it cannot be run here: addresses made by ADRP and ADD, and where BL jumps to."""
    image = linked(arm_object(triple, TEXT), lambda _: 0x1234_5678_9ABC)
    words = struct.unpack(f"<{len(image.code) // 4}I", image.code[: len(image.code) // 4 * 4])
    numbers = image.code.index(struct.pack("<4q", 10, 20, 30, 40))
    stub = image.code.index(_JUMPS[183])
    assert image.code[stub + 8 : stub + 16] == struct.pack("<Q", 0x1234_5678_9ABC)
    pages = [(4 * i, w) for i, w in enumerate(words) if w & 0x9F000000 == 0x90000000]
    assert pages
    for place, word in pages:
        page = signed((word >> 29 & 3) | (word >> 5 & 0x7FFFF) << 2, 21) + (place >> 12) << 12
        add = next(w for w in words[place // 4 :] if w & 0xFFC00000 in (0x91000000, 0xF9400000))
        assert page + (add >> 10 & 0xFFF) == numbers
    jumps = {4 * i + 4 * signed(w & 0x3FFFFFF, 26) for i, w in enumerate(words) if w >> 26 == 0b100101}
    assert stub in jumps
    assert jumps <= {stub, image.functions["entry"]}


def test_windows_code_is_in_the_same_format() -> None:
    image = linked(arm_object("x86_64-pc-windows-msvc-elf", TEXT), lambda _: 7)
    assert set(image.functions) == {"entry", "asks"}


def test_kernels_on_other_systems_link() -> None:
    """Constants of every kind that kernels have: tables, numbers, vectors."""
    text = """
    @v = private constant [4 x float] [float 1.0, float 2.0, float 3.0, float 5.0], align 16
    define <4 x float> @f(<4 x float> %x, float %y, double %z, ptr %p) {
      %a = load <4 x float>, ptr @v, align 16
      %b = fadd <4 x float> %x, %a
      %c = fmul <4 x float> %b, <float 1.5, float 2.5, float 3.5, float 0x3FF3BE76C0000000>
      %d = fmul double %z, 0x3FF3BE76C8B43958
      store double %d, ptr %p
      ret <4 x float> %c
    }
    """
    for triple in (*ARM, "x86_64-pc-windows-msvc-elf", "x86_64-apple-macosx-elf"):
        assert "f" in linked(arm_object(triple, text), lambda _: 0).functions


def test_threads_compile_at_the_same_time_what_one_thread_compiles() -> None:
    texts = [TEXT.replace("i64 40", f"i64 {number}") for number in range(60)]
    alone = [object_code(text, host()) for text in texts]
    assert parallel_map(lambda text: object_code(text, host()), texts, threads=4) == alone
    assert len(set(alone)) == len(texts)
