"""Layers that lead from one size to another, as data, and as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knoll.document import Block, Bullets, Document, Heading, Listing, Paragraph
from knoll.graph.shapes import shape_text
from knoll.graph.sizes import Pair
from knoll.messages import Sentence, sentence
from knoll.nn import AdaptiveAvgPool2d, Conv2d, ConvTranspose2d, MaxPool2d, Module, Upsample

Kind = Literal["conv", "pool", "transpose"]
MOST_FOUND = 64  # of a kind


@dataclass(frozen=True, slots=True)
class Solution:
    """The arguments of a layer that makes one size from another; all are (rows, columns)."""

    kind: Kind
    kernel_size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    output_padding: Pair = (0, 0)
    ceil_mode: bool = False

    def layer(self, in_channels: int = 1, out_channels: int = 1) -> Module:
        """The layer itself."""
        if self.kind == "pool":
            return MaxPool2d(self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode)
        if self.kind == "conv":
            return Conv2d(in_channels, out_channels, self.kernel_size, self.stride, self.padding, self.dilation)
        return ConvTranspose2d(
            in_channels,
            out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.output_padding,
            dilation=self.dilation,
        )

    def __str__(self) -> str:
        """The layer as one would type it."""
        kind = {"conv": "Conv2d", "pool": "MaxPool2d", "transpose": "ConvTranspose2d"}[self.kind]
        usual = {"stride": self.kernel_size if self.kind == "pool" else (1, 1), "dilation": (1, 1)}
        words = [] if self.kind == "pool" else ["in_channels", "out_channels"]
        words.append(f"{_short(self.kernel_size)}")
        for name in ("stride", "padding", "output_padding", "dilation"):
            value: Pair = getattr(self, name)
            if value != usual.get(name, (0, 0)):
                words.append(f"{name}={_short(value)}")
        return f"{kind}({', '.join([*words, *(['ceil_mode=True'] if self.ceil_mode else [])])})"


def _short(pair: Pair) -> str:
    return str(pair[0] if pair[0] == pair[1] else pair)


@dataclass(frozen=True, slots=True)
class Resize:
    """A layer without parameters that makes one size from another whatever they are: it is told the size itself."""

    before: Pair
    after: Pair

    @property
    def enlarges(self) -> bool:
        """Whether rows or columns become more."""
        return self.after[0] > self.before[0] or self.after[1] > self.before[1]

    @property
    def factor(self) -> Pair | None:
        """How many times rows and columns there are afterwards; None where that is no whole number."""
        factors = (self.after[0] // self.before[0], self.after[1] // self.before[1])
        exact = tuple(f * b for f, b in zip(factors, self.before, strict=True)) == self.after
        return factors if exact else None

    def layer(self) -> Module:
        """The layer itself."""
        if not self.enlarges:
            return AdaptiveAvgPool2d(self.after)
        return Upsample(size=self.after) if self.factor is None else Upsample(scale_factor=self.factor)

    def __str__(self) -> str:
        """The layer as one would type it."""
        if not self.enlarges:
            return f"AdaptiveAvgPool2d({_short(self.after)})"
        return (
            f"Upsample(size={self.after})" if self.factor is None else f"Upsample(scale_factor={_short(self.factor)})"
        )


def _count(found: int) -> Sentence:
    if found == 1:
        return sentence("analysis.solve_found_one")
    return sentence("analysis.solve_most" if found == MOST_FOUND else "analysis.solve_found", count=found)


@dataclass(frozen=True, slots=True)
class Solutions:
    """What was found for images of size `before` that are to become images of size `after`, the simplest first.

    `kind` is the kind that was asked for, None for all; layers are then found by kind. Where nothing was found,
    `nearest` are the sizes that can be reached next below and above, and `others` the kinds of layers that do reach the
    size. `resize` reaches it in any case.
    """

    kind: Kind | None
    before: Pair
    after: Pair
    found: tuple[Solution, ...]
    nearest: tuple[Pair, ...] = ()
    others: tuple[Kind, ...] = ()

    @property
    def resize(self) -> Resize | None:
        """The layer that is told the size; None where the size stays."""
        return Resize(self.before, self.after) if self.before != self.after else None

    def document(self) -> Document:
        """Text, Markdown and HTML of it."""
        title = sentence("analysis.solve_title", before=shape_text(self.before), after=shape_text(self.after))
        blocks = self._by_kind() if self.found else self._none()
        if self.resize is not None:
            words = "analysis.solve_resize_larger" if self.resize.enlarges else "analysis.solve_resize_smaller"
            blocks += [Paragraph(sentence(words)), Listing(str(self.resize), "python")]
        if self.kind is None and self.found:
            blocks.append(Paragraph(sentence("analysis.solve_more")))
        return Document(title, tuple(blocks))

    def _by_kind(self) -> list[Block]:
        blocks: list[Block] = []
        for kind in dict.fromkeys(solution.kind for solution in self.found):
            lines = [str(solution) for solution in self.found if solution.kind == kind]
            blocks.append(Heading(sentence(f"analysis.solve_{kind}")))
            if self.kind is not None:
                blocks.append(Paragraph(_count(len(lines))))
            blocks.append(Listing("\n".join(lines), "python"))
            if kind == "pool":
                blocks.append(Paragraph(sentence("analysis.solve_average")))
        return blocks

    def _none(self) -> list[Block]:
        blocks: list[Block] = [Paragraph(sentence(f"analysis.solve_none_{self.kind or 'any'}"))]
        if self.nearest:
            near = ", ".join(map(shape_text, self.nearest))
            blocks.append(Paragraph(sentence("analysis.solve_nearest", sizes=near)))
        if self.others:
            blocks.append(Bullets(tuple(sentence(f"analysis.solve_other_{kind}") for kind in self.others)))
        return blocks

    def __str__(self) -> str:
        return self.document().text()
