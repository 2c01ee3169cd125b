"""The practice network learns CIFAR-10 with Knoll and with PyTorch: `python -m benchmarks.accuracy ARCHIVE`.

Same initial weights, same order of images, SGD 0.01, batches of 64. Writes every number as JSON and draws all curves.
"""

from __future__ import annotations

import json as writer
import multiprocessing
from dataclasses import asdict
from itertools import accumulate
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from benchmarks import report
from benchmarks.curves import Curves, draw
from benchmarks.learning import Epoch, Images, learn, read_images
from benchmarks.rivals import FILES
from benchmarks.rivals.rival import Rival
from knoll.messages import Language, say, speaking

CLASSMATES = ("knoll", "torch_channels_last")  # PyTorch trains fastest with channels last

app = App(name="accuracy", help=say("bench.help_accuracy"), version_flags=[])


@app.default
def main(
    archive: Path,
    *,
    epochs: Annotated[int, Parameter(help=say("bench.help_epochs"))] = 10,
    seeds: Annotated[int, Parameter(help=say("bench.help_seeds"))] = 3,
    images: Annotated[int | None, Parameter(help=say("bench.help_images"))] = None,
    threads: Annotated[int, Parameter(help=say("bench.help_threads"))] = 2,
    json: Annotated[Path, Parameter(help=say("bench.help_json"))] = Path("accuracy.json"),
    svg: Annotated[Path, Parameter(help=say("bench.help_svg"))] = Path("docs/training.svg"),
) -> None:
    """Train for each seed with each library, one after the other in turn."""
    console = Console()
    for file in (json, svg):  # found out now, not after the training
        file.parent.mkdir(parents=True, exist_ok=True)
    train, test = (read_images(archive, part, images) for part in ("train", "test"))
    rivals = [FILES[name][0] for name in CLASSMATES]
    runs: dict[str, list[list[Epoch]]] = {rival.name: [] for rival in rivals}
    for seed in range(seeds):
        for rival in rivals:
            runs[rival.name].append(_alone(rival, seed, epochs, threads, train, test, console))
    known = report.facts(threads, rivals, {})
    plain = {name: [[asdict(epoch) for epoch in run] for run in several] for name, several in runs.items()}
    recipe = {"archive": archive.name, "images": len(train.labels), "tests": len(test.labels), "epochs": epochs}
    json.write_text(writer.dumps({"facts": asdict(known), "recipe": recipe, "runs": plain}, indent=2) + "\n", "utf-8")
    curves = {name.partition(",")[0]: _curves(several) for name, several in runs.items()}
    counts = {"images": len(train.labels), "tests": len(test.labels), "seeds": seeds}
    chinese = svg.with_suffix(f".zh{svg.suffix}")
    files: dict[Language, Path] = {"en": svg, "zh": chinese}
    for language, path in files.items():
        with speaking(language):
            path.write_text(draw(curves, say("bench.curves_note", archive=archive.name, **counts)), "utf-8")
    console.print(say("bench.written", files=f"{json}, {svg}, {chinese}"), highlight=False)


def _alone(
    rival: Rival, seed: int, epochs: int, threads: int, train: Images, test: Images, console: Console
) -> list[Epoch]:
    """One training in a process of its own."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=learn, args=(rival, seed, epochs, threads, train, test, theirs.send), daemon=True)
    process.start()
    theirs.close()
    run: list[Epoch] = []
    for number in range(1, epochs + 1):
        try:
            epoch = mine.recv()
        except EOFError:
            raise SystemExit(say("bench.died", rival=rival.name)) from None
        run.append(epoch)
        console.print(
            say("bench.epoch_line", rival=rival.name, seed=seed, number=number, **asdict(epoch)), highlight=False
        )
    process.join()
    return run


def _curves(runs: list[list[Epoch]]) -> Curves:
    """All seeds' accuracies, and the mean time after each epoch."""
    each = [sum(epoch.seconds for epoch in epochs) / len(epochs) for epochs in zip(*runs, strict=True)]
    return Curves([[epoch.accuracy for epoch in run] for run in runs], list(accumulate(each)))


if __name__ == "__main__":
    app()
