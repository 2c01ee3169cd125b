"""`knoll show`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.printing import print_or_write
from knoll.cli.targets import inputs_of, is_shape, is_written, shapes_of, target_of
from knoll.errors import ArgumentError
from knoll.messages import say


def show(
    *names: Annotated[str, option("shown")],
    input: Annotated[tuple[str, ...], option("input")] = (),
    model: Annotated[str | None, option("shown_model")] = None,
    batch: Annotated[int, option("batch")] = 64,
    train: Annotated[bool, flag("train")] = False,
    measure: Annotated[bool, flag("measure")] = False,
    format: Annotated[Literal["text", "markdown", "html", "json"] | None, option("format")] = None,
    out: Annotated[Path | None, option("write")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Print the layers of a network, or what a stage of the compiler makes of it."""
    from knoll.nn.show import show as stage_text
    from knoll.tensor import zeros
    from knoll.views import summary

    if batch < 1:
        raise ArgumentError(say("cli.batch", batch=batch))
    stage, target, shapes = _sorted(names)
    if stage is not None and (format not in (None, "text") or out is not None):
        raise ArgumentError(say("cli.stage_format"), got=str(out) if out else f"--format {format}")
    found = target_of(model or target or "practice")
    inputs = inputs_of(found, shapes_of(shapes, input), f'knoll show "{model or target}"')
    if stage is None:
        mode: Literal["train", "eval"] = "train" if train else "eval"
        print_or_write(summary(found.module, *inputs, mode=mode, measure=measure, samples=batch), format, out)
    else:
        print(stage_text(stage, found.module.train(train), zeros(batch, *inputs[0]), backward=train))
    return 0


def _sorted(names: Sequence[str]) -> tuple[str | None, str | None, list[str]]:
    """The stage, the network and the shapes among the words that were given, in any order."""
    from knoll.run.show import STAGES
    from knoll.vision.models import list_models

    shapes = [name for name in names if is_shape(name)]
    stages = [name for name in names if name in STAGES]
    targets = [name for name in names if name not in (*stages, *shapes)]
    unknown = [name for name in targets if name not in list_models() and ".py" not in name and not is_written(name)]
    if unknown or len(stages) > 1 or len(targets) > 1:
        near = get_close_matches(unknown[0], [*STAGES, *list_models()], 3, 0.5) if unknown else []
        models = say("cli.shown_models") if near else ", ".join(list_models())
        raise ArgumentError(
            say("cli.shown_unknown", name=unknown[0]) if unknown else say("cli.shown_one"),
            expected=say("cli.shown_names", stages=", ".join(STAGES), models=models),
            got=" ".join(names),
            advice=", ".join(near) or None,
        )
    return next(iter(stages), None), next(iter(targets), None), shapes
