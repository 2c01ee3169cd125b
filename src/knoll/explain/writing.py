"""The blocks of a document that the parts of an explanation become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knoll.document import Block, Bullets, Cell, Code, Formula, Heading, Line, Note, Paragraph, Table
from knoll.explain.parts import Cost, Effect, Option, ParameterNote, SizeStep
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import sentence


def section(title: str, *blocks: Block) -> tuple[Block, ...]:
    """Blocks below a heading; nothing where there are none."""
    return (Heading(sentence(title)), *blocks) if blocks else ()


def argument(note: ParameterNote) -> Iterator[Block]:
    """One argument: its value, its words, its trap."""
    value = change(note.name, note.value)
    is_default = not note.is_required and note.value == note.default
    yield Heading((value, sentence("explain.default")) if is_default else value, 3)
    yield Paragraph(note.words)
    if note.trap is not None:
        yield Note("trap", note.trap)


def size_of_output(sizes: Sequence[SizeStep]) -> Iterator[Block]:
    """The formula of each axis; of the columns only where their numbers differ from those of the rows."""
    for number, step in enumerate(sizes):
        first = sizes[0]
        if number and [line.replace(step.axis, first.axis) for line in step.lines] == list(first.lines):
            yield Paragraph(sentence("explain.size_likewise", axis=step.axis, result=step.result))
        else:
            yield Formula(step.lines)


def effects(notes: Sequence[ParameterNote], output: Shape, cost: Cost) -> Iterator[Block]:
    """A table of what other values of each argument would give, and what is not possible."""
    rows = [(note.name, effect) for note in notes for effect in note.effects]
    possible = [(name, effect) for name, effect in rows if effect.output is not None]
    impossible = [(name, effect) for name, effect in rows if effect.output is None]
    if possible:
        header = tuple(map(sentence, ("explain.change", "explain.output", "explain.parameters", "explain.work")))
        now: tuple[Cell, ...] = (sentence("explain.now"), shape_text(output), cost.parameters, cost.multiply_adds)
        yield Table(header, (now, *(_effect(name, effect) for name, effect in possible)))
    if impossible:
        yield Paragraph(sentence("explain.impossible"))
        yield Bullets(tuple((change(name, effect.value), "–", effect.reason or "") for name, effect in impossible))


def _effect(name: str, effect: Effect) -> tuple[Cell, ...]:
    return change(name, effect.value), shape_text(effect.output or ()), effect.parameters, effect.multiply_adds


def costs(cost: Cost) -> Iterator[Block]:
    """A table of what one sample costs."""
    rows: tuple[tuple[Line, int], ...] = (
        (sentence("explain.parameters"), cost.parameters),
        (sentence("explain.weight_bytes"), cost.weight_bytes),
        (sentence("explain.work"), cost.multiply_adds),
        (sentence("explain.flops"), cost.flops),
        (sentence("explain.output_bytes"), cost.output_bytes),
    )
    yield Table((sentence("explain.cost_of"), sentence("explain.number")), rows)


def change(name: str, value: Option) -> Code:
    """An argument as it is written."""
    return Code(f"{name}={value!r}")


def shapes_text(shapes: Sequence[Shape]) -> str:
    """Shapes as people write them."""
    return ", ".join(map(shape_text, shapes))
