"""torchvision's `models._utils`: what programs build other networks of its networks with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from knoll.errors import ArgumentError
from knoll.nn import Module, ModuleDict
from knoll.tensor import Tensor


def _make_divisible(v: float, divisor: int, min_value: int | None = None) -> int:
    """The multiple of `divisor` nearest to v, but never less than nine tenths of v, nor than `min_value`.

    >>> _make_divisible(32 * 0.35, 8), _make_divisible(24 * 0.25, 8)
    (16, 8)
    """
    nearest = max(divisor if min_value is None else min_value, int(v + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * v else nearest


class IntermediateLayerGetter(ModuleDict):
    """The children of a network up to the last whose result is wanted; they are called one after the other.

    `return_layers` are names of children, and the names that their results get. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.vision.models._utils import IntermediateLayerGetter
    >>> net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU(), knoll.nn.Flatten())
    >>> {name: y.shape for name, y in IntermediateLayerGetter(net, {"1": "features"})(knoll.ones(1, 3, 5, 5)).items()}
    {'features': (1, 8, 3, 3)}
    """

    _version = 2
    return_layers: Mapping[str, str]

    def __init__(self, model: Module, return_layers: Mapping[str, str]) -> None:
        names = [str(name) for name in return_layers]
        if not set(names) <= {name for name, _ in model.named_children()}:
            raise ArgumentError("return_layers are not present in model")
        layers: dict[str, Module] = OrderedDict()
        for name, module in model.named_children():
            if names:
                layers[name] = module
            names = [each for each in names if each != name]
        super().__init__(layers)
        self.return_layers = return_layers

    def forward(self, x: Any) -> OrderedDict[str, Tensor]:
        """The wanted results, by their new names."""
        found = OrderedDict[str, Tensor]()
        for name, module in self.items():
            x = module(x)
            if name in self.return_layers:
                found[self.return_layers[name]] = x
        return found
