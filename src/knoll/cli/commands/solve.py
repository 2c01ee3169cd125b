"""`knoll solve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from knoll.cli.options import COMMON, Common, option


def solve(
    sizes: Annotated[str, option("sizes")],
    *,
    kernel: Annotated[str | None, option("kernel")] = None,
    kind: Annotated[Literal["conv", "pool", "transpose"], option("kind")] = "conv",
    stride: Annotated[str | None, option("stride")] = None,
    padding: Annotated[str | None, option("padding")] = None,
    dilation: Annotated[str | None, option("dilation")] = None,
    input: Annotated[tuple[str, ...], option("input")] = (),  # noqa: A002 (what is written on the command line)
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,  # noqa: A002
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Find the layers that lead from one size to another, or what a network needs for an input."""
    from knoll.analysis import fit
    from knoll.analysis import solve as solved
    from knoll.document import write
    from knoll.explain.reading import read_layer
    from knoll.graph.shapes import read_shape

    if "(" in sizes:
        write(fit(read_layer(sizes), *map(read_shape, input)), format, out)
        return 0
    given = {
        name: None if text is None else read_shape(text)
        for name, text in (("kernel", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation))
    }
    write(solved(sizes, kind=kind, **given), format, out)  # type: ignore[arg-type]
    return 0
