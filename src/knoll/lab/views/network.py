"""The walk through a network as it is seen: its layers in order, one of them opened, and what the check finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from knoll.analysis.cost_counting import costs
from knoll.check import CheckReport
from knoll.check.report import finding_blocks
from knoll.document import Block, Heading, Line, Words
from knoll.document.html import bare
from knoll.draw.numerals import numeral
from knoll.draw.pixel_image import around_zero, png_of
from knoll.errors import ArgumentError
from knoll.graph.shapes import shape_text
from knoll.lab.maps import address
from knoll.lab.markup import Html, change, element, fold, joined, plain_text, text
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views.choose import chooser, picture_of, walk_of
from knoll.lab.walk import Seen, Stop, Walk, kind, seen
from knoll.messages import Sentence, language, say, sentence
from knoll.views.summary import memory_text

MOST_CHANNELS = 64  # that can be chosen of the layer that is opened
MOST_BARS = 10  # numbers of a row that are drawn
SHADE = 150  # of 255: how dark the pixels are that a number does not look at
LONGEST = 256  # pixels of a map; a longer one is thinned


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
            element("div", _layers(way, at), _opened(way, at, place), class_="walked"),
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


def _opened(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
    """The layer that is opened: its words, its numbers, and what the chosen one looks at."""
    stop = way.stops[at]
    title = joined(Html(f"{at + 1} · "), element("code", text(f"{stop.line.name} {kind(stop)}".strip())))
    return element(
        "section",
        element("h2", title, id="opened"),
        element("p", text(stop.line.words or "")),
        _facts(stop),
        _maps(way, at, place) if stop.is_maps else _numbers(way, at, place),
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


def _maps(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
    """One channel large beside the picture, the pixels that the chosen number depends on, and all channels small."""
    stop, (c, row, column) = way.stops[at], place
    _, rows, columns = stop.numbers.shape
    plane = _map_picture(stop, c, plain_text(sentence("lab_network.map", channel=c)))
    marked = _mark(row, column, 1, 1, rows, columns, "cell")
    chosen = element("div", plane, marked, class_="map", data_pick=c, data_rows=rows, data_columns=columns)
    low, high, mean = (numeral(float(find(stop.numbers[c]))) for find in (np.min, np.max, np.mean))
    label = text(sentence("lab_network.range", channel=c, low=low, high=high, mean=mean))
    found, value = seen(way, at, place), numeral(float(stop.numbers[place]))
    told = sentence("lab_network.value", channel=c, row=row, column=column, value=value)
    return joined(
        element(
            "div",
            element("figure", chosen, element("figcaption", label)),
            _picture(way, found),
            class_="pair",
        ),
        _fields(zip(("channel", "row", "column"), place, stop.numbers.shape, strict=True)),
        _description(told, found),
        _channels(stop, place),
    )


def _description(value: Sentence, found: Seen) -> Html:
    """What the chosen number is, and what it depends on."""
    told: list[Words] = [value]
    if found.count == found.pixels.size:
        told.append(sentence("lab_network.sees_all"))
    elif not found.count:
        told.append(sentence("lab_network.sees_none"))
    else:
        (top, bottom), (left, right) = found.rows, found.columns
        edges = {"top": top, "bottom": bottom, "left": left, "right": right}
        told.append(sentence("lab_network.sees", count=found.count, **edges))
    if found.rows_outside or found.columns_outside:
        beyond = {"rows": found.rows_outside, "columns": found.columns_outside}
        told.append(sentence("lab_network.sees_outside", **beyond))
    return element("p", text(tuple(told)), class_="seen", aria_live="polite")


def _picture(way: Walk, found: Seen) -> Html:
    """The picture as the network gets it, darkened where the number does not look."""
    planes = way.given.planes
    is_picture = len(planes) in (1, 3) and bool((planes >= 0).all() and (planes <= 1).all())
    if is_picture:
        pixels = np.rint(255 * planes.transpose(1, 2, 0)).astype(np.uint8)
        shown = np.repeat(pixels, 3, axis=2) if len(planes) == 1 else pixels
    else:
        shown = around_zero(planes[0].astype(np.float64), float(np.abs(planes[0]).max()))
    words = sentence("lab_network.picture")
    source = address(png_of(np.ascontiguousarray(shown)))
    image = element("img", src=source, alt=plain_text(words), class_="pixels")
    shade = np.zeros((*found.pixels.shape, 4), np.uint8)
    shade[..., 3] = np.where(found.pixels, 0, SHADE)
    parts = [image, element("img", src=address(png_of(shade)), alt="", role="presentation", class_="pixels shade")]
    if found.count:
        (top, bottom), (left, right) = found.rows, found.columns
        _, h, w = planes.shape
        parts.append(_mark(top, left, bottom - top + 1, right - left + 1, h, w, "field"))
    return element("figure", element("div", *parts, class_="map"), element("figcaption", text(words)))


def _mark(row: int, column: int, tall: int, wide: int, rows: int, columns: int, name: str) -> Html:
    """An outline over a picture of so many rows and columns."""
    at = (
        f"top:{row / rows:.4%}",
        f"left:{column / columns:.4%}",
        f"height:{tall / rows:.4%}",
        f"width:{wide / columns:.4%}",
    )
    return element("span", class_=f"mark {name}", style=";".join(at))


def _map_picture(stop: Stop, channel: int, words: str) -> Html:
    plane = stop.numbers[channel]
    step = max(1, -(-max(plane.shape) // LONGEST))
    pixels = stop.colours(plane[::step, ::step])
    role = None if words else "presentation"
    return element("img", src=address(png_of(pixels)), alt=words, role=role, class_="pixels")


def _fields(parts: Iterable[tuple[str, int, int]]) -> Html:
    """Numbers that can be typed and stepped: each has its name, its value, and how many there are."""
    labels = []
    for name, value, size in parts:
        field = element(
            "input",
            type="number",
            id=f"place-{name}",
            min="0",
            max=size - 1,
            value=value,
            data_part=name,
            inputmode="numeric",
        )
        labels.append(element("label", text(sentence(f"lab_network.{name}")), field))
    return element("div", *labels, class_="place", role="group", aria_label=plain_text(sentence("lab_network.place")))


def _channels(stop: Stop, place: tuple[int, int, int]) -> Html:
    """All channels small, each a button."""
    c, row, column = place
    shown = range(min(len(stop.numbers), MOST_CHANNELS))
    items = []
    for number in shown:
        words = sentence("lab_network.map", channel=number).text()
        items.append(
            element(
                "button",
                _map_picture(stop, number, ""),
                element("span", Html(number)),
                type="button",
                id=f"channel-{number}",
                aria_label=words,
                aria_pressed="true" if number == c else "false",
                data_set=change(place=f"{number},{row},{column}"),
                class_="dead" if not stop.numbers[number].any() else None,
            )
        )
    told = []
    if len(shown) < len(stop.numbers):
        told.append(
            element("p", text(sentence("lab_network.first_channels", shown=len(shown), total=len(stop.numbers))))
        )
    return joined(element("div", *items, class_="channels"), *told)


def _numbers(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
    """A row of numbers: the largest as bars, each a button, beside the pixels that the chosen one depends on."""
    row = way.stops[at].numbers.reshape(-1)
    order = np.argsort(-np.nan_to_num(row), kind="stable")[:MOST_BARS] if row.size > MOST_BARS else np.arange(row.size)
    most = float(np.nan_to_num(np.abs(row)).max(initial=0.0)) or 1.0
    names = way.chosen.classes if at == len(way.stops) - 1 and len(way.chosen.classes) == row.size else ()
    bars = [
        _bar(number, names[number] if names else "", float(row[number]), most, number == place[2])
        for number in order.tolist()
    ]
    count = {"total": row.size}
    words = sentence("lab_network.all_numbers", **count)
    if row.size > len(bars):
        words = sentence("lab_network.largest", shown=len(bars), **count)
    found = seen(way, at, place)
    told = sentence("lab_network.number_is", number=place[2], value=numeral(float(row[place[2]])))
    return joined(
        element(
            "div",
            element(
                "figure",
                element("ul", *bars, class_="bars"),
                element("figcaption", text(words)),
            ),
            _picture(way, found),
            class_="pair",
        ),
        _fields([("number", place[2], row.size)]),
        _description(told, found),
    )


def _bar(number: int, name: str, value: float, most: float, is_chosen: bool) -> Html:
    long = min(abs(value) / most, 1.0) if np.isfinite(value) else 0.0
    bar = element("span", class_="bar" if value >= 0 else "bar below", style=f"inline-size:{100 * long:.1f}%")
    parts = (
        element("span", text(f"{number} {name}" if name not in ("", str(number)) else f"{number}"), class_="number"),
        element("span", bar),
        element("span", Html(numeral(value)), class_="value"),
    )
    button = element(
        "button",
        *parts,
        type="button",
        id=f"number-{number}",
        aria_pressed="true" if is_chosen else "false",
        data_set=change(place=f"0,0,{number}"),
    )
    return element("li", button)


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
