"""The explanation of an optimiser: plain data."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.document import Code, Document, Paragraph, Told, to_json
from knoll.explain.parts import NumberTable, ParameterNote
from knoll.explain.writing import argument, numbers, section
from knoll.messages import Sentence, sentence


@dataclass(frozen=True, slots=True)
class OptimizerExplanation(Told):
    """An optimiser explained, by the settings of its first group of parameters.

    It prints itself in the language spoken now; `document()` has the other forms, `json()` the bare data.
    """

    kind: str
    written: str
    introduction: Sentence
    parameters: tuple[ParameterNote, ...]
    tables: tuple[NumberTable, ...]
    source: str

    def document(self) -> Document:
        """The explanation as a document: `.text()`, `.markdown()`, `.html()`."""
        return Document(
            Code(self.written),
            (
                Paragraph(self.introduction),
                *section("explain.arguments", *(block for note in self.parameters for block in argument(note))),
                *section("explain.numbers", *(block for table in self.tables for block in numbers(table))),
                Paragraph(sentence("explain.source", address=self.source)),
            ),
        )

    def json(self) -> str:
        """The data of the explanation as JSON, every sentence in both languages."""
        return to_json(self)

    def __str__(self) -> str:
        return self.document().text()
