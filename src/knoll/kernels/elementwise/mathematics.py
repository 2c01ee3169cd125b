"""exp, expm1, log, log1p, sigmoid and tanh for vectors, within three units in the last place.

exp(x) = 2ⁿ · exp(r) with n = round(x / ln 2): the remainder r is small, and its exponential a short polynomial. Where
one instruction looks up sixteen numbers, n is a multiple of 1/16, and the polynomial shorter still.
log(x) = n · ln 2 + log(m) with m near 1, whose logarithm is a short polynomial of (m − 1) / (m + 1).
Sources: Cody and Waite, Software Manual for the Elementary Functions, 1980; Tang, Table-driven implementation of the
exponential function in IEEE floating-point arithmetic, 1989. The coefficients are Taylor's where nothing else is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from knoll.kernels.layout.lanes import joined, split
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
from knoll.ops.formula import ANY


def magnitude(k: KernelBuilder, x: Register) -> Register:
    """The absolute value."""
    return _called(k, "fabs", x)


def square_root(k: KernelBuilder, x: Register) -> Register:
    """The square root, correctly rounded."""
    return _called(k, "sqrt", x)


def to_whole(k: KernelBuilder, x: Register, way: str) -> Register:
    """x as a whole number, by one of LLVM's ways of rounding."""
    return _called(k, way, x)


def with_sign(k: KernelBuilder, x: Register, sign: Register) -> Register:
    """The size of x with the sign of another."""
    return _called(k, "copysign", x, sign)


def _called(k: KernelBuilder, word: str, *operands: Register) -> Register:
    """The result of one of LLVM's functions of vectors."""
    name = f"llvm.{word}.v{k.lanes}f{8 * k.bytes}"
    k.declare(f"declare {k.vector} @{name}({', '.join(k.vector for _ in operands)})")
    given = ", ".join(f"{k.vector} {each.name}" for each in operands)
    return Register(k, k.vector, k.emit(f"call {k.vector} @{name}({given})"))


def clamped(k: KernelBuilder, x: Register, low: float, high: float) -> Register:
    """Between `low` and `high`, of which either may be infinite; NaN stays."""
    if low > -math.inf:
        x = x.compare("olt", k.constant(low)).select(k.constant(low), x)
    if high < math.inf:
        x = x.compare("ogt", k.constant(high)).select(k.constant(high), x)
    return x


def product(k: KernelBuilder, a: Register, b: Register) -> tuple[Register, Register]:
    """a · b rounded, and what rounding took away.

    Source: Dekker, A floating-point technique for extending the available precision, 1971.
    """
    high = a * b
    if k.machine.fused:
        return high, k.multiply_add(a, b, -high)
    (a1, a2), (b1, b2) = _halves(k, a), _halves(k, b)
    return high, a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2


def _halves(k: KernelBuilder, x: Register) -> tuple[Register, Register]:
    """Two numbers of half as many digits, whose sum is x."""
    bits, cut = (32, 12) if k.bytes == 4 else (64, 27)
    integers, mask = f"<{k.lanes} x i{bits}>", (1 << bits) - (1 << cut)
    given = k.emit(f"bitcast {k.vector} {x.name} to {integers}")
    kept = k.emit(f"and {integers} {given}, <{', '.join([f'i{bits} {mask}'] * k.lanes)}>")
    first = Register(k, k.vector, k.emit(f"bitcast {integers} {kept} to {k.vector}"))
    return first, x - first


def _log_of_two(k: KernelBuilder) -> tuple[float, float]:
    """ln 2 in two pieces, the first so short that its product with an exponent is exact."""
    return (
        (0.693359375, -2.12194440054690583e-4)
        if k.bytes == 4
        else (0.693147180369123816490, 1.90821492927058770002e-10)
    )


def _format(k: KernelBuilder) -> tuple[str, int, int]:
    """The integers as large as an element, the bits of its fraction, and what its exponent is stored with."""
    return (f"<{k.lanes} x i32>", 23, 127) if k.bytes == 4 else (f"<{k.lanes} x i64>", 52, 1023)


def _reduced(
    k: KernelBuilder, x: Register, factor: float, digits: int, raised: int = 0
) -> tuple[Register, Register, Register]:
    """n and r with x = n · ln 2 / factor + r, and a number whose lowest bits are those of n + `raised` as an integer.

    Added to 1.5 · 2^digits, a number is rounded to as many binary digits behind the point as its fraction has more.
    """
    shift = k.constant(1.5 * 2.0**digits + raised)
    shifted = k.multiply_add(x, k.constant(factor / math.log(2)), shift)
    n = shifted - shift
    high, low = _log_of_two(k)  # in two pieces, so that n times the first is exact
    r = k.multiply_add(n, k.constant(-low / factor), k.multiply_add(n, k.constant(-high / factor), x))
    return n, r, shifted


