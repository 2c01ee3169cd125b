"""The walk through a network as it is seen: its layers in order, one of them opened, and what the check finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from knoll.analysis.cost_counting import costs
from knoll.check import CheckReport
from knoll.check.report import finding_blocks
from knoll.document import Block, Heading, Words
from knoll.document.html import bare
from knoll.errors import ArgumentError
from knoll.graph.shapes import shape_text
from knoll.lab.maps import address
from knoll.lab.markup import Html, change, element, fold, joined, plain_text, text
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views.choose import chooser, picture_of, walk_of
from knoll.lab.views.opened_layer import opened_layer
from knoll.lab.walk import Stop, Walk, kind
from knoll.messages import Sentence, language, say, sentence
from knoll.views.summary import memory_text


@dataclass(frozen=True, slots=True)
class NetworkView:
    """What the page shows of a network. `at` is the layer that is opened, `place` the number of it that is chosen."""

    html: Html
    at: int
    place: tuple[int, int, int]
    layers: int
    parameters: int
    multiply_adds: int


def network_view(setting: Setting, resources: Resources) -> NetworkView:
    """The walk through the network of a setting. Raises what `network_named` and `walk` raise."""
    way = walk_of(setting, resources)
    at = _number(setting.options.get("at", ""), len(way.stops))
    place = _place(setting.options.get("place", ""), way.stops[at])
    with resources.progress.doing(sentence("lab_network.rendering")):
        shown = joined(
            chooser(setting, resources),
            _summary(way, picture_of(setting, resources).notes),
            element("div", _layers(way, at), opened_layer(way, at, place), class_="walked"),
            _findings(way.report),
        )
    return NetworkView(
        shown,
        at,
        place,
        len(way.stops),
        sum(stop.line.parameters for stop in way.stops),
        sum(stop.line.multiply_adds for stop in way.stops),
    )


def _number(written: str, count: int) -> int:
    """Which layer, the first where none is named. Raises ArgumentError."""
    if not written:
        return 0
    if not (written.isascii() and written.isdigit() and len(written) < 6):
        raise ArgumentError(say("lab.no_choice", name="at"), expected=f"0 … {count - 1}", got=written[:80])
    return min(int(written), count - 1)


def _place(written: str, stop: Stop) -> tuple[int, int, int]:
    """Channel, row and column of a number of a layer, the middle where none is named. Raises ArgumentError."""
    sizes = stop.numbers.shape
    if not written:
        largest = np.unravel_index(int(np.nan_to_num(stop.numbers).argmax()), sizes)
        return (0, sizes[1] // 2, sizes[2] // 2) if stop.is_maps else (0, 0, int(largest[2]))
    words = written.split(",")
    if len(words) != 3 or not all(word.isascii() and word.isdigit() and len(word) < 8 for word in words):
        raise ArgumentError(say("lab.no_choice", name="place"), expected="0,3,3", got=written[:80])
    c, row, column = (min(int(word), most - 1) for word, most in zip(words, sizes, strict=True))
    return c, row, column


def _summary(way: Walk, of_picture: tuple[Sentence, ...]) -> Html:
    stops = way.stops
    told: list[Words] = [
        sentence(
            "lab_network.summary",
            layers=len(stops),
            shape=shape_text(way.shape),
            parameters=sum(stop.line.parameters for stop in stops),
            work=sum(stop.line.multiply_adds for stop in stops),
            memory=memory_text(costs(way.trace).total.activation_bytes),
        ),
        *of_picture,
        *way.given.notes,
    ]
    if not way.chosen.is_trained:
        told.append(sentence("lab_network.untrained"))
    told.append(sentence("lab_page.legend"))
    return element("p", text(tuple(told)), class_="summary")


def _layers(way: Walk, at: int) -> Html:
    """All layers in order."""
    rows = (_row(way, number, number == at) for number in range(len(way.stops)))
    return element("ol", *rows, class_="walk", id="walk", aria_label=plain_text(sentence("lab_network.walk")))


def _row(way: Walk, number: int, is_open: bool) -> Html:
    """One layer in the list: its number, its name, its first channels, its shape and its share of the work."""
    stop, line = way.stops[number], way.stops[number].line
    share = line.multiply_adds / max(sum(each.line.multiply_adds for each in way.stops), 1)
    parts = [
        element("span", Html(number + 1), class_="number"),
        element("code", text(kind(stop))),
        _strip(stop),
        element("span", Html(shape_text(line.output)), class_="shape"),
    ]
    if line.multiply_adds:
        bar = element("span", class_="bar", style=f"inline-size:{max(share, 0.005):.1%}")
        words = text(sentence("lab_network.share", share=share))
        parts.append(element("span", bar, element("span", words, class_="told"), class_="share"))
    chosen = element(
        "button",
        *parts,
        type="button",
        id=f"layer-{number}",
        data_set=change(at=number, place=""),
        aria_current="step" if is_open else None,
    )
    return element("li", chosen)


def _strip(stop: Stop) -> Html:
    """The first channels side by side as one small picture."""
    png, rows, columns = stop.strip
    scale = min(24 / rows, 150 / columns)
    wide, high = round(columns * scale), max(round(rows * scale), 4)
    return element("img", src=address(png), alt="", role="presentation", class_="pixels", width=wide, height=high)


def _findings(report: CheckReport) -> Html:
    count = len(report.findings)
    title = sentence("lab_network.findings", count=count)
    if not count:
        return element("p", text(sentence("lab_network.clean")), class_="clean")
    blocks: list[Block] = list(finding_blocks(report.findings))
    return fold("findings", title, Html(bare(_lowered(blocks), language())), is_open=True, of_class="knoll-document")


def _lowered(blocks: list[Block]) -> list[Block]:
    """Headings of findings below those of the view."""
    return [replace(each, level=3) if isinstance(each, Heading) else each for each in blocks]
