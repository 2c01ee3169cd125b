"""Words about power-average pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.analysis import trace
from knoll.analysis.inputs import zeros_alike
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words import pool1d, windows
from knoll.explain.words.common import reference
from knoll.explain.words.sequence import number, room
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def averaged(facts: Facts) -> Facts:
    """Average pooling with the same window, whose words about it are these, too."""
    kind = nn.LPPool1d if isinstance(facts.layer, nn.LPPool1d) else nn.LPPool2d
    pool = nn.AvgPool1d if kind is nn.LPPool1d else nn.AvgPool2d
    given = facts.arguments
    layer = pool(given["kernel_size"], given["stride"], 0, given["ceil_mode"])
    found = trace(layer, zeros_alike(facts.input.shape, np.dtype(np.float32)))
    return Facts(found.calls[0], found, pool)


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What becomes of a window."""
    p = float(facts.arguments["norm_type"])
    if math.isinf(p):
        what = sentence("explain_powers.what_largest") if p > 0 else sentence("explain_powers.what_least")
    else:
        what = sentence("explain_powers.what_root", p=p)
    if isinstance(facts.layer, nn.LPPool1d):
        words = sentence("explain_powers.pool_sequence", taps=number(facts, "kernel_size"), what=what)
    else:
        r, s = facts.pair("kernel_size")
        words = sentence("explain_powers.pool_rows", r=r, s=s, what=what)
    return words, sentence("explain.pool_learns_nothing")


def norm_type(facts: Facts) -> Said:
    """What the power does."""
    p = float(facts.arguments["norm_type"])
    if math.isinf(p):
        return said(sentence("explain_powers.p_infinite") if p > 0 else sentence("explain_powers.p_least"))
    if p == 2:
        return said(sentence("explain_powers.p_two"))
    words = sentence("explain_powers.p_one") if p == 1 else sentence("explain_powers.p_other")
    if not p.is_integer():
        return said(words, trap=sentence("explain_powers.p_not_whole", p=p))
    return said(words, trap=sentence("explain_powers.p_odd") if p % 2 and p != 1 else None)


def kernel_size(facts: Facts) -> Said:
    """How many numbers a window has."""
    if isinstance(facts.layer, nn.LPPool1d):
        return said(sentence("explain_powers.kernel", count=number(facts, "kernel_size")))
    return said(sentence("explain_powers.kernel", count=math.prod(facts.pair("kernel_size"))))


def stride(facts: Facts) -> Said:
    """How far the window moves."""
    plain = averaged(facts)
    return pool1d.stride(plain) if isinstance(facts.layer, nn.LPPool1d) else windows.pool_stride(plain)


def ceil_mode(facts: Facts) -> Said:
    """Whether a window may hang over the edge, and what becomes of its sum."""
    plain = averaged(facts)
    is_1d = isinstance(facts.layer, nn.LPPool1d)
    found = pool1d.ceil_mode(plain) if is_1d else windows.pool_ceil_mode(plain)
    if not facts.arguments["ceil_mode"] or math.isinf(facts.arguments["norm_type"]):
        return found
    return said(*found.words, sentence("explain_powers.ceil_scaled"), trap=found.trap)


ARGUMENTS: Mapping[str, Argument] = {
    "norm_type": Argument(norm_type, (2, 1, 3, 4)),
    "kernel_size": Argument(kernel_size, (1, 2, 3)),
    "stride": Argument(stride, (None, 1, 2, 3)),
    "ceil_mode": Argument(ceil_mode, (False, True)),
}

POWER_POOLINGS: Mapping[type[Module], Card] = {
    nn.LPPool1d: Card(
        introduction=introduction,
        arguments=ARGUMENTS,
        example={"norm_type": 2, "kernel_size": 2},
        inputs=lambda layer: ((1, room(5, layer)),),
        source=reference("LPPool1d"),
        size=lambda facts: pool1d.size(averaged(facts), pads=False),
        remarks=lambda _: (sentence("explain_powers.gradient"),),
    ),
    nn.LPPool2d: Card(
        introduction=introduction,
        arguments=ARGUMENTS,
        example={"norm_type": 2, "kernel_size": 2},
        inputs=lambda layer: ((1, *windows.large_enough(5, layer)),),
        of_images=True,
        source=reference("LPPool2d"),
        size=lambda facts: windows.sizes(averaged(facts), pads=False),
        remarks=lambda _: (sentence("explain_powers.gradient"),),
    ),
}
