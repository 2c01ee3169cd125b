"""The view of two layers side by side, given the same."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knoll.analysis import costs, trace
from knoll.animate.builder import compare_layers
from knoll.animate.compare import differences
from knoll.animate.runs import cells_of
from knoll.document import Cell, Code, Table
from knoll.document.html import bare
from knoll.draw import Animation, numeral
from knoll.errors import KnollError
from knoll.explain.reading import arguments_in
from knoll.explain.sight import fields_of
from knoll.explain.words import CARDS
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.lab.arguments import instead, shown_arguments, value_of, written_with
from knoll.lab.image import Images
from knoll.lab.maps import Map, maps_of
from knoll.lab.setting import Setting
from knoll.lab.subject import Subject, subject_of
from knoll.messages import Language, sentence


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two layers: its text, what differs in it, and what it makes; or why it is not possible."""

    layer: str
    name: str = ""
    outputs: str = ""
    made: tuple[Map, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class CompareView:
    """Both layers, a table of their numbers, and their difference where their outputs are equally large."""

    sides: tuple[Side, Side]
    table: str = ""
    difference: tuple[Map, ...] = ()
    largest: str = ""


def compare_view(setting: Setting, images: Images) -> CompareView:
    """The layer of a setting and the other one. Raises ArgumentError where there is no other."""
    texts = (setting.layer, other_of(setting))
    with warnings.catch_warnings(action="ignore"):
        found = [_subject(replace(setting, layer=text), images) for text in texts]
        subjects = [each for each in found if isinstance(each, Subject)]
        if len(subjects) < len(texts):
            first, second = (_single_side(text, each) for text, each in zip(texts, found, strict=True))
            return CompareView((first, second))
        results = [_result(each) for each in subjects]
        names = differences(subjects[0].layer, subjects[1].layer)
        first, second = (_side(*each) for each in zip(texts, names, subjects, results, strict=True))
        return CompareView((first, second), _table(names, subjects, results, setting.language), *_difference(results))


def comparison(setting: Setting, images: Images) -> Animation:
    """Both layers at work. Raises what making and animating them raises."""
    with warnings.catch_warnings(action="ignore"):
        first, second = (
            subject_of(replace(setting, layer=text), images) for text in (setting.layer, other_of(setting))
        )
        return compare_layers(first.layer, second.layer, *first.arrays, backward=setting.way == "backward")


def other_of(setting: Setting) -> str:
    """The layer to compare with: the one of the setting, else the same with another value of an argument.

    >>> other_of(Setting(layer="MaxPool2d(2)", changed="ceil_mode"))
    'MaxPool2d(2, ceil_mode=True)'
    """
    if setting.other:
        return setting.other
    kind, given = arguments_in(setting.layer)
    for name in sorted(shown_arguments(kind), key=lambda each: (each != setting.changed, each != "stride")):
        now = value_of(kind, given, name)
        for value in CARDS[kind].arguments[name].values:
            if repr(value) != repr(now) and value is not None:
                return written_with(kind, given, **instead(kind, name), **{name: value})
    return setting.layer


def _subject(setting: Setting, images: Images) -> Subject | str:
    """What is compared, or why it is not possible."""
    try:
        return subject_of(setting, images)
    except KnollError as error:
        return str(error)


def _result(subject: Subject) -> Array:
    return np.asarray(cells_of(subject.layer, *subject.arrays).result)


def _single_side(text: str, found: Subject | str) -> Side:
    """A layer beside one that is not possible, or why it is not possible itself."""
    return Side(text, refused=found) if isinstance(found, str) else _side(text, "", found, _result(found))


def _side(text: str, name: str, subject: Subject, result: Array) -> Side:
    axis = "k" if hasattr(subject.layer, "out_channels") else "c"
    return Side(text, name, _size(result), maps_of(result, axis))


def _size(result: Array) -> str:
    return shape_text(result.shape[1:] if result.ndim > 1 else result.shape)


def _table(names: tuple[str, str], subjects: Sequence[Subject], results: Sequence[Array], language: Language) -> str:
    """Sizes, parameters, work and receptive fields of both, as HTML."""
    traces = [trace(each.layer, *each.arrays) for each in subjects]
    totals = [costs(found).total for found in traces]
    fields = [fields_of(found, found.inputs[0], found.outputs[0]) for found in traces]
    rows: list[tuple[Cell, ...]] = [
        (sentence("explain.output"), *map(_size, results)),
        (sentence("explain.parameters"), *(total.parameters for total in totals)),
        (sentence("explain.work"), *(total.multiply_adds for total in totals)),
    ]
    if all(fields):
        rows.append((sentence("explain.field"), *(f"{each[0].size}×{each[1].size}" for each in fields if each)))
    header = (sentence("lab.compared"), Code(names[0]), Code(names[1]))
    return bare([Table(header, tuple(rows))], language)


def _difference(results: Sequence[Array]) -> tuple[tuple[Map, ...], str]:
    """The second minus the first, and how far apart they are at most; nothing where the sizes differ."""
    first, second = results
    if first.shape != second.shape:
        return (), ""
    with np.errstate(invalid="ignore"):
        apart = second.astype(np.float64) - first
    return maps_of(apart), numeral(float(np.abs(apart).max(initial=0.0)))
