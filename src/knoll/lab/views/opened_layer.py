"""The layer of a network that is opened: its words, what it costs, its output, and the ways on."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.document import Line
from knoll.graph.shapes import shape_text
from knoll.lab.markup import Html, change, element, joined, text
from knoll.lab.views.layer_output import maps_of_channels, row_of_numbers
from knoll.lab.walk import Stop, Walk, kind
from knoll.messages import sentence


def opened_layer(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
    """The layer that is opened: its words, its numbers, and what the chosen one looks at."""
    stop = way.stops[at]
    title = joined(Html(f"{at + 1} · "), element("code", text(f"{stop.line.name} {kind(stop)}".strip())))
    return element(
        "section",
        element("h2", title, id="opened"),
        element("p", text(stop.line.words or "")),
        _facts(stop),
        maps_of_channels(way, at, place) if stop.is_maps else row_of_numbers(way, at, place),
        element("p", *_ways_on(way, at), class_="onward"),
        class_="opened",
        aria_labelledby="opened",
    )


def _facts(stop: Stop) -> Html:
    line = stop.line
    inputs = " + ".join(map(shape_text, line.inputs))
    facts: list[tuple[str, Line]] = [("shape", f"{inputs} → {shape_text(line.output)}")]
    facts.append(("parameters", f"{line.parameters:,}"))
    facts.append(("multiply_adds", f"{line.multiply_adds:,}"))
    if stop.fields is not None:
        rows, columns = stop.fields
        whole = sentence("lab_network.whole_picture")
        facts.append(("field", whole if rows.is_whole else f"{rows.size}×{columns.size}"))
        if not rows.is_whole:
            facts.append(("stride", f"{rows.stride}"))
    if stop.dead:
        facts.append(("dead", f"{stop.dead} / {len(stop.numbers)}"))
    pairs = (
        element(
            "div",
            element("dt", text(sentence(f"lab_network.{name}"))),
            element("dd", text(value)),
        )
        for name, value in facts
    )
    return element("dl", *pairs, class_="facts")


def _ways_on(way: Walk, at: int) -> Iterator[Html]:
    """Buttons to the layer before and after, and to the layer by itself."""
    for name, number in (("before", at - 1), ("after", at + 1)):
        inside = 0 <= number < len(way.stops)
        words = text(sentence(f"lab_network.{name}"))
        step = change(at=number, place="")
        yield element("button", words, type="button", id=f"way-{name}", data_set=step, disabled=not inside)
    stop = way.stops[at]
    if len(stop.line.inputs) == 1:
        alone = change(view="layer", layer=kind(stop), cell="", changed="")
        words = text(sentence("lab_network.alone"))
        yield element("button", words, type="button", id="way-alone", data_set=alone)
