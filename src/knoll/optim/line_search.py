"""A step length that satisfies the strong Wolfe conditions.

Source: Nocedal and Wright, Numerical optimization, 2006, algorithms 3.5 and 3.6; PyTorch, `torch/optim/lbfgs.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from knoll.graph import Array

_ENOUGH_DESCENT, _FLAT_ENOUGH = 1e-4, 0.9  # the constants of both conditions


@dataclass(frozen=True)
class Point:
    """A place on the line: how far it is, the loss there, its gradient, and the slope along the line."""

    at: float
    loss: float
    gradient: Array
    slope: float


Look = Callable[[float], Point]


def strong_wolfe(look: Look, start: Point, first: float, reach: float, smallest: float, most: int) -> tuple[Point, int]:
    """The point found, and how often the loss was computed; `reach` is the largest change of a parameter per step."""
    bracket, done, count = _bracketed(look, start, first, most)
    evaluations = count + 1
    stuck = False
    low = 0 if bracket[0].loss <= bracket[-1].loss else 1
    while not done and count < most:
        if abs(bracket[1].at - bracket[0].at) * reach < smallest:
            break
        at = _between(bracket[0], bracket[1])
        at, stuck = _inside(at, bracket[0].at, bracket[1].at, stuck)
        point = look(at)
        evaluations += 1
        count += 1
        if _is_too_high(point, start) or point.loss >= bracket[low].loss:
            bracket[1 - low] = point
            low = 0 if bracket[0].loss <= bracket[1].loss else 1
            continue
        if abs(point.slope) <= -_FLAT_ENOUGH * start.slope:
            done = True
        elif point.slope * (bracket[1 - low].at - bracket[low].at) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = point
    return bracket[low if len(bracket) > 1 else 0], evaluations


def _bracketed(look: Look, start: Point, at: float, most: int) -> tuple[list[Point], bool, int]:
    """Two points with a good one between them, or one that is good; and how many steps further it took."""
    former, point, count = start, look(at), 0
    while count < most:
        if _is_too_high(point, start) or (count > 1 and point.loss >= former.loss):
            return [former, point], False, count
        if abs(point.slope) <= -_FLAT_ENOUGH * start.slope:
            return [point], True, count
        if point.slope >= 0:
            return [former, point], False, count
        at = _between(former, point, (point.at + 0.01 * (point.at - former.at), point.at * 10))
        former, point = point, look(at)
        count += 1
    return [start, point], False, count


def _is_too_high(point: Point, start: Point) -> bool:
    return point.loss > start.loss + _ENOUGH_DESCENT * point.at * start.slope


def _between(one: Point, other: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through two points, with their slopes, is lowest."""
    low, high = bounds or (min(one.at, other.at), max(one.at, other.at))
    with np.errstate(all="ignore"):
        step = np.float64(one.at - other.at)
        first = float(one.slope + other.slope - 3 * (one.loss - other.loss) / step)
        square = first * first - one.slope * other.slope
        if not square >= 0:
            return (low + high) / 2
        root = math.sqrt(square)
        left, right = (one, other) if one.at <= other.at else (other, one)
        share = np.float64(right.slope + root - first) / np.float64(right.slope - left.slope + 2 * root)
        found = float(right.at - (right.at - left.at) * share)
    return min(max(found, low), high)


def _inside(at: float, one: float, other: float, stuck: bool) -> tuple[float, bool]:
    """A place that is not too near to an end for the second time."""
    low, high = min(one, other), max(one, other)
    margin = 0.1 * (high - low)
    if min(high - at, at - low) >= margin:
        return at, False
    if not (stuck or at >= high or at <= low):
        return at, True
    return (high - margin if abs(at - high) < abs(at - low) else low + margin), False
