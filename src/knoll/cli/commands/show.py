"""`knoll show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from rich.console import Console

from knoll.cli.options import COMMON, Common, flag, option
from knoll.errors import ArgumentError
from knoll.messages import say


def show(
    *names: Annotated[str, option("shown")],
    model: Annotated[str | None, option("shown_model")] = None,
    batch: Annotated[int, option("batch")] = 64,
    train: Annotated[bool, flag("train")] = False,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Print the layers of a network, or what a stage of the compiler makes of it."""
    from knoll.nn.show import show as stage_text
    from knoll.tensor import zeros
    from knoll.train.summary import summary
    from knoll.vision.models import get_model

    if batch < 1:
        raise ArgumentError(say("cli.batch", batch=batch))
    stage, named = _stage_and_model(names)
    network = get_model(model or named or "practice").train(train)
    if stage is None:
        Console().print(summary(network, network.input_shape))
    else:
        print(stage_text(stage, network, zeros(batch, *network.input_shape), backward=train))
    return 0


def _stage_and_model(names: Sequence[str]) -> tuple[str | None, str | None]:
    """The stage and the network among the words that were given, in any order."""
    from knoll.run.show import STAGES
    from knoll.vision.models import list_models

    stages, models = ([name for name in names if name in known] for known in (STAGES, list_models()))
    unknown = [name for name in names if name not in (*stages, *models)]
    if unknown or len(stages) > 1 or len(models) > 1:
        raise ArgumentError(
            say("cli.shown_one"),
            expected=say("cli.shown_names", stages=", ".join(STAGES), models=", ".join(list_models())),
            came=" ".join(names),
        )
    return next(iter(stages), None), next(iter(models), None)
