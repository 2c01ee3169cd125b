"""The arguments of a layer as controls of the page: the values that each can have, and the text with another one."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from knoll.analysis import written
from knoll.analysis.arguments import FOLLOWS, signature
from knoll.errors import ArgumentError
from knoll.explain.parts import Option
from knoll.explain.reading import arguments_in
from knoll.explain.words import CARDS
from knoll.lab.code.modules import NOT_IN_PYTORCH
from knoll.messages import say
from knoll.nn import Module

Kind = Literal["count", "number", "flag", "choice", "text"]
LARGEST: Mapping[str, int] = {
    "in_channels": 16, "out_channels": 16, "in_features": 32, "out_features": 32, "num_features": 16, "groups": 16,
    "kernel_size": 11, "stride": 8, "padding": 8, "dilation": 6, "output_padding": 4, "output_size": 32, "size": 64,
    "embed_dim": 32, "num_heads": 8, "d_model": 32, "nhead": 8, "dim_feedforward": 64, "num_layers": 6,
    "num_encoder_layers": 4, "num_decoder_layers": 4,
}  # fmt: skip
"""How far the slider of a count goes; more can be typed."""
LEAST: Mapping[str, int] = {"padding": 0, "output_padding": 0, "start_dim": 0, "ignore_index": -100}
NOT_SHOWN = ("dtype", "device", "encoder_layer", "decoder_layer", "norm", "custom_encoder", "custom_decoder")


@dataclass(frozen=True, slots=True)
class Control:
    """How an argument is set: a `count` and a `number` by a slider and a field, a `flag` by a box.

    A `choice` is made from a list. `value` is as it is typed; a count may be several numbers, as "1, 2". `usual` says
    that it is the default. `not_in_pytorch` are choices that PyTorch lacks.
    """

    name: str
    kind: Kind
    value: str
    usual: bool
    least: float = 0
    most: float = 0
    step: float = 1
    choices: tuple[str, ...] = ()
    not_in_pytorch: tuple[str, ...] = ()


def controls_of(kind: type[Module], given: Mapping[str, Any]) -> tuple[Control, ...]:
    """A control for each argument that the card of a kind of layer tells of."""
    return tuple(_control(kind, name, given) for name in shown_arguments(kind))


def shown_arguments(kind: type[Module]) -> list[str]:
    """The names of the arguments that the card of a kind of layer tells of."""
    card = CARDS.get(kind)
    return [name for name in (card.arguments if card else ()) if name not in NOT_SHOWN]


def given_value(kind: type[Module], given: Mapping[str, Any], name: str) -> Any:
    """The value of an argument as it is written, else its default; None where there is none."""
    default = signature(kind)[name].default
    return given.get(name, None if default is signature(kind)[name].empty else default)


def value_of(kind: type[Module], given: Mapping[str, Any], name: str) -> Any:
    """The value of an argument as it is written, else its default, or what it follows."""
    value = given_value(kind, given, name)
    return given.get(FOLLOWS.get(name, "")) if value is None else value


def _control(kind: type[Module], name: str, given: Mapping[str, Any]) -> Control:
    value, values = value_of(kind, given, name), CARDS[kind].arguments[name].values
    usual = name not in given
    what = _kind(values, value)
    if what == "flag":
        return Control(name, what, repr(value), usual)
    if what == "choice":
        texts = dict.fromkeys((*map(typed, values), typed(value)))
        lacking = tuple(each for each in NOT_IN_PYTORCH.get(name, ()) if each in texts)
        return Control(name, what, typed(value), usual, choices=tuple(texts), not_in_pytorch=lacking)
    numbers = [float(each) for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    if what == "count":
        least = LEAST.get(name, min(1, int(min(numbers, default=1))))
        return Control(name, what, typed(value), usual, least, LARGEST.get(name, int(max(numbers, default=4)) * 4))
    if what == "number":
        low, high = min(*numbers, 0.0), max(numbers)
        return Control(name, what, typed(value), usual, low, high, step=0.01 if high <= 2 else 0.1)
    return Control(name, what, typed(value), usual)


def _kind(values: tuple[Option, ...], value: Any) -> Kind:
    if all(isinstance(each, bool) for each in values):
        return "flag"
    plain = [each for each in values if not isinstance(each, tuple) and each is not None]
    if all(isinstance(each, bool | str) for each in plain) or any(each is None and None in values for each in plain):
        return "choice"
    counts = [each for each in plain if not isinstance(each, str)]
    if counts and all(isinstance(each, int) and not isinstance(each, bool) for each in counts):
        return "count"
    if counts and all(isinstance(each, float) for each in counts) and not isinstance(value, tuple):
        return "number"
    return "text"


def typed(value: Any) -> str:
    """A value as it is typed into a field: pairs without brackets, texts without quotes."""
    if isinstance(value, tuple | list):
        return ", ".join(map(typed, value))
    if callable(value):  # the default of an activation
        return str(getattr(value, "__name__", value))
    return value if isinstance(value, str) else repr(value)


def written_with(kind: type[Module], given: Mapping[str, Any], **changes: Any) -> str:
    """The text of a layer with these arguments, and others in place of some; it need not be possible.

    >>> from knoll import nn
    >>> written_with(nn.MaxPool2d, {"kernel_size": 3}, stride=2)
    'MaxPool2d(3, stride=2)'
    """
    arguments, words = {**given, **changes}, list[str]()
    for name, parameter in signature(kind).items():
        if name not in arguments:
            continue
        value = arguments[name]
        if parameter.default is parameter.empty and len(words) == list(signature(kind)).index(name):
            words.append(_text(value))
        elif parameter.default is parameter.empty or repr(value) != repr(parameter.default):
            words.append(f"{name}={_text(value)}")
    return f"{kind.__name__}({', '.join(words)})"


def _text(value: Any) -> str:
    """A value as a program has it; a layer as one would type it."""
    return written(value) if isinstance(value, Module) else repr(value)


def read_value(text: str) -> Any:
    """A value as it is typed into a field: a number, several with commas, True, None, or a text.

    >>> read_value("2"), read_value("1, 2"), read_value("same"), read_value("None")
    (2, (1, 2), 'same', None)
    """
    words = text.strip().strip("()[]")
    try:
        value = ast.literal_eval(words.rstrip(","))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return words
    return value if isinstance(value, int | float | str | tuple | None) else words


def changed(text: str, changes: Mapping[str, str]) -> str:
    """The text of a layer with other values of some arguments, each as it is typed. Raises ArgumentError.

    >>> changed("Conv2d(3, 6, 3)", {"stride": "2", "padding": "same"})
    "Conv2d(3, 6, 3, stride=2, padding='same')"
    >>> changed("TransformerDecoder(TransformerDecoderLayer(4, 2, 8), 2)", {"num_layers": "3"})
    'TransformerDecoder(TransformerDecoderLayer(4, 2, dim_feedforward=8), 3)'
    """
    if not changes:
        return text
    kind, given = arguments_in(text)
    unknown = next((name for name in changes if name not in signature(kind)), None)
    if unknown is not None:
        raise ArgumentError(
            say("lab.no_argument", kind=kind.__name__), expected=", ".join(signature(kind)), got=unknown
        )
    others: dict[str, Any] = {}
    for name in changes:
        others |= instead(kind, name)
    return written_with(kind, given, **{**others, **{name: read_value(value) for name, value in changes.items()}})


def instead(kind: type[Module], name: str) -> dict[str, None]:
    """The arguments that may not be given beside one, as `scale_factor` beside `size`.

    >>> from knoll import nn
    >>> instead(nn.Upsample, "size")
    {'scale_factor': None}
    """
    arguments = CARDS[kind].arguments if kind in CARDS else {}
    pairs = [
        (other, each)
        for other, argument in arguments.items()
        for each, value in argument.beside.items()
        if value is None
    ]
    return {b if a == name else a: None for a, b in pairs if name in (a, b)}
