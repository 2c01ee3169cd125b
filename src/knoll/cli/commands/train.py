"""`knoll train`."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from rich.console import Console

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.printing import print_iou, print_next
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.train.job import Outcome
    from knoll.train.run_folder import RunFolder


def train(
    *,
    model: Annotated[str | None, option("model")] = None,
    data: Annotated[str | None, option("data")] = None,
    root: Annotated[str | None, option("root")] = None,
    download: Annotated[bool, flag("download")] = False,
    size: Annotated[str | None, option("size")] = None,
    ignore: Annotated[int | None, option("ignore")] = None,
    balanced: Annotated[bool, flag("balanced")] = False,
    epochs: Annotated[int | None, option("epochs")] = None,
    batch_size: Annotated[int | None, option("batch_size")] = None,
    lr: Annotated[float | None, option("lr")] = None,
    optimizer: Annotated[str | None, option("optimizer")] = None,
    momentum: Annotated[float | None, option("momentum")] = None,
    weight_decay: Annotated[float | None, option("weight_decay")] = None,
    seed: Annotated[int | None, option("seed")] = None,
    threads: Annotated[int | None, option("threads")] = None,
    check: Annotated[bool, flag("check")] = False,
    pictures: Annotated[Literal["epochs", "ends", "none"], option("pictures")] = "epochs",
    resume: Annotated[Path | None, option("resume")] = None,
    out: Annotated[Path | None, option("out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Train a network."""
    from knoll.train.configuration import Configuration
    from knoll.train.job import begin
    from knoll.train.job import resume as go_on

    chosen = {
        "model": model,
        "root": root,
        "size": size,
        "ignore": ignore,
        "balanced": balanced or None,
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": lr,
        "optimizer": optimizer,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "seed": seed,
    }
    if threads is not None:
        from knoll.run.threads import set_num_threads

        set_num_threads(threads)
    console = Console()
    if resume is not None:
        outcome = go_on(resume, console, check, pictures, **chosen, data=data, out=out, download=download or None)
    else:
        outcome = begin(Configuration.recipe(data or "digits", **chosen), console, out, download, check, pictures)
    return _conclude(outcome, console)


def _conclude(outcome: Outcome, console: Console) -> int:
    """Say where everything is and what to type next."""
    run = outcome.run
    if outcome.report is None:
        console.print(say("cli.stopped", epoch=outcome.epoch + 1, step=outcome.step), soft_wrap=True, highlight=False)
        print_next(console, [f"knoll train --resume {shlex.quote(str(run.path))}"])
        return outcome.stop.exit_code
    test, confusion, segmented = outcome.report.test, outcome.report.confusion, outcome.source.is_segmented
    console.print(
        say(
            "cli.tested_pixels" if segmented else "cli.tested",
            accuracy=f"{test.accuracy:.1%}",
            correct=f"{test.correct:,}",
            labels=f"{test.labels:,}",
            seconds=f"{outcome.seconds:.1f}",
        ),
        style="bold green",
        soft_wrap=True,
        highlight=False,
    )
    if segmented:
        print_iou(console, outcome.source.classes, confusion)
    console.print(say("cli.places", run=run.path, weights=run.weights), soft_wrap=True, highlight=False)
    print_next(console, _next_commands(run, segmented))
    return 0


def _next_commands(run: RunFolder, segmented: bool) -> list[str]:
    """What predicts with the weights, and what shows the run."""
    from knoll.train.run_folder import RUNS

    predict = f"knoll predict {shlex.quote(str(run.path))} {shlex.quote(str(run.example))}"
    truth = f" --truth {shlex.quote(str(run.example_mask))}" if segmented else ""
    logs = RUNS if run.path.parent == RUNS else run.path  # all trainings side by side, where they have a folder
    install = "" if find_spec("tensorboard") else "  # pip install tensorboard"
    return [predict + truth, f"tensorboard --logdir {shlex.quote(str(logs))}{install}"]
