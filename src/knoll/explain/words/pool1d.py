"""Words about pooling along one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from knoll import nn
from knoll.analysis.run import Run
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.size_formula import sliding_steps
from knoll.explain.words.adaptive_pool import listed
from knoll.explain.words.common import reference
from knoll.explain.words.conv1d import gaps
from knoll.explain.words.max_pool import indices_for, unlike_places
from knoll.explain.words.sequence import left_out, number, one, room, skips
from knoll.graph import AdaptiveWindow, Window
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

POOLED = 3  # elements of what is unpooled


def window(facts: Facts) -> Window:
    """How the window slides along the sequence."""
    taps, step, added = (number(facts, name) for name in ("kernel_size", "stride", "padding"))
    apart = number(facts, "dilation") if "dilation" in facts.arguments else 1
    return Window(taps, step, added, added, apart, facts.arguments["ceil_mode"])


def introduction(facts: Facts, name: str) -> tuple[Sentence, ...]:
    """What a pooling does."""
    words = sentence(f"explain_sequences.{name}_pool", taps=number(facts, "kernel_size"))
    return words, sentence("explain.pool_learns_nothing")


def kernel_size(facts: Facts) -> Said:
    """How many numbers a window has."""
    return said(sentence("explain_sequences.pool_kernel", taps=number(facts, "kernel_size")))


def stride(facts: Facts) -> Said:
    """How far the window moves."""
    step = number(facts, "stride")
    words = sentence("explain_sequences.stride", step=step) if step > 1 else sentence("explain_sequences.stride_one")
    own = window(facts)
    return said(words, sentence("explain_sequences.pool_stride"), *left_out(own, facts), trap=skips(own, facts))


def padding(facts: Facts, *counts: Sentence) -> Said:
    """How much is added, and what that counts for."""
    added = number(facts, "padding")
    if not added:
        return said(sentence("explain_sequences.pool_padding_none"))
    return said(sentence("explain_sequences.pool_padding", count=added), *counts)


def dilation(facts: Facts) -> Said:
    """How far apart the elements are that a window looks at."""
    return gaps(facts, "explain_sequences.dilation")


def return_indices(facts: Facts) -> Said:
    """Whether places are given too."""
    if not facts.arguments["return_indices"]:
        return said(sentence("explain_sequences.no_indices"))
    return said(sentence("explain_sequences.indices", last=facts.input.shape[-1] - 1))


def ceil_mode(facts: Facts) -> Said:
    """Whether a window may hang over the end, and what the other way would give."""
    is_up, own = facts.arguments["ceil_mode"], window(facts)
    count = replace(own, ceil=not is_up).positions(facts.input.shape[-1])
    return said(sentence(f"explain_sequences.{'ceil' if is_up else 'floor'}", count=max(count, 0)))


def count_include_pad(facts: Facts) -> Said:
    """Whether padding counts as elements of the mean."""
    if not number(facts, "padding"):
        return said(sentence("explain_sequences.count_pad_unused"))
    return said(sentence(f"explain_sequences.count_pad_{'yes' if facts.arguments['count_include_pad'] else 'not'}"))


def size(facts: Facts, *, pads: bool = True) -> tuple[SizeStep, ...]:
    """The length; without padding for a layer that has none."""
    dilates = "dilation" in facts.arguments
    return (sliding_steps("l", facts.input.shape[-1], window(facts), dilates=dilates, pads=pads),)


def output_size(facts: Facts) -> Said:
    """How many windows there are, and where each begins and ends."""
    share = AdaptiveWindow(facts.input.shape[-1], facts.output.shape[-1])
    shown = (sentence("explain_sequences.windows_shared", windows=listed(share)),) if share.count else ()
    if share.count == 1:
        return said(sentence("explain_sequences.output_size_one"), shown=shown)
    return said(sentence("explain_sequences.output_size"), shown=shown)


def _adaptive(kind: str, what: str, arguments: Mapping[str, Argument], gradient: str) -> Card:
    """The card of an adaptive pooling."""

    def introduce(facts: Facts) -> tuple[Sentence, ...]:
        words = sentence(f"explain_sequences.adaptive_{what}", count=facts.output.shape[-1])
        return words, sentence("explain.pool_learns_nothing")

    def sizes(facts: Facts) -> tuple[SizeStep, ...]:
        result = facts.output.shape[-1]
        return (SizeStep("l", (f"l_out = output_size = {result}",), result),)

    return Card(
        introduction=introduce,
        arguments={"output_size": Argument(output_size, (1, 2, 3)), **arguments},
        example={"output_size": 3},
        inputs=lambda _: ((1, 7),),
        source=reference(kind),
        size=sizes,
        remarks=lambda _: (sentence(f"explain_sequences.{gradient}_gradient"),),
    )


# Max unpooling


def unpool_kernel(facts: Facts) -> Said:
    """The window of the pooling."""
    return said(sentence("explain_sequences.unpool_kernel", taps=number(facts, "kernel_size")))


def unpool_stride(facts: Facts) -> Said:
    """How far apart the windows of the pooling were."""
    return said(sentence("explain_sequences.unpool_stride", step=number(facts, "stride")))


def unpool_padding(facts: Facts) -> Said:
    """What the pooling had added is not there any more."""
    added = number(facts, "padding")
    if not added:
        return said(sentence("explain_sequences.unpool_padding_none"))
    return said(sentence("explain_sequences.unpool_padding", count=added))


def unpooled(facts: Facts) -> tuple[SizeStep, ...]:
    """The length of what was pooled, if nothing had been dropped."""
    taps, step, added = (number(facts, name) for name in ("kernel_size", "stride", "padding"))
    length, result = facts.input.shape[-1], facts.output.shape[-1]
    lines = (
        "l_out = (l − 1)·stride − 2·padding + kernel_size",
        f"= ({length} − 1)·{step} − 2·{added} + {taps}",
        f"= {(length - 1) * step - 2 * added + taps}",
    )
    return (SizeStep("l", lines, result),)


def pooled(layer: Module) -> tuple[Input, ...]:
    """What the pooling before it gives."""
    taps, step, added = map(one, (layer.kernel_size, layer.stride, layer.padding))
    pool = nn.MaxPool1d(taps, step, added, return_indices=True)
    length = (POOLED - 1) * step - 2 * added + taps
    run = Run(pool, unlike_places(length).reshape(1, 1, length))
    values, indices = map(run.array, run.trace.outputs)
    return values, indices


INDICES: Argument = Argument(return_indices, (False, True))
WINDOW: Mapping[str, Argument] = {
    "kernel_size": Argument(kernel_size, (1, 2, 3)),
    "stride": Argument(stride, (None, 1, 2, 3)),
}

POOLINGS_1D: Mapping[type[Module], Card] = {
    nn.MaxPool1d: Card(
        introduction=lambda facts: introduction(facts, "max"),
        arguments={
            **WINDOW,
            "padding": Argument(
                lambda facts: padding(facts, sentence("explain_sequences.max_pool_padding")),
                (0, 1, 2),
                beside={"kernel_size": 4},
            ),
            "dilation": Argument(dilation, (1, 2, 3)),
            "return_indices": INDICES,
            "ceil_mode": Argument(ceil_mode, (False, True)),
        },
        example={"kernel_size": 2},
        inputs=lambda layer: ((1, room(5, layer)),),
        source=reference("MaxPool1d"),
        size=size,
        remarks=lambda _: (sentence("explain_sequences.max_gradient"),),
    ),
    nn.AvgPool1d: Card(
        introduction=lambda facts: introduction(facts, "avg"),
        arguments={
            **WINDOW,
            "padding": Argument(padding, (0, 1, 2), beside={"kernel_size": 4}),
            "ceil_mode": Argument(ceil_mode, (False, True)),
            "count_include_pad": Argument(count_include_pad, (True, False), beside={"kernel_size": 3, "padding": 1}),
        },
        example={"kernel_size": 2},
        inputs=lambda layer: ((1, room(5, layer)),),
        source=reference("AvgPool1d"),
        size=size,
        remarks=lambda _: (sentence("explain_sequences.avg_gradient"),),
    ),
    nn.AdaptiveMaxPool1d: _adaptive("AdaptiveMaxPool1d", "largest", {"return_indices": INDICES}, "max"),
    nn.AdaptiveAvgPool1d: _adaptive("AdaptiveAvgPool1d", "mean", {}, "avg"),
    nn.MaxUnpool1d: Card(
        introduction=lambda _: (sentence("explain_sequences.unpool"),),
        arguments={
            "kernel_size": Argument(unpool_kernel, (2, 3, 4)),
            "stride": Argument(unpool_stride, (None, 1, 2, 3)),
            "padding": Argument(unpool_padding, (0, 1, 2), beside={"kernel_size": 4}),
        },
        example={"kernel_size": 2},
        inputs=pooled,
        further=indices_for,
        source=reference("MaxUnpool1d"),
        size=unpooled,
        remarks=lambda _: (sentence("explain_sequences.unpool_output_size"),),
    ),
}
