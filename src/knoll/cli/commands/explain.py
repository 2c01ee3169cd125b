"""`knoll explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from knoll.cli.options import COMMON, Common, option


def explain(
    layer: Annotated[str, option("layer")],
    *,
    input: Annotated[tuple[str, ...], option("input")] = (),  # noqa: A002 (what is written on the command line)
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,  # noqa: A002
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Say what each argument of a layer means, with its own numbers."""
    from knoll.document import write
    from knoll.explain import explain_optimizer, explanation_of
    from knoll.explain.optimizers import read_optimizer
    from knoll.explain.reading import read_layer
    from knoll.graph.shapes import read_shape

    optimizer = read_optimizer(layer)
    if optimizer is not None:
        write(explain_optimizer(optimizer), format, out)
        return 0
    write(explanation_of(read_layer(layer), *map(read_shape, input)), format, out)
    return 0
