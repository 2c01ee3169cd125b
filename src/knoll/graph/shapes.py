"""Parsing and formatting of shapes."""

from __future__ import annotations

import re

from knoll.errors import ArgumentError
from knoll.graph.spec import Shape
from knoll.messages import say


def read_shape(text: str) -> Shape:
    """The shape that a text such as "3x32x32" says; ×, *, commas and spaces separate numbers too.

    Raises ArgumentError.

    >>> read_shape("3x32x32"), read_shape("(3, 32, 32)"), read_shape("1000")
    ((3, 32, 32), (3, 32, 32), (1000,))
    """
    numbers = re.split(r"\s*[x×*,]\s*|\s+", text.strip().strip("()[]").strip().rstrip(","), flags=re.IGNORECASE)
    if not all(re.fullmatch(r"[0-9]{1,18}", number) for number in numbers):
        raise ArgumentError(say("graph.not_a_shape"), expected="3x32x32", got=text)
    return tuple(map(int, numbers))


def shape_text(shape: Shape) -> str:
    """A shape as people write it; that of a single number is 1.

    >>> shape_text((32, 16, 16)), shape_text(())
    ('32×16×16', '1')
    """
    return "×".join(map(str, shape)) or "1"


def size_name(shape: Shape) -> str:
    """A shape as PyTorch prints it.

    >>> size_name((2, 3))
    'torch.Size([2, 3])'
    """
    return f"torch.Size({list(shape)})"
