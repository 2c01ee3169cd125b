"""What weights that were trained on ImageNet have in common: where they lie, how images come to them, the classes.

Addresses, sums in the names of files, numbers of parameters and accuracies are those of torchvision 0.28 (2026),
https://github.com/pytorch/vision/tree/main/torchvision/models; so are the names of the classes in `imagenet.txt`.
"""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin

from knoll.vision.models.weights import Weights
from knoll.vision.transforms.presets import ImageClassification

_FOLDER = "https://download.pytorch.org/models"
_RECIPES = "https://github.com/pytorch/vision/"


@cache
def categories() -> list[str]:
    """The names of the 1000 classes, in the order of the scores.

    >>> categories()[0], len(categories())
    ('tench', 1000)
    """
    return (files(__package__) / "imagenet.txt").read_text(encoding="utf-8").splitlines()


def trained_on_imagenet(
    file: str,
    num_params: int,
    first: float,
    fifth: float,
    recipe: str,
    least: int = 1,
    meta: dict[str, Any] | None = None,
    **preset: Any,
) -> Weights:
    """The weights in a file, which find `first` % of ImageNet's classes, and have `fifth` % among their five best.

    `recipe` is an address, in full or behind that of torchvision; `least` are the rows and columns that an image needs.
    `preset` are arguments of `ImageClassification` other than its own, and `meta` what else is known.
    """
    return Weights(
        f"{_FOLDER}/{file}.pth",
        partial(ImageClassification, **{"crop_size": 224, **preset}),
        {
            "num_params": num_params,
            "min_size": (least, least),
            "categories": categories(),
            "recipe": urljoin(_RECIPES, recipe),
            "_metrics": {"ImageNet-1K": {"acc@1": first, "acc@5": fifth}},
            **(meta or {}),
        },
    )
