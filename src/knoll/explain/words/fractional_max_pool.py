"""Words about fractional max pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import Option, SizeStep
from knoll.explain.words.common import reference
from knoll.explain.words.max_pool import return_indices
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What becomes of a channel."""
    (r, s), (rows, columns) = facts.pair("kernel_size"), facts.output.shape[-2:]
    words = sentence("explain_fractions.pool", r=r, s=s, rows=rows, columns=columns)
    return words, sentence("explain.pool_learns_nothing")


def kernel_size(facts: Facts) -> Said:
    """How many numbers a window has."""
    return said(sentence("explain_powers.kernel", count=math.prod(facts.pair("kernel_size"))))


def output_size(facts: Facts) -> Said:
    """How many windows there are, and how far apart they begin."""
    if facts.arguments["output_size"] is None:
        return said(sentence("explain_fractions.size_none"))
    return said(*_steps(facts))


def _steps(facts: Facts) -> tuple[Sentence, ...]:
    """How far apart neighbouring windows begin, for rows and for columns."""
    found = []
    axes = zip(facts.input.shape[-2:], facts.output.shape[-2:], facts.pair("kernel_size"), strict=True)
    for name, (length, count, taps) in zip(("rows", "columns"), axes, strict=True):
        if count > 1:
            step = (length - taps) / (count - 1)
            numbers = {"step": step, "low": math.floor(step), "high": math.ceil(step)}
            is_even = step.is_integer()
            if name == "rows":
                found.append(
                    sentence("explain_fractions.rows_even", step=int(step))
                    if is_even
                    else sentence("explain_fractions.rows", **numbers)
                )
            else:
                found.append(
                    sentence("explain_fractions.columns_even", step=int(step))
                    if is_even
                    else sentence("explain_fractions.columns", **numbers)
                )
    return tuple(found) or (sentence("explain_fractions.one_window"),)


def output_ratio(facts: Facts) -> Said:
    """How large the result is beside the input."""
    ratio = facts.arguments["output_ratio"]
    if ratio is None:
        return said(sentence("explain_fractions.ratio_none"))
    (h, w), (rows, columns) = facts.input.shape[-2:], facts.output.shape[-2:]
    high, wide = ratio if isinstance(ratio, tuple) else (ratio, ratio)
    return said(
        sentence("explain_fractions.ratio", h=h, w=w, high=high, wide=wide, rows=rows, columns=columns),
        *_steps(facts),
    )


def sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """What was asked for."""
    name = "output_size" if facts.arguments["output_ratio"] is None else "⌊output_ratio · {}⌋"
    return tuple(
        SizeStep(axis, (f"{axis}_out = {name.format(axis)} = {result}",), result)
        for axis, result in zip("hw", facts.output.shape[-2:], strict=True)
    )


def other_sizes(facts: Facts) -> tuple[Option, ...]:
    """A row and a column less, and one more."""
    if facts.arguments["output_size"] is None:
        return ()
    return _fitting(facts, facts.output.shape[-2:], facts.pair("kernel_size"))


def other_kernels(facts: Facts) -> tuple[Option, ...]:
    """The same of windows."""
    return _fitting(facts, facts.pair("kernel_size"), facts.output.shape[-2:])


def _fitting(facts: Facts, own: tuple[int, ...], beside: tuple[int, ...]) -> tuple[Option, ...]:
    """One less and one more of each, as far as windows and their number fit the image."""
    most = [length - other + 1 for length, other in zip(facts.input.shape[-2:], beside, strict=True)]
    found = [tuple(each + more for each in own) for more in (-1, 1)]
    fit = [each for each in found if min(each) > 0 and all(a <= b for a, b in zip(each, most, strict=True))]
    return tuple(each[0] if len(set(each)) == 1 else each for each in fit)


FRACTIONAL: Mapping[type[Module], Card] = {
    nn.FractionalMaxPool2d: Card(
        introduction=introduction,
        arguments={
            "kernel_size": Argument(kernel_size, (1, 3, 5), others=other_kernels),
            "output_size": Argument(output_size, (2, 3, 5), others=other_sizes),
            "output_ratio": Argument(
                output_ratio, (0.3, 0.45, 0.75), beside={"output_size": None}, others=lambda _: ()
            ),
            "return_indices": Argument(return_indices, (False, True)),
        },
        example={"kernel_size": 3, "output_size": 3},
        inputs=lambda _: ((1, 7, 7),),
        of_images=True,
        source=reference("FractionalMaxPool2d"),
        size=sizes,
        remarks=lambda _: (sentence("explain.max_pool_gradient"), sentence("explain_fractions.always")),
    )
}
