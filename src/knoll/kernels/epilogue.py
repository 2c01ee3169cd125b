"""What happens to sums while they are still in registers: pooling and ReLU."""

from __future__ import annotations

from knoll.llvm.builder import Kernel, Number


def largest(k: Kernel, window: list[Number], codes: bool) -> tuple[Number, Number | None]:
    """The largest of some vectors, lane by lane, and which it was: the first of equals, the last NaN."""
    best = window[0]
    small = f"<{k.lanes} x i8>"
    code = Number(k, small, "zeroinitializer") if codes else None
    for place, value in enumerate(window[1:], start=1):
        take = value.compare("ogt", best) | value.compare("uno", value)
        best = take.select(value, best)
        if code is not None:
            lanes = ", ".join(f"i8 {place}" for _ in range(k.lanes))
            code = take.select(Number(k, small, f"<{lanes}>"), code)
    return best, code


def rectified(k: Kernel, value: Number) -> Number:
    """Zero where negative; NaN stays."""
    return k.zero().compare("ogt", value).select(k.zero(), value)
