"""Points in many dimensions with their labels and pictures, in the files from which TensorBoard's projector takes them.

https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/projector/projector_config.proto
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from knoll.atomic import replacing
from knoll.errors import ArgumentError, FileError, ShapeError, system_reason
from knoll.messages import say
from knoll.pillow import Image
from knoll.tensor.arguments import items
from knoll.train.events.image_grid import grid, pictures

CONFIGURATION = "projector_config.pbtxt"
_WIDEST = 8192  # pixels of the picture that holds all others, as browsers take it


def write_embedding(
    folder: Path, points: NDArray[Any], labels: Any, header: Any, images: NDArray[Any] | None, step: int, tag: str
) -> str:
    """Write the files of points (n, dimensions) below a folder, and give their entry in the configuration.

    Raises ShapeError where labels or images are not as many, FileError where a file cannot be written.
    """
    if points.ndim != 2 or 0 in points.shape:
        raise ShapeError(
            "mat should be 2D, where mat.size(0) is the number of data points",
            expected="(n, c)",
            got=str(points.shape),
        )
    below = Path(f"{step:05}") / quote(tag, safe="")
    files = {"tensors.tsv": _table(map(repr, row.tolist()) for row in points)}
    entry = [f'tensor_name: "{_escaped(tag)}:{step:05}"', f'tensor_path: "{below.as_posix()}/tensors.tsv"']
    if labels is not None:
        files["metadata.tsv"] = _table(_labelled(items(labels, "add_embedding", "metadata"), header, len(points)))
        entry.append(f'metadata_path: "{below.as_posix()}/metadata.tsv"')
    if images is not None:
        files["sprite.png"] = _sprite(images, len(points))
        size = images.shape[-1]
        entry.append(
            f'sprite {{ image_path: "{below.as_posix()}/sprite.png" '
            f"single_image_dim: {size} single_image_dim: {size} }}"
        )
    try:
        (folder / below).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = system_reason(error)
        raise FileError.after(error, say("train.no_folder", path=folder / below, reason=reason)) from None
    for name, contents in files.items():
        with replacing(folder / below / name) as file:
            file.write(contents)
    return "embeddings { " + " ".join(entry) + " }\n"


def _table(rows: Iterable[Iterable[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def _labelled(labels: list[Any], header: Any, count: int) -> list[list[str]]:
    """The labels as rows of a table, below its header if it has one."""
    if len(labels) != count:
        raise ShapeError("#labels should equal with #data points", expected=str(count), got=str(len(labels)))
    if not header:
        return [[_cell(label)] for label in labels]
    names = [_cell(name) for name in items(header, "add_embedding", "metadata_header")]
    rows = [[_cell(part) for part in (label if isinstance(label, Sequence) else [label])] for label in labels]
    for row in rows:
        if len(row) != len(names):
            raise ShapeError(
                "len of header must be equal to the number of columns in metadata",
                expected=str(len(names)),
                got=str(len(row)),
            )
    return [names, *rows]


def _cell(value: Any) -> str:
    """A text that ends neither a cell nor a row."""
    return " ".join(str(value).split()) if any(end in str(value) for end in "\t\n\r") else str(value)


def _sprite(images: NDArray[Any], count: int) -> bytes:
    """All images (n, c, h, h) in one square picture, row by row."""
    if len(images) != count:
        raise ShapeError("#images should equal with #data points", expected=str(count), got=str(len(images)))
    shown = pictures(images, "NCHW")
    size = shown.shape[1]
    if size != shown.shape[2]:
        raise ShapeError("Image should be square, see tensorflow/tensorboard#670", got=str(images.shape))
    across = math.ceil(math.sqrt(count))
    if across * size > _WIDEST:
        raise ArgumentError(
            say("train.wide_sprite", most=_WIDEST), got=f"{across * size}", advice=say("train.smaller_sprite")
        )
    whole = np.zeros((across * across, *shown.shape[1:]), np.uint8)
    whole[:count] = shown
    contents = io.BytesIO()
    Image.fromarray(grid(whole, across)).save(contents, "PNG")
    return contents.getvalue()


def _escaped(tag: str) -> str:
    return tag.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
