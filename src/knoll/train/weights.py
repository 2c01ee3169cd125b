"""A network from a file of weights: any that Knoll trained, and the practice network whoever trained it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from knoll.errors import DataError, KnollError, MissingFileError, StateError
from knoll.interop import read_weights, safetensors_file
from knoll.interop.weights import STRUCTURE
from knoll.messages import say
from knoll.nn import Module
from knoll.train.checkpoint import OPTIMIZER
from knoll.train.run_folder import RunFolder
from knoll.vision.models import get_model
from knoll.vision.models.registry import SEGMENTERS

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# A file could say that its network is for endless images, and ask for as much memory.
_MOST_PIXELS = 1 << 23
_MOST_CLASSES = 1 << 16
_HIDDEN = 64  # inputs of the last layer

Arrays = dict[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Network:
    """A trained network, the names of its classes, what it was trained on where that is known, and what to tell.

    `is_segmenter`: it tells the class of every pixel; in masks, pixels of the number `ignore` have none.
    """

    module: Module
    classes: tuple[str, ...]
    data: str | None
    notes: tuple[str, ...]
    is_segmenter: bool = False
    ignore: int | None = None


def load_network(path: Path) -> Network:
    """The network in a run folder, a safetensors file, or a file of PyTorch, of which nothing is executed.

    Raises FileError where it cannot be read, DataError where it is damaged, UnsafeFileError where it would run code,
    StateError where it holds another network.
    """
    file = _file_of(path.expanduser())
    arrays, metadata = _read(file)
    given_classes = _classes(metadata.get("classes"))
    count = len(given_classes) or _count(arrays)
    module = _network(file, metadata, count)
    names = matching(
        {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()},
        {name: array.shape for name, array in arrays.items()},
    )
    try:
        module.load_state_dict({name: arrays[got] for name, got in names.items()} or arrays)
    except StateError as error:
        raise error.located(str(file)) from None
    module.eval()
    notes = []
    first = next(iter(module.state_dict()))
    if names[first] != first:
        notes.append(say("train.renamed", got=names[first], expected=first))
    classes = given_classes or _usual_classes(count)
    if not given_classes:
        notes.append(say("train.guessed_classes" if count == len(CIFAR10_CLASSES) else "train.no_classes"))
    ignore = metadata.get("ignore", "")
    return Network(
        module,
        classes,
        metadata.get("data"),
        tuple(notes),
        metadata.get("model") in SEGMENTERS,
        int(ignore) if re.fullmatch(r"\d{1,3}", ignore) else None,
    )


def _network(file: Path, metadata: dict[str, str], num_classes: int) -> Module:
    """The network that the metadata describe, the practice network where they do not."""
    if "model" not in metadata:
        return get_model("practice", num_classes=num_classes)
    text = metadata.get("input_shape", "")
    shape = tuple(json.loads(text)) if re.fullmatch(r"\[\d{1,5}(, \d{1,5}){2}\]", text) else (0, 0, 0)
    if not 0 < shape[0] * shape[1] * shape[2] <= _MOST_PIXELS:
        raise DataError(say("train.broken_checkpoint", path=file, reason=f"input_shape={text!r}"))
    return get_model(metadata["model"], num_classes=num_classes, input_shape=shape)


def matching(own: Shapes, given: Shapes) -> dict[str, str]:
    """For every name of the network the name in the file; empty where they are not clearly the same layers.

    Names that are the same match. Otherwise layers do, whatever they are called, if each has its own shapes.

    >>> matching({"model1.0.weight": (8, 3), "model1.1.weight": (2, 8)}, {"a.weight": (8, 3), "b.weight": (2, 8)})
    {'model1.0.weight': 'a.weight', 'model1.1.weight': 'b.weight'}
    """
    if own.keys() == given.keys():
        return {name: name for name in own}
    ours, theirs = _by_shapes(own), _by_shapes(given)
    if ours is None or theirs is None or ours.keys() != theirs.keys():
        return {}
    layer_of = {layer: theirs[shapes] for shapes, layer in ours.items()}
    parts = {name: name.rpartition(".") for name in own}
    return {name: _joined(layer_of[layer], leaf) for name, (layer, _, leaf) in parts.items()}


def _by_shapes(shapes: Shapes) -> dict[frozenset[tuple[str, tuple[int, ...]]], str] | None:
    """The name of each layer by the shapes of its parameters; None where two layers have the same."""
    layers: dict[str, set[tuple[str, tuple[int, ...]]]] = {}
    for name, shape in shapes.items():
        layer, _, leaf = name.rpartition(".")
        layers.setdefault(layer, set()).add((leaf, shape))
    found = {frozenset(leaves): layer for layer, leaves in layers.items()}
    return found if len(found) == len(layers) else None


def _joined(layer: str, leaf: str) -> str:
    return f"{layer}.{leaf}" if layer else leaf


def _file_of(path: Path) -> Path:
    if not path.is_dir():
        return path
    run = RunFolder(path)
    for file in (run.weights, run.checkpoint):
        if file.is_file():
            return file
    raise MissingFileError(say("train.no_weights", path=path), advice=say("train.no_weights_advice"))


def _read(file: Path) -> tuple[Arrays, dict[str, str]]:
    try:
        arrays, metadata = safetensors_file.load(file)
    except DataError:
        metadata = {}
    if not metadata or STRUCTURE in metadata:
        try:
            return read_weights(file), {}
        except KnollError as error:
            raise error.located(str(file)) from None
    return {name: array for name, array in arrays.items() if not name.startswith(OPTIMIZER)}, metadata


def _classes(text: str | None) -> tuple[str, ...]:
    """The names of the classes in the metadata; none where they are not there."""
    try:
        names = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ()
    plain = isinstance(names, list) and len(names) <= _MOST_CLASSES
    return tuple(names) if plain and all(isinstance(name, str) for name in names) else ()


def _count(arrays: Arrays) -> int:
    """How many classes the last layer of the file tells apart."""
    counts = [array.shape[0] for array in arrays.values() if array.ndim == 2 and array.shape[1] == _HIDDEN]
    return counts[-1] if counts else len(CIFAR10_CLASSES)


def _usual_classes(count: int) -> tuple[str, ...]:
    return CIFAR10_CLASSES if count == len(CIFAR10_CLASSES) else tuple(map(str, range(count)))
