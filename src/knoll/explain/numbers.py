"""Numbers for explanations: a layer run on a few, by the meaning of its operations; nothing is compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knoll.analysis import variant
from knoll.analysis.run import Run
from knoll.analysis.trace import random_numbers_kept
from knoll.explain.facts import Facts
from knoll.graph import Array
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

_FAR = 20.0  # where a curve is looked at: from −20 to 20
_STEPS_PER_UNIT = 100
_FLAT = 0.01  # a slope below which hardly any gradient passes
_SHORTEST_STRETCH = 0.15


def results(layer: Module, *inputs: Input, training: bool = False) -> Array:
    """What a layer gives for arrays; the generator of random numbers goes on as if nothing had been drawn."""
    with random_numbers_kept():
        return Run(layer, *inputs, training=training).result


def given(facts: Facts) -> tuple[Tensor, ...]:
    """The tensors that the layer of an explanation was called with; zeros where only shapes were told."""
    return tuple(facts.trace.tensors[value] for value in facts.call.inputs)


def short(number: float) -> str:
    """A number as it stands in a table: four digits.

    >>> short(-0.26894142), short(3.0), short(1e-8)
    ('−0.2689', '3', '1e-08')
    """
    text = f"{float(number) + 0.0:.4g}"
    return f"−{text[1:]}" if text.startswith("-") else text


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the x axis; None where it goes on without end."""

    start: float | None
    stop: float | None


@dataclass(frozen=True, eq=False)
class Curve:
    """The curve of an activation: values and slopes, and what they tell.

    `low` and `high` bound the values, None where they grow without limit; along the `flat` stretches the slope is less
    than 0.01.
    """

    x: Array
    y: Array
    slope: Array
    low: float | None
    high: float | None

    @property
    def steepest(self) -> float:
        """The largest slope there is."""
        return float(np.abs(self.slope).max())

    @property
    def flat(self) -> tuple[Stretch, ...]:
        """Where hardly any gradient passes."""
        is_flat = np.concatenate([[False], np.abs(self.slope) < _FLAT, [False]])
        edges = np.flatnonzero(is_flat[1:] != is_flat[:-1])
        found = []
        for first, behind in zip(edges[::2], edges[1::2], strict=True):
            start, stop = float(self.x[first]), float(self.x[behind - 1])
            if stop - start > _SHORTEST_STRETCH:
                found.append(Stretch(start if first else None, stop if behind < len(self.x) else None))
        return tuple(found)

    def at(self, x: float) -> tuple[float, float]:
        """Value and slope at one of the points."""
        place = int(np.abs(self.x - x).argmin())
        return float(self.y[place]), float(self.slope[place])


def curve_of(layer: Module) -> Curve:
    """The curve of an activation as it is in evaluation; of its first channel, if each has its own."""
    x = np.linspace(-_FAR, _FAR, int(2 * _FAR * _STEPS_PER_UNIT) + 1)
    y, slope = _along(layer, x)
    far, further = (_along(layer, np.array([-distance, distance]))[0] for distance in (1e3, 1e4))
    is_bounded = np.abs(further - far) < 1e-2 * np.maximum(1, np.abs(far))
    low = min(y.min(), further[0], further[1]) if is_bounded[further < far + 1e-9].all() else None
    high = max(y.max(), further[0], further[1]) if is_bounded[further > far - 1e-9].all() else None
    return Curve(x, y, slope, low, high)


def value_at(layer: Module, x: float) -> float:
    """What an activation makes of one number, in evaluation."""
    return float(_along(layer, np.array([x]))[0][0])


def _along(layer: Module, x: Array) -> tuple[Array, Array]:
    if getattr(layer, "inplace", False):
        layer = variant(layer, inplace=False)
    parameter = next(layer.parameters(), None)
    channels = 1 if parameter is None else parameter.numel()
    dtype = np.dtype(np.float64) if parameter is None else parameter.dtype
    run = Run(layer, np.repeat(x[:, None], channels, axis=1).astype(dtype), training=False)
    return run.result[:, 0], run.slopes(())[run.input][:, 0]  # the index of everything: each slope by itself
