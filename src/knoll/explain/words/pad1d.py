"""Words about padding layers along one axis."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.draw.numerals import numeral
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.words.border import bordered
from knoll.explain.words.common import reference
from knoll.graph.sizes import Pair
from knoll.messages import Sentence, sentence
from knoll.nn import Module

LIMITS = {"reflect": "pad_reflect_limit", "circular": "pad_circular_limit"}


def ends(facts: Facts) -> Pair:
    """In front and behind."""
    given = facts.arguments["padding"]
    return (given[0], given[1]) if isinstance(given, tuple) else (given, given)


def padding(facts: Facts) -> Said:
    """How much is added at each end, and a row that shows it."""
    before, after = ends(facts)
    if not before and not after:
        return said(sentence("explain_sequences.pad_nothing"))
    mode, value = facts.layer.mode, float(facts.arguments.get("value", 0.0))
    words = [sentence("explain_sequences.pad_sides", before=numeral(before), after=numeral(after))]
    words += [sentence("explain_sequences.pad_crops")] if min(before, after) < 0 else []
    words += [sentence(f"explain_sequences.{LIMITS[mode]}")] if mode in LIMITS else []
    return said(*words, sentence("explain.pad_example"), shown=(bordered(before, after, mode, value),))


def value(facts: Facts) -> Said:
    """The number that is put there."""
    return said(sentence("explain_sequences.pad_value", value=numeral(float(facts.arguments["value"]))))


def size(facts: Facts) -> tuple[SizeStep, ...]:
    """What is there and what is added."""
    (before, after), length = ends(facts), facts.input.shape[-1]
    signs = "".join(f" {'+' if end >= 0 else '−'} {abs(end)}" for end in (before, after))
    result = length + before + after
    return (SizeStep("l", ("l_out = l + before + after", f"= {length}{signs}", f"= {result}"), result),)


def _card(kind: str, name: str) -> Card:
    arguments = {"padding": Argument(padding, (0, 1, 2, (2, 1), -1))}
    example: dict[str, int | float] = {"padding": 1}
    if name == "pad_constant":
        arguments["value"] = Argument(value, (0.0, 1.0, -1.0))
        example["value"] = 1.0

    def introduction(_: Facts) -> tuple[Sentence, ...]:
        return (sentence(f"explain_sequences.{name}"),)

    return Card(
        introduction=introduction,
        arguments=arguments,
        example=example,
        inputs=lambda layer: ((1, 2 * max(2, *map(abs, layer.padding))),),
        source=reference(kind),
        size=size,
    )


PADDINGS_1D: Mapping[type[Module], Card] = {
    nn.ZeroPad1d: _card("ZeroPad1d", "pad_zeros"),
    nn.ConstantPad1d: _card("ConstantPad1d", "pad_constant"),
    nn.ReflectionPad1d: _card("ReflectionPad1d", "mode_reflect"),
    nn.ReplicationPad1d: _card("ReplicationPad1d", "mode_replicate"),
    nn.CircularPad1d: _card("CircularPad1d", "mode_circular"),
}
