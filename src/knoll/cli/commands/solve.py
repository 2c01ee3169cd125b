"""`knoll solve`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from knoll.cli.options import COMMON, Common, option
from knoll.cli.printing import print_or_write
from knoll.cli.targets import shapes_of, target_of
from knoll.errors import ArgumentError
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.analysis import Fitting
    from knoll.graph import Shape


def solve(
    sizes: Annotated[str, option("sizes")],
    *shapes: Annotated[str, option("shapes")],
    kernel: Annotated[str | None, option("kernel")] = None,
    kind: Annotated[Literal["conv", "pool", "transpose"] | None, option("kind")] = None,
    stride: Annotated[str | None, option("stride")] = None,
    padding: Annotated[str | None, option("padding")] = None,
    dilation: Annotated[str | None, option("dilation")] = None,
    input: Annotated[tuple[str, ...], option("input")] = (),
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Find the layers that lead from one size to another, or what a network needs for an input."""
    from knoll.analysis import solve as solved
    from knoll.analysis.solve import ARROW
    from knoll.graph.shapes import read_shape

    if not ARROW.search(sizes) and re.search("[a-wyz]", sizes, re.IGNORECASE):
        print_or_write(_fitting(sizes, shapes_of(shapes, input)), format, out)
        return 0
    if shapes or input:
        raise ArgumentError(
            say("cli.words_left", words=" ".join((*shapes, *input))),
            expected='knoll solve "32x32 -> 16x16"',
            advice=say("cli.words_quoted"),
        )
    given = {
        name: None if text is None else read_shape(text)
        for name, text in (("kernel", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation))
    }
    print_or_write(solved(sizes, kind=kind, **given), format, out)  # type: ignore[arg-type]  # `solve` looks at them
    return 0


def _fitting(network: str, shapes: tuple[Shape, ...]) -> Fitting:
    """What a network needs: one of a file, one of Knoll's, or one that is written on the command line."""
    from knoll.analysis import fit

    try:
        target = target_of(network)
    except ArgumentError as error:  # of what may be a size that is mistyped
        error.expected = ", ".join(filter(None, ('"32x32 -> 16x16"', error.expected)))
        raise
    return fit(target.module, *(shapes or ((target.shape,) if target.shape else ())))
