"""Words about max pooling."""

from __future__ import annotations

import numpy as np

from knoll.analysis.inputs import zeros_alike
from knoll.analysis.run import Run
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.explain.words.adaptive_pool import OUTPUT_SIZE, adaptive_sizes, shared_out
from knoll.explain.words.windows import (
    large_enough,
    pool_ceil_mode,
    pool_dilation,
    pool_kernel,
    pool_padding,
    pool_stride,
    sizes,
)
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import MaxPool2d, MaxUnpool2d, Module
from knoll.nn.inspection import Input


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What max pooling does."""
    r, s = facts.pair("kernel_size")
    return (sentence("explain.max_pool", r=r, s=s), sentence("explain.pool_learns_nothing"))


def kernel_size(facts: Facts) -> Said:
    """How many numbers compete."""
    r, s = facts.pair("kernel_size")
    if (r, s) == (1, 1):
        return said(sentence("explain.pool_kernel_one"))
    return pool_kernel(facts, sentence("explain.max_pool_kernel", r=r, s=s, area=r * s), padding_counts=False)


def padding(facts: Facts) -> Said:
    """How much is added, and that it never wins."""
    return pool_padding(facts, sentence("explain.max_pool_padding"))


def return_indices(facts: Facts) -> Said:
    """Whether places are given too."""
    h, w = facts.input.shape[-2:]
    if not facts.arguments["return_indices"]:
        return said(sentence("explain.no_indices"))
    return said(sentence("explain.indices", w=w, last=h * w - 1))


def remarks(_: Facts) -> tuple[Sentence, ...]:
    """Where the gradient goes."""
    return (sentence("explain.max_pool_gradient"),)


INDICES: Argument = Argument(return_indices, (False, True))

MAX_POOL2D: Card = Card(
    introduction=introduction,
    arguments={
        "kernel_size": Argument(kernel_size, (1, 2, 3, (1, 3))),
        "stride": Argument(pool_stride, (None, 1, 2, 3)),
        "padding": Argument(padding, (0, 1, (0, 1)), beside={"kernel_size": 3}),
        "dilation": Argument(pool_dilation, (1, 2, 3)),
        "return_indices": INDICES,
        "ceil_mode": Argument(pool_ceil_mode, (False, True)),
    },
    example={"kernel_size": 2},
    inputs=lambda layer: ((1, *large_enough(5, layer)),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html",
    size=sizes,
    remarks=remarks,
)

ADAPTIVE_MAX_POOL2D: Card = Card(
    introduction=lambda facts: (shared_out(facts, "largest"), sentence("explain.pool_learns_nothing")),
    arguments={"output_size": OUTPUT_SIZE, "return_indices": INDICES},
    example={"output_size": 3},
    inputs=lambda _: ((1, 7, 5),),
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html",
    size=adaptive_sizes,
    remarks=remarks,
)


# Max unpooling


def unpooling(_: Facts) -> tuple[Sentence, ...]:
    """What max unpooling does."""
    return (sentence("explain.max_unpool"),)


def pooled_with(facts: Facts) -> Said:
    """An argument that repeats that of the pooling."""
    r, s = facts.pair("kernel_size")
    return said(sentence("explain.unpool_kernel", r=r, s=s))


def unpool_stride(facts: Facts) -> Said:
    """How far apart the windows of the pooling were."""
    rows, columns = facts.pair("stride")
    r, s = facts.pair("kernel_size")
    overlap = rows < r or columns < s
    trap = sentence("explain.unpool_overlap") if overlap else None
    return said(sentence("explain.unpool_stride", rows=rows, columns=columns), trap=trap)


def unpool_padding(facts: Facts) -> Said:
    """What the pooling had added is not there any more."""
    rows, columns = facts.pair("padding")
    name = "explain.unpool_padding" if rows or columns else "explain.unpool_padding_none"
    return said(sentence(name, rows=rows, columns=columns) if rows or columns else sentence(name))


def unpooled_sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """The size of what was pooled, if nothing had been dropped."""
    kernel, stride, added = (facts.pair(name) for name in ("kernel_size", "stride", "padding"))
    axes = zip("hw", facts.input.shape[-2:], kernel, stride, added, facts.output.shape[-2:], strict=True)
    return tuple(
        SizeStep(
            axis,
            (
                f"{axis}_out = ({axis} − 1)·stride − 2·padding + kernel_size",
                f"= ({size} − 1)·{s} − 2·{p} + {k}",
                f"= {(size - 1) * s - 2 * p + k}",
            ),
            result,
        )
        for axis, size, k, s, p, result in axes
    )


def ambiguous(_: Facts) -> tuple[Sentence, ...]:
    """That several sizes pool to one, and that an output size may be named."""
    return (sentence("explain.unpool_output_size"), sentence("explain.unpool_last"))


POOLED = 3  # rows and columns of what is unpooled


def pooled(layer: Module) -> tuple[Input, ...]:
    """What the pooling before it gives."""
    assert isinstance(layer, MaxUnpool2d)
    pool = MaxPool2d(layer.kernel_size, layer.stride, layer.padding, return_indices=True)
    rows, columns = (
        (POOLED - 1) * step - 2 * added + kernel
        for kernel, step, added in zip(layer.kernel_size, layer.stride, layer.padding, strict=True)
    )
    run = Run(pool, unlike_places(rows * columns).reshape(1, 1, rows, columns))
    values, indices = map(run.array, run.trace.outputs)
    return values, indices


def unlike_places(count: int) -> Array:
    """Numbers in any order, halves among them, so that no value is mistaken for the place where it stands."""
    return np.random.default_rng(7).permutation(count).astype(np.float32) + np.float32(0.5)


def indices_for(_: Module, shape: Shape) -> tuple[Input, ...]:
    """Indices of zero for values of a shape."""
    return (zeros_alike(shape, np.dtype(np.int64)),)


MAX_UNPOOL2D: Card = Card(
    introduction=unpooling,
    arguments={
        "kernel_size": Argument(pooled_with, (2, 3, (1, 2))),
        "stride": Argument(unpool_stride, (None, 1, 2, 3)),
        "padding": Argument(unpool_padding, (0, 1, (0, 1)), beside={"kernel_size": 3}),
    },
    example={"kernel_size": 2},
    inputs=pooled,
    further=indices_for,
    of_images=True,
    source="https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html",
    size=unpooled_sizes,
    remarks=ambiguous,
)
