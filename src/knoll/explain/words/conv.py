"""Words about convolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import gcd

from knoll.document import Line
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.size_formula import sliding_steps
from knoll.explain.words.border import bordered
from knoll.explain.words.common import DEVICE, DTYPE
from knoll.explain.words.windows import gaps, large_enough, looks, moves, skips, windows
from knoll.graph import Window
from knoll.messages import Sentence, sentence
from knoll.nn.sizes import padding_sides
from knoll.ops.convolution.patches import Padding


def paddings(facts: Facts) -> Padding:
    """Pixels above and below, on the left and on the right; without regard to what puts them there."""
    kernel, stride, dilation = (facts.pair(name) for name in ("kernel_size", "stride", "dilation"))
    return padding_sides(facts.layer.padding, kernel, stride, dilation)


def sliding(facts: Facts) -> tuple[Window, Window]:
    """How the kernel slides over rows and over columns, padding included that is added before."""
    rows, columns = (
        replace(window, before=before, after=after)
        for window, (before, after) in zip(windows(facts), paddings(facts), strict=True)
    )
    return rows, columns


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What a convolution does."""
    r, s = facts.pair("kernel_size")
    c, k = facts.layer.in_channels // facts.arguments["groups"], facts.arguments["out_channels"]
    if k == 1:
        return (sentence("explain.conv_one_kernel", r=r, s=s, c=c),)
    if facts.arguments["groups"] == 1:
        return (sentence("explain.conv", r=r, s=s, c=c, k=k),)
    grouped = sentence("explain.conv_grouped", r=r, s=s, c=c, all=facts.layer.in_channels, k=k)
    return (grouped, sentence("explain.conv_depthwise" if c == 1 else "explain.conv_group_only"))


def in_channels(facts: Facts) -> Said:
    """How many channels an input has."""
    return said(sentence("explain.in_channels", c=facts.layer.in_channels))


def other_channels(name: str) -> Callable[[Facts], tuple[int, ...]]:
    """The next numbers of channels that can be split into as many groups."""

    def others(facts: Facts) -> tuple[int, ...]:
        own, groups_ = facts.arguments[name], facts.arguments["groups"]
        return tuple(each for each in (own - groups_, own + groups_) if each > 0)

    return others


def out_channels(facts: Facts) -> Said:
    """How many kernels there are."""
    k = facts.arguments["out_channels"]
    return said(sentence("explain.out_channels_one") if k == 1 else sentence("explain.out_channels", k=k))


def kernel_size(facts: Facts) -> Said:
    """How many numbers an output looks at."""
    r, s = facts.pair("kernel_size")
    c = facts.layer.in_channels // facts.arguments["groups"]
    k = facts.arguments["out_channels"]
    weights = (
        sentence("explain.kernel_weights_one", one=r * s * c)
        if k == 1
        else sentence("explain.kernel_weights", k=k, one=r * s * c, all=r * s * c * k)
    )
    if c == 1:
        return said(sentence("explain.kernel_size_one_channel", r=r, s=s, area=r * s), weights)
    return said(sentence("explain.kernel_size", r=r, s=s, area=r * s, c=c, count=r * s * c), weights)


def stride(facts: Facts) -> Said:
    """How far the window moves."""
    return said(moves(*facts.pair("stride")), trap=skips(facts))


def padding(facts: Facts) -> Said:
    """How far the image is extended."""
    (above, below), (left, right) = paddings(facts)
    if not any((above, below, left, right)):
        return said(sentence("explain.padding_none"), *_without_padding(facts))
    word = facts.layer.padding
    named = (sentence("explain.padding_same"),) if word == "same" else ()
    amount = (
        sentence("explain.padding_all", pixels=above)
        if above == below == left == right
        else sentence("explain.padding", above=above, below=below, left=left, right=right)
    )
    border = (sentence("explain.padding_border"),) if _border_gains(facts) else ()
    uneven = above != below or left != right
    trap = sentence("explain.padding_uneven") if uneven else None
    return said(*named, amount, *border, _from_size_to_size(facts), trap=trap)


def _without_padding(facts: Facts) -> Iterator[Sentence]:
    """What a window that stays inside costs: rows and columns, and looks at the border."""
    own, shape = sliding(facts), facts.input.shape[2:]
    rows, columns = (window.span - 1 for window in own)
    if rows or columns:
        yield sentence("explain.padding_none_shrinks", rows=rows, columns=columns)
    counts = [looks(window, size, window.positions(size)) for window, size in zip(own, shape, strict=True)]
    if any(max(each[0], each[-1]) < each.max() for each in counts):
        yield sentence("explain.padding_none_border")


