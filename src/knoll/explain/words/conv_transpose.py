"""Words about transposed convolution."""

from __future__ import annotations

from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.effects import others
from knoll.explain.facts import Facts
from knoll.explain.parts import Option, SizeStep
from knoll.explain.words.common import DEVICE, DTYPE
from knoll.explain.words.conv import GROUPS, IN_CHANNELS, OUT_CHANNELS, bias
from knoll.explain.words.windows import gaps, looks, windows
from knoll.graph import Array
from knoll.graph.sizes import ceil_div
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What a transposed convolution does."""
    r, s = facts.pair("kernel_size")
    spread = sentence("explain.conv_transpose", r=r, s=s)
    (h, w), (rows, columns) = facts.input.shape[2:], facts.output.shape[2:]
    if any(more >= step for more, step in zip(facts.pair("output_padding"), facts.pair("stride"), strict=True)):
        return (spread,)  # an output that such a convolution makes more of than there was
    return (spread, sentence("explain.conv_transpose_inverse", h=h, w=w, rows=rows, columns=columns))


def kernel_size(facts: Facts) -> Said:
    """How far a pixel is spread."""
    r, s = facts.pair("kernel_size")
    c, k, groups = (facts.layer.in_channels, facts.arguments["out_channels"], facts.arguments["groups"])
    each = k // groups
    spread = (
        sentence("explain.transposed_kernel_one", r=r, s=s, area=r * s)
        if each == 1
        else sentence("explain.transposed_kernel", r=r, s=s, area=r * s, k=each)
    )
    return said(spread, sentence("explain.transposed_weights", c=c, k=each, r=r, s=s, all=c * each * r * s))


def other_kernels(facts: Facts) -> tuple[Option, ...]:
    """One less and one more, but not the window of nothing that this layer allows."""
    smallest = min(facts.pair("kernel_size"))
    return others(facts.arguments["kernel_size"])[smallest == 1 :]


def stride(facts: Facts) -> Said:
    """How far apart the windows of neighbouring pixels lie."""
    rows, columns = facts.pair("stride")
    r, s = facts.pair("kernel_size")
    words = (
        sentence("explain.transposed_stride_one")
        if (rows, columns) == (1, 1)
        else sentence("explain.transposed_stride", rows=rows, columns=columns)
    )
    if not all(each.all() for each in _reached(facts)):
        gaps = "explain.transposed_gaps" if facts.arguments["bias"] else "explain.transposed_gaps_zero"
        return said(words, trap=sentence(gaps))
    uneven = r % rows or s % columns
    trap = sentence("explain.transposed_uneven", r=r, s=s, rows=rows, columns=columns) if uneven else None
    return said(words, trap=trap)


def _reached(facts: Facts) -> tuple[Array, Array]:
    """How many pixels of the input reach each row, and each column, of the output."""
    axes = zip(windows(facts), facts.input.shape[2:], facts.output.shape[2:], strict=True)
    rows, columns = (looks(window, after, before) for window, before, after in axes)
    return rows, columns


def padding(facts: Facts) -> Said:
    """How much of the output is cut off."""
    rows, columns = facts.pair("padding")
    if (rows, columns) == (0, 0):
        return said(sentence("explain.transposed_padding_none"))
    return said(
        sentence("explain.transposed_padding", rows=rows, columns=columns),
        trap=sentence("explain.transposed_padding_cuts"),
    )


def output_padding(facts: Facts) -> Said:
    """How much the output is longer at the end, and why one may want that."""
    rows, columns = facts.pair("output_padding")
    down, across = facts.pair("stride")
    h, w = (size - more for size, more in zip(facts.output.shape[-2:], (rows, columns), strict=True))
    why = (
        (sentence("explain.output_padding_why", rows=down, columns=across, h=h, w=w),) if max(down, across) > 1 else ()
    )
    if (rows, columns) == (0, 0):
        return said(sentence("explain.output_padding_none"), *why)
    ends = zip(_reached(facts), (rows, columns), strict=True)
    is_reached = all(each[len(each) - more :].all() for each, more in ends)
    trap = sentence("explain.output_padding_is_not_zero") if is_reached else None
    return said(sentence("explain.output_padding", rows=rows, columns=columns), *why, trap=trap)


def dilation(facts: Facts) -> Said:
    """How far apart the weights of a window land."""
    return gaps(facts, "explain.transposed_dilation_one", "explain.transposed_dilation")


def padding_mode(_: Facts) -> Said:
    """There is only one."""
    return said(sentence("explain.transposed_padding_mode"))


def sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """Rows, then columns: the formula of a convolution, the other way round."""
    names = ("kernel_size", "stride", "padding", "dilation", "output_padding")
    numbers = zip(*(facts.pair(name) for name in names), strict=True)
    axes = zip("hw", facts.input.shape[-2:], numbers, facts.output.shape[-2:], strict=True)
    return tuple(_step(axis, size, each, result) for axis, size, each, result in axes)


def _step(axis: str, size: int, numbers: tuple[int, ...], result: int) -> SizeStep:
    kernel, step, cut, apart, more = numbers
    moved, span = (size - 1) * step, apart * (kernel - 1)
    return SizeStep(
        axis,
        (
            f"{axis}_out = ({axis} − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1",
            f"= ({size} − 1)·{step} − 2·{cut} + {apart}·({kernel} − 1) + {more} + 1",
            f"= {moved} − {2 * cut} + {span} + {more} + 1",
            f"= {result}",
        ),
        result,
    )


def spread_enough(layer: Module) -> tuple[int, int]:
    """The rows and columns of an image of which padding leaves something."""
    numbers = zip(layer.kernel_size, layer.stride, layer.padding, layer.dilation, strict=True)
    rows, columns = (max(3, ceil_div(2 * cut - apart * (kernel - 1), step) + 1) for kernel, step, cut, apart in numbers)
    return rows, columns


CONV_TRANSPOSE2D: Card = Card(
    introduction=introduction,
    arguments={
        "in_channels": IN_CHANNELS,
        "out_channels": OUT_CHANNELS,
        "kernel_size": Argument(kernel_size, (1, 2, 3, (1, 3)), others=other_kernels),
        "stride": Argument(stride, (1, 2, 3, (1, 2))),
        "padding": Argument(padding, (0, 1, (0, 1))),
        "output_padding": Argument(output_padding, (0, 1, (0, 1)), beside={"stride": 2}),
        "groups": GROUPS,
        "bias": Argument(bias, (True, False)),
        "dilation": Argument(dilation, (1, 2, 3)),
        "padding_mode": Argument(padding_mode, ("zeros",), is_all=True),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in_channels": 1, "out_channels": 1, "kernel_size": 3},
    inputs=lambda layer: ((layer.in_channels, *spread_enough(layer)),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html",
    size=sizes,
)
