"""NetworkExplanation: a network explained layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from knoll.document import Bullets, Cell, Code, Displayable, Document, Line, Paragraph, Table, to_json
from knoll.explain.explanation import Explanation
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import Sentence, sentence

COLUMNS = ("layer", "output", "parameters", "work", "field")


@dataclass(frozen=True, slots=True)
class LayerLine:
    """One call of a layer in a network: what it does in a sentence, the shapes of one sample, what it costs.

    `field` are the rows and columns of the image that one number of its output sees; None where that is not known, or
    no image came in. Parameters of a layer that is called twice count the first time.
    """

    name: str
    written: str
    words: Sentence | None
    inputs: tuple[Shape, ...]
    output: Shape
    parameters: int
    multiply_adds: int
    field: tuple[int, int] | None


@dataclass(frozen=True, slots=True, repr=False)
class NetworkExplanation(Displayable):
    """A network explained layer by layer; `explanation["0"]` explains the layer of that name with all its arguments.

    Raises EntryError for a name that no layer has. It prints itself in the language spoken now; `document()` has the
    other forms, `json()` the bare data.
    """

    kind: str
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    layers: tuple[LayerLine, ...]
    _explained: Callable[[str], Explanation] = field(repr=False, compare=False)

    def __getitem__(self, name: str) -> Explanation:
        return self._explained(name)

    @property
    def parameters(self) -> int:
        """How many numbers the layers learn, shared ones counted once."""
        return sum(line.parameters for line in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds for one sample."""
        return sum(line.multiply_adds for line in self.layers)

    def document(self) -> Document:
        """The explanation as a document: `.text()`, `.markdown()`, `.html()`."""
        inputs, outputs = (", ".join(map(shape_text, shapes)) or "–" for shapes in (self.inputs, self.outputs))
        header: tuple[Line, ...] = tuple(sentence(f"explain.{name}") for name in COLUMNS)
        footer = (sentence("explain.whole"), outputs, self.parameters, self.multiply_adds, "")
        return Document(
            Code(self.kind),
            (
                Paragraph(sentence("explain.network", count=len(self.layers), inputs=inputs, outputs=outputs)),
                Table(header, tuple(map(_row, self.layers)), footer),
                Bullets(tuple((Code(", ".join(names)), "–", words) for words, names in self._sentences().items())),
                Paragraph(sentence("explain.network_more")),
            ),
        )

    def _sentences(self) -> dict[Sentence, list[str]]:
        """What is said, each sentence once, with the layers that it is true of."""
        said: dict[Sentence, list[str]] = {}
        for line in self.layers:
            name = f"{line.name} {line.written}"
            if line.words and name not in said.setdefault(line.words, []):
                said[line.words].append(name)
        return said

    def json(self) -> str:
        """The data of the explanation as JSON, every sentence in both languages."""
        return to_json(self)


def _row(line: LayerLine) -> tuple[Cell, ...]:
    seen = "" if line.field is None else shape_text(line.field)
    return Code(f"{line.name} {line.written}"), shape_text(line.output), line.parameters, line.multiply_adds, seen
