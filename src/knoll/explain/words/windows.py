"""Words about windows that slide: what convolution and pooling have in common."""

from __future__ import annotations

from knoll.explain.card import Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.size_formula import sliding_steps
from knoll.graph import Places, Window
from knoll.graph.reads import Slide, Transposed
from knoll.graph.sizes import Pair
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.ops.axes import Average

Windows = tuple[Window, Window]


def large_enough(least: int, layer: Module) -> tuple[int, int]:
    """The rows and columns of an image on which the window of a layer finds room, at least so many of each."""
    kernel, dilation = both(layer.kernel_size), both(getattr(layer, "dilation", 1))
    rows, columns = (max(least, apart * (taps - 1) + 1) for taps, apart in zip(kernel, dilation, strict=True))
    return rows, columns


def both(value: int | Pair) -> Pair:
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


def sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """The size formula of rows, then of columns."""
    dilates = "dilation" in facts.arguments
    axes = zip("hw", facts.input.shape[-2:], windows(facts), strict=True)
    return tuple(sliding_steps(axis, length, window, dilates=dilates) for axis, length, window in axes)


def pool_padding(facts: Facts, counts: Sentence) -> Said:
    """How much a pooling adds around the image, and what that counts for."""
    rows, columns = facts.pair("padding")
    if (rows, columns) == (0, 0):
        return said(sentence("explain.pool_padding_none"))
    amount = sentence("explain.pool_padding", rows=rows, columns=columns)
    return said(amount, counts, sentence("explain.pool_padding_half"))


def moves(rows: int, columns: int) -> Sentence:
    """How far the window moves at a time."""
    if (rows, columns) == (1, 1):
        return sentence("explain.stride_one")
    if rows == columns:
        return sentence("explain.stride_equal", pixels=rows)
    return sentence("explain.stride", rows=rows, columns=columns)


def skips(facts: Facts) -> Sentence | None:
    """What to beware of where the window jumps further than it is large."""
    rows, columns = facts.pair("stride")
    r, s = facts.pair("kernel_size")
    if (rows <= r and columns <= s) or any(window.dilation > 1 for window in windows(facts)):
        return None
    return sentence("explain.stride_skips", rows=max(rows - r, 0), columns=max(columns - s, 0))


def pool_stride(facts: Facts) -> Said:
    """The stride of a pooling, which is its kernel size unless it is given."""
    rows, columns = facts.pair("stride")
    r, s = facts.pair("kernel_size")
    moving = moves(rows, columns)
    if (rows, columns) == (r, s):
        return said(moving, sentence("explain.pool_stride_default"))
    spans = [window.span for window in windows(facts)]
    if rows < spans[0] or columns < spans[1]:
        shared = sentence("explain.pool_overlap", rows=max(spans[0] - rows, 0), columns=max(spans[1] - columns, 0))
        return said(moving, shared, sentence("explain.pool_stride_given"), trap=skips(facts))
    return said(moving, sentence("explain.pool_stride_given"), trap=skips(facts))


def pool_dilation(facts: Facts) -> Said:
    """How far apart the pixels are that a pooling looks at."""
    rows, columns = facts.pair("dilation")
    if (rows, columns) == (1, 1):
        return said(sentence("explain.dilation_one"))
    r, s = facts.pair("kernel_size")
    high, wide = (window.span for window in windows(facts))
    return said(sentence("explain.pool_dilation", rows=rows, columns=columns, r=r, s=s, high=high, wide=wide))


def pool_ceil_mode(facts: Facts) -> Said:
    """Whether a window may hang over the end, what that adds here, and the rule that it has to begin inside."""
    own, shape = windows(facts), facts.input.shape[-2:]
    up = tuple(_rounded(window, size, ceil=True) for window, size in zip(own, shape, strict=True))
    down = tuple(_rounded(window, size, ceil=False) for window, size in zip(own, shape, strict=True))
    if not facts.arguments["ceil_mode"]:
        other = sentence("explain.floor_left", rows=up[0], columns=up[1]) if up != down else _same()
        return said(sentence("explain.floor"), other)
    if min(down) < 1:
        return said(sentence("explain.ceil"), sentence("explain.ceil_only"), trap=_begins_behind(own, shape))
    other = sentence("explain.ceil_more", rows=down[0], columns=down[1]) if up != down else _same()
    return said(sentence("explain.ceil"), other, trap=_begins_behind(own, shape))


def _same() -> Sentence:
    return sentence("explain.ceil_same")


def _rounded(window: Window, size: int, *, ceil: bool) -> int:
    return Window(window.kernel, window.stride, window.before, window.after, window.dilation, ceil).positions(size)


def _begins_behind(own: Windows, shape: tuple[int, ...]) -> Sentence | None:
    """That rounding up alone would give a window more, and where that would begin."""
    for name, window, size in zip(("ceil_rule_rows", "ceil_rule_columns"), own, shape, strict=True):
        count = window.positions(size)
        if -(-(size + window.before + window.after - window.span) // window.stride) + 1 > count:
            return sentence(f"explain.{name}", start=window.start(count), size=size)
    return None
