"""What words about layers along one axis have in common."""

from __future__ import annotations

from typing import cast

from knoll.explain.facts import Facts
from knoll.graph import Window
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def number(facts: Facts, name: str) -> int:
    """An argument that may be written as a tuple of one number."""
    return one(facts.arguments[name])


def one(value: object) -> int:
    """A number, or the one of a tuple."""
    return cast(int, value[0] if isinstance(value, tuple | list) else value)


def room(least: int, layer: Module) -> int:
    """The length of a sequence on which the window of a layer finds room, at least so much."""
    return max(least, one(getattr(layer, "dilation", 1)) * (one(layer.kernel_size) - 1) + 1)


def skips(window: Window, facts: Facts) -> Sentence | None:
    """What to beware of where the window jumps further than it is long, from one place to another."""
    gap = window.stride - window.span
    if gap <= 0 or facts.output.shape[-1] < 2:
        return None
    return sentence("explain_sequences.stride_skips", count=gap)


def left_out(window: Window, facts: Facts) -> tuple[Sentence, ...]:
    """The elements at the end for which no window has room."""
    size, count = facts.input.shape[-1], facts.output.shape[-1]
    end = window.start(count - 1) + window.span if count else size
    if end >= size:
        return ()
    places = f"{end}" if end == size - 1 else f"{end}–{size - 1}"
    return (sentence("explain_sequences.left_out", count=size - end, places=places),)
