"""`knoll check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from knoll.cli.options import COMMON, Common, option
from knoll.cli.printing import print_or_write
from knoll.cli.targets import inputs_of, shapes_of, target_of


def check(
    target: Annotated[str, option("target")],
    *shapes: Annotated[str, option("shapes")],
    input: Annotated[tuple[str, ...], option("input")] = (),
    loss: Annotated[str | None, option("loss")] = None,
    classes: Annotated[int | None, option("classes")] = None,
    batch_size: Annotated[int | None, option("checked_batch")] = None,
    samples: Annotated[int | None, option("samples")] = None,
    ignore: Annotated[tuple[str, ...], option("ignored")] = (),
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Look at a network before any data; the exit code is 1 if there is something to tell."""
    found = target_of(target)
    inputs = inputs_of(found, shapes_of(shapes, input), f'knoll check "{target}"')
    report = found.module.check(
        *inputs, loss=loss or found.loss, classes=classes, batch_size=batch_size, data=samples, ignore=ignore
    )
    print_or_write(report, format, out)
    return 0 if report else 1
