"""Words about convolution and transposed convolution along one axis."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.effects import others
from knoll.explain.facts import Facts
from knoll.explain.parts import Option, SizeStep
from knoll.explain.size_formula import sliding_steps
from knoll.explain.words.border import bordered
from knoll.explain.words.common import DEVICE, DTYPE, reference
from knoll.explain.words.conv import GROUPS, OUT_CHANNELS, bias, other_channels
from knoll.explain.words.sequence import left_out, number, room, skips
from knoll.graph import Window
from knoll.graph.sizes import Pair, ceil_div
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.functional.conv1d import padding_ends


def ends(facts: Facts) -> Pair:
    """Elements in front and behind; without regard to what puts them there."""
    kernel, step, apart = (number(facts, name) for name in ("kernel_size", "stride", "dilation"))
    return padding_ends(facts.layer.padding, kernel, step, apart)


def window(facts: Facts) -> Window:
    """How the kernel slides along the sequence."""
    before, after = ends(facts)
    return Window(number(facts, "kernel_size"), number(facts, "stride"), before, after, number(facts, "dilation"))


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What a convolution does."""
    taps, groups = number(facts, "kernel_size"), facts.arguments["groups"]
    c, k = facts.layer.in_channels // groups, facts.arguments["out_channels"]
    if k == 1:
        return (sentence("explain_sequences.conv_one_kernel", taps=taps, c=c),)
    if groups == 1:
        return (sentence("explain_sequences.conv", taps=taps, c=c, k=k),)
    grouped = sentence("explain_sequences.conv_grouped", taps=taps, c=c, all=facts.layer.in_channels, k=k)
    return (grouped, sentence("explain.conv_depthwise" if c == 1 else "explain.conv_group_only"))


def in_channels(facts: Facts) -> Said:
    """How many channels an input has."""
    return said(sentence("explain_sequences.in_channels", c=facts.layer.in_channels))


def kernel_size(facts: Facts) -> Said:
    """How many numbers an output looks at."""
    taps, k = number(facts, "kernel_size"), facts.arguments["out_channels"]
    c = facts.layer.in_channels // facts.arguments["groups"]
    weights = (
        sentence("explain.kernel_weights_one", one=taps * c)
        if k == 1
        else sentence("explain.kernel_weights", k=k, one=taps * c, all=taps * c * k)
    )
    return said(sentence("explain_sequences.kernel_size", taps=taps, c=c, count=taps * c), weights)


def stride(facts: Facts) -> Said:
    """How far the window moves."""
    step = number(facts, "stride")
    words = sentence("explain_sequences.stride", step=step) if step > 1 else sentence("explain_sequences.stride_one")
    return said(words, *left_out(window(facts), facts), trap=skips(window(facts), facts))


def padding(facts: Facts) -> Said:
    """How far the sequence is extended."""
    before, after = ends(facts)
    if not before and not after:
        return said(sentence("explain_sequences.padding_none", count=window(facts).span - 1))
    named = (sentence("explain_sequences.padding_same"),) if facts.layer.padding == "same" else ()
    lengths = sentence("explain_sequences.lengths", before=facts.input.shape[-1], after=facts.output.shape[-1])
    trap = sentence("explain_sequences.padding_uneven") if before != after else None
    return said(*named, sentence("explain_sequences.padding", before=before, after=after), lengths, trap=trap)


def dilation(facts: Facts) -> Said:
    """How far apart the taps of the window are."""
    return gaps(facts, "explain_sequences.dilation")


def gaps(facts: Facts, name: str) -> Said:
    """What a dilation does to a window."""
    apart, taps = number(facts, "dilation"), number(facts, "kernel_size")
    if apart == 1:
        return said(sentence("explain_sequences.dilation_one"))
    if taps == 1:
        return said(sentence("explain_sequences.dilation_of_one"))
    return said(sentence(name, apart=apart, taps=taps, span=apart * (taps - 1) + 1))


def padding_mode(facts: Facts) -> Said:
    """What the ends hold, shown on a row."""
    before, after = ends(facts)
    if not before and not after:
        return said(sentence("explain_sequences.padding_mode_unused"))
    mode = str(facts.arguments["padding_mode"])
    words = sentence(f"explain_sequences.mode_{mode}")
    return said(words, sentence("explain.pad_example"), shown=(bordered(before, after, mode),))


def size(facts: Facts) -> tuple[SizeStep, ...]:
    """The length."""
    return (sliding_steps("l", facts.input.shape[-1], window(facts)),)


IN_CHANNELS: Argument = Argument(in_channels, (1, 2, 3), others=other_channels("in_channels"))

