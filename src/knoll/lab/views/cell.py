"""The view of one number of the output: what it is made of, or where its gradient goes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index, Term
from knoll.analysis.transformer_arguments import samples_axis
from knoll.animate.builder import animate
from knoll.animate.moment import moment
from knoll.animate.runs import cells_of
from knoll.document import Formula
from knoll.document.html import bare
from knoll.draw import Animation
from knoll.draw.numerals import numeral, numerals
from knoll.draw.text import said
from knoll.errors import ArgumentError
from knoll.lab.image import Images
from knoll.lab.room import room_of
from knoll.lab.setting import Setting
from knoll.lab.subject import subject_of
from knoll.messages import Language, say

MOST_CHANNELS, MOST_TERMS = 8, 49  # of a sum that is written out


@dataclass(frozen=True, slots=True)
class CellView:
    """A number: its index, how it comes about as words and as a drawing, and the rows and columns of the input it sees.

    `sum` are the products of each channel, where it is a sum, as HTML. `box` are top, left, rows and columns; None
    where the input is no image, or nothing of it is seen. `channels` are those of the input that it sees.
    """

    index: Index
    value: str
    caption: str
    sum: str
    scene: str
    box: tuple[int, int, int, int] | None
    channels: tuple[int, ...]


def cell_view(setting: Setting, images: Images) -> CellView:
    """The number of a setting's cell, else that in the middle of the first channel.

    Raises ArgumentError for a cell that the output does not have, and what making the layer raises.
    """
    with warnings.catch_warnings(action="ignore"):
        subject = subject_of(setting, images)
        cells = cells_of(subject.layer, *subject.arrays)
        index = middle(cells) if setting.cell is None else setting.cell
        frame = moment(cells, index, backward=setting.way == "backward", room=room_of(setting), head=head_of(setting))
    caption = said(frame.caption, setting.language)
    scene = frame.scene.svg(language=setting.language)
    told = "" if setting.way == "backward" else _sum(cells.cell(index), setting.language)
    return CellView(
        index, numeral(float(cells.result[index])), caption, told, scene, _box(cells, index), _channels(cells, index)
    )


def animation(setting: Setting, images: Images) -> Animation:
    """The layer of a setting at work. Raises what making and animating it raises."""
    with warnings.catch_warnings(action="ignore"):
        subject = subject_of(setting, images)
        return animate(subject.layer, *subject.arrays, backward=setting.way == "backward", head=head_of(setting))


def head_of(setting: Setting) -> int | None:
    """The head of attention that is shown alone; None for the mean of all. Raises ArgumentError."""
    text = setting.options.get("head", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 5):
        raise ArgumentError(say("lab.no_choice", name="head"), expected="0", got=text[:80])
    return int(text) if text else None


def middle(cells: Cells) -> Index:
    """The number in the middle of the first channel of the first sample."""
    shape = cells.result.shape
    if samples_axis(cells.layer) and len(shape) > 2:  # positions are the first axis, samples the second
        return shape[0] // 2, 0, shape[2] // 2
    return tuple(size // 2 if axis >= len(shape) - 2 and len(shape) > 2 else 0 for axis, size in enumerate(shape))


def _sum(cell: Cell, language: Language) -> str:
    """The products of a convolution, a line for each channel, then what they add up to; nothing for other numbers."""
    if cell.rule != "sum" or not cell.terms or len(cell.terms[0].weight or ()) != 4:
        return ""
    channels: dict[int, list[Term]] = {}
    for term in cell.terms:
        channels.setdefault((term.weight or (0, 0))[1], []).append(term)
    if len(channels) > MOST_CHANNELS or max(map(len, channels.values())) > MOST_TERMS:
        return ""
    lines = [_line(f"c = {c}: ", terms) for c, terms in channels.items()]
    sums = [math.fsum(term.product for term in terms) for terms in channels.values()]
    bias = [] if cell.bias is None else [cell.bias]
    if len(sums) + len(bias) > 1:
        *texts, result = numerals(*sums, *bias, cell.result)
        sign = equality(sum(map(_read, texts)), _read(result))
        texts[len(sums) :] = [f"{text} (bias)" for text in texts[len(sums) :]]
        lines.append(f"{joined(texts)} {sign} {result}")
    return bare([Formula(tuple(lines))], language)


def _line(name: str, terms: Sequence[Term]) -> str:
    """The products of one channel and what they add up to; "≈" where the written digits give another number."""
    result = _added(terms)
    written = math.fsum(_read(numeral(term.value)) * _read(numeral(term.factor)) for term in terms)
    return f"{name}{joined(map(_product, terms))} {equality(written, _read(result))} {result}"


def equality(left: float, right: float) -> str:
    """The sign between two numbers as they are written.

    >>> equality(0.012, 0.013), equality(0.1 + 0.2, 0.3)
    ('≈', '=')
    """
    return "=" if math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12) or math.isnan(left + right) else "≈"


def _read(text: str) -> float:
    """The number that a numeral writes."""
    return float(text.replace("−", "-").replace("∞", "inf"))


def _product(term: Term) -> str:
    factor = numeral(term.factor)
    return f"{numeral(term.value)}·{f'({factor})' if factor.startswith('−') else factor}"


def _added(terms: Sequence[Term]) -> str:
    return numeral(math.fsum(term.product for term in terms))


def joined(terms: Iterable[str]) -> str:
    """Terms as a sum: what is negative is subtracted."""
    return " + ".join(terms).replace("+ −", "− ")


def _channels(cells: Cells, index: Index) -> tuple[int, ...]:
    sources = [term.source for term in cells.cell(index).terms if term.source is not None]
    return tuple(sorted({source[1] for source in sources if len(source) == 4}))


def _box(cells: Cells, index: Index) -> tuple[int, int, int, int] | None:
    """The smallest rectangle of the input that holds all that a number is made of."""
    sources = [term.source for term in cells.cell(index).terms if term.source is not None]
    places = [source[-2:] for source in sources if len(source) == 4]
    if not places:
        return None
    (top, left), (bottom, right) = (tuple(map(choose, zip(*places, strict=True))) for choose in (min, max))
    return top, left, bottom - top + 1, right - left + 1
