"""The view of one layer: its arguments as controls with their words, its size worked out, pictures and cost."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from knoll.analysis.layers import BATCH_NORMS, RANDOM
from knoll.analysis.transformer_arguments import samples_axis
from knoll.animate.attention import heads_of
from knoll.animate.inputs import inputs_picture
from knoll.animate.runs import cells_of
from knoll.document import Block, Bullets, Paragraph
from knoll.document.html import bare
from knoll.errors import ArgumentError, KnollError
from knoll.explain import Explanation, NetworkExplanation, explain, explain_network
from knoll.explain.reading import arguments_in
from knoll.explain.words import card_of
from knoll.explain.writing import argument, costs, effects, numbers, sight, size_of_output
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.lab.arguments import Control, controls_of
from knoll.lab.image import Images
from knoll.lab.layer_input import OF_NUMBERS, first_layer
from knoll.lab.maps import Map, colours_of, maps_of
from knoll.lab.markup import figure
from knoll.lab.nearest import Offer, nearest
from knoll.lab.setting import Setting
from knoll.lab.subject import Subject, subject_of
from knoll.messages import Language, sentence

MODAL = (*RANDOM, *BATCH_NORMS)  # layers that are shown in both modes
BESIDE = 330.0  # the width of a drawing in the panel beside the view


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the words under its heading, as HTML."""

    name: str
    html: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a layer is not possible, and what is next to it."""

    reason: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class LayerView:
    """What the page shows of a layer; where it is not possible, only its controls and why.

    `numbers` is a drawing of what it is given, where that is no picture. `has_modes` says that it does something else
    in training, `is_random` that its weights are drawn at random, `has_own` that it is shown with its own numbers, as
    it takes no picture; `heads` counts those of its attention.
    """

    layer: str
    controls: tuple[Control, ...]
    words: dict[str, str]
    introduction: str = ""
    inputs: str = ""
    outputs: str = ""
    sections: tuple[Section, ...] = ()
    picture: str = ""
    given: tuple[Map, ...] = ()
    made: tuple[Map, ...] = ()
    notes: str = ""
    numbers: str = ""
    has_modes: bool = False
    is_random: bool = False
    has_own: bool = False
    heads: int = 0
    refused: Refused | None = None


def layer_view(setting: Setting, images: Images) -> LayerView:
    """The layer of a setting, or why it is not possible."""
    controls: tuple[Control, ...] = ()
    try:
        controls = controls_of(*arguments_in(setting.layer))
        with warnings.catch_warnings(action="ignore"):  # words about arguments say it better
            return _shown(setting, subject_of(setting, images), controls)
    except KnollError as error:
        return LayerView(setting.layer, controls, {}, refused=Refused(str(error), nearest(setting, images)))


def _shown(setting: Setting, subject: Subject, controls: tuple[Control, ...]) -> LayerView:
    layer, language = subject.layer, setting.language
    cells = cells_of(layer, *subject.arrays)
    told = _explanation(subject)
    network = explain_network(layer, *subject.arrays) if told is None and any(True for _ in layer.children()) else None
    first = subject.arrays[0]
    axis = "k" if hasattr(layer, "out_channels") else "c"
    return LayerView(
        setting.layer,
        controls,
        {note.name: _html(list(argument(note))[1:], language) for note in told.parameters} if told else {},
        _html([Paragraph(told.introduction)], language) if told else "",
        shape_text(told.inputs[0]) if told else _of_sample(first),
        shape_text(told.outputs[0]) if told else _of_sample(cells.result),
        tuple(_sections(told, language) if told else _layers(network, language) if network else ()),
        colours_of(first[0]) if first.ndim == 4 and first.shape[1] == 3 and _is_picture(first) else "",
        maps_of(first, samples=samples_axis(first_layer(layer))),
        maps_of(np.asarray(cells.result), axis, samples=samples_axis(first_layer(layer))),
        _html([Paragraph(subject.notes)], language) if subject.notes else "",
        ""
        if _takes_pictures(subject)
        else figure(inputs_picture(layer, subject.arrays, BESIDE), sentence("lab.given")),
        any(isinstance(each, MODAL) for each in layer.modules()),
        any(parameter.ndim > 1 for parameter in layer.parameters()),  # weights of normalisations begin with 1
        not subject.is_given,
        heads_of(layer),
    )


def _of_sample(array: Array) -> str:
    """The shape of the first sample of a batch."""
    return shape_text(array.shape[1:] if array.ndim > 1 else array.shape)


def _takes_pictures(subject: Subject) -> bool:
    """Whether it is given a picture, or numbers that stand where a picture would."""
    return subject.is_given and not isinstance(first_layer(subject.layer), OF_NUMBERS)


def _is_picture(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bool:
    return bool((array >= 0).all() and (array <= 1).all())


def _explanation(subject: Subject) -> Explanation | None:
    """The words about a layer, where there are any; of some arguments none can be worked out."""
    try:
        return explain(subject.layer, *subject.arrays) if card_of(subject.layer) else None
    except ArgumentError:
        return None


def _sections(told: Explanation, language: Language) -> Iterable[Section]:
    parts: tuple[tuple[str, Iterable[Block]], ...] = (
        ("size", size_of_output(told.sizes)),
        ("sight", sight(told.sight)),
        ("effects", effects(told.parameters, told.outputs[0], told.cost, told.sight)),
        ("cost", costs(told.cost)),
        ("numbers", (block for table in told.tables for block in numbers(table))),
        ("remarks", (Bullets(told.remarks),) if told.remarks else ()),
    )
    for name, blocks in parts:
        html = _html(list(blocks), language)
        if html:
            yield Section(name, html)


def _layers(network: NetworkExplanation, language: Language) -> Iterable[Section]:
    """The layers of a sequence as a table, and what each does."""
    yield Section("layers", _html(list(network.document().blocks), language))


def _html(blocks: list[Block], language: Language) -> str:
    return bare(blocks, language)
