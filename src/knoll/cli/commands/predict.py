"""`knoll predict`."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track
from rich.text import Text

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.printing import complain, print_bars, print_iou, print_note
from knoll.errors import ArgumentError, FileError, KnollError, MissingFileError, system_reason
from knoll.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knoll.train.predict import Prediction
    from knoll.train.segment import Segmentation
    from knoll.train.weights import Asked, Network

_MANY = 20  # pictures, from which a bar shows how far it is


def predict(
    weights: Annotated[Path, option("weights")],
    images: Annotated[list[Path], option("images")],
    /,
    *,
    model: Annotated[str | None, option("predicting")] = None,
    input_: Annotated[str | None, Parameter(name="--input", help=say("cli.option_predicted_input"))] = None,
    classes: Annotated[str | None, option("class_names")] = None,
    mean: Annotated[str | None, option("mean")] = None,
    std: Annotated[str | None, option("std")] = None,
    top: Annotated[int, option("top")] = 3,
    json: Annotated[bool, flag("json")] = False,
    truth: Annotated[Path | None, option("truth")] = None,
    out: Annotated[Path | None, option("pictures_out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Say which class each picture, or each of its pixels, shows."""
    from knoll.train.weights import load_network

    if top < 1:
        raise ArgumentError(say("cli.top"), expected="--top 1", got=str(top))
    network = load_network(weights, _asked(model, input_, classes, mean, std))
    console = Console(stderr=json)
    for note in network.notes:
        print_note(console, note)
    pictures = _pictures(images)
    found: list[dict[str, Any]] = []
    for path in track(pictures, console=Console(stderr=True), transient=True, disable=len(pictures) < _MANY):
        try:
            if network.is_segmenter:
                found.append(_segment(console, network, path, truth, out or weights, json))
            else:
                found.append(_classify(console, network, path, top, json))
        except KnollError as error:
            complain(str(error))
            found.append({"path": str(path), "error": str(error)})
    if json:
        print(json_module.dumps(found, ensure_ascii=False, indent=2))
    return 1 if any("error" in each for each in found) else 0


def _asked(model: str | None, shape: str | None, classes: str | None, mean: str | None, std: str | None) -> Asked:
    """What the options say of the network. Raises ArgumentError, FileError."""
    from knoll.graph.shapes import read_shape
    from knoll.train.weights import Asked

    means, stds = _numbers("--mean", mean), _numbers("--std", std)
    if (mean is None) != (std is None) or len(means) != len(stds):
        raise ArgumentError(
            say("cli.mean_and_std"), expected="--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
            got=" ".join(f"{name} {text}" for name, text in (("--mean", mean), ("--std", std)) if text is not None),
        )  # fmt: skip
    return Asked(model, None if shape is None else read_shape(shape), _names(classes), means, stds)


def _numbers(name: str, text: str | None) -> tuple[float, ...]:
    """Numbers with commas between them. Raises ArgumentError."""
    try:
        return () if text is None else tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(say("cli.numbers", name=name), expected=f"{name} 0.5,0.5,0.5", got=str(text)) from None


def _names(text: str | None) -> tuple[str, ...]:
    """The names of classes: with commas between them, or one in each line of a file. Raises FileError."""
    if text is None:
        return ()
    path = Path(text)
    if "," in text and not path.is_file():
        return tuple(part.strip() for part in text.split(","))
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=path, reason=system_reason(error))) from None
    return tuple(line.strip() for line in lines if line.strip())


def _pictures(images: Sequence[Path]) -> list[Path]:
    """The pictures that were named, and those in the folders that were. Raises FileError."""
    from knoll.vision.datasets.folder import IMG_EXTENSIONS, pictures_in

    pictures: list[Path] = []
    for path in images:
        if not path.is_dir():
            pictures.append(path)
            continue
        inside = pictures_in(path)
        if not inside:
            raise MissingFileError(say("cli.no_pictures", folder=path), expected=" ".join(IMG_EXTENSIONS))
        pictures += inside
    return pictures


def _classify(console: Console, network: Network, path: Path, top: int, json: bool) -> dict[str, Any]:
    from knoll.train.predict import predict as look_at

    prediction = look_at(network, path)
    likeliest = prediction.classes[:top]
    if not json:
        _print_head(console, prediction)
        print_bars(console, likeliest)
    shares = [{"class": name, "probability": chance} for name, chance in likeliest]
    return {"path": str(path), "classes": shares, "notes": list(prediction.notes)}


def _segment(
    console: Console, network: Network, path: Path, truth: Path | None, out: Path, json: bool
) -> dict[str, Any]:
    """Write the picture of the classes into the folder `out`, or beside it if it is a file, and say what is in it."""
    from knoll.train.segment import mask_of, save_picture, segment

    seen = segment(network, path, mask_of(path, truth) if truth else None)
    picture = (out.parent if out.is_file() else out) / f"{path.stem}.classes.png"
    save_picture(seen, network, picture)
    if not json:
        _print_segmentation(console, network, seen)
        console.print(Text("  " + say("cli.written", path=picture)), soft_wrap=True)
    shares = [{"class": network.classes[number], "share": share} for number, share in seen.shares]
    accuracy = {} if seen.confusion is None else {"accuracy": seen.confusion.accuracy}
    return {"path": str(path), "classes": shares, **accuracy, "picture": str(picture), "notes": list(seen.notes)}


def _print_segmentation(console: Console, network: Network, seen: Segmentation) -> None:
    _print_head(console, seen)
    if seen.confusion is None:
        print_bars(console, [(network.classes[number], share) for number, share in seen.shares])
        return
    accuracy = f"{seen.confusion.accuracy:.1%}"
    console.print("  " + say("cli.right_pixels", accuracy=accuracy), soft_wrap=True, highlight=False)
    print_iou(console, network.classes, seen.confusion)


def _print_head(console: Console, seen: Prediction | Segmentation) -> None:
    console.print(Text(str(seen.path), style="bold"), soft_wrap=True)
    for note in seen.notes:
        print_note(console, note, indent="  ")
