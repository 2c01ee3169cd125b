"""The view of questions that are asked from the result: which layer, or which value of an argument, gives a size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from knoll.analysis import solve
from knoll.analysis.solutions import Kind, Solution
from knoll.document.html import bare
from knoll.errors import ArgumentError, KnollError
from knoll.explain.reading import arguments_in
from knoll.explain.words import CARDS
from knoll.graph import Shape
from knoll.lab.arguments import NOT_SHOWN, read_value, value_of, written_with
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.subject import planned
from knoll.messages import say

FARTHEST = 20  # value of an argument that is tried
NO_SIZE = ("in_channels", "out_channels", "groups", "num_features", *NOT_SHOWN)
"""Arguments that change no rows and columns."""
KINDS: dict[str, Kind | None] = {"": None, "conv": "conv", "pool": "pool", "transpose": "transpose"}


@dataclass(frozen=True, slots=True)
class Found:
    """A layer that gives the wanted size: as it is told, and the text with which the page goes on."""

    told: str
    layer: str


@dataclass(frozen=True, slots=True)
class SolveView:
    """What gives a size of `wanted` rows and columns from `before`: values of the layer's arguments, and other layers.

    `words` tells of those that there are not, as HTML.
    """

    before: str
    wanted: str
    now: str
    arguments: tuple[Found, ...]
    layers: tuple[Found, ...]
    words: str


def solve_view(setting: Setting, images: Images) -> SolveView:
    """What leads from the picture's size to the one that the option `wanted` names, else to half of it.

    Raises ArgumentError for sizes that are none, and what making the layer raises.
    """
    before, now = _sizes(setting, images)
    wanted = _wanted(setting.options.get("wanted", "")) or (max(before[0] // 2, 1), max(before[1] // 2, 1))
    kind = KINDS.get(setting.options.get("kind", ""))
    kernel = read_value(setting.options["kernel"]) if setting.options.get("kernel") else None
    solutions = solve((before, wanted), kernel, kind)
    layers = tuple(Found(str(each), _text(each, setting.layer)) for each in solutions.found)
    told = "" if layers else bare(solutions.document().blocks, setting.language)
    return SolveView(
        _written(before), _written(wanted), _written(now), tuple(_arguments(setting, images, wanted)), layers, told
    )


def _written(size: Shape) -> str:
    return "×".join(map(str, size))


def _wanted(text: str) -> tuple[int, int] | None:
    """Rows and columns as they are typed: 16, or 16x16. Raises ArgumentError."""
    if not text.strip():
        return None
    numbers = re.fullmatch(r"\s*(\d{1,5})(?:\s*[x×*,]\s*(\d{1,5}))?\s*", text, re.IGNORECASE | re.ASCII)
    if numbers is None or not int(numbers[1]):
        raise ArgumentError(say("lab.no_choice", name="wanted"), expected="16x16", got=text[:80])
    return int(numbers[1]), int(numbers[2] or numbers[1])


def _sizes(setting: Setting, images: Images) -> tuple[tuple[int, int], Shape]:
    """Rows and columns of what is given, and of what comes out; nothing for these where the layer is not possible.

    Raises ArgumentError for a layer that is given no image.
    """
    try:
        subject = planned(setting, images)
    except KnollError:
        return (setting.size, setting.size), ()
    given = subject.arrays[0].shape
    if len(given) != 4:
        raise ArgumentError(say("lab.no_size"), expected="Conv2d, MaxPool2d, ConvTranspose2d …")
    return (given[2], given[3]), subject.output[2:]


def _arguments(setting: Setting, images: Images, wanted: Shape) -> Iterator[Found]:
    """For each argument that is a count, the nearest value that gives the size, the others left as they are."""
    kind, given = arguments_in(setting.layer)
    for name in CARDS[kind].arguments if kind in CARDS else ():
        now = value_of(kind, given, name)
        if name in NO_SIZE or isinstance(now, bool) or not isinstance(now, int):
            continue
        for value in sorted(range(FARTHEST), key=lambda each: abs(each - now)):
            text = written_with(kind, given, **{name: value})
            if _size(replace(setting, layer=text), images) == wanted:
                yield Found(f"{name}={value!r}", text)
                break


def _size(setting: Setting, images: Images) -> Shape:
    """Rows and columns of the output; nothing where the layer is not possible."""
    try:
        return planned(setting, images).output[2:]
    except KnollError:
        return ()


def _text(solution: Solution, now: str) -> str:
    """A solution with the channels of the layer that is looked at."""
    given = arguments_in(now)[1]
    counts = (given.get(name, usual) for name, usual in (("in_channels", 3), ("out_channels", 6)))
    channels = ", ".join(str(each) if isinstance(each, int) else "3" for each in counts)
    return str(solution).replace("in_channels, out_channels", channels)
