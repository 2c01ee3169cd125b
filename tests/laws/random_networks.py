"""Random configurations: small networks with every parameter of every layer drawn, each found again by its number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from backends import Backend, Outcome, flat, in_numpy, outcome, seed_for
from table import normal, scatter

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ShapeError
from knoll.graph import Array, Graph, Shape
from knoll.tensor.record import Recorder, recorded_by

MOST_WORK = 2_000_000  # multiply-adds forward, which NumPy must do too
MOST_NUMBERS = 50_000  # in one array
TRIES = 20  # for each layer
NUDGES = 16  # where one measurement of rounding does not explain a difference

# Where a slope jumps, rounding may decide on which side a number falls: these are for numbers that are not rounded.
SMOOTH = (
    "Sigmoid()", "Tanh()", "GELU()", "GELU('tanh')", "SiLU()", "Mish()", "ELU()", "CELU(1.5)", "Softplus()",
    "LogSigmoid()", "Tanhshrink()", "Softsign()",
)  # fmt: skip
SHARP = (
    "ReLU()", "ReLU6()", "LeakyReLU(0.2)", "PReLU()", "Hardtanh(-2, 3)", "Hardsigmoid()", "Hardswish()",
    "Threshold(1, -2)", "Softshrink()", "Hardshrink()", "SELU()",
)  # fmt: skip
CHANNELS = (1, 2, 3, 4, 7, 8, 12, 16, 17, 32, 33, 48, 64, 70)


class Unpooled(nn.Module):
    """Pooling, and the same pooling undone."""

    def __init__(self, pool: Any, unpool: Any) -> None:
        super().__init__()
        self.pool, self.unpool = pool, unpool

    def forward(self, x: Any) -> Any:
        y, indices = self.pool(x)
        return self.unpool(y, indices, x.shape)


@dataclass(frozen=True)
class Drawn:
    """A configuration.

    Rounding must not decide which pixel wins a pooling or which side of a corner a number falls on. So a network with
    `corners` has float64 numbers, which fall that near to nothing, or whole numbers, whose sums are exact as long as
    no fast convolution takes fractions of them.

    A `nudge` moves each number, of parameters and gradients too, by up to a unit of its last place, each nudge
    differently.
    """

    layer: str
    shape: Shape
    dtype: str = "float64"
    whole: bool = False
    training: bool = False
    gradient: bool = True
    threads: int = 1
    nudge: int = 0

    @property
    def corners(self) -> bool:
        """Whether a slope jumps anywhere."""
        return "Max" in self.layer or "Unpooled" in self.layer or any(name in self.layer for name in SHARP)

    def build(self) -> nn.Module:
        """The network."""
        knoll.manual_seed(11)
        layer: nn.Module = eval(self.layer, {**vars(nn), "Unpooled": Unpooled})  # noqa: S307 (written here)
        scatter(layer)
        if self.whole:
            for parameter in layer.parameters():
                numbers = parameter.detach().numpy()
                numbers[...] = np.random.default_rng(13).integers(-2, 3, numbers.shape)
        layer.to(np.dtype(self.dtype)).train(self.training)
        for parameter in layer.parameters():
            numbers = parameter.detach().numpy()
            numbers[...] = self.nudged(numbers)
        return layer

    @cached_property
    def array(self) -> Array:
        """The input."""
        generator = np.random.default_rng(3)
        numbers = generator.integers(-4, 5, self.shape) if self.whole else normal(generator, self.shape)
        return self.nudged(numbers.astype(self.dtype))

    def nudged(self, numbers: Array) -> Array:
        """The numbers, moved in their last place."""
        if not self.nudge:
            return numbers
        units = np.random.default_rng(self.nudge).uniform(-1, 1, numbers.shape)
        return (numbers * (1 + units * np.finfo(self.dtype).eps)).astype(self.dtype)

    @cached_property
    def seed(self) -> Array | None:
        """The gradient that comes in; None for the usual one."""
        graph = traced(self) if self.nudge else None
        if graph is None:
            return None
        return self.nudged(seed_for(np.zeros(graph.outputs[0].spec.shape, self.dtype)))

    def outcome(self, backend: Backend) -> Outcome:
        """What it gives."""
        with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):  # −∞ of empty windows goes on
            if self.whole:
                patch.setenv("KNOLL_WINOGRAD", "off")
            return outcome(backend, self.build(), [self.array], self.gradient, self.seed)

    def __str__(self) -> str:
        words = [f"{self.layer} on {self.dtype}{list(self.shape)}", "training" if self.training else "use"]
        words += ["whole numbers"] if self.whole else []
        words += ["backward"] if self.gradient else []
        return ", ".join([*words, f"threads={self.threads}"])


def configuration(seed: int, number: int) -> Drawn:
    """The configuration with this number."""
    r = random.Random(f"{seed} {number}")  # noqa: S311 (nothing is secret)
    shape = (r.randint(1, 5), channels(r), r.randint(1, 17), r.randint(1, 17))
    training = r.random() < 0.6
    drawn = Drawn(network(r, shape, training), shape, training=training)
    whole = drawn.corners and can_be_whole(drawn.layer)
    single = r.random() < 0.5 and (whole or not drawn.corners)
    return replace(
        drawn,
        dtype="float32" if single else "float64",
        whole=single and whole,
        gradient=r.random() < 0.8,
        threads=r.choice([1, 1, 2, 3]),
    )


def can_be_whole(layer: str) -> bool:
    """Whether whole numbers stay whole, or are rounded once and alike."""
    rounded = ("BatchNorm", "Avg", "Linear", "bilinear", "SELU", *SMOOTH)
    return not any(name in layer for name in rounded) and layer.count("Conv") < 2


# Networks


def network(r: random.Random, shape: Shape, training: bool) -> str:
    """A random network for images of this shape."""
    stages: list[str] = []
    size = shape
    for kind in kinds(r):
        for _ in range(TRIES):
            stage = STAGES[kind](r, size)
            graph = traced(Drawn(f"Sequential({', '.join([*stages, stage])})", shape, training=training))
            if graph is not None and not ties([*stages, stage]):
                stages.append(stage)
                size = graph.outputs[0].spec.shape
                break
    return f"Sequential({', '.join(stages)})"


def ties(stages: list[str]) -> bool:
    """Whether a maximum is sought among averages of equal numbers, which only rounding tells apart.

    The images have none; behind the first layer there may be, as the bias alone or a cut-off number.
    """
    averaged = False
    for stage in stages[1:]:
        if averaged and "Max" in stage:
            return True
        averaged |= "bilinear" in stage or "Avg" in stage
    return False


def kinds(r: random.Random) -> Iterator[str]:
    """What stands behind what."""
    yield r.choices(["conv2d", "transposed", "max_pool", "avg_pool", "norm", "unpooled"], [12, 3, 3, 1, 1, 1])[0]
    fuse_elementwise = [kind for kind, odds in BEHIND.items() if r.random() < odds]
    yield from r.sample(fuse_elementwise, len(fuse_elementwise))
    if r.random() < 0.1:
        yield "conv2d"
    if r.random() < 0.1:
        yield "linear"
        yield "activation"
    elif r.random() < 0.05:
        yield "indices"


def traced(drawn: Drawn) -> Graph | None:
    """The graph of a network, which is not run; None if it does not fit together or is too large to be run in NumPy."""
    recorder, images = Recorder(), knoll.zeros(drawn.shape, dtype="float64")
    try:
        network = drawn.build()
        with recorded_by(recorder):
            graph, _ = recorder.graph_of([flat(network(images))[0]])
    except (ArgumentError, ShapeError):
        return None
    sizes = [graph.outputs[0].spec.size, *(spec.size for node in graph.nodes for spec in node.specs)]
    work = sum(node.op.cost(node) for node in graph.nodes)
    return graph if min(sizes) > 0 and max(sizes) < MOST_NUMBERS and work < MOST_WORK else None


# Layers


def channels(r: random.Random) -> int:
    return r.choice(CHANNELS) if r.random() < 0.7 else r.randint(1, 70)


def number_or_pair(r: random.Random, values: list[int]) -> str:
    """One number for rows and columns, or one for each."""
    return str(r.choice(values)) if r.random() < 0.6 else f"({r.choice(values)}, {r.choice(values)})"


def groups_of(r: random.Random, c: int) -> int:
    """Mostly one; else any divisor, of which as many groups as channels are the most usual."""
    divisors = [g for g in range(1, c + 1) if c % g == 0]
    return r.choices([1, c, r.choice(divisors)], [5, 2, 2])[0]


def conv2d(r: random.Random, shape: Shape) -> str:
    c, groups = shape[1], groups_of(r, shape[1])
    k = groups * r.randint(1, 3) if groups > 1 else channels(r)
    window = number_or_pair(r, [1, 1, 2, 3, 3, 3, 4, 5, 5, 7])
    word = r.random()
    stride = "1" if word < 0.15 else number_or_pair(r, [1, 1, 1, 2, 3])
    padding = "'same'" if word < 0.15 else "'valid'" if word < 0.25 else number_or_pair(r, [0, 1, 1, 2, 3])
    dilation = number_or_pair(r, [1, 1, 1, 2, 3])
    mode = r.choices(["zeros", "reflect", "replicate", "circular"], [7, 1, 1, 1])[0]
    return (
        f"Conv2d({c}, {k}, {window}, stride={stride}, padding={padding}, dilation={dilation}, groups={groups}, "
        f"bias={r.random() < 0.7}, padding_mode='{mode}')"
    )


def transposed(r: random.Random, shape: Shape) -> str:
    c, groups = shape[1], groups_of(r, shape[1])
    k = groups * r.randint(1, 3) if groups > 1 else channels(r)
    window, stride = number_or_pair(r, [1, 2, 3, 3, 4, 5]), number_or_pair(r, [1, 2, 2, 3])
    return (
        f"ConvTranspose2d({c}, {k}, {window}, stride={stride}, padding={number_or_pair(r, [0, 0, 1, 2])}, "
        f"output_padding={number_or_pair(r, [0, 0, 1])}, groups={groups}, bias={r.random() < 0.7}, "
        f"dilation={number_or_pair(r, [1, 1, 2])})"
    )


def window_of_pool(r: random.Random) -> str:
    window = number_or_pair(r, [1, 2, 2, 2, 3, 3, 4, 5])
    stride = window if r.random() < 0.4 else number_or_pair(r, [1, 2, 2, 3])
    return f"{window}, stride={stride}, padding={number_or_pair(r, [0, 0, 0, 1, 2])}"


def max_pool(r: random.Random, _: Shape) -> str:
    if r.random() < 0.2:
        return f"AdaptiveMaxPool2d({number_or_pair(r, [1, 2, 3, 5])})"
    return f"MaxPool2d({window_of_pool(r)}, dilation={number_or_pair(r, [1, 1, 1, 2])}, ceil_mode={r.random() < 0.3})"


def indices(r: random.Random, shape: Shape) -> str:
    return max_pool(r, shape)[:-1] + ", return_indices=True)"


def unpooled(r: random.Random, _: Shape) -> str:
    slide = window_of_pool(r)
    return f"Unpooled(MaxPool2d({slide}, return_indices=True), MaxUnpool2d({slide}))"


def avg_pool(r: random.Random, _: Shape) -> str:
    if r.random() < 0.3:
        return f"AdaptiveAvgPool2d({number_or_pair(r, [1, 1, 2, 3, 5])})"
    divisor = r.choice(["", "", f", divisor_override={r.randint(1, 5)}"])
    return (
        f"AvgPool2d({window_of_pool(r)}, ceil_mode={r.random() < 0.3}, count_include_pad={r.random() < 0.6}{divisor})"
    )


def resized(r: random.Random, _: Shape) -> str:
    kind = r.choice(["Zero", "Reflection", "Replication", "Circular", "Upsample", "Upsample"])
    if kind != "Upsample":
        return f"{kind}Pad2d({tuple(r.randint(0, 2) for _ in range(4))})"
    mode = r.choice(["'nearest'", "'nearest-exact'", "'bilinear'", f"'bilinear', align_corners={r.random() < 0.5}"])
    scale = r.choice(["2", "(1.5, 3)", "0.7"])
    return f"Upsample(scale_factor={scale}, mode={mode})"


def norm(r: random.Random, shape: Shape) -> str:
    return (
        f"BatchNorm2d({shape[1]}, eps={r.choice([1e-5, 1e-3])}, momentum={r.choice([0.1, 0.5, None])}, "
        f"affine={r.random() < 0.8}, track_running_stats={r.random() < 0.8})"
    )


def activation(r: random.Random, _: Shape) -> str:
    return r.choice(r.choice([SMOOTH, SHARP]))


def linear(r: random.Random, shape: Shape) -> str:
    return f"Flatten(), Linear({int(np.prod(shape[1:]))}, {channels(r)}, bias={r.random() < 0.7})"


Stage = Callable[[random.Random, Shape], str]
STAGES: dict[str, Stage] = {
    function.__name__: function
    for function in (conv2d, transposed, max_pool, indices, unpooled, avg_pool, resized, norm, activation, linear)
}
BEHIND = {"norm": 0.25, "activation": 0.8, "max_pool": 0.3, "avg_pool": 0.08, "unpooled": 0.05, "resized": 0.08}


# Tolerance


def error_of_meaning(drawn: Drawn) -> tuple[Outcome, dict[str, float]]:
    """What the meaning gives, and how far rounding alone moves it: measured by computing it in both element types."""
    other = "float32" if drawn.dtype == "float64" else "float64"
    here = drawn.outcome(in_numpy)
    there = replace(drawn, dtype=other).outcome(in_numpy)
    finer = np.finfo(drawn.dtype).eps / np.finfo("float32").eps
    return here, {name: float(finer) * error for name, error in differences(here, there).items()}


def spread(drawn: Drawn, backend: Backend) -> dict[str, float]:
    """How far apart the results of inputs lie that differ in their last place.

    Where large numbers cancel, the error of the meaning can be small by luck, or by its order of adding. A fault does
    not come and go with the last place.
    """
    first, *others = (replace(drawn, nudge=nudge).outcome(backend) for nudge in range(NUDGES))
    found = [differences(first, other) for other in others]
    return {name: max(each[name] for each in found) for name in found[0]}


def differences(one: Outcome, other: Outcome) -> dict[str, float]:
    """For each array of floats the largest difference."""
    return {
        name: difference(array, other.everything[name])
        for name, array in one.everything.items()
        if array.dtype.kind == "f"
    }


def difference(one: Array, other: Array) -> float:
    """The largest between finite numbers."""
    finite = np.isfinite(one) & np.isfinite(other)
    return float(np.abs(one[finite] - other[finite]).max(initial=0))
