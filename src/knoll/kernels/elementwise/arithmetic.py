"""The arithmetic of formulas as LLVM IR."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.elementwise import mathematics
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.ops.formula import ANY, Arithmetic


@dataclass(frozen=True, eq=False)
class KernelArithmetic:
    """Arithmetic on vectors as wide as the kernel `k` has them now; see `ops/formula.py` for what each does."""

    k: KernelBuilder

    @property
    def bytes(self) -> int:
        """The size of an element."""
        return self.k.bytes

    @property
    def fused(self) -> bool:
        """Whether a multiply-add is rounded once."""
        return self.k.machine.fused

    def constant(self, value: float) -> Register:
        """`value` in every lane."""
        return self.k.constant(value)

    def zero(self) -> Register:
        """Zero in every lane."""
        return self.k.zero()

    def rounded(self, value: float) -> float:
        """A number as the element type holds it."""
        return float(self.k.dtype.type(value))

    def multiply_add(self, a: Register, b: Register, c: Register) -> Register:
        """a · b + c."""
        return self.k.multiply_add(a, b, c)

    def two_product(self, a: Register, b: Register) -> tuple[Register, Register]:
        """a · b rounded, and the rounding error."""
        return mathematics.product(self.k, a, b)

    def absolute(self, x: Register) -> Register:
        """|x|."""
        return mathematics.magnitude(self.k, x)

    def distance(self, x: Register) -> Register:
        """|x|."""
        return mathematics.magnitude(self.k, x)

    def copysign(self, x: Register, sign: Register) -> Register:
        """|x| with the sign of another."""
        return mathematics.with_sign(self.k, x, sign)

    def clamp(self, x: Register, low: float, high: float) -> Register:
        """x between two bounds."""
        return mathematics.clamped(self.k, x, low, high)

    def sqrt(self, x: Register) -> Register:
        """The square root."""
        return mathematics.square_root(self.k, x)

    def to_whole(self, x: Register, way: str) -> Register:
        """x as a whole number."""
        return mathematics.to_whole(self.k, x, way)

    def exponential(
        self, x: Register, error: Register | None = None, /, factor: float = 1.0, bounds: tuple[float, float] = ANY
    ) -> mathematics.Power:
        """exp(factor · (x + error))."""
        return mathematics.power(self.k, x, error, factor, bounds)

    def exp(self, x: Register) -> Register:
        """The exponential."""
        return mathematics.exp(self.k, x)

    def expm1(self, x: Register) -> Register:
        """exp(x) − 1."""
        return mathematics.expm1(self.k, x)

    def log(self, x: Register) -> Register:
        """The natural logarithm."""
        return mathematics.log(self.k, x)

    def log1p(self, x: Register) -> Register:
        """log(1 + x)."""
        return mathematics.log1p(self.k, x)

    def log1m(self, x: Register) -> Register:
        """log(1 − x)."""
        return mathematics.log_of_rest(self.k, x)

    def sigmoid(self, x: Register) -> Register:
        """1 / (1 + exp(−x))."""
        return mathematics.sigmoid(self.k, x)

    def tanh(self, x: Register) -> Register:
        """The hyperbolic tangent."""
        return mathematics.tanh(self.k, x)


def arithmetic(k: KernelBuilder) -> Arithmetic[Register]:
    """What formulas are evaluated with inside a kernel."""
    return KernelArithmetic(k)
