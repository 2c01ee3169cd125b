"""Words about average pooling."""

from __future__ import annotations

from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.adaptive_pool import OUTPUT_SIZE, adaptive_sizes, shared_out
from knoll.explain.words.windows import large_enough, pool_ceil_mode, pool_kernel, pool_padding, pool_stride, sizes
from knoll.messages import Sentence, sentence


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What average pooling does."""
    (r, s), divisor = facts.pair("kernel_size"), facts.arguments["divisor_override"]
    what = (
        sentence("explain.avg_pool", r=r, s=s)
        if divisor is None
        else sentence("explain.avg_pool_divided", r=r, s=s, divisor=divisor)
    )
    return (what, sentence("explain.pool_learns_nothing"))


def kernel_size(facts: Facts) -> Said:
    """How many numbers are averaged."""
    (r, s), divisor = facts.pair("kernel_size"), facts.arguments["divisor_override"]
    if divisor is not None:
        return said(sentence("explain.avg_pool_kernel_divided", r=r, s=s, area=r * s, divisor=divisor))
    if (r, s) == (1, 1):
        return said(sentence("explain.pool_kernel_one"))
    words = sentence("explain.avg_pool_kernel", r=r, s=s, area=r * s)
    return pool_kernel(facts, words, padding_counts=facts.arguments["count_include_pad"])


def padding(facts: Facts) -> Said:
    """How much is added; whether it counts is for another argument to say."""
    return pool_padding(facts, sentence("explain.avg_pool_padding"))


def ceil_mode(facts: Facts) -> Said:
    """As for max pooling; what hangs over the padding does not count."""
    found = pool_ceil_mode(facts)
    if not facts.arguments["ceil_mode"]:
        return found
    return said(*found.words, sentence("explain.avg_pool_overhang"), trap=found.trap)


def count_include_pad(facts: Facts) -> Said:
    """Whether padding counts as elements of the mean."""
    if facts.arguments["divisor_override"] is not None:
        return said(sentence("explain.count_pad_overridden"))
    if facts.pair("padding") == (0, 0):
        return said(sentence("explain.count_pad_unused"))
    if not facts.arguments["count_include_pad"]:
        return said(sentence("explain.count_pad_not"))
    return said(sentence("explain.count_pad"), trap=sentence("explain.count_pad_darkens"))


def divisor_override(facts: Facts) -> Said:
    """What sums are divided by."""
    divisor = facts.arguments["divisor_override"]
    if divisor is None:
        return said(sentence("explain.divisor_none"))
    plain = sentence("explain.divisor_one") if divisor == 1 else None
    return said(sentence("explain.divisor", divisor=divisor), *([plain] if plain else []))


def remarks(_: Facts) -> tuple[Sentence, ...]:
    """Where the gradient goes."""
    return (sentence("explain.avg_pool_gradient"),)


AVG_POOL2D: Card = Card(
    introduction=introduction,
    arguments={
        "kernel_size": Argument(kernel_size, (1, 2, 3, (1, 3))),
        "stride": Argument(pool_stride, (None, 1, 2, 3)),
        "padding": Argument(padding, (0, 1, (0, 1)), beside={"kernel_size": 3}),
        "ceil_mode": Argument(ceil_mode, (False, True)),
        "count_include_pad": Argument(count_include_pad, (True, False), beside={"kernel_size": 3, "padding": 1}),
        "divisor_override": Argument(divisor_override, (None, 1, 3)),
    },
    example={"kernel_size": 2},
    inputs=lambda layer: ((1, *large_enough(5, layer)),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html",
    size=sizes,
    remarks=remarks,
)

ADAPTIVE_AVG_POOL2D: Card = Card(
    introduction=lambda facts: (shared_out(facts, "mean"), sentence("explain.pool_learns_nothing")),
    arguments={"output_size": OUTPUT_SIZE},
    example={"output_size": 3},
    inputs=lambda _: ((1, 7, 5),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html",
    size=adaptive_sizes,
    remarks=remarks,
)