CONV1D: Card = Card(
    introduction=introduction,
    arguments={
        "in_channels": IN_CHANNELS,
        "out_channels": OUT_CHANNELS,
        "kernel_size": Argument(kernel_size, (1, 3, 5)),
        "stride": Argument(stride, (1, 2, 3)),
        "padding": Argument(padding, (0, 1, 2, "same")),
        "dilation": Argument(dilation, (1, 2, 3)),
        "groups": GROUPS,
        "bias": Argument(bias, (True, False)),
        "padding_mode": Argument(padding_mode, ("zeros", "reflect", "replicate", "circular", "symmetric")),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 1},
    inputs=lambda layer: ((layer.in_channels, room(7, layer)),),
    source=reference("Conv1d"),
    size=size,
)


# Transposed convolution


def transposed(facts: Facts) -> tuple[Sentence, ...]:
    """What a transposed convolution does."""
    return (sentence("explain_sequences.transposed", taps=number(facts, "kernel_size")),)


def transposed_kernel(facts: Facts) -> Said:
    """How far an element is spread."""
    taps, c = number(facts, "kernel_size"), facts.layer.in_channels
    k = facts.arguments["out_channels"] // facts.arguments["groups"]
    return said(sentence("explain_sequences.transposed_kernel", taps=taps, c=c, k=k, all=c * k * taps))


def other_kernels(facts: Facts) -> tuple[Option, ...]:
    """One less and one more, but not the window of nothing that this layer allows."""
    taps = number(facts, "kernel_size")
    return others(taps)[taps == 1 :]


def transposed_stride(facts: Facts) -> Said:
    """How far apart the windows of neighbouring elements lie."""
    step, taps = number(facts, "stride"), number(facts, "kernel_size")
    if step == 1:
        return said(sentence("explain_sequences.transposed_stride_one"))
    words = sentence("explain_sequences.transposed_stride", step=step)
    if step <= number(facts, "dilation") * (taps - 1) + 1:
        return said(words)
    return said(
        words, trap=sentence(f"explain_sequences.transposed_gaps_{'bias' if facts.arguments['bias'] else 'zero'}")
    )


def transposed_padding(facts: Facts) -> Said:
    """How much of the output is cut off."""
    cut = number(facts, "padding")
    if not cut:
        return said(sentence("explain_sequences.transposed_padding_none"))
    trap = sentence("explain_sequences.transposed_padding_cuts")
    return said(sentence("explain_sequences.transposed_padding", count=cut), trap=trap)


def output_padding(facts: Facts) -> Said:
    """How much the output is longer at the end, and why one may want that."""
    more, step = number(facts, "output_padding"), number(facts, "stride")
    why = (sentence("explain_sequences.output_padding_why", count=step),) if step > 1 else ()
    if not more:
        return said(sentence("explain_sequences.output_padding_none"), *why)
    return said(sentence("explain_sequences.output_padding", count=more), *why)


def transposed_dilation(facts: Facts) -> Said:
    """How far apart the weights of a window land."""
    return gaps(facts, "explain_sequences.transposed_dilation")


def padding_mode_zeros(_: Facts) -> Said:
    """There is only one."""
    return said(sentence("explain.transposed_padding_mode"))


def transposed_size(facts: Facts) -> tuple[SizeStep, ...]:
    """The formula of a convolution, the other way round."""
    names = ("kernel_size", "stride", "padding", "dilation", "output_padding")
    taps, step, cut, apart, more = (number(facts, name) for name in names)
    length, result = facts.input.shape[-1], facts.output.shape[-1]
    lines = (
        "l_out = (l − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1",
        f"= ({length} − 1)·{step} − 2·{cut} + {apart}·({taps} − 1) + {more} + 1",
        f"= {result}",
    )
    return (SizeStep("l", lines, result),)


def spread_enough(layer: Module) -> int:
    """The length of a sequence of which padding leaves something."""
    (taps,), (step,), (cut,), (apart,) = layer.kernel_size, layer.stride, layer.padding, layer.dilation
    return int(max(3, ceil_div(2 * cut - apart * (taps - 1), step) + 1))


CONV_TRANSPOSE1D: Card = Card(
    introduction=transposed,
    arguments={
        "in_channels": IN_CHANNELS,
        "out_channels": OUT_CHANNELS,
        "kernel_size": Argument(transposed_kernel, (1, 2, 3), others=other_kernels),
        "stride": Argument(transposed_stride, (1, 2, 3)),
        "padding": Argument(transposed_padding, (0, 1, 2)),
        "output_padding": Argument(output_padding, (0, 1, 2), beside={"stride": 3}),
        "groups": GROUPS,
        "bias": Argument(bias, (True, False)),
        "dilation": Argument(transposed_dilation, (1, 2, 3)),
        "padding_mode": Argument(padding_mode_zeros, ("zeros",), is_all=True),
        "dtype": DTYPE,
        "device": DEVICE,
    },
    example={"in_channels": 1, "out_channels": 1, "kernel_size": 3},
    inputs=lambda layer: ((layer.in_channels, spread_enough(layer)),),
    source=reference("ConvTranspose1d"),
    size=transposed_size,
)

CONVOLUTIONS_1D: Mapping[type[Module], Card] = {nn.Conv1d: CONV1D, nn.ConvTranspose1d: CONV_TRANSPOSE1D}