def _bits(k: KernelBuilder, x: Register) -> Register:
    """The bits of a number as an integer."""
    integers, *_ = _format(k)
    return Register(k, integers, k.emit(f"bitcast {k.vector} {x.name} to {integers}"))


def _as_float(k: KernelBuilder, bits: Register) -> Register:
    """The number of some bits."""
    return Register(k, k.vector, k.emit(f"bitcast {bits.type} {bits.name} to {k.vector}"))


def _with_exponent(k: KernelBuilder, stored: Register) -> Register:
    """A power of two by the lowest bits of an integer, which are stored as its exponent."""
    _, fraction, _ = _format(k)
    return _as_float(k, _with_integer(k, "shl", stored, fraction))


def _with_integer(k: KernelBuilder, word: str, a: Register, number: int) -> Register:
    """What an instruction makes of an integer and a constant."""
    return Register(k, a.type, k.emit(f"{word} {a.type} {a.name}, {_in_every_lane(k, number).name}"))


def _in_every_lane(k: KernelBuilder, number: int) -> Register:
    """An integer in every lane."""
    integers, *_ = _format(k)
    kind = integers.split(" x ")[1].removesuffix(">")
    return Register(k, integers, "<" + ", ".join([f"{kind} {number}"] * k.lanes) + ">")


# exp(r) = 1 + r + r² · (these, from the constant up) for |r| ≤ ln 2 / 2: minimax, to 1.4e-8 and 1.8e-17 of exp(r) − 1
_SERIES = {
    4: (0.5, 0.16666543483734131, 0.04166628047823906, 0.0083665782585740089, 0.0013946440303698182),
    8: (
        0.50000000000000055452, 0.16666666666666685971, 0.041666666666573689385, 0.0083333333333146122172,
        0.0013888888932356079327, 0.00019841269902981299831, 0.000024801504474923059109, 2.7557228001215156402e-6,
        2.7626314422739777156e-7, 2.51144572903958332e-8,
    ),
}  # fmt: skip


def _series(k: KernelBuilder, r: Register, factor: float = 1.0) -> Register:
    """(exp(factor · r) − 1 − factor · r) / r² for |factor · r| ≤ ln 2 / 2."""
    *lower, highest = (number * factor**n for n, number in enumerate(_SERIES[k.bytes], 2))
    result = k.constant(highest)
    for number in reversed(lower):
        result = k.multiply_add(result, r, k.constant(number))
    return result


def _scaled(k: KernelBuilder, x: Register, n: Register) -> Register:
    """x · 2ⁿ with n rounded down: the instruction takes n as a float, NaN too."""
    size, one, mask = "ps" if k.bytes == 4 else "pd", k.one_vector, f"i{k.machine.lanes(k.dtype)}"
    name = f"llvm.x86.avx512.mask.scalef.{size}.512"
    k.declare(f"declare {one} @{name}({one}, {one}, {one}, {mask}, i32 immarg)")

    def each(number: Register, times: Register) -> str:
        words = f"{one} {number.name}, {one} {times.name}, {one} zeroinitializer, {mask} -1, i32 4"
        return f"call {one} @{name}({words})"

    return _by_register(k, each, x, n)


def _by_register(k: KernelBuilder, call: Callable[..., str], *given: Register) -> Register:
    """An instruction that takes whole registers, on vectors that may fill several."""
    registers = zip(*(split(k, vector) for vector in given), strict=True)
    return joined(k, [Register(k, k.one_vector, k.emit(call(*operands))) for operands in registers])


@dataclass(frozen=True)
class Power:
    """A power of e: a number near 1, and what multiplies by the power of two that is left."""

    near_one: Register
    scaled: Callable[[Register], Register]

    @property
    def number(self) -> Register:
        """The power itself."""
        return self.scaled(self.near_one)

    def times(self, factor: Register) -> Register:
        """The power times a factor, which keeps its digits even where the power alone would be too small to hold."""
        return self.scaled(self.near_one * factor)


