"""`knoll solve`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from knoll.cli.options import COMMON, Common, option

if TYPE_CHECKING:
    from knoll.analysis import Fitting
    from knoll.graph import Shape


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
    from knoll.analysis import solve as solved
    from knoll.analysis.solve import ARROW
    from knoll.document import write
    from knoll.graph.shapes import read_shape

    if not ARROW.search(sizes) and re.search("[a-wyz]", sizes, re.IGNORECASE):
        write(_fitting(sizes, [read_shape(text) for text in input]), format, out)
        return 0
    given = {
        name: None if text is None else read_shape(text)
        for name, text in (("kernel", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation))
    }
    write(solved(sizes, kind=kind, **given), format, out)  # type: ignore[arg-type]
    return 0


def _fitting(network: str, shapes: list[Shape]) -> Fitting:
    """What a network needs: one of a file, one of Knoll's, or one that is written on the command line."""
    from knoll.analysis import fit
    from knoll.check.target import read_target
    from knoll.explain.reading import read_layer

    if ".py" not in network and "(" in network:
        return fit(read_layer(network), *shapes)
    target = read_target(network)
    return fit(target.module, *(shapes or ([target.shape] if target.shape else [])))
