"""Words about windows that slide: what convolution and pooling have in common."""

from __future__ import annotations

import numpy as np

from knoll.explain.card import Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.size_formula import sliding_steps
from knoll.graph import Array, Places, Window
from knoll.graph.reads import Slide, Transposed
from knoll.graph.sizes import Pair, ceil_div
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.ops.resample.axes import Average

Windows = tuple[Window, Window]


def large_enough(least: int, layer: Module) -> tuple[int, int]:
    """The rows and columns of an image on which the window of a layer finds room, at least so many of each."""
    kernel, dilation = pair(layer.kernel_size), pair(getattr(layer, "dilation", 1))
    rows, columns = (max(least, apart * (taps - 1) + 1) for taps, apart in zip(kernel, dilation, strict=True))
    return rows, columns


def pair(value: int | Pair) -> Pair:
    """An argument for rows and for columns."""
    return (value, value) if isinstance(value, int) else value


def windows(facts: Facts) -> Windows:
    """How the window of the operation slides over rows and over columns, as its card says."""
    reads = facts.call.outputs[0].node.reads(0)[0] if facts.call.outputs[0].node else ()
    assert not isinstance(reads, Places), "a window reads stretches of an axis"
    rows, columns = (_window(read.slide) for read in reads[-2:])
    return rows, columns


def _window(slide: Slide) -> Window:
    inner = slide.window if isinstance(slide, Average | Transposed) else slide
    assert isinstance(inner, Window)
    return inner


def sizes(facts: Facts, *, pads: bool = True) -> tuple[SizeStep, ...]:
    """The size formula of rows, then of columns; without padding for a layer that has none."""
    dilates = "dilation" in facts.arguments
    axes = zip("hw", facts.input.shape[-2:], windows(facts), strict=True)
    return tuple(sliding_steps(axis, length, window, dilates=dilates, pads=pads) for axis, length, window in axes)


def pool_padding(facts: Facts, counts: Sentence) -> Said:
    """How much a pooling adds around the image, and what that counts for."""
    rows, columns = facts.pair("padding")
    if (rows, columns) == (0, 0):
        return said(sentence("explain.pool_padding_none"))
    amount = (
        sentence("explain.pool_padding_all", pixels=rows)
        if rows == columns
        else sentence("explain.pool_padding", rows=rows, columns=columns)
    )
    return said(amount, counts, sentence("explain.pool_padding_half"))


