"""Formulas of elementwise operations, evaluated with values of a graph in the place of vector registers.

What comes out is the same function as a graph of operations that have gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from knoll.graph import Node, Value
from knoll.graph.role import SHARED
from knoll.ops.activation import relu_sigmoid_tanh
from knoll.ops.elementwise import arithmetic, comparisons
from knoll.ops.elementwise.choose import choose
from knoll.ops.formula import ANY
from knoll.ops.reduction.reduce import expand


@dataclass(frozen=True, eq=False)
class Element:
    """Numbers in a graph, or the truth values of a comparison; elements of operands that broadcast."""

    value: Value

    def __add__(self, other: Element) -> Element:
        return Element(arithmetic.add(self.value, other.value))

    def __sub__(self, other: Element) -> Element:
        return Element(arithmetic.subtract(self.value, other.value))

    def __mul__(self, other: Element) -> Element:
        return Element(arithmetic.multiply(self.value, other.value))

    def __truediv__(self, other: Element) -> Element:
        return Element(arithmetic.divide(self.value, other.value))

    def __neg__(self) -> Element:
        return Element(arithmetic.negative(self.value))

    _CONDITIONS: ClassVar[dict[str, Callable[[Value, Value], Value]]] = {
        "oeq": comparisons.equal,
        "une": comparisons.not_equal,
        "ogt": comparisons.greater,
        "oge": comparisons.greater_equal,
        "olt": comparisons.less,
        "ole": comparisons.less_equal,
        "ugt": lambda a, b: comparisons.bitwise_not(comparisons.less_equal(a, b)),
        "ult": lambda a, b: comparisons.bitwise_not(comparisons.greater_equal(a, b)),
        "one": lambda a, b: comparisons.bitwise_or(comparisons.less(a, b), comparisons.greater(a, b)),
        "uno": lambda a, b: comparisons.bitwise_or(comparisons.is_nan(a), comparisons.is_nan(b)),
    }

    def compare(self, condition: str, other: Element) -> Element:
        """Truth values."""
        return Element(self._CONDITIONS[condition](self.value, other.value))

    def select(self, yes: Element, no: Element) -> Element:
        """`yes` where this truth value holds, `no` elsewhere."""
        return Element(choose(self.value, yes.value, no.value))


@dataclass(frozen=True, eq=False)
class Power:
    """A power of e, and a factor that it may be multiplied by."""

    number: Element

    def times(self, factor: Element) -> Element:
        """The power times a factor."""
        return self.number * factor


@dataclass(frozen=True, eq=False)
class GraphArithmetic:
    """Arithmetic on values shaped like `like`; see `ops/formula.py` for what each function does.

    Rounding errors, which formulas carry along, are zero here: the derivative is that of the exact function.
    """

    like: Value
    fused = False

    @property
    def bytes(self) -> int:
        """The size of an element as formulas know it, who compute with four bytes or eight."""
        return max(4, self.like.spec.dtype.itemsize)

    def constant(self, value: float) -> Element:
        """`value` everywhere."""
        return Element(arithmetic.constant(self.like, value=float(value)))

    def zero(self) -> Element:
        """Zero everywhere."""
        return self.constant(0.0)

    def rounded(self, value: float) -> float:
        """A number as the element type holds it."""
        return float(self.like.spec.dtype.type(value))

    def multiply_add(self, a: Element, b: Element, c: Element) -> Element:
        """a · b + c."""
        return a * b + c

    def two_product(self, a: Element, b: Element) -> tuple[Element, Element]:
        """a · b, and no rounding error."""
        return a * b, self.zero()

    def absolute(self, x: Element) -> Element:
        """|x|."""
        return Element(arithmetic.absolute(x.value))

    def distance(self, x: Element) -> Element:
        """|x|, whose slope at zero is that above it."""
        return x.compare("olt", self.zero()).select(-x, x)

    def copysign(self, x: Element, sign: Element) -> Element:
        """|x| with the sign of another."""
        magnitude = self.absolute(x)
        return sign.compare("olt", self.zero()).select(-magnitude, magnitude)

    def clamp(self, x: Element, low: float, high: float) -> Element:
        """x between two bounds, of which either may be infinite; NaN stays."""
        x = x if low == -np.inf else x.compare("olt", self.constant(low)).select(self.constant(low), x)
        return x if high == np.inf else x.compare("ogt", self.constant(high)).select(self.constant(high), x)

    def sqrt(self, x: Element) -> Element:
        """The square root."""
        return Element(arithmetic.sqrt(x.value))

    _WHOLE: ClassVar[dict[str, Callable[[Value], Value]]] = {
        "floor": arithmetic.floor,
        "ceil": arithmetic.ceil,
        "trunc": arithmetic.trunc,
        "roundeven": arithmetic.round_even,
    }

    def to_whole(self, x: Element, way: str) -> Element:
        """x as a whole number."""
        return Element(self._WHOLE[way](x.value))

    def exponential(
        self,
        x: Element,
        error: Element | None = None,  # noqa: ARG002 (a rounding error)
        factor: float = 1.0,
        bounds: tuple[float, float] = ANY,  # noqa: ARG002 (for the range of a register)
    ) -> Power:
        """exp(factor · x)."""
        scaled = x if factor == 1.0 else Element(arithmetic.scaled(x.value, factor))
        return Power(Element(arithmetic.exp(scaled.value)))

    def exp(self, x: Element) -> Element:
        """The exponential."""
        return Element(arithmetic.exp(x.value))

    def expm1(self, x: Element) -> Element:
        """exp(x) − 1."""
        return self.exp(x) - self.constant(1.0)

    def log(self, x: Element) -> Element:
        """The natural logarithm."""
        return Element(arithmetic.log(x.value))

    def log1p(self, x: Element) -> Element:
        """log(1 + x)."""
        return self.log(self.constant(1.0) + x)

    def log1m(self, x: Element) -> Element:
        """log(1 − x)."""
        return self.log(self.constant(1.0) - x)

    def sigmoid(self, x: Element) -> Element:
        """1 / (1 + exp(−x))."""
        return Element(relu_sigmoid_tanh.sigmoid(x.value))

    def tanh(self, x: Element) -> Element:
        """The hyperbolic tangent."""
        return Element(relu_sigmoid_tanh.tanh(x.value))


def as_graph(node: Node, operands: tuple[Value, ...]) -> Value:
    """The result of an elementwise node by its formula, for other operands. They broadcast, as those of the node do."""
    assert node.op.formula is not None
    assert node.roles is not None
    shape = node.specs[0].shape
    like = next(value for value in operands if value.spec.shape == shape and value.spec.is_float)
    roles = node.roles.reads
    elements = [Element(_over_pixels(like, value) if roles[i] is SHARED else value) for i, value in enumerate(operands)]
    found: Element = node.op.formula(GraphArithmetic(like), *elements, **node.attributes)
    return found.value


def _over_pixels(like: Value, channel: Value) -> Value:
    """A number for each channel, or a single one, over all pixels."""
    shape = like.spec.shape
    axes = tuple(axis for axis in range(len(shape)) if axis != 1 or channel.spec.size == 1)
    return expand(channel, shape=shape, axes=axes, scale=1.0)
