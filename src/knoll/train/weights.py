"""A network from a file of weights: what the file does not say of it, the user does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from knoll.check.target import read_target
from knoll.errors import ArgumentError, DataError, KnollError, MissingFileError, StateError
from knoll.graph import Shape
from knoll.interop import read_weights, safetensors_file
from knoll.interop.weights import STRUCTURE
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor import Tensor, no_grad, zeros
from knoll.train.checkpoint import OPTIMIZER
from knoll.train.run_folder import RunFolder
from knoll.vision.models import get_model, list_models
from knoll.vision.models.registry import SEGMENTERS
from knoll.vision.transforms import Grayscale, Normalize, Resize, ToTensor

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# A file could say that its network is for endless images, and ask for as much memory.
_MOST_PIXELS = 1 << 23
_MOST_CLASSES = 1 << 16
_CHANNELS = (1, 3)  # that a picture can be given in
_HIDDEN = 64  # inputs of the last layer

Arrays = dict[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Asked:
    """What a user says of a network: "resnet18" or "net.py:Net", the shape (c, h, w) of its images, its classes.

    `mean` and `std` are those by which its images were normalised in training, one for each channel.
    """

    model: str | None = None
    shape: Shape | None = None
    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


@dataclass(frozen=True)
class Network:
    """A trained network, the shape (c, h, w) of its images, the names of its classes, and what to tell.

    `data` is what it was trained on, where that is known. `is_segmenter`: it tells the class of every pixel; in masks,
    pixels of the number `ignore` have none.
    """

    module: Module
    shape: Shape
    classes: tuple[str, ...]
    data: str | None
    notes: tuple[str, ...]
    is_segmenter: bool = False
    ignore: int | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """The rows and columns of its images."""
        return self.shape[-2], self.shape[-1]

    def pixels(self, image: Any) -> Tensor:
        """A picture of Pillow, as the network takes it: (c, h, w)."""
        if self.shape[0] == 1:
            image = Grayscale()(image)
        pixels = ToTensor()(Resize(self.size)(image))
        return Normalize(self.mean, self.std)(pixels) if self.mean else pixels


def load_network(path: Path, asked: Asked = Asked()) -> Network:
    """The network in a run folder, a safetensors file, or a file of PyTorch, of which nothing is executed.

    What is `asked` for counts before what the file says. Raises FileError where it cannot be read, DataError where it
    is damaged, UnsafeFileError where it would run code, StateError where it holds another network, ArgumentError.
    """
    file = _file_of(path.expanduser())
    arrays, metadata = _read(file)
    network = _described(file, arrays, metadata, asked) if asked.model is None else _asked_for(file, arrays, asked)
    if asked.mean and len(asked.mean) != network.shape[0]:
        raise ArgumentError(say("train.means"), expected=str(network.shape[0]), got=str(len(asked.mean)))
    return network


def _described(file: Path, arrays: Arrays, metadata: dict[str, str], asked: Asked) -> Network:
    """The network that the file describes, the practice network where it does not."""
    given_classes = asked.classes or _classes(metadata.get("classes"))
    count = len(given_classes) or _count(arrays)
    module = _network(file, metadata, count)
    notes = _filled(module, arrays, file, None if "model" in metadata else say("train.name_the_network"))
    classes = _named(given_classes, count, notes)
    ignore = metadata.get("ignore", "")
    return Network(
        module,
        module.input_shape,
        classes,
        metadata.get("data"),
        tuple(notes),
        metadata.get("model") in SEGMENTERS,
        int(ignore) if re.fullmatch(r"\d{1,3}", ignore) else None,
        asked.mean,
        asked.std,
    )


def _asked_for(file: Path, arrays: Arrays, asked: Asked) -> Network:
    """The network that the user names, with the weights of the file."""
    target = read_target(str(asked.model))
    module, shape = target.module, asked.shape or target.shape
    if asked.model in list_models():
        count = _outputs(module, arrays)
        module = get_model(str(asked.model), **{} if count is None else {"num_classes": count}, **_shaped(asked))
        shape = module.input_shape
    if shape is None or len(shape) != 3:  # (c, h, w)
        raise ArgumentError(
            say("train.no_shape"), expected="--input 3x224x224", got=None if shape is None else str(shape)
        )
    if shape[0] not in _CHANNELS:
        raise ArgumentError(say("train.channels"), expected="1, 3", got=str(shape[0]))
    notes = _filled(module, arrays, file)
    with no_grad():
        scores = module(zeros(1, *shape))
    if not isinstance(scores, Tensor) or scores.ndim not in (2, 4):
        got = str(tuple(scores.shape)) if isinstance(scores, Tensor) else type(scores).__name__
        raise ArgumentError(say("train.no_classifier"), expected="(n, classes), (n, classes, h, w)", got=got)
    count = scores.shape[1]
    if asked.classes and len(asked.classes) != count:
        raise ArgumentError(say("train.class_names"), expected=str(count), got=str(len(asked.classes)))
    classes = _named(asked.classes, count, notes)
    if not asked.mean:
        notes.append(say("train.not_normalised"))
    return Network(module, shape, classes, None, tuple(notes), scores.ndim == 4, None, asked.mean, asked.std)


def _shaped(asked: Asked) -> dict[str, Shape]:
    return {} if asked.shape is None else {"input_shape": asked.shape}


def _outputs(module: Module, arrays: Arrays) -> int | None:
    """How many classes the file's weights of the last layer of `module` tell apart; None where they are not there."""
    weights = [name for name, tensor in module.state_dict().items() if tensor.ndim in (2, 4)]
    last = arrays.get(weights[-1]) if weights else None
    return None if last is None or last.ndim < 2 else last.shape[0]


def _filled(module: Module, arrays: Arrays, file: Path, advice: str | None = None) -> list[str]:
    """Give a network the weights of a file; returns what is to be told of it. Raises StateError with this advice."""
    names = matching(
        {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()},
        {name: array.shape for name, array in arrays.items()},
    )
    try:
        module.load_state_dict({name: arrays[got] for name, got in names.items()} or arrays)
    except StateError as error:
        error.advice = error.advice or advice
        raise error.located(str(file)) from None
    module.eval()
    first = next(iter(module.state_dict()), "")
    if names.get(first, first) == first:
        return []
    return [say("train.renamed", got=names[first], expected=first)]


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


def _named(classes: tuple[str, ...], count: int, notes: list[str]) -> tuple[str, ...]:
    """The names of the classes, else the usual ones for so many, which is added to the notes."""
    if classes:
        return classes
    usual = count == len(CIFAR10_CLASSES)
    notes.append(say("train.guessed_classes" if usual else "train.no_classes"))
    return CIFAR10_CLASSES if usual else tuple(map(str, range(count)))
