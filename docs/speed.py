"""The speed picture: the measured times of `benchmarks.md` as bars, one for each library in its best mode."""

from __future__ import annotations

import re
from pathlib import Path

from knoll.draw import Scene, above, bars
from knoll.messages import sentence

TABLES = Path(__file__).parent / "benchmarks.md"
INFERENCE = "Inference of the practice network, batch 64, threads: 2"
TRAINING = "A training step of the practice network, batch 64, threads: 2"


def speed_picture() -> Scene:
    """Milliseconds of a batch of 64 images, and of a training step on one, the quickest first."""
    inference = _bars(INFERENCE, "site.speed_inference")
    training = _bars(TRAINING, "site.speed_training")
    return above(inference, training, gap=24).with_margin()


def _bars(heading: str, title: str) -> Scene:
    quickest = best_of_each(medians(heading))
    names = sorted(quickest, key=quickest.__getitem__)
    winner = next(at for at, name in enumerate(names) if name.startswith("Knoll"))
    return bars([quickest[name] for name in names], names, title=sentence(title), chosen=winner, unit="ms")


def medians(heading: str) -> dict[str, float]:
    """The first two columns of the table below a heading: libraries and their medians."""
    table = TABLES.read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| \**(.+?)\** \| \**([\d.]+)\** \|", table, re.MULTILINE)
    return {name: float(median) for name, median in rows}


def best_of_each(times: dict[str, float]) -> dict[str, float]:
    """The best mode of each library, whose name stands before the first comma."""
    best: dict[str, float] = {}
    for name, time in times.items():
        library = name.partition(",")[0]
        best[library] = min(time, best.get(library, time))
    return best
