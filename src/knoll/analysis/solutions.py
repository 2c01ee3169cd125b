"""Layers that lead from one size to another, as data, and as a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knoll.document import Block, Bullets, Document, Listing, Paragraph
from knoll.graph.shapes import shape_text
from knoll.graph.sizes import Pair
from knoll.messages import sentence
from knoll.nn import Conv2d, ConvTranspose2d, MaxPool2d, Module

Kind = Literal["conv", "pool", "transpose"]


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
class Solutions:
    """What was found for images of size `before` that are to become images of size `after`, the simplest first.

    Where nothing was found, `nearest` are the sizes that can be reached next below and above, and `others` the kinds of
    layers that do reach the size.
    """

    kind: Kind
    before: Pair
    after: Pair
    found: tuple[Solution, ...]
    nearest: tuple[Pair, ...] = ()
    others: tuple[Kind, ...] = ()

    def document(self) -> Document:
        """Text, Markdown and HTML of it."""
        sizes = {"before": shape_text(self.before), "after": shape_text(self.after)}
        title = sentence("analysis.solve_title", **sizes)
        if self.found:
            listing = Listing("\n".join(map(str, self.found)), "python")
            return Document(title, (Paragraph(sentence("analysis.solve_found", count=len(self.found))), listing))
        blocks: list[Block] = [Paragraph(sentence(f"analysis.solve_none_{self.kind}"))]
        if self.nearest:
            near = ", ".join(map(shape_text, self.nearest))
            blocks.append(Paragraph(sentence("analysis.solve_nearest", sizes=near)))
        if self.others:
            blocks.append(Bullets(tuple(sentence(f"analysis.solve_other_{kind}") for kind in self.others)))
        return Document(title, tuple(blocks))

    def __str__(self) -> str:
        return self.document().text()