def _border_gains(facts: Facts) -> bool:
    """Whether more windows look at the outermost rows or columns than would without padding."""
    for window, size in zip(sliding(facts), facts.input.shape[2:], strict=True):
        inside = replace(window, before=0, after=0)
        with_ = looks(window, size, window.positions(size))
        without = looks(inside, size, max(inside.positions(size), 0))
        if (with_[[0, -1]] > without[[0, -1]]).any():
            return True
    return False


def _from_size_to_size(facts: Facts) -> Sentence:
    """How large the output is, and the input."""
    (h, w), (rows, columns) = facts.input.shape[2:], facts.output.shape[2:]
    if (h, w) == (rows, columns):
        return sentence("explain.padding_keeps", rows=rows, columns=columns)
    return sentence("explain.padding_changes", h=h, w=w, rows=rows, columns=columns)


def dilation(facts: Facts) -> Said:
    """How far apart the taps of the window are."""
    return gaps(facts, "explain.dilation_one", "explain.dilation")


def groups(facts: Facts) -> Said:
    """Which channels meet."""
    count, c, k = facts.arguments["groups"], facts.layer.in_channels, facts.arguments["out_channels"]
    if count == 1:
        return said(sentence("explain.groups_one", c=c) if c > 1 else sentence("explain.groups_one_channel"))
    lines = tuple(
        sentence("explain.group", inputs=_channels(c // count, i), outputs=_channels(k // count, i))
        for i in range(min(count, GROUPS_SHOWN))
    )
    shown: tuple[Line, ...] = (*lines, "…") if count > GROUPS_SHOWN else lines
    if count == c:
        return said(sentence("explain.groups_depthwise", c=c, each=k // c), shown=shown)
    return said(sentence("explain.groups", groups=count, c=c // count, k=k // count), shown=shown)


def _channels(each: int, group: int) -> Sentence:
    """The channels of a group."""
    if each == 1:
        return sentence("explain.group_channel", channel=group)
    return sentence("explain.group_channels", first=group * each, last=(group + 1) * each - 1)


def other_groups(facts: Facts) -> tuple[int, ...]:
    """The next smaller and the next larger number that divides the channels."""
    count, channels = facts.arguments["groups"], gcd(facts.layer.in_channels, facts.arguments["out_channels"])
    fitting = [each for each in range(1, min(channels, MOST_GROUPS) + 1) if channels % each == 0]
    smaller, larger = [each for each in fitting if each < count][-1:], [each for each in fitting if each > count][:1]
    return (*smaller, *larger)


def bias(facts: Facts) -> Said:
    """Whether a number is added."""
    k = facts.arguments["out_channels"]
    if facts.arguments["bias"]:
        words = sentence("explain.bias_one") if k == 1 else sentence("explain.bias", k=k)
        return said(words, trap=sentence("explain.bias_before_batch_norm"))
    return said(sentence("explain.bias_none"))


def padding_mode(facts: Facts) -> Said:
    """What the border holds, shown on a row."""
    (above, below), (left, right) = paddings(facts)
    if not any((above, below, left, right)):
        return said(sentence("explain.padding_mode_unused"))
    mode = str(facts.arguments["padding_mode"])
    ends = (left, right) if left or right else (above, below)
    shown_on = sentence("explain.pad_example")
    return said(sentence(f"explain.padding_mode_{mode}"), shown_on, shown=(bordered(*ends, mode),))


def size(facts: Facts) -> tuple[SizeStep, ...]:
    """Rows, then columns."""
    axes = zip("hw", facts.input.shape[-2:], sliding(facts), strict=True)
    return tuple(sliding_steps(axis, length, window) for axis, length, window in axes)


IN_CHANNELS: Argument = Argument(in_channels, (1, 2, 3), others=other_channels("in_channels"))
OUT_CHANNELS: Argument = Argument(out_channels, (1, 2, 4), others=other_channels("out_channels"))
GROUPS_SHOWN = 4  # of more only the first are listed
MOST_GROUPS = 4096  # divisors are looked for up to here
GROUPS: Argument = Argument(groups, (1, 2, 4), beside={"in_channels": 4, "out_channels": 4}, others=other_groups)

CONV2D: Card = Card(
    introduction=introduction,
    arguments={
        "in_channels": IN_CHANNELS,
        "out_channels": OUT_CHANNELS,
        "kernel_size": Argument(kernel_size, (1, 3, 5, (1, 3))),
        "stride": Argument(stride, (1, 2, 3, (1, 2))),
        "padding": Argument(padding, (0, 1, 2, "same")),
        "dilation": Argument(dilation, (1, 2, 3)),
        "groups": GROUPS,
        "bias": Argument(bias, (True, False)),
        "padding_mode": Argument(padding_mode, ("zeros", "reflect", "replicate", "circular", "symmetric")),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 1},
    inputs=lambda layer: ((layer.in_channels, *large_enough(7, layer)),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html",
    size=size,
)