def power(
    k: KernelBuilder,
    x: Register,
    rest: Register | None = None,
    factor: float = 1.0,
    bounds: tuple[float, float] = ANY,
    alone: bool = False,
) -> Power:
    """exp(factor · (x + rest)), where `rest` is no more than what rounding took away from x.

    `factor` is plus or minus a power of two, and factor · x surely lies between the `bounds`. `alone`: nobody asks for
    the power times a factor, so that it may be zero where it is too small for a normal number.
    """
    low, high = (-120.0, 89.0) if k.bytes == 4 else (-800.0, 710.0)
    if alone and not k.machine.scales:
        low = -88.0 if k.bytes == 4 else -709.0
    far = FARTHEST if k.machine.scales else 0.0
    least = low if bounds[0] < min(low, -far) else -math.inf
    most = high if bounds[1] > max(high, far) else math.inf
    ends = sorted((least / factor, most / factor))
    within = clamped(k, x, *ends)
    if rest is not None and ends != [-math.inf, math.inf]:
        rest = within.compare("oeq", x).select(rest, k.zero())
    if k.machine.scales and k.bytes == 4:
        return _power_by_table(k, within, rest, factor)
    return _power_by_series(k, within, rest, factor, (max(bounds[0], low), min(bounds[1], high)))


def _power_by_series(
    k: KernelBuilder, x: Register, rest: Register | None, factor: float, bounds: tuple[float, float]
) -> Power:
    """With a whole n: one power of two where all that there can be are stored with different exponents, or two."""
    _, fraction, bias = _format(k)
    lowest, highest = (round(bound / math.log(2)) for bound in bounds)
    least, most = -bias - lowest, bias - highest  # what n can be raised by, so that its power is stored, or zero
    raised = min(max(least, 0), most)
    n, r, stored = _reduced(k, x, factor, fraction, bias + (raised if least <= most else 0))
    r = r if rest is None else r + rest
    near_one = k.multiply_add(_series(k, r, factor), r, k.constant(factor))
    near_one = k.multiply_add(near_one, r, k.constant(1.0))
    if k.machine.scales:
        return Power(near_one, lambda y: _scaled(k, y, n))
    scale = _with_exponent(k, _bits(k, stored))
    if least > most:
        first, second = _halves_of_power(k, _bits(k, stored))
        return Power(near_one, lambda y: y * first * second)
    if not raised:
        return Power(near_one, lambda y: y * scale)
    return Power(near_one, lambda y: y * scale * k.constant(2.0**-raised))


