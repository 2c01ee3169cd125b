"""The parts of an explanation: plain data, from which text, pages and pictures are made.

Sentences are kept as entries of the catalogue with their numbers, so that one explanation can be read in either
language.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.document import Cell, Line
from knoll.graph import Shape
from knoll.messages import Sentence


class Written:
    """The value of an argument that is no literal, as a function; it prints itself as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text(Written):
    """What is told of a function, of a layer or of a schedule: its text."""

    text: str

    def __repr__(self) -> str:
        return self.text


Option = int | float | bool | str | None | Written | tuple["Option", ...]
"""The value of an argument."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of the layer with another value of one argument: its output, parameters and work for one sample.

    `field` are the rows and columns of its receptive field, None where the inputs are no images. `output` is None where
    the layer is impossible; `reason` is then the first line of its error.
    """

    value: Option
    output: Shape | None = None
    parameters: int = 0
    multiply_adds: int = 0
    field: tuple[int, int] | None = None
    written: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesEffect:
    """What becomes of the numbers of an optimiser or of a schedule with another value of one argument.

    `series` are a parameter after each step, or the learning rate in each epoch; it ends where the training does. It is
    empty where the value is impossible; `reason` is then the first line of the error.
    """

    name: str
    value: Option
    series: tuple[float, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterNote:
    """One argument of the layer: its value, what it means here, what other values would change, what to beware of.

    `shown` are lines of numbers that say it without words, as a row of an image before and after padding.
    """

    name: str
    value: Option
    default: Option
    is_required: bool
    is_default: bool
    words: tuple[Sentence, ...]
    shown: tuple[Line, ...] = ()
    effects: tuple[Effect, ...] = ()
    trap: Sentence | None = None


@dataclass(frozen=True, slots=True)
class SizeStep:
    """The size of one axis of the output, worked out: the formula, then the same with its numbers, step by step."""

    axis: str
    lines: tuple[str, ...]
    result: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """The places along one axis that nothing looks at.

    `dropped` are those at the end that have no room for another window, `skipped` those between windows, or between the
    taps of one, and `beyond` those at the end where the next window would begin behind the image.
    """

    dropped: tuple[int, ...]
    skipped: tuple[int, ...]
    beyond: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberTable:
    """Numbers that show what the layer does, found by running it."""

    title: Sentence
    header: tuple[Line, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the layer looks at in the images that it is given.

    `field` are the rows and columns that one number of the output sees at most, `is_padded` whether padding is among
    them; `stride` says how far the next one has moved (a fraction where images are enlarged). `is_whole` says that each
    sees the whole image.
    `rows` and `columns` are those that no number sees; `slides` says that a window moved over the image, so that what
    is dropped at the end is what was left when no further window fitted.
    """

    field: tuple[int, int]
    stride: tuple[str, str]
    is_whole: bool
    rows: Unseen
    columns: Unseen
    slides: bool = False
    is_padded: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sample costs, and how many samples the input has.

    `samples` is None where the output is one for all of them, as a mean loss is: then it is what one call costs.
    A multiply-add is one multiplication and one addition; FLOPs count both, so they are twice as many.
    `weight_bytes` and `output_bytes` are the memory of the parameters and of each output, as of the values and of the
    indices of a pooling.
    """

    parameters: int
    multiply_adds: int
    weight_bytes: int
    output_bytes: tuple[int, ...]
    samples: int | None = 1

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-add."""
        return 2 * self.multiply_adds
