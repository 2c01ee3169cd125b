"""The cards of all kinds of layers."""

from __future__ import annotations

from knoll import nn
from knoll.explain.card import Card
from knoll.explain.words.attention import ATTENTION
from knoll.explain.words.average_pool import ADAPTIVE_AVG_POOL2D, AVG_POOL2D
from knoll.explain.words.batch_norm import NORMALISATIONS
from knoll.explain.words.binary_cross_entropy import OF_TWO_CLASSES
from knoll.explain.words.conv import CONV2D
from knoll.explain.words.conv1d import CONVOLUTIONS_1D
from knoll.explain.words.conv_transpose import CONV_TRANSPOSE2D
from knoll.explain.words.cross_entropy import LIKELIHOODS_OF_CLASSES
from knoll.explain.words.difference import DIFFERENCES
from knoll.explain.words.distance import DISTANCES
from knoll.explain.words.dropout import DROPOUTS
from knoll.explain.words.elu import EXPONENTIAL
from knoll.explain.words.embedding import EMBEDDINGS
from knoll.explain.words.flatten import RESHAPING
from knoll.explain.words.fractional_max_pool import FRACTIONAL
from knoll.explain.words.glu import GATED
from knoll.explain.words.lazy import (
    LAZY_1D,
    LAZY_BATCH_NORM1D,
    LAZY_BATCH_NORM2D,
    LAZY_CONV2D,
    LAZY_CONV_TRANSPOSE2D,
    LAZY_LINEAR,
)
from knoll.explain.words.likelihood import OF_DISTRIBUTIONS
from knoll.explain.words.linear import LINEAR_LAYERS
from knoll.explain.words.lp_pool import POWER_POOLINGS
from knoll.explain.words.margin import MARGINS
from knoll.explain.words.max_pool import ADAPTIVE_MAX_POOL2D, MAX_POOL2D, MAX_UNPOOL2D
from knoll.explain.words.pad import (
    CIRCULAR_PAD2D,
    CONSTANT_PAD2D,
    REFLECTION_PAD2D,
    REPLICATION_PAD2D,
    ZERO_PAD2D,
)
from knoll.explain.words.pad1d import PADDINGS_1D
from knoll.explain.words.piecewise import PIECEWISE
from knoll.explain.words.pool1d import POOLINGS_1D
from knoll.explain.words.prelu import SLOPED
from knoll.explain.words.sample_norm import SAMPLE_NORMS
from knoll.explain.words.self_gated import SELF_GATED
from knoll.explain.words.shuffle import CHANNEL_SHUFFLE, PIXEL_SHUFFLE, PIXEL_UNSHUFFLE
from knoll.explain.words.sigmoid import SIGMOIDS
from knoll.explain.words.softmax import SHARES
from knoll.explain.words.softplus import SOFTPLUS
from knoll.explain.words.transformer import TRANSFORMERS
from knoll.explain.words.unfold import COLUMNS
from knoll.explain.words.upsample import UPSAMPLE, UPSAMPLING_BILINEAR2D, UPSAMPLING_NEAREST2D

IMAGES: dict[type[nn.Module], Card] = {
    nn.Conv2d: CONV2D,
    nn.ConvTranspose2d: CONV_TRANSPOSE2D,
    nn.LazyConv2d: LAZY_CONV2D,
    nn.LazyConvTranspose2d: LAZY_CONV_TRANSPOSE2D,
    nn.MaxPool2d: MAX_POOL2D,
    nn.AvgPool2d: AVG_POOL2D,
    nn.AdaptiveMaxPool2d: ADAPTIVE_MAX_POOL2D,
    nn.AdaptiveAvgPool2d: ADAPTIVE_AVG_POOL2D,
    nn.MaxUnpool2d: MAX_UNPOOL2D,
    nn.ZeroPad2d: ZERO_PAD2D,
    nn.ConstantPad2d: CONSTANT_PAD2D,
    nn.ReflectionPad2d: REFLECTION_PAD2D,
    nn.ReplicationPad2d: REPLICATION_PAD2D,
    nn.CircularPad2d: CIRCULAR_PAD2D,
    nn.Upsample: UPSAMPLE,
    nn.UpsamplingNearest2d: UPSAMPLING_NEAREST2D,
    nn.UpsamplingBilinear2d: UPSAMPLING_BILINEAR2D,
    nn.PixelShuffle: PIXEL_SHUFFLE,
    nn.PixelUnshuffle: PIXEL_UNSHUFFLE,
    nn.ChannelShuffle: CHANNEL_SHUFFLE,
}
CARDS: dict[type[nn.Module], Card] = {
    **IMAGES,
    **CONVOLUTIONS_1D,
    **POOLINGS_1D,
    **POWER_POOLINGS,
    **FRACTIONAL,
    **PADDINGS_1D,
    **LINEAR_LAYERS,
    **RESHAPING,
    **COLUMNS,
    **EMBEDDINGS,
    **DISTANCES,
    **NORMALISATIONS,
    **SAMPLE_NORMS,
    **DROPOUTS,
    **PIECEWISE,
    **SLOPED,
    **EXPONENTIAL,
    **SELF_GATED,
    **SIGMOIDS,
    **SOFTPLUS,
    **SHARES,
    **GATED,
    **ATTENTION,
    **TRANSFORMERS,
    **LIKELIHOODS_OF_CLASSES,
    **OF_TWO_CLASSES,
    **DIFFERENCES,
    **OF_DISTRIBUTIONS,
    **MARGINS,
    **LAZY_1D,
    nn.LazyLinear: LAZY_LINEAR,
    nn.LazyBatchNorm1d: LAZY_BATCH_NORM1D,
    nn.LazyBatchNorm2d: LAZY_BATCH_NORM2D,
}


def card_of(layer: nn.Module) -> Card | None:
    """The card of a layer's class, or of the nearest class that it is derived from; None without one."""
    return next((CARDS[kind] for kind in type(layer).__mro__ if kind in CARDS), None)
