"""Which network the lab looks at: one of the library, one that was typed, one of a run, or the person's own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from knoll import manual_seed
from knoll.analysis import costs, trace
from knoll.errors import ArgumentError, EntryError
from knoll.explain.reading import KINDS, read_layer
from knoll.graph import Shape
from knoll.interop import read_weights
from knoll.lab.numbers import SEED, check_parameters
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.init.skip import skip_init
from knoll.train.weights import load_network
from knoll.vision.models import get_model, list_models

MOST_PARAMETERS = 1 << 25
MOST_ACTIVATIONS = 1 << 28  # bytes of all results together
MOST_WORK = 5 << 30  # multiply-adds
OWN, RUN, FILE = "own", "run:", "weights:"
# How their names begin.
_LARGE = (
    "alexnet", "convnext_base", "convnext_large", "convnext_small", "densenet161", "densenet201", "efficientnet_b5",
    "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_l", "efficientnet_v2_m", "regnet_x_16gf", "regnet_x_32gf",
    "regnet_x_8gf", "regnet_y_128gf", "regnet_y_16gf", "regnet_y_32gf", "regnet_y_8gf", "resnet101", "resnet152",
    "resnext101", "segnet_vgg16", "vgg", "wide_resnet",
)  # fmt: skip
# Pictures than theirs, for speed.
_SMALLER: dict[str, Shape] = {"unet": (3, 64, 64), "segnet_vgg11": (3, 96, 128), "inception_v3": (3, 128, 128)}


@dataclass(frozen=True, eq=False)
class Chosen:
    """A network by the text that names it, and the names of its classes where they are known.

    `is_trained` says that its numbers come from a training.
    """

    text: str
    module: Module
    is_trained: bool = False
    classes: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape | None:
        """The shape (c, h, w) that it is made for, where it says one."""
        shape = getattr(self.module, "input_shape", None)
        return shape if isinstance(shape, tuple) and len(shape) == 3 else None


def network_named(text: str, own: Module | None, runs: Path | None) -> Chosen:
    """The network of a text: "own", the name of a model, "run:NAME", or layers as they are written in a program.

    Numbers that are drawn are the same every time. Raises ArgumentError for a network that is too large or none,
    EntryError for a run that is not there, and what a file of weights raises.
    """
    if text == OWN and own is not None:
        return Chosen(text, own, is_trained=True)
    if text.startswith(RUN):
        return of_file(text, run_named(text.removeprefix(RUN), runs))
    with skip_init():
        check_parameters(_constructed(text), MOST_PARAMETERS)
    manual_seed(SEED)
    return Chosen(text, _constructed(text))


def of_file(text: str, path: Path) -> Chosen:
    """The network that a file of weights, or a run folder, says it is of.

    Raises what `load_network` raises, and ArgumentError for a network that is too large.
    """
    with skip_init():  # a file could ask for a huge one
        found = load_network(path)
    check_parameters(found.module, MOST_PARAMETERS)
    return Chosen(text, found.module, is_trained=True, classes=found.classes)


def with_weights(chosen: Chosen, path: Path) -> Chosen:
    """A copy of a network with the weights of a file. Raises StateError where they are those of another."""
    module = deepcopy(chosen.module)
    module.load_state_dict(read_weights(path))
    return replace(chosen, module=module, is_trained=True)


def run_named(name: str, runs: Path | None) -> Path:
    """The run folder of a name, one of those that stand in the folder of runs. Raises EntryError."""
    names = run_names(runs)
    if runs is None or name not in names:
        raise EntryError(say("lab.no_run", name=name[:80]), expected=", ".join(names[-5:]) or None)
    return runs / name


def run_names(runs: Path | None) -> list[str]:
    """The folders in the folder of runs, the oldest first, without links that lead elsewhere."""
    try:
        return sorted(each.name for each in runs.iterdir() if each.is_dir() and not each.is_symlink()) if runs else []
    except OSError:
        return []


def named_models() -> list[str]:
    """The networks of the library that are not too large."""
    return [name for name in list_models() if not name.startswith(_LARGE)]


def _constructed(text: str) -> Module:
    if text in list_models():
        return get_model(text, input_shape=_SMALLER[text]) if text in _SMALLER else get_model(text)
    try:
        return read_layer(text)
    except ArgumentError as error:
        if error.advice is None and text.partition("(")[0].strip().rpartition(".")[2] not in KINDS:
            error.advice = ", ".join(list_models())
        raise


def check_pass(module: Module, shape: Shape) -> None:
    """Refuse a pass with too much work or too many results. Raises ArgumentError, and what the pass raises."""
    total = costs(trace(module, shape)).total
    if total.multiply_adds > MOST_WORK:
        raise ArgumentError(
            say("lab.too_much_work", work=total.multiply_adds), expected=say("lab.at_most", most=MOST_WORK)
        )
    if total.activation_bytes > MOST_ACTIVATIONS:
        raise ArgumentError(
            say("lab.too_large"),
            expected=say("lab.at_most", most=MOST_ACTIVATIONS // 4),
            got=str(total.activation_bytes // 4),
        )
