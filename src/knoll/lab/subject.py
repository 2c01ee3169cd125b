"""A layer of the lab with its numbers, and what it is given."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from knoll import manual_seed
from knoll.analysis.made_up import numbers_for
from knoll.animate.given import fitting
from knoll.errors import ArgumentError, KnollError, quoted
from knoll.explain.reading import read_layer
from knoll.graph import Array, Shape
from knoll.lab.image import Images
from knoll.lab.layer_input import input_of
from knoll.lab.numbers import SEED, check_numbers, check_parameters, check_results, fill
from knoll.lab.setting import Setting
from knoll.messages import Sentence
from knoll.nn import Module
from knoll.nn.init.skip import skip_init


@dataclass(frozen=True, eq=False)
class Subject:
    """A layer, the arrays that it is given, the shape of its output, and what was done to make them fit.

    `is_given` says that a person chose the arrays.
    """

    layer: Module
    arrays: tuple[Array, ...]
    output: Shape
    is_given: bool
    notes: tuple[Sentence, ...]


def planned(setting: Setting, images: Images) -> Subject:
    """The layer that a setting names, its parameters without numbers yet, and what it is given.

    Raises ArgumentError for what is no layer or too large, EntryError for a picture that is gone, and what the layer
    raises for what does not fit.
    """
    check_numbers(setting.layer)
    try:
        return _planned(setting, images)
    except KnollError:
        raise
    except (TypeError, ArithmeticError) as error:  # Python's own, of arguments that a layer takes without a look
        raise ArgumentError(quoted(error), got=setting.layer) from None


def _planned(setting: Setting, images: Images) -> Subject:
    with skip_init(), warnings.catch_warnings(action="ignore"):  # words about arguments say it better
        layer = read_layer(setting.layer)
        check_parameters(layer)
        picture, notes = input_of(setting, layer, images)
        shown = fitting(layer) if picture is None else (picture[None] if picture.ndim == 3 else picture,)
        arrays = tuple(numbers_for(layer, shown))
        output = check_results(layer, arrays)
        check_parameters(layer)  # of one that was lazy
    return Subject(layer, arrays, output, picture is not None, notes)


def subject_of(setting: Setting, images: Images) -> Subject:
    """The same with numbers, which are the same every time; with the option `mode` as "eval" in that mode.

    Raises as `planned`.
    """
    manual_seed(SEED)
    subject = planned(setting, images)
    fill(subject.layer)
    subject.layer.train(setting.options.get("mode") != "eval")
    return subject
