"""The blocks of a document that the parts of an explanation become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knoll.document import Block, Bullets, Cell, Code, Formula, Heading, Line, Note, Paragraph, Table
from knoll.explain.parts import Cost, Effect, NumberTable, Option, ParameterNote, Sight, SizeStep, Unseen
from knoll.explain.reasons import reason_words
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import sentence

COLUMNS = ("explain.change", "explain.output", "explain.parameters", "explain.work", "explain.field")
NOTHING = (0, "", "1×1")  # a column of these alone tells nothing
PLACES = 6  # rows or columns that are listed; of more the first ones and the last


def section(title: str, *blocks: Block) -> tuple[Block, ...]:
    """Blocks below a heading; nothing where there are none."""
    return (Heading(sentence(title)), *blocks) if blocks else ()


def argument(note: ParameterNote) -> Iterator[Block]:
    """One argument: its value, its words, its trap."""
    value = change(note.name, note.value)
    yield Heading((value, sentence("explain.default")) if note.is_default else value, 3)
    yield Paragraph(note.words)
    if note.shown:
        yield Formula(note.shown)
    if note.trap is not None:
        yield Note("trap", note.trap)


def numbers(table: NumberTable) -> Iterator[Block]:
    """A table of numbers below its title."""
    yield Paragraph(table.title)
    yield Table(table.header, table.rows)


def size_of_output(sizes: Sequence[SizeStep]) -> Iterator[Block]:
    """The formula of each axis; only its result where its numbers are those of the axis before."""
    for number, step in enumerate(sizes):
        before = sizes[number - 1]
        if number and _without_axis(step) == _without_axis(before):
            yield Paragraph(sentence("explain.size_likewise", axis=step.axis, result=step.result))
        else:
            yield Formula(step.lines)


def _without_axis(step: SizeStep) -> list[str]:
    """The formula for any axis."""
    return [re.sub(rf"\b{step.axis}(_out)?\b", r"axis\1", line) for line in step.lines]


def sight(found: Sight | None) -> Iterator[Block]:
    """What an output sees, and what none sees."""
    if found is None:
        return
    (rows, columns), (down, across) = found.field, found.stride
    if found.is_whole:
        yield Paragraph(sentence("explain.sight_whole"))
    elif (rows, columns, down, across) != (1, 1, "1", "1"):
        field = "explain.sight_field_padded" if found.is_padded else "explain.sight_field"
        step = "explain.sight_stride" if (down + across).isdigit() else "explain.sight_stride_average"
        is_pixel = (rows, columns) == (1, 1)
        area = sentence("explain.sight_pixel") if is_pixel else sentence(field, rows=rows, columns=columns)
        yield Paragraph((area, sentence(step, down=down, across=across)))
    lines = (*_unseen("rows", found.rows, found.slides), *_unseen("columns", found.columns, found.slides))
    if lines:
        yield Bullets(lines)


def _unseen(name: str, each: Unseen, slides: bool) -> Iterator[Line]:
    """The places along one axis that nothing looks at, and why."""
    if each.dropped:
        why = (sentence("explain.rounded_down"),) if slides else ()
        yield (sentence(f"explain.dropped_{name}", count=len(each.dropped), places=_places(each.dropped)), *why)
    if each.skipped:
        why = (sentence("explain.stepped_over"),) if slides else ()
        yield (sentence(f"explain.skipped_{name}", count=len(each.skipped), places=_places(each.skipped)), *why)
    if each.beyond:
        told = sentence(f"explain.dropped_{name}", count=len(each.beyond), places=_places(each.beyond))
        yield (told, sentence("explain.begins_behind"))


def _places(places: Sequence[int]) -> list[str]:
    """Some numbers, the middle of many left out."""
    shown = [*map(str, places)]
    return shown if len(shown) <= PLACES else [*shown[: PLACES - 2], "…", shown[-1]]


def effects(
    notes: Sequence[ParameterNote], output: Shape, cost: Cost, found: Sight | None, now: Line | None = None
) -> Iterator[Block]:
    """A table of what other values of each argument would give, and what is not possible.

    A column that tells nothing, as of layers that learn nothing, is left out, and so is a value that changes none.
    `now` names the row of the layer as it is.
    """
    rows = [(note.name, effect) for note in notes for effect in note.effects]
    possible = [(name, effect) for name, effect in rows if effect.output is not None]
    impossible = [(name, effect) for name, effect in rows if effect.output is None]
    if possible:
        header = tuple(map(sentence, COLUMNS))
        field = found.field if found else None
        own: tuple[Cell, ...] = (
            now or sentence("explain.now"), shape_text(output), cost.parameters, cost.multiply_adds, _field(field)
        )  # fmt: skip
        changed = [row for row in (_effect(name, effect) for name, effect in possible) if row[1:] != own[1:]]
        rows_ = (own, *changed)
        kept = [i for i in range(len(COLUMNS)) if any(row[i] not in NOTHING for row in rows_)]
        if changed:
            yield Table(tuple(header[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in rows_))
    if impossible:
        yield Paragraph(sentence("explain.impossible"))
        yield Bullets(tuple(refused(name, effect.value, effect.reason) for name, effect in impossible))


def _effect(name: str, effect: Effect) -> tuple[Cell, ...]:
    size = shape_text(effect.output or ())
    return change(name, effect.value), size, effect.parameters, effect.multiply_adds, _field(effect.field)


def _field(field: tuple[int, int] | None) -> str:
    return "" if field is None else shape_text(field)


def costs(cost: Cost) -> Iterator[Block]:
    """A table of what one sample costs, and the whole batch where there are several; parameters are there once.

    What there is none of is left out: a layer without multiply-adds has arithmetic of other kinds.
    """
    samples = cost.samples or 1
    rows: tuple[tuple[Line, int, int], ...] = (
        (sentence("explain.parameters"), cost.parameters, 1),
        (sentence("explain.weight_bytes"), cost.weight_bytes, 1),
        (sentence("explain.work"), cost.multiply_adds, samples),
        (sentence("explain.flops"), cost.flops, samples),
        *((name, size, samples) for name, size in zip(_outputs(cost), cost.output_bytes, strict=True)),
    )
    rows = tuple(row for row in rows if row[1])
    header = (sentence("explain.cost_of"), sentence(f"explain.one_{'sample' if cost.samples else 'call'}"))
    if samples == 1:
        yield Table(header, tuple(row[:2] for row in rows))
    else:
        batch = sentence("explain.batch", samples=samples)
        yield Table((*header, batch), tuple((name, one, one * times) for name, one, times in rows))


def _outputs(cost: Cost) -> Iterator[Line]:
    """The name of each output's memory."""
    for number in range(1, len(cost.output_bytes) + 1):
        several = len(cost.output_bytes) > 1
        yield sentence("explain.output_bytes_of", number=number) if several else sentence("explain.output_bytes")


def change(name: str, value: Option) -> Code:
    """An argument as it is written."""
    return Code(f"{name}={value!r}")


def refused(name: str, value: Option, reason: str | None) -> Line:
    """An argument that is impossible, and why."""
    return change(name, value), "–", reason_words(reason or "")


def shapes_text(shapes: Sequence[Shape]) -> str:
    """Shapes as people write them."""
    return ", ".join(map(shape_text, shapes))
