"""The small language that kernels are written in.

A kernel is a Python function that reads like the loop nest it emits: `with k.loop(0, 16) as c:` opens a loop, indices
and pointers add up with `+`, vectors are values. Accumulators are `LoopCarried`s: a loop that changes them says so with
`carrying`. Everything becomes LLVM IR text at once; what is constant is folded on the way. Source:
https://llvm.org/docs/LangRef.html
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from knoll.graph.spec import Array, DType
from knoll.llvm.function import ARGUMENTS, Function
from knoll.llvm.registers import (
    AnyRegister,
    Integer,
    IntRegister,
    LoopCarried,
    Pointer,
    Register,
    renamed,
    settled,
    type_of,
)
from knoll.machine import Machine

SCALARS = {
    "float32": "float",
    "float64": "double",
    "float16": "half",
    "uint8": "i8",
    "int8": "i8",
    "bool": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
}
READABLE = 64  # tables of more numbers than this are written as bytes


class KernelBuilder(Function):
    """One function of machine code in the making.

    Its arguments: a table of pointers, and behind them of numbers, `count` samples, the parts from `first_part` up to
    `last_part`, whether sums start `fresh` or go on, and how many samples the whole `batch` has.
    """

    bytes: int
    scalar: str
    one_vector: str
    batch: IntRegister
    count: IntRegister
    first_part: IntRegister
    fresh: IntRegister
    last_part: IntRegister
    pointers: list[Pointer]
    lanes: int
    numbers: list[IntRegister]
    vector: str

    def __init__(self, name: str, machine: Machine, dtype: DType, pointers: int, numbers: Sequence[int] = ()) -> None:
        super().__init__(name, machine.vector_bytes)
        self.machine = machine
        self.dtype = dtype
        self.lanes = machine.lanes(dtype)
        self.bytes = dtype.itemsize
        self.scalar = SCALARS[dtype.name]
        self.vector = self.one_vector = f"<{self.lanes} x {self.scalar}>"
        self._constants: dict[float, Pointer] | None = None
        self.count, self.first_part, self.last_part, self.fresh, self.batch = (
            IntRegister(self, f"%{a}") for a in ARGUMENTS
        )
        self.pointers = [Pointer(self, self._argument(i, "ptr")) for i in range(pointers)]
        self.numbers = [IntRegister(self, self._argument(pointers + i, "i64")) for i in range(len(numbers))]
        self._known = {register.name: value for register, value in zip(self.numbers, numbers, strict=True)}

    def _argument(self, index: int, type: str) -> str:  # noqa: A002 (LLVM's word)
        slot = self.emit(f"getelementptr i8, ptr %table, i64 {8 * index}")
        return self.emit(f"load {type}, ptr {slot}, align 8")

    # Constants and vectors

    def constant(self, value: float) -> Register:
        """A vector with `value` in every lane."""
        if not value and math.copysign(1, value) > 0:
            return self.zero()
        if self._constants is not None:
            return self._constant_in_memory(value, self._constants)
        return self.splat(Register(self, self.scalar, self.literal(value)))

    @contextmanager
    def constants_from_memory(self) -> Iterator[None]:
        """Read every constant where it is used.

        LLVM would take them out of all loops around, and run out of registers in loops that do not use them.
        """
        self._constants = {}
        yield
        self._constants = None

    def _constant_in_memory(self, value: float, places: dict[float, Pointer]) -> Register:
        """Read by the instruction that uses it: one number where that can broadcast it, a whole vector elsewhere."""
        one = self.machine.broadcasts
        if value not in places:
            places[value] = self.table([value] * (1 if one else self.lanes), self.scalar)
        kind = self.scalar if one else self.vector
        number = Register(self, kind, self.emit(f"load volatile {kind}, ptr {places[value].name}", "load"))
        return self.splat(number) if one else number

    def literal(self, value: float) -> str:
        """A float constant as LLVM writes it."""
        rounded = struct.unpack("f", struct.pack("f", value))[0] if self.bytes == 4 else value
        return f"0x{struct.unpack('Q', struct.pack('d', rounded))[0]:016X}"

    def zero(self, type: str | None = None) -> Register:  # noqa: A002 (LLVM's word)
        """A vector of zeros, or zeros of another type."""
        return Register(self, type or self.vector, "zeroinitializer")

    @property
    def half(self) -> str:
        """The type of half a vector."""
        return f"<{self.lanes // 2} x {self.scalar}>"

    def splat(self, number: Register) -> Register:
        """A vector with one number in every lane."""
        vector = f"<{self.lanes} x {number.type}>"
        one = self.emit(f"insertelement {vector} poison, {number.type} {number.name}, i32 0")
        mask = f"<{self.lanes} x i32> zeroinitializer"
        return Register(self, vector, self.emit(f"shufflevector {vector} {one}, {vector} poison, {mask}", "broadcast"))

    @contextmanager
    def wider(self, registers: int) -> Iterator[None]:
        """Let a vector fill several registers: LLVM takes each instruction apart into one for each of them.

        They stand side by side, so that while one waits for what it reads the processor goes on with the next.
        """
        lanes = self.lanes
        self.lanes, self.vector = registers * lanes, f"<{registers * lanes} x {self.scalar}>"
        yield
        self.lanes, self.vector = lanes, self.one_vector

    def repeated(self, number: Register) -> Register:
        """What fills one register, in all registers of a vector."""
        lanes = self.machine.lanes(self.dtype)
        mask = ", ".join(f"i32 {lane % lanes}" for lane in range(self.lanes))
        text = f"shufflevector {number.type} {number.name}, {number.type} poison, <{self.lanes} x i32> <{mask}>"
        return Register(self, self.vector, self.emit(text, "shuffle")) if self.vector != number.type else number

    def load(self, pointer: Pointer, type: str | None = None, aligned: bool = False) -> Register:  # noqa: A002 (LLVM's word)
        """The vector (or other type) at an address."""
        type = type or self.vector  # noqa: A001 (LLVM's word)
        align = self.machine.vector_bytes if aligned else self._alignment(type)
        return Register(self, type, self.emit(f"load {type}, ptr {pointer.text()}, align {align}", "load"))

    def load_pointer(self, pointer: Pointer) -> Pointer:
        """The address at an address."""
        return Pointer(self, self.emit(f"load ptr, ptr {pointer.text()}, align 8", "load"))

    def load_integer(self, pointer: Pointer) -> IntRegister:
        """The integer of 64 bits at an address."""
        return IntRegister(self, self.emit(f"load i64, ptr {pointer.text()}, align 8", "load"))

    def prefetch(self, pointer: Pointer) -> None:
        """Ask for the cache line at an address, which is read soon; an address outside any array does no harm."""
        self.declare("declare void @llvm.prefetch.p0(ptr, i32 immarg, i32 immarg, i32 immarg)")
        self.do(f"call void @llvm.prefetch.p0(ptr {pointer.text()}, i32 0, i32 2, i32 1)", "prefetch")

    def store(self, number: Register, pointer: Pointer, aligned: bool = False) -> None:
        """Write a number to an address."""
        align = self.machine.vector_bytes if aligned else self._alignment(number.type)
        self.do(f"store {number.type} {number.name}, ptr {pointer.text()}, align {align}", "store")

    def _alignment(self, type: str) -> int:  # noqa: A002 (LLVM's word)
        """Bytes that an address is surely a multiple of: those of an element, or of a smaller number."""
        return {"i8": 1, "i16": 2, "half": 2, "i32": 4, "float": 4}.get(_scalar_of(type), self.bytes)

    def load_lanes(self, pointer: Pointer, lanes: int, first: int = 0) -> Register:
        """The lanes from `first` up to `lanes` at an address, zeros in the others; nothing beside them is touched."""
        if (first, lanes) == (0, self.lanes):
            return self.load(pointer)
        name = f"llvm.masked.load.v{self.lanes}f{8 * self.bytes}.p0"
        self.declare(f"declare {self.vector} @{name}(ptr, i32 immarg, <{self.lanes} x i1>, {self.vector})")
        words = f"ptr {pointer.text()}, i32 {self.bytes}, {self._mask(lanes, first)}, {self.vector} zeroinitializer"
        return Register(self, self.vector, self.emit(f"call {self.vector} @{name}({words})", "load"))

    def store_lanes(self, number: Register, pointer: Pointer, lanes: int) -> None:
        """Write the first `lanes` elements, floats or integers of 64 bits; nothing after them is touched.

        Where no instruction does so quickly, in pieces of a power of two: 7 as 4, 2 and 1.
        """
        if lanes == self.lanes:
            self.store(number, pointer)
            return
        scalar = _scalar_of(number.type)
        if not self.machine.masks:
            first = 0
            for piece in (1 << bit for bit in reversed(range(lanes.bit_length())) if lanes & 1 << bit):
                self.store(self._piece(number, first, piece), pointer + first * (8 if scalar == "i64" else self.bytes))
                first += piece
            return
        name = f"llvm.masked.store.v{self.lanes}{scalar if scalar == 'i64' else f'f{8 * self.bytes}'}.p0"
        self.declare(f"declare void @{name}({number.type}, ptr, i32 immarg, <{self.lanes} x i1>)")
        words = f"{number.type} {number.name}, ptr {pointer.text()}, i32 {self.bytes}, {self._mask(lanes)}"
        self.do(f"call void @{name}({words})", "store")

    def _piece(self, number: Register, first: int, lanes: int) -> Register:
        """Some neighbouring lanes of a vector, or one number."""
        scalar, vector = _scalar_of(number.type), number.type
        if lanes == 1:
            return self.lane(number, first)
        kind, order = f"<{lanes} x {scalar}>", ", ".join(f"i32 {first + lane}" for lane in range(lanes))
        text = f"shufflevector {vector} {number.name}, {vector} poison, <{lanes} x i32> <{order}>"
        return Register(self, kind, self.emit(text, "shuffle"))

    def lane(self, number: Register, lane: int) -> Register:
        """One number of a vector."""
        text = f"extractelement {number.type} {number.name}, i64 {lane}"
        return Register(self, _scalar_of(number.type), self.emit(text))

    def _mask(self, lanes: int, first: int = 0) -> str:
        bits = ", ".join(f"i1 {int(first <= lane < lanes)}" for lane in range(self.lanes))
        return f"<{self.lanes} x i1> <{bits}>"

    def multiply_add(self, a: Register, b: Register, c: Register) -> Register:
        """a · b + c, rounded once where the machine can."""
        word = "fma" if self.machine.fused else "fmuladd"
        suffix = f"v{self.lanes}f{8 * self.bytes}" if a.type == self.vector else f"f{8 * self.bytes}"
        self.declare(f"declare {a.type} @llvm.{word}.{suffix}({a.type}, {a.type}, {a.type})")
        call = f"call {a.type} @llvm.{word}.{suffix}({a.type} {a.name}, {a.type} {b.name}, {a.type} {c.name})"
        return Register(self, a.type, self.emit(call, "multiply-add"))

    def multiply_add_to(self, a: Register, b: Register, total: Register) -> Register:
        """a · b added to a sum that stays in its register.

        Inline assembly, because LLVM otherwise writes some sums over `a`, and moves or spills registers to mend that.
        """
        if not (self.machine.x86 and self.machine.fused):
            return self.multiply_add(a, b, total)
        suffix, register = "ps" if self.bytes == 4 else "pd", self._register
        code = f'asm "vfmadd231{suffix} $1, $2, $0", "={register},{register},{register},0"'
        call = f"call {self.vector} {code}({self.vector} {a.name}, {self.vector} {b.name}, {self.vector} {total.name})"
        return Register(self, self.vector, self.emit(call, "multiply-add"))

    def multiply_add_one(
        self, pointer: Pointer, factor: Sequence[Register], sums: Sequence[Register]
    ) -> list[Register]:
        """One number in memory times each vector of `factor`, or half of one, added to each of `sums`.

        Inline assembly, because LLVM otherwise merges equal broadcasts of neighbouring taps and runs out of registers.
        """
        if self.machine.multiplies_from_memory(len(factor)):
            suffix = "ps" if self.bytes == 4 else "pd"
            address = f"ptr elementtype({self.scalar}) {pointer.text()}"
            news = []
            for w, a in zip(factor, sums, strict=True):
                lanes = self.lanes // 2 if w.type == self.half else self.lanes
                code = f'asm "vfmadd231{suffix} $1{{1to{lanes}}}, $2, $0", "=v,*m,v,0"'
                call = f"call {w.type} {code}({address}, {w.type} {w.name}, {w.type} {a.name})"
                news.append(Register(self, w.type, self.emit(call, "multiply-add")))
            return news
        one = self._broadcast_register(pointer)
        return [self.multiply_add_to(one, w, a) for w, a in zip(factor, sums, strict=True)]

    @property
    def _register(self) -> str:
        """The constraint of inline assembly that stands for any vector register."""
        return "v" if self.machine.has_many_registers else "x"

    def _broadcast_register(self, pointer: Pointer) -> Register:
        if not (self.machine.x86 and self.machine.fused):
            return self.splat(self.load(pointer, self.scalar))
        code = f'asm "vbroadcast{"ss" if self.bytes == 4 else "sd"} $1, $0", "={self._register},*m"'
        address = f"ptr elementtype({self.scalar}) {pointer.text()}"
        return Register(self, self.vector, self.emit(f"call {self.vector} {code}({address})", "broadcast"))

    def alloca(self, vectors: int) -> Pointer:
        """Memory for some vectors, on the stack."""
        name = f"%alloca{len(self._allocas)}"
        self._allocas.append(f"  {name} = alloca [{vectors} x {self.vector}], align {self.machine.vector_bytes}")
        return Pointer(self, name)

    def table(self, numbers: Sequence[float] | Array, type: str = "i64") -> Pointer:  # noqa: A002 (LLVM's word)
        """Constants in memory: 64-bit integers, or scalars of another type; many as bytes, which are read faster."""
        name = f"@{self.name}_table{len(self._declared)}"
        array = np.asarray(numbers if len(numbers) else [0], _dtype_of(type))
        if len(array) > READABLE:
            kind = f'[{array.nbytes} x i8] c"{_escaped(array)}"'
        else:
            listed = array.tolist() if type == "i64" else map(self.literal, array.tolist())
            words = ", ".join(f"{type} {number}" for number in listed)
            kind = f"[{len(array)} x {type}] [{words}]"
        self.declare(f"{name} = private constant {kind}, align {self.machine.vector_bytes}")
        return Pointer(self, name)

    # Loops

    @contextmanager
    def loop(
        self, start: Integer, stop: Integer, step: int = 1, carrying: Sequence[LoopCarried] = (), name: str = "i"
    ) -> Iterator[IntRegister]:
        """Repeat the body for each index; `carrying` are the cells that the body changes.

        The test stands at the end where the body surely runs once, at the start otherwise.
        """
        surely = isinstance(start, int) and isinstance(stop, int) and start < stop
        self._list_loop(_described(name, self._worth(start), self._worth(stop), step, len(carrying)))
        entered = [settled(cell.value) for cell in carrying]
        self._names += 1
        label, before = f"loop{self._names}", self._block
        index, phis = f"%{name}{self._names}", [f"%p{self._names}_{i}" for i in range(len(carrying))]
        self._start_block(label)
        header = len(self._lines)
        if not surely:
            more = self.emit(f"icmp slt i64 {index}, {stop}")
            self.do(f"br i1 {more}, label %{label}body, label %{label}done")
            self._start_block(f"{label}body", jump=False)
        for cell, phi in zip(carrying, phis, strict=True):
            cell.value = self._moving(renamed(cell.value, phi))
        yield IntRegister(self, index)
        changed = [settled(cell.value) for cell in carrying]
        following = self.emit(f"add i64 {index}, {step}")
        heads = [f"  {index} = phi i64 [{start}, %{before}], [{following}, %{self._block}]"]
        for phi, old, new in zip(phis, entered, changed, strict=True):
            heads.append(f"  {phi} = phi {type_of(old)} [{old.name}, %{before}], [{new.name}, %{self._block}]")
        self._lines[header:header] = heads
        if surely:
            more = self.emit(f"icmp slt i64 {following}, {stop}")
            self.do(f"br i1 {more}, label %{label}, label %{label}done")
        else:
            self.do(f"br label %{label}")
        self._start_block(f"{label}done", jump=False)
        for cell, phi, new in zip(carrying, phis, changed, strict=True):
            cell.value = new if surely else renamed(new, phi)
        self._list_loop_end()

    def _worth(self, value: Integer) -> Integer:
        """What a listing says of an integer: of one of the numbers, what it is in the kernel that is listed."""
        return value if isinstance(value, int) else self._known.get(value.name, value)

    def _moving(self, value: AnyRegister) -> AnyRegister:
        """A pointer that LLVM cannot see through: it would keep an address for every access in a register."""
        if isinstance(value, Pointer):
            return Pointer(self, self.emit(f'call ptr asm "", "=r,0"(ptr {value.name})'))
        return value

    def minimum(self, a: Integer, b: Integer) -> Integer:
        """The smaller of two integers."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        less = self.emit(f"icmp slt i64 {a}, {b}")
        return IntRegister(self, self.emit(f"select i1 {less}, i64 {a}, i64 {b}"))

    def within(self, index: Integer, size: int, yes: Pointer, no: Pointer) -> Pointer:
        """The address `yes` where 0 ≤ index < size, else `no`."""
        inside = self.emit(f"icmp ult i64 {index}, {size}")
        return Pointer(self, self.emit(f"select i1 {inside}, ptr {yes.text()}, ptr {no.text()}"))

    def where_equal(self, a: Integer, b: Integer, yes: Integer, no: Integer) -> IntRegister:
        """The integer `yes` where a is b, else `no`."""
        equal = self.emit(f"icmp eq i64 {a}, {b}")
        return IntRegister(self, self.emit(f"select i1 {equal}, i64 {yes}, i64 {no}"))

    def maximum(self, a: Integer, b: Integer) -> Integer:
        """The larger of two integers."""
        less = self.emit(f"icmp slt i64 {a}, {b}")
        return IntRegister(self, self.emit(f"select i1 {less}, i64 {b}, i64 {a}"))


def _described(name: str, start: Integer, stop: Integer, step: int, carried: int) -> str:
    """The head of a loop for people."""
    first, last = (str(value).removeprefix("%") for value in (start, stop))
    words = f"for {name} in {first} … {last}"
    words += f" step {step}" if step != 1 else ""
    return words + (f", carrying {carried}" if carried else "")


def _scalar_of(type: str) -> str:  # noqa: A002 (LLVM's word)
    """The type of a lane."""
    return type.split(" x ")[-1].removesuffix(">")


def _dtype_of(type: str) -> DType:  # noqa: A002 (LLVM's word)
    """NumPy's name for one of LLVM's types, in the order of bytes that kernels read."""
    return np.dtype(next(name for name, word in SCALARS.items() if word == type)).newbyteorder("<")


def _escaped(array: Array) -> str:
    """The bytes of an array as LLVM writes them."""
    return _BYTES[np.frombuffer(array.tobytes(), np.uint8)].tobytes().decode("ascii")


_BYTES = np.array([f"\\{byte:02X}".encode() for byte in range(256)], "S3")
