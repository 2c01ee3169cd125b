"""`knoll predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.text import Text

from knoll.cli.options import COMMON, Common, option
from knoll.cli.printing import complain, print_bars, print_iou, print_note
from knoll.errors import KnollError
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.train.predict import Prediction
    from knoll.train.segment import Segmentation
    from knoll.train.weights import Network

_LIKELIEST = 3


def predict(
    weights: Annotated[Path, option("weights")],
    images: Annotated[list[Path], option("images")],
    /,
    *,
    truth: Annotated[Path | None, option("truth")] = None,
    out: Annotated[Path | None, option("pictures_out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Say which class each picture, or each of its pixels, shows."""
    from knoll.train.weights import load_network

    network = load_network(weights)
    console = Console()
    for note in network.notes:
        print_note(console, note)
    failed = 0
    for path in images:
        try:
            if network.is_segmenter:
                _segment(console, network, path, truth, out or weights)
            else:
                _classify(console, network, path)
        except KnollError as error:
            complain(str(error))
            failed += 1
    return 1 if failed else 0


def _classify(console: Console, network: Network, path: Path) -> None:
    from knoll.train.predict import predict as look_at

    prediction = look_at(network, path)
    _print_head(console, prediction)
    print_bars(console, prediction.classes[:_LIKELIEST])


def _segment(console: Console, network: Network, path: Path, truth: Path | None, out: Path) -> None:
    """Write the picture of the classes into the folder `out`, or beside it if it is a file, and say what is in it."""
    from knoll.train.segment import mask_of, save_picture, segment

    seen = segment(network, path, mask_of(path, truth) if truth else None)
    _print_head(console, seen)
    if seen.confusion is None:
        print_bars(console, [(network.classes[number], share) for number, share in seen.shares])
    else:
        accuracy = f"{seen.confusion.accuracy:.1%}"
        console.print("  " + say("cli.right_pixels", accuracy=accuracy), soft_wrap=True, highlight=False)
        print_iou(console, network.classes, seen.confusion)
    picture = (out.parent if out.is_file() else out) / f"{path.stem}.classes.png"
    save_picture(seen, network, picture)
    console.print(Text("  " + say("cli.written", path=picture)), soft_wrap=True)


def _print_head(console: Console, seen: Prediction | Segmentation) -> None:
    console.print(Text(str(seen.path), style="bold"), soft_wrap=True)
    for note in seen.notes:
        print_note(console, note, indent="  ")
