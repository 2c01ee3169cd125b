"""The report of a check: findings, and the shapes through the network as far as they are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knoll.check.finding import Finding
from knoll.document import Block, Bullets, Displayable, Document, Heading, Line, Listing, Paragraph, Table, to_json
from knoll.graph import Shape, Spec
from knoll.messages import Sentence, sentence

_STOPPED = "✗"


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """One layer and the shapes that go in and come out; none comes out of the layer that failed."""

    name: str
    kind: str
    inputs: tuple[Spec, ...]
    outputs: tuple[Spec, ...]

    @property
    def failed(self) -> bool:
        """Whether the network got no further."""
        return not self.outputs


@dataclass(frozen=True, slots=True, repr=False)
class CheckReport(Displayable):
    """What `check` found. It is true if there is nothing to tell.

    `network` is the name of its class, `inputs` the shapes that it was looked at with, `rows` its layers in the order
    in which they are called, `silenced` how many findings the user has silenced, `loss` the name of the loss.
    """

    network: str
    inputs: tuple[Shape, ...]
    rows: tuple[ShapeRow, ...]
    findings: tuple[Finding, ...]
    silenced: int = 0
    loss: str | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop the network or make its results wrong."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def __bool__(self) -> bool:
        return not self.findings

    def document(self) -> Document:
        """The report as it is read: a line for all, each finding, the shapes through the network."""
        shapes = " + ".join("×".join(map(str, shape)) for shape in self.inputs)
        title = sentence("check.title", network=self.network, shapes=shapes)
        return Document(title, (*self._verdict(), *self._blocks(), *self._shapes()))

    def json(self) -> str:
        """The data of the report as JSON, every sentence in both languages."""
        return to_json(self)

    def _verdict(self) -> Iterator[Block]:
        errors = len(self.errors)
        if self:
            yield Paragraph(sentence("check.clean"))
        else:
            warnings = len(self.findings) - errors
            yield Paragraph(sentence("check.counts", errors=errors, warnings=warnings))
        if self.loss is not None:
            yield Paragraph(sentence("check.with_loss", loss=self.loss))
        if self.silenced:
            yield Paragraph(sentence("check.silenced", count=self.silenced))

    def _blocks(self) -> Iterator[Block]:
        yield from finding_blocks(self.findings)

    def _shapes(self) -> Iterator[Block]:
        if self.rows:
            yield Heading(sentence("check.shapes"))
            header = tuple(sentence(f"check.column_{name}") for name in ("name", "layer", "input", "output"))
            yield Table(header, tuple(map(_cells, self.rows)))


def finding_blocks(findings: Sequence[Finding]) -> Iterator[Block]:
    """Findings as they are read; those of one rule that matter for the same reason stand together."""
    groups: dict[tuple[str, Sentence], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.why), []).append(finding)
    for number, group in enumerate(groups.values(), 1):
        yield from _single_finding(group[0], number) if len(group) == 1 else _alike_findings(group, number)


def _single_finding(finding: Finding, number: int) -> Iterator[Block]:
    """What, why, where, what to write instead, how to silence it."""
    yield _heading(finding, number)
    yield Paragraph(finding.what)
    yield Paragraph(finding.why)
    if places := _places(finding):
        yield Bullets(tuple(places))
    yield from _instead(finding)
    if finding.code:
        yield Listing(finding.code)
    yield from _silence(finding)


def _alike_findings(group: list[Finding], number: int) -> Iterator[Block]:
    """Why once, then each with its place and the line to write instead."""
    yield _heading(group[0], number)
    yield Paragraph(group[0].why)
    header = tuple(sentence(f"check.column_{name}") for name in ("what", "place", "instead"))
    yield Table(header, tuple((each.what, ", ".join(map(str, each.places)), each.code) for each in group))
    yield from _instead(group[0])
    yield from _silence(group[0])


def _heading(finding: Finding, number: int) -> Block:
    label = sentence("check.error") if finding.severity == "error" else sentence("check.warning")
    return Heading(sentence("check.finding", number=number, severity=label, rule=finding.rule))


def _places(finding: Finding) -> list[Line]:
    places: list[Line] = []
    if finding.name:
        places.append(sentence("check.module", name=finding.name))
    if finding.made is not None:
        places.append(sentence("check.made", place=str(finding.made)))
    if finding.called is not None and finding.called != finding.made:
        places.append(sentence("check.called", place=str(finding.called)))
    return places


def _instead(finding: Finding) -> Iterator[Block]:
    if finding.fix is not None:
        yield Paragraph(sentence("check.instead", fix=finding.fix))


def _silence(finding: Finding) -> Iterator[Block]:
    if finding.places and finding.rule != "forward-fails":
        yield Paragraph(sentence("check.silence", comment=finding.silenced_by))


def _cells(row: ShapeRow) -> tuple[str, str, str, str]:
    inputs, outputs = (" ".join(map(_spec, specs)) for specs in (row.inputs, row.outputs))
    return row.name or "–", row.kind, inputs, outputs or _STOPPED


def _spec(spec: Spec) -> str:
    """A shape; with its element type where that is not float32."""
    shape = "×".join(map(str, spec.shape)) or "1"
    return shape if spec.dtype.name == "float32" else f"{shape} {spec.dtype}"