def looks(window: Window, size: int, count: int) -> Array:
    """How many of the first `count` windows look at each place of an axis; the middle of a long one is left out."""
    enough = 4 * (window.span + window.stride + abs(window.before) + abs(window.after))
    extra = max((min(size, count * window.stride) - enough) // window.stride, 0)  # strides that repeat the others
    starts = window.start(0) + np.arange(count - extra) * window.stride
    found = np.zeros(size - extra * window.stride, np.int64)
    for tap in range(window.kernel):
        places = starts + tap * window.dilation
        found[places[(places >= 0) & (places < len(found))]] += 1
    return found


def moves(rows: int, columns: int) -> Sentence:
    """How far the window moves at a time."""
    if (rows, columns) == (1, 1):
        return sentence("explain.stride_one")
    if rows == columns:
        return sentence("explain.stride_equal", pixels=rows)
    return sentence("explain.stride", rows=rows, columns=columns)


def skips(facts: Facts) -> Sentence | None:
    """What to beware of where the window jumps further than it is large, from one place to another."""
    rows, columns = (
        max(window.stride - window.span, 0) if count > 1 else 0
        for window, count in zip(windows(facts), facts.output.shape[-2:], strict=True)
    )
    if not columns:
        return sentence("explain.stride_skips_rows", rows=rows) if rows else None
    if not rows:
        return sentence("explain.stride_skips_columns", columns=columns)
    return sentence("explain.stride_skips", rows=rows, columns=columns)


def pool_stride(facts: Facts) -> Said:
    """The stride of a pooling, which is its kernel size unless it is given."""
    rows, columns = facts.pair("stride")
    moving, own = moves(rows, columns), windows(facts)
    if (rows, columns) != facts.pair("kernel_size"):
        return said(moving, *_overlap(own), sentence("explain.pool_stride_given"), trap=skips(facts))
    if (rows, columns) == tuple(window.span for window in own):
        return said(moving, sentence("explain.pool_stride_default"))
    return said(moving, *_overlap(own), sentence("explain.pool_stride_is_kernel"))


def _overlap(own: Windows) -> tuple[Sentence, ...]:
    """How many rows and columns a window shares with the next one, if any: those that both read."""
    rows, columns = map(_shared, own)
    if rows and columns:
        return (sentence("explain.pool_overlap", rows=rows, columns=columns),)
    if rows:
        return (sentence("explain.pool_overlap_rows", rows=rows),)
    return (sentence("explain.pool_overlap_columns", columns=columns),) if columns else ()


def _shared(window: Window) -> int:
    """How many places of an axis a window and the next one both read.

    >>> _shared(Window(kernel=3, stride=2)), _shared(Window(kernel=3, stride=2, dilation=2))
    (1, 2)
    >>> _shared(Window(kernel=3, stride=1, dilation=2))
    0
    """
    steps, apart = divmod(window.stride, window.dilation)
    return 0 if apart else max(window.kernel - steps, 0)


def pool_kernel(facts: Facts, words: Sentence, *, padding_counts: bool) -> Said:
    """How many numbers a window has, and that there are fewer where it reaches beyond the image."""
    axes = zip(windows(facts), facts.input.shape[-2:], strict=True)
    if all(_is_full(window, size, padding_counts=padding_counts) for window, size in axes):
        return said(words)
    is_padded = padding_counts and facts.pair("padding") != (0, 0)
    return said(words, sentence("explain.pool_kernel_beyond" if is_padded else "explain.pool_kernel_border"))


def _is_full(window: Window, size: int, *, padding_counts: bool) -> bool:
    """Whether every window lies inside the axis, or inside its padding where that counts."""
    before, after = (window.before, window.after) if padding_counts else (0, 0)
    last = window.start(window.positions(size) - 1) + window.span
    return window.start(0) >= -before and last <= size + after


def pool_dilation(facts: Facts) -> Said:
    """How far apart the pixels are that a pooling looks at."""
    return gaps(facts, "explain.dilation_one", "explain.pool_dilation")


def gaps(facts: Facts, side_by_side: str, apart: str) -> Said:
    """What a dilation does to a window: a sentence for one whose taps are side by side, and one for others."""
    rows, columns = facts.pair("dilation")
    if (rows, columns) == (1, 1):
        return said(sentence(side_by_side))
    r, s = facts.pair("kernel_size")
    if (r, s) == (1, 1):
        return said(sentence("explain.dilation_of_one"))
    high, wide = spans(facts)
    return said(sentence(apart, rows=rows, columns=columns, r=r, s=s, high=high, wide=wide))


def spans(facts: Facts) -> tuple[int, int]:
    """From the first tap of the window to the last, both counted: rows and columns."""
    kernel, dilation = facts.pair("kernel_size"), facts.pair("dilation")
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def pool_ceil_mode(facts: Facts) -> Said:
    """Whether a window may hang over the end, what that adds here, and the rule that it has to begin inside."""
    own, shape = windows(facts), facts.input.shape[-2:]
    up = tuple(_rounded(window, size, ceil=True) for window, size in zip(own, shape, strict=True))
    down = tuple(_rounded(window, size, ceil=False) for window, size in zip(own, shape, strict=True))
    if not facts.arguments["ceil_mode"]:
        other = sentence("explain.floor_left", rows=up[0], columns=up[1]) if up != down else _same_padding()
        return said(sentence("explain.floor"), other)
    if min(down) < 1:
        return said(sentence("explain.ceil"), sentence("explain.ceil_only"), trap=_begins_behind(own, shape))
    other = sentence("explain.ceil_more", rows=down[0], columns=down[1]) if up != down else _same_padding()
    return said(sentence("explain.ceil"), other, trap=_begins_behind(own, shape))


def _same_padding() -> Sentence:
    return sentence("explain.ceil_same")


def _rounded(window: Window, size: int, *, ceil: bool) -> int:
    return Window(window.kernel, window.stride, window.before, window.after, window.dilation, ceil).positions(size)


def _begins_behind(own: Windows, shape: tuple[int, ...]) -> Sentence | None:
    """That rounding up alone would give a window more, and where that would begin."""
    for name, window, size in zip(("ceil_rule_rows", "ceil_rule_columns"), own, shape, strict=True):
        count = window.positions(size)
        if ceil_div(size + window.before + window.after - window.span, window.stride) + 1 > count:
            return sentence(f"explain.{name}", start=window.start(count), size=size)
    return None
