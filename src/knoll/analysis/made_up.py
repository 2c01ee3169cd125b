"""The numbers that a layer is shown with: those that were given, or small ones that suit it, the same every time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np

from knoll import nn
from knoll.analysis.inputs import checked_inputs
from knoll.analysis.transformer_arguments import MADE_OF_OTHERS, OF_POSITIONS, samples_axis
from knoll.errors import ArgumentError
from knoll.graph import Array, Shape
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.layers import attention, elu, glu, piecewise, prelu, self_gated, sigmoid, softmax, softplus
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

Rng = np.random.Generator
Draw = Callable[[Rng, Shape], Array]


def _digits(rng: Rng, shape: Shape) -> Array:
    return rng.integers(0, 10, shape).astype(np.float32)


def _signed(rng: Rng, shape: Shape) -> Array:
    return (rng.integers(-8, 9, shape) / 2).astype(np.float32)


def _shares(rng: Rng, shape: Shape) -> Array:
    return (rng.integers(1, 10, shape) / 10).astype(np.float32)


def _distribution(rng: Rng, shape: Shape) -> Array:
    """Positive numbers whose sum along the last axis is 1."""
    counts = rng.integers(1, 5, shape).astype(np.float32)
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def _logarithms(rng: Rng, shape: Shape) -> Array:
    return np.asarray(np.log(_distribution(rng, shape)))


def _bits(rng: Rng, shape: Shape) -> Array:
    return np.asarray(rng.integers(0, 2, shape), np.float32)


def _signs(rng: Rng, shape: Shape) -> Array:
    return 2 * _bits(rng, shape) - 1


def _positive(rng: Rng, shape: Shape) -> Array:
    return rng.integers(1, 5, shape).astype(np.float32)


def _row_numbers(rows: int) -> Draw:
    """Numbers of rows of a table."""
    return lambda rng, shape: rng.integers(0, rows, shape)


SUITED: dict[type[Module], tuple[Draw, Draw]] = {
    nn.BCELoss: (_shares, _bits),
    nn.BCEWithLogitsLoss: (_signed, _bits),
    nn.SoftMarginLoss: (_signed, _signs),
    nn.KLDivLoss: (_logarithms, _distribution),
    nn.PoissonNLLLoss: (_signed, _positive),
    nn.GaussianNLLLoss: (_signed, _positive),
    nn.NLLLoss: (_logarithms, _positive),
    nn.MarginRankingLoss: (_signed, _signs),
    nn.HingeEmbeddingLoss: (_positive, _signs),
    nn.CosineEmbeddingLoss: (_signed, _signs),
    nn.MultiLabelSoftMarginLoss: (_signed, _bits),
}
"""What the input and the target of a loss can be."""
ACTIVATIONS: tuple[type[Module], ...] = tuple(
    getattr(family, name)
    for family in (piecewise, elu, self_gated, sigmoid, softplus, prelu, softmax, glu, attention)
    for name in family.__all__
)
OF_IMAGES = (
    nn.Conv2d,
    nn.ConvTranspose2d,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveMaxPool2d,
    nn.AdaptiveAvgPool2d,
    nn.MaxUnpool2d,
    nn.LPPool2d,
    nn.FractionalMaxPool2d,
)
OF_SEQUENCES = (
    nn.Conv1d,
    nn.ConvTranspose1d,
    nn.MaxPool1d,
    nn.AvgPool1d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveAvgPool1d,
    nn.MaxUnpool1d,
    nn.LPPool1d,
)
OF_BATCHES = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)
OF_LABELS = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
OF_SAMPLES = (
    *OF_LABELS,
    nn.MultiLabelMarginLoss,
    nn.CosineEmbeddingLoss,
    nn.TripletMarginLoss,
    nn.TripletMarginWithDistanceLoss,
)
WITH_SIGNS = (*ACTIVATIONS, *get_args(MADE_OF_OTHERS), Loss)
SEVERAL = 3  # samples
MOST = 1 << 23  # numbers that are made up


def numbers_for(
    layer: Module, given: Sequence[Input], samples: int | None = None, *, is_batch: bool = False
) -> list[Array]:
    """An array for each input; further ones that the layer needs, as a target, are added.

    A shape is that of one sample, of which there are `samples`, unless it `is_batch`; unless told one, or several where
    only a batch tells something. Raises ArgumentError.
    """
    rng = np.random.default_rng(7)
    kinds = _suited(layer)
    first, second = kinds or ((_signed if isinstance(layer, WITH_SIGNS) else _digits), _signed)
    floats = (p.dtype.name for p in layer.parameters() if p.is_floating_point())
    dtype = np.dtype("int64" if isinstance(layer, nn.Embedding) else next(floats, "float32"))
    inputs = checked_inputs(given, layer)
    if samples is None:
        samples = SEVERAL if len(inputs) == 1 and _compares_samples(layer, inputs[0]) else 1
    lead = () if is_batch else (samples,)
    arrays = [_array(each, second if place else first, rng, dtype, lead) for place, each in enumerate(inputs)]
    rank = 3 if isinstance(layer, OF_IMAGES) else 2 if isinstance(layer, OF_SEQUENCES) else None
    if arrays and arrays[0].ndim == rank:  # of one sample
        arrays = [array[None] for array in arrays]
    if isinstance(layer, OF_POSITIONS) and samples_axis(layer) and not is_batch:
        arrays = [_sequence_first(array, each) for array, each in zip(arrays, inputs, strict=True)]
    return [*arrays, *_further_inputs(layer, arrays, second, rng)]


def _suited(layer: Module) -> tuple[Draw, Draw] | None:
    """What the inputs of a layer can be, where they cannot be any numbers."""
    match layer:
        case nn.Embedding() if layer.num_embeddings:
            return (_row_numbers(layer.num_embeddings),) * 2
        case nn.KLDivLoss() if layer.log_target:
            return _logarithms, _logarithms
        case nn.PoissonNLLLoss() if not layer.log_input:
            return _positive, _positive
    return next((SUITED[kind] for kind in type(layer).__mro__ if kind in SUITED), None)


def _compares_samples(layer: Module, given: Shape | Array | Tensor) -> bool:
    """Whether a sample of this shape tells nothing by itself: one number has no variance, one loss no mean."""
    if not isinstance(given, tuple):
        return False
    if isinstance(layer, OF_BATCHES) and math.prod(given[1:]) == 1:
        return bool(layer.training) or not layer.track_running_stats
    if isinstance(layer, nn.GroupNorm) and math.prod(given) == layer.num_groups:
        return True
    return isinstance(layer, OF_SAMPLES) and len(given) == 1


def _array(given: Shape | Array | Tensor, draw: Draw, rng: Rng, dtype: np.dtype[Any], lead: Shape) -> Array:
    if isinstance(given, Tensor):
        return np.array(given.detach().numpy())
    if isinstance(given, np.ndarray):
        return given.copy()
    shape = given if len(given) > 3 else (*lead, *given)
    if math.prod(shape) > MOST:
        raise ArgumentError(say("analysis.too_many_numbers", most=MOST), got=repr(given))
    return draw(rng, shape).astype(dtype)


def _sequence_first(array: Array, given: Shape | Array | Tensor) -> Array:
    """Samples of a shape (l, e), which were made up as (n, l, e), as (l, n, e)."""
    return array.swapaxes(0, 1) if isinstance(given, tuple) and len(given) == 2 else array


def _further_inputs(layer: Module, arrays: list[Array], draw: Draw, rng: Rng) -> list[Array]:
    """What else the layer takes, where only its first input was given."""
    if len(arrays) != 1:
        return []
    (x,) = arrays
    if isinstance(layer, nn.MultiheadAttention):
        return [x, x]
    if isinstance(layer, nn.TransformerDecoderLayer | nn.TransformerDecoder | nn.Transformer):
        return [draw(rng, x.shape).astype(x.dtype)]
    if isinstance(layer, nn.MaxUnpool1d | nn.MaxUnpool2d):
        return [_indices(layer, x, rng)]
    if isinstance(layer, nn.Bilinear):
        return [_digits(rng, (*x.shape[:-1], layer.in2_features))]
    if isinstance(layer, Loss):
        return _targets(layer, x.shape, draw, rng)
    return [draw(rng, x.shape)] if isinstance(layer, nn.CosineSimilarity | nn.PairwiseDistance) else []


def _targets(layer: Loss, shape: Shape, draw: Draw, rng: Rng) -> list[Array]:
    """What a loss takes besides its first input."""
    if isinstance(layer, OF_LABELS):
        classes = shape[1] if len(shape) > 1 else shape[0]
        return [np.asarray(rng.integers(0, max(classes, 1), (*shape[:1], *shape[2:]) if len(shape) > 1 else ()))]
    if isinstance(layer, nn.MultiLabelMarginLoss):
        return [_lists(rng, shape)]
    if isinstance(layer, nn.CosineEmbeddingLoss):
        return [_signed(rng, shape), np.asarray(draw(rng, shape[:-1]))]
    if isinstance(layer, nn.GaussianNLLLoss | nn.MarginRankingLoss):
        return [_signed(rng, shape), draw(rng, shape)]
    if isinstance(layer, nn.TripletMarginLoss | nn.TripletMarginWithDistanceLoss):
        return [_signed(rng, shape), _signed(rng, shape)]
    return [draw(rng, shape)]


def _lists(rng: Rng, shape: Shape) -> Array:
    """Of each sample one right class or more, in any order, then −1 to the end."""
    classes = shape[-1]
    lists = rng.permuted(np.broadcast_to(np.arange(classes), shape), axis=-1)
    lists[np.arange(classes) > rng.integers(0, max(classes - 1, 1), (*shape[:-1], 1))] = -1
    return lists


def _indices(layer: nn.MaxUnpool1d | nn.MaxUnpool2d, x: Array, rng: Rng) -> Array:
    """Places as a max pooling with the same windows would give them."""
    sizes = x.shape[2:]
    given = (layer.kernel_size, layer.stride, layer.padding)
    windows = ((value,) * len(sizes) if isinstance(value, int) else value for value in given)
    places = np.zeros(x.shape, np.int64)
    for axis, (size, kernel, stride, padding) in enumerate(zip(sizes, *windows, strict=True)):
        length = (size - 1) * stride - 2 * padding + kernel
        starts = (np.arange(size) * stride - padding).reshape(-1, *[1] * (len(sizes) - 1 - axis))
        places = places * length + np.clip(starts + rng.integers(0, kernel, x.shape), 0, length - 1)
    return places
