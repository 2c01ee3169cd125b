"""`knoll draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.printing import print_or_write
from knoll.cli.targets import inputs_of, is_shape, shapes_of, target_of
from knoll.errors import ArgumentError
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.check.target import Target
    from knoll.draw import Scene
    from knoll.graph import Shape

_PLAN, _ROOFLINE = "plan", "roofline"


def draw(
    target: Annotated[str, option("target")],
    *words: Annotated[str, option("drawn")],
    input: Annotated[tuple[str, ...], option("input")] = (),
    depth: Annotated[int | None, option("depth")] = None,
    batch: Annotated[int, option("batch")] = 64,
    train: Annotated[bool, flag("train")] = False,
    out: Annotated[Path | None, option("draw_out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Draw a network as a graph of its layers, or its steps on a time line or below a roofline."""
    from knoll.views import network_picture

    if batch < 1 or (depth is not None and depth < 1):
        raise ArgumentError(say("cli.batch", batch=batch) if batch < 1 else say("cli.depth", depth=depth))
    shapes = [word for word in words if is_shape(word)]
    kinds = [word for word in words if word not in shapes]
    if len(kinds) > 1 or not set(kinds) <= {_PLAN, _ROOFLINE}:
        raise ArgumentError(say("cli.drawn"), expected="plan, roofline, 3x32x32", got=" ".join(kinds))
    found = target_of(target)
    inputs = inputs_of(found, shapes_of(shapes, input), f'knoll draw "{target}"')
    if kinds:
        drawn = _measured(found, inputs, kinds[0], batch, train)
    else:
        drawn = network_picture(found.module, *inputs, depth=depth)
    print_or_write(drawn.with_margin(), out=out)
    return 0


def _measured(found: Target, inputs: tuple[Shape, ...], kind: str, batch: int, train: bool) -> Scene:
    from knoll.run.threads import get_num_threads
    from knoll.views import roofline_picture, summary, time_line

    told = summary(found.module, *inputs, mode="train" if train else "eval", measure=True, samples=batch)
    if told.measurements is None:
        raise ArgumentError(told.error or "")
    title = type(found.module).__name__
    if kind == _PLAN:
        return time_line(told.measurements, get_num_threads(), title=title)
    return roofline_picture(told.measurements, title=title)
