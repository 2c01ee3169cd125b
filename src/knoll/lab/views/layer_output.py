"""The output of a layer in a network, and beside it the pixels of the picture that one of its numbers depends on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from knoll.document import Words
from knoll.draw.numerals import numeral
from knoll.draw.pixel_image import around_zero, png_of, thinned
from knoll.lab.maps import address
from knoll.lab.markup import Html, change, element, joined, plain_text, text
from knoll.lab.walk import Seen, Stop, Walk, seen
from knoll.messages import Sentence, sentence

MOST_CHANNELS = 64  # that can be chosen of the layer that is opened
MOST_BARS = 10  # numbers of a row that are drawn
SHADE = 150  # of 255: how dark the pixels are that a number does not look at


def maps_of_channels(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
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


def _map_picture(stop: Stop, channel: int, words: str) -> Html:
    plane = stop.numbers[channel]
    pixels = stop.colours(thinned(plane))
    role = None if words else "presentation"
    return element("img", src=address(png_of(pixels)), alt=words, role=role, class_="pixels")


def row_of_numbers(way: Walk, at: int, place: tuple[int, int, int]) -> Html:
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
