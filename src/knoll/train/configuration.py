"""The configuration of a training: data, recipe and seed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias, get_type_hints

from knoll.errors import ArgumentError, DataError, KnollError
from knoll.messages import say
from knoll.optim.checks import check_learning_rate, check_not_negative
from knoll.vision.models.registry import CLASSIFIERS, SEGMENTERS

DATA = ("digits", "cifar10", "folder", "masks")
OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "cosine")
Pictures: TypeAlias = Literal["epochs", "ends", "none"]  # when feature maps are drawn; no result depends on it

# What each optimiser is usually begun with.
_USUAL: dict[str, dict[str, Any]] = {
    "sgd": {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.0},
    "adam": {"lr": 0.001, "momentum": 0.0, "weight_decay": 0.0},
    "adamw": {"lr": 0.001, "momentum": 0.0, "weight_decay": 0.01},
}
_RECIPES: dict[str, dict[str, Any]] = {
    "digits": {"optimizer": "adamw", "lr": 0.002, "epochs": 10, "schedule": "cosine"},
    # The course's own recipe for the practice network.
    "cifar10": {"optimizer": "sgd", "momentum": 0.0, "epochs": 10, "schedule": "constant"},
    "folder": {"optimizer": "adamw", "epochs": 20, "schedule": "cosine"},
    # Much like SegNet's own: it has a rate of 0.1 for batches of 12.
    "masks": {
        "model": "segnet_vgg11",
        "optimizer": "sgd",
        "lr": 0.05,
        "weight_decay": 0.0005,
        "epochs": 30,
        "schedule": "cosine",
        "batch_size": 4,
    },
}
# What a recipe says besides the optimiser's own values.
_APART = ("model", "epochs", "schedule", "batch_size")


@dataclass(frozen=True)
class Configuration:
    """All that a result depends on; two trainings with equal configurations end with equal bits.

    `model` is the name of the network, `root` the folder of the data, `lr` the learning rate of the first step.
    Pictures from a folder are resized to `size`, written as "180x240", rows first. Of masks, pixels of the class number
    `ignore` do not count, and with `balanced` rare classes count more. Raises ArgumentError for values that no training
    can use.
    """

    model: str
    data: str
    root: str | None
    epochs: int
    batch_size: int
    optimizer: str
    lr: float
    momentum: float
    weight_decay: float
    schedule: str
    seed: int
    size: str | None = None
    ignore: int | None = None
    balanced: bool = False

    def __post_init__(self) -> None:
        models = tuple(sorted(SEGMENTERS if self.data == "masks" else CLASSIFIERS))
        for name, known in (("data", DATA), ("model", models), ("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
            _check_known(name, getattr(self, name), known)
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            _check_whole(name, getattr(self, name), least)
        check_learning_rate(self.lr)
        check_not_negative("momentum", self.momentum)
        check_not_negative("weight_decay", self.weight_decay)
        if self.momentum and self.optimizer != "sgd":
            raise ArgumentError(say("train.momentum", optimizer=self.optimizer), advice=say("train.momentum_advice"))
        if self.data != "digits" and not self.root:
            raise ArgumentError(say("train.root", data=self.data), advice=say(f"train.root_{self.data}"))
        self._check_pictures()

    def _check_pictures(self) -> None:
        """Refuse what does not apply to the pictures of this data."""
        applies = {"size": ("folder", "masks"), "ignore": ("masks",), "balanced": ("masks",)}
        for name, data in applies.items():
            if getattr(self, name) not in (None, False) and self.data not in data:
                raise ArgumentError(
                    say("train.not_applied", name=name, data=self.data),
                    advice=say("train.applied", data=", ".join(data)),
                )
        if self.ignore is not None:
            _check_whole("ignore", self.ignore, 0)
        if self.size is not None and not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", self.size):
            raise ArgumentError(say("train.no_size"), expected=say("train.size"), got=self.size)

    @property
    def rows_and_columns(self) -> tuple[int, int] | None:
        """The size that pictures are resized to; None where it is not given."""
        if self.size is None:
            return None
        rows, columns = map(int, self.size.split("x"))
        return rows, columns

    @classmethod
    def recipe(cls, data: str = "digits", **chosen: Any) -> Self:
        """The recipe for this data, with what is chosen (not None) in place of its own.

        >>> from knoll.train import Configuration
        >>> Configuration.recipe("digits").optimizer, Configuration.recipe("digits", optimizer="sgd").lr
        ('adamw', 0.01)
        """
        chosen = {name: value for name, value in chosen.items() if value is not None}
        _check_known("data", data, DATA)
        recipe = _RECIPES[data]
        optimizer = chosen.get("optimizer", recipe["optimizer"])
        _check_known("optimizer", optimizer, OPTIMIZERS)
        if optimizer != recipe["optimizer"]:  # the rate of another optimiser would be of no use
            recipe = {name: recipe[name] for name in _APART if name in recipe}
        common = {"model": "practice", "data": data, "root": None, "batch_size": 64, "seed": 0}
        return cls(**{**common, **_USUAL[optimizer], **recipe, **chosen})

    def to_json(self) -> str:
        """The configuration as text, one value a line."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The configuration in a text. Raises DataError where it is none."""
        try:
            return cls.of(json.loads(text))
        except (ValueError, RecursionError) as error:
            if isinstance(error, KnollError):
                raise
            raise DataError(say("train.no_configuration", reason=error)) from None

    @classmethod
    def of(cls, values: Any) -> Self:
        """The configuration of these values by name. Raises DataError where one is missing or of another type."""
        kinds = get_type_hints(cls)
        if not isinstance(values, Mapping):
            raise DataError(say("train.no_configuration", reason=type(values).__name__))
        wrong = values.keys() ^ kinds.keys()
        for name in values.keys() & kinds.keys():
            kind = float | int if kinds[name] is float else kinds[name]
            if not isinstance(values[name], kind):
                wrong.add(name)
        if wrong:
            raise DataError(say("train.no_configuration", reason=", ".join(sorted(wrong))))
        return cls(**values)


def _check_known(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ArgumentError(
            say("train.unknown", name=name, value=value), expected=say("train.one_of", known=", ".join(known))
        )


def _check_whole(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63:
        option = f"--{name.replace('_', '-')}"
        raise ArgumentError(say("train.whole", option=option, least=least), got=str(value))
