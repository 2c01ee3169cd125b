"""Values of LLVM IR in registers: integers, pointers, scalars and vectors.

They are in static single assignment form: each is written once, by the instruction that makes it. Their operators add
instructions to the function that they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.llvm.function import Function


@dataclass(frozen=True, eq=False)
class IntRegister:
    """A 64-bit integer that is known when the kernel runs."""

    function: Function
    name: str

    def _binary(self, instruction: str, other: IntRegister | int, swap: bool = False) -> IntRegister:
        a, b = (str(other), self.name) if swap else (self.name, str(other))
        return IntRegister(self.function, self.function.emit(f"{instruction} i64 {a}, {b}"))

    def __add__(self, other: IntRegister | int) -> IntRegister:
        return self if isinstance(other, int) and other == 0 else self._binary("add", other)

    def __sub__(self, other: IntRegister | int) -> IntRegister:
        return self if isinstance(other, int) and other == 0 else self._binary("sub", other)

    def __mul__(self, other: IntRegister | int) -> IntRegister:
        return self if isinstance(other, int) and other == 1 else self._binary("mul", other)

    def __floordiv__(self, other: IntRegister | int) -> IntRegister:
        return self if isinstance(other, int) and other == 1 else self._binary("udiv", other)

    def __mod__(self, other: IntRegister | int) -> IntRegister:
        return self._binary("urem", other)

    def __rsub__(self, other: int) -> IntRegister:
        return self._binary("sub", other, swap=True)

    def __radd__(self, other: int) -> IntRegister:
        return self + other

    def __rmul__(self, other: int) -> IntRegister:
        return self * other

    def __str__(self) -> str:
        return self.name


Integer = IntRegister | int


@dataclass(frozen=True, eq=False)
class Pointer:
    """An address: a base and a constant number of bytes after it."""

    function: Function
    name: str
    offset: int = 0

    def __add__(self, amount: Integer) -> Pointer:
        if isinstance(amount, int):
            return Pointer(self.function, self.name, self.offset + amount)
        return Pointer(
            self.function, self.function.emit(f"getelementptr i8, ptr {self.name}, i64 {amount}"), self.offset
        )

    def text(self) -> str:
        """The address as an operand."""
        return self.function.emit(f"getelementptr i8, ptr {self.name}, i64 {self.offset}") if self.offset else self.name


@dataclass(frozen=True, eq=False)
class Register:
    """A scalar or a vector of floats or integers, in a register."""

    function: Function
    type: str
    name: str

    def _float(self, instruction: str, other: Register) -> Register:
        return Register(
            self.function,
            self.type,
            self.function.emit(f"{instruction} {self.type} {self.name}, {other.name}", instruction),
        )

    def __add__(self, other: Register) -> Register:
        return self._float("fadd", other)

    def __sub__(self, other: Register) -> Register:
        return self._float("fsub", other)

    def __mul__(self, other: Register) -> Register:
        return self._float("fmul", other)

    def __truediv__(self, other: Register) -> Register:
        return self._float("fdiv", other)

    def __neg__(self) -> Register:
        return Register(self.function, self.type, self.function.emit(f"fneg {self.type} {self.name}"))

    def compare(self, condition: str, other: Register) -> Register:
        """A vector of truths, as `ogt` (greater) or `uno` (one of them is NaN)."""
        word = "fcmp" if "float" in self.type or "double" in self.type else "icmp"
        name = self.function.emit(f"{word} {condition} {self.type} {self.name}, {other.name}", "compare")
        lanes = self.type.split(" x ")[0].removeprefix("<") if " x " in self.type else None
        return Register(self.function, f"<{lanes} x i1>" if lanes else "i1", name)

    def __or__(self, other: Register) -> Register:
        return Register(self.function, self.type, self.function.emit(f"or {self.type} {self.name}, {other.name}"))

    def select(self, yes: Register, no: Register) -> Register:
        """Of two vectors, `yes` where this truth holds and `no` elsewhere."""
        text = f"select {self.type} {self.name}, {yes.type} {yes.name}, {no.type} {no.name}"
        return Register(self.function, yes.type, self.function.emit(text, "select"))


AnyRegister = Register | Pointer | IntRegister


@dataclass(eq=False)
class LoopCarried:
    """A register that changes: an accumulator, or a pointer that moves."""

    value: AnyRegister

    @property
    def number(self) -> Register:
        """What it holds now, as a number."""
        assert isinstance(self.value, Register)
        return self.value

    @property
    def pointer(self) -> Pointer:
        """What it holds now, as a pointer."""
        assert isinstance(self.value, Pointer)
        return self.value


def renamed(value: AnyRegister, name: str) -> AnyRegister:
    """The same kind of register by another name."""
    if isinstance(value, Register):
        return Register(value.function, value.type, name)
    return IntRegister(value.function, name) if isinstance(value, IntRegister) else Pointer(value.function, name)


def settled(value: AnyRegister) -> AnyRegister:
    """A register that a loop can carry: a pointer with its constant offset added, others as they are."""
    return Pointer(value.function, value.text()) if isinstance(value, Pointer) else value


def type_of(value: AnyRegister) -> str:
    """The type of a register in LLVM IR."""
    return value.type if isinstance(value, Register) else "ptr" if isinstance(value, Pointer) else "i64"
