"""The layers that can be picked, by families, each with the text that it begins with."""

from __future__ import annotations

from collections.abc import Callable

from knoll import nn
from knoll.explain.words import CARDS
from knoll.explain.words.transformer import TRANSFORMERS
from knoll.lab.arguments import written_with
from knoll.nn import Module
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.layers.loss import Loss

BEGIN: dict[type[Module], dict[str, object]] = {
    nn.Conv2d: {"in_channels": 3, "out_channels": 6, "kernel_size": 3},
    nn.ConvTranspose2d: {"in_channels": 3, "out_channels": 3, "kernel_size": 2, "stride": 2},
    nn.LazyConv2d: {"out_channels": 6, "kernel_size": 3},
    nn.LazyConvTranspose2d: {"out_channels": 3, "kernel_size": 2, "stride": 2},
    nn.AdaptiveMaxPool2d: {"output_size": 8},
    nn.AdaptiveAvgPool2d: {"output_size": 8},
    nn.FractionalMaxPool2d: {"kernel_size": 2, "output_size": 8},
    nn.BatchNorm2d: {"num_features": 3},
    nn.SyncBatchNorm: {"num_features": 3},
    nn.InstanceNorm2d: {"num_features": 3},
    nn.GroupNorm: {"num_groups": 1, "num_channels": 3},
}
"""What a layer begins with where the example of its card is too small for a picture."""

ROWS = (
    nn.Linear, nn.Bilinear, nn.Identity, nn.Flatten, nn.Unflatten, nn.Unfold, nn.Fold, nn.Embedding,
    nn.CosineSimilarity, nn.PairwiseDistance, nn.MultiheadAttention, *TRANSFORMERS,
)  # fmt: skip
FAMILIES: tuple[tuple[str, Callable[[type[Module]], bool]], ...] = (
    ("lazy", lambda kind: issubclass(kind, LazyModuleMixin)),
    ("losses", lambda kind: issubclass(kind, Loss)),
    ("convolution", lambda kind: "Conv" in kind.__name__),
    ("pooling", lambda kind: "ool" in kind.__name__),
    ("border", lambda kind: "Pad" in kind.__name__),
    ("resizing", lambda kind: "Upsampl" in kind.__name__ or "huffle" in kind.__name__),
    ("normalisation", lambda kind: "Norm" in kind.__name__),
    ("dropout", lambda kind: "ropout" in kind.__name__),
    ("rows", lambda kind: kind in ROWS),
    ("activations", lambda _: True),
)
ORDER = (
    "convolution", "pooling", "activations", "rows", "normalisation", "dropout", "border", "resizing", "losses", "lazy",
)  # fmt: skip


def families() -> dict[str, dict[str, str]]:
    """The kinds of layers by families, each with the text of a layer that shows it.

    >>> families()["convolution"]["Conv2d"]
    'Conv2d(3, 6, 3)'
    """
    found: dict[str, dict[str, str]] = {name: {} for name in ORDER}
    for kind, card in CARDS.items():
        family = next(name for name, holds in FAMILIES if holds(kind))
        found[family][kind.__name__] = written_with(kind, BEGIN.get(kind, card.example))
    return found
