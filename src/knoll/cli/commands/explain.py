"""`knoll explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from knoll.cli.options import COMMON, Common, option
from knoll.cli.printing import print_or_write
from knoll.cli.targets import inputs_of, looked_at, shapes_of
from knoll.errors import ArgumentError
from knoll.messages import say


def explain(
    layer: Annotated[str, option("explained")],
    *shapes: Annotated[str, option("shapes")],
    input: Annotated[tuple[str, ...], option("input")] = (),
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Say what each argument of a layer, an optimiser or a schedule means, with its own numbers."""
    from knoll.explain import explanation_of
    from knoll.explain.training.builder import explained
    from knoll.explain.training.reading import read_training
    from knoll.explain.words import card_of
    from knoll.nn.init.skip import skip_init

    training = read_training(layer)
    if training is not None:
        if shapes or input:
            got = " ".join((*shapes, *input))
            raise ArgumentError(say("cli.no_input"), got=got, advice=f'knoll explain "{layer}"')
        setup, is_assumed = training
        print_or_write(explained(setup, is_assumed=is_assumed), format, out)
        return 0
    with skip_init(constants=True):  # only shapes are told
        found, given = looked_at(layer), shapes_of(shapes, input)
    if card_of(found.module) is None and any(True for _ in found.module.children()):
        given = inputs_of(found, given, f'knoll explain "{layer}"')
    print_or_write(explanation_of(found.module, *given), format, out)
    return 0