def _halves_of_power(k: KernelBuilder, stored: Register) -> tuple[Register, Register]:
    """Two powers of two whose product one alone would not reach, by n + bias in the lowest bits of an integer."""
    *_, bias = _format(k)
    half = _with_integer(k, "lshr", stored, 1)
    rest = Register(k, stored.type, k.emit(f"sub {stored.type} {stored.name}, {half.name}"))
    first, second = _with_integer(k, "add", half, (bias + 1) // 2), _with_integer(k, "add", rest, bias // 2)
    return _with_exponent(k, first), _with_exponent(k, second)


FARTHEST = 1e5  # what n can be as the low bits of a float that also holds sixteenths


def _power_by_table(k: KernelBuilder, x: Register, rest: Register | None, factor: float) -> Power:
    """With n a multiple of 1/16: 2 to its fraction is one of sixteen numbers, exp(r) a polynomial of degree three.

    Its coefficients are minimax ones, to 2e-9.
    """
    n, r, shifted = _reduced(k, x, factor, 19)
    r = r if rest is None else r + rest
    root = _looked_up(k, [2 ** (i / 16) for i in range(16)], shifted)
    series = k.multiply_add(k.constant(0.16666815 * factor**3), r, k.constant(0.50001618 * factor**2))
    series = k.multiply_add(series, r, k.constant(factor))
    return Power(k.multiply_add(root * r, series, root), lambda y: _scaled(k, y, n))


def _looked_up(k: KernelBuilder, numbers: list[float], place: Register) -> Register:
    """For each lane one of sixteen numbers, by the low bits of `place`."""
    table, integers, name = k.one_vector, f"<{k.lanes} x i32>", "llvm.x86.avx512.permvar.sf.512"
    k.declare(f"declare {table} @{name}({table}, <16 x i32>)")
    words = ", ".join(f"{k.scalar} {k.literal(number)}" for number in numbers)
    bits = Register(k, integers, k.emit(f"bitcast {k.vector} {place.name} to {integers}"))
    return _by_register(k, lambda i: f"call {table} @{name}({table} <{words}>, <16 x i32> {i.name})", bits)


def exp(k: KernelBuilder, x: Register, bounds: tuple[float, float] = ANY) -> Register:
    """The exponential."""
    return power(k, x, bounds=bounds, alone=True).number


def expm1(k: KernelBuilder, x: Register) -> Register:
    """exp(x) − 1 for x up to 80, exact near zero; beyond 80 it does not grow."""
    _, fraction, bias = _format(k)
    _, r, stored = _reduced(k, clamped(k, x, -80.0, 80.0), 1.0, fraction, bias)
    scale = _with_exponent(k, _bits(k, stored))
    return k.multiply_add(k.multiply_add(_series(k, r) * r, r, r), scale, scale - k.constant(1.0))


def log(k: KernelBuilder, x: Register) -> Register:
    """The natural logarithm: −∞ at zero, NaN below.

    It takes numbers apart by their bits, so that denormal ones count even while the processor reads them as zero.
    """
    _, shift, bias = _format(k)
    root = 0x3F3504F3 if k.bytes == 4 else 0x3FE6A09E667F3BCD  # the bits of √½

    def counted(a: Register) -> Register:
        """A whole number below 2^shift as a float: set behind the leading bit of 2^shift, which is then taken off."""
        return _as_float(k, _with_integer(k, "or", a, (bias + shift) << shift)) - k.constant(2.0**shift)

    given = _bits(k, x)
    is_small = given.compare("ult", _in_every_lane(k, 1 << shift))
    lifted = _bits(k, counted(given))
    moved = _with_integer(k, "add", is_small.select(lifted, given), (bias << shift) - root)
    n = counted(_with_integer(k, "lshr", moved, shift))
    n = n - is_small.select(k.constant(2 * bias - 1 + shift), k.constant(bias))
    m = _as_float(k, _with_integer(k, "add", _with_integer(k, "and", moved, (1 << shift) - 1), root))  # √½ ≤ m < √2
    result = _log_of_product(k, n, m - k.constant(1.0))
    result = given.compare("sge", _in_every_lane(k, (2 * bias + 1) << shift)).select(x, result)  # ∞ and NaN
    result = given.compare("slt", _in_every_lane(k, 0)).select(k.constant(math.nan), result)
    return _with_integer(k, "shl", given, 1).compare("eq", _in_every_lane(k, 0)).select(k.constant(-math.inf), result)


def _log_of_product(k: KernelBuilder, n: Register, f: Register) -> Register:
    """The sum n · ln 2 + f − f²/2 + s · (f²/2 + R) with s = f / (2 + f) and R = 2s²/3 + 2s⁴/5 + … is log(2ⁿ · (1 + f)).

    Source: FreeBSD, `lib/msun/src/e_log.c`, which keeps f apart so that it is rounded once.
    """
    s = f / (f + k.constant(2.0))
    z = s * s
    terms = 5 if k.bytes == 4 else 11
    series = k.constant(2 / (2 * terms + 1))
    for i in range(terms - 1, 0, -1):
        series = k.multiply_add(series, z, k.constant(2 / (2 * i + 1)))
    half = k.constant(0.5) * f * f
    high, low = (k.constant(piece) for piece in _log_of_two(k))
    rest = half - k.multiply_add(s, half + series * z, n * low)
    return k.multiply_add(n, high, f - rest)


def log1p(k: KernelBuilder, x: Register) -> Register:
    """The logarithm of 1 + x for x between 0 and 1, exact near zero."""
    one, half = k.constant(1.0), k.constant(0.5)
    is_large = x.compare("ogt", half)
    return _log_of_product(k, is_large.select(one, k.zero()), is_large.select((x - one) * half, x))


def log_of_rest(k: KernelBuilder, x: Register) -> Register:
    """The logarithm of 1 − x for x between 0 and 1, exact near zero: with what rounding took away from 1 − x."""
    one = k.constant(1.0)
    rest = one - x
    lost = (one - rest) - x
    return rest.compare("oeq", k.zero()).select(k.constant(-math.inf), log(k, rest) + lost / rest)


def sigmoid(k: KernelBuilder, x: Register) -> Register:
    """1 / (1 + exp(−x)); far below, the exponential becomes infinite; far above, it vanishes beside 1."""
    one, far = k.constant(1.0), 86.0 if k.bytes == 4 else 708.0
    less = power(k, clamped(k, x, -math.inf, far), factor=-1.0, bounds=(-far, math.inf), alone=True)
    return one / (less.number + one)


def tanh(k: KernelBuilder, x: Register) -> Register:
    """(1 − e) / (1 + e) with e = exp(−2|x|); near zero through exp − 1, which keeps all digits."""
    less = expm1(k, magnitude(k, x) * k.constant(-2.0))
    return with_sign(k, less / (less + k.constant(2.0)), x)
