"""Sizes of two axes, and how many pieces of a size cover a length."""

from __future__ import annotations

Pair = tuple[int, int]  # one number for rows, one for columns


def ceil_div(length: int, size: int) -> int:
    """⌈length / size⌉: how many pieces of `size` cover `length`.

    >>> ceil_div(7, 3), ceil_div(6, 3), ceil_div(-1, 3)
    (3, 2, 0)
    """
    return -(-length // size)


def round_up(length: int, size: int) -> int:
    """The smallest multiple of `size` that is not below `length`.

    >>> round_up(7, 3), round_up(6, 3)
    (9, 6)
    """
    return ceil_div(length, size) * size
