"""The card of a kind of layer: what is said of it and of each of its arguments, and the values worth trying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from knoll.document import Line
from knoll.explain.facts import Facts
from knoll.explain.parts import NumberTable, Option, SizeStep
from knoll.graph import Shape
from knoll.messages import Sentence
from knoll.nn import Module
from knoll.nn.inspection import Input


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an argument, lines of numbers that show it, and what to beware of with the value that it has."""

    words: tuple[Sentence, ...]
    trap: Sentence | None = None
    shown: tuple[Line, ...] = ()


def said(*words: Sentence, trap: Sentence | None = None, shown: tuple[Line, ...] = ()) -> Said:
    """Some sentences about an argument."""
    return Said(words, trap, shown)


F_contra = TypeVar("F_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class ArgumentOf(Generic[F_contra]):
    """One argument of a kind of layer, of an optimiser or of a schedule, of which facts of one kind are known.

    `words` says what its value means for a layer; `values` are those worth trying on the card's example, its own among
    them: at least three, or all there are; `beside` what the example needs besides for them. They are what is animated,
    sampled and asked about. `others` are the values whose effects are told, one less and one more unless given;
    `is_all` says that there are no more values than these.
    """

    words: Callable[[F_contra], Said]
    values: tuple[Option, ...]
    beside: Mapping[str, Option] = field(default_factory=dict)
    others: Callable[[F_contra], tuple[Option, ...]] | None = None
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class Argument(ArgumentOf[Facts]):
    """One argument of a kind of layer."""


@dataclass(frozen=True)
class Card:
    """A kind of layer.

    `introduction` says what it does; `example` are arguments of a layer that shows it; `size` works out the size of its
    output; `remarks` says what no single argument explains. `inputs` are what a layer is shown with: the shape of one
    sample, or an array where its numbers may not be any. `further` are the inputs after the first that follow from its
    shape (n, …), unless `completed` makes all inputs from those that are given; `of_images` says that the first must
    be images: channels, rows, columns. `tables` are numbers that show what the layer does. `shown` is the part of a
    shape that is told: that of one sample, or all where the axis of the samples matters. `bends` are the x at which the
    curve of an activation changes its direction at once, or jumps.
    """

    introduction: Callable[[Facts], tuple[Sentence, ...]]
    arguments: Mapping[str, Argument]
    example: Mapping[str, Option]
    inputs: Callable[[Module], tuple[Input, ...]]
    source: str
    size: Callable[[Facts], tuple[SizeStep, ...]] = field(default=lambda _: ())
    remarks: Callable[[Facts], tuple[Sentence, ...]] = field(default=lambda _: ())
    further: Callable[[Module, Shape], tuple[Input, ...]] = field(default=lambda *_: ())
    of_images: bool = False
    completed: Callable[[Module, tuple[Input, ...]], tuple[Input, ...]] | None = None
    tables: Callable[[Facts], tuple[NumberTable, ...]] = field(default=lambda _: ())
    shown: Callable[[Shape], Shape] = field(default=lambda shape: shape[1:])
    bends: Callable[[Module], tuple[float, ...]] = field(default=lambda _: ())
