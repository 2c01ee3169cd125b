"""Explanation: a layer explained for one input."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.document import Bullets, Code, Displayable, Document, Formula, Paragraph, to_json
from knoll.explain.parts import Cost, NumberTable, ParameterNote, Sight, SizeStep
from knoll.explain.writing import argument, costs, effects, numbers, section, shapes_text, sight, size_of_output
from knoll.graph import Shape
from knoll.messages import Sentence, sentence


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Displayable):
    """A layer explained for one input: `inputs` and `outputs` are the shapes of what it takes and gives.

    `worked` says how the first number of the output, or the first loss, comes about from given numbers. It prints
    itself in the language spoken now; `document()` has the other forms, `json()` the bare data.
    """

    kind: str
    written: str
    introduction: tuple[Sentence, ...]
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    parameters: tuple[ParameterNote, ...]
    tables: tuple[NumberTable, ...]
    sizes: tuple[SizeStep, ...]
    worked: Sentence | None
    sight: Sight | None
    remarks: tuple[Sentence, ...]
    cost: Cost
    source: str

    def document(self) -> Document:
        """The explanation as a document: `.text()`, `.markdown()`, `.html()`."""
        shapes = sentence("explain.shapes", inputs=shapes_text(self.inputs), outputs=shapes_text(self.outputs))
        return Document(
            Code(self.written),
            (
                Paragraph((*self.introduction, shapes)),
                *section("explain.arguments", *(block for note in self.parameters for block in argument(note))),
                *section("explain.numbers", *(block for table in self.tables for block in numbers(table))),
                *section("explain.size", *size_of_output(self.sizes)),
                *section("explain.worked", *((Formula((self.worked,)),) if self.worked else ())),
                *section("explain.sight", *sight(self.sight)),
                *section("explain.effects", *effects(self.parameters, self.outputs[0], self.cost, self.sight)),
                *section("explain.cost", *costs(self.cost)),
                *section("explain.remarks", *((Bullets(self.remarks),) if self.remarks else ())),
                Paragraph(sentence("explain.source", address=self.source)),
            ),
        )

    def json(self) -> str:
        """The data of the explanation as JSON, every sentence in both languages."""
        return to_json(self)
