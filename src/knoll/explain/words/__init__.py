"""The cards of all kinds of layers."""

from __future__ import annotations

from knoll import nn
from knoll.explain.card import Card
from knoll.explain.words.average_pool import ADAPTIVE_AVG_POOL2D, AVG_POOL2D
from knoll.explain.words.conv import CONV2D
from knoll.explain.words.conv_transpose import CONV_TRANSPOSE2D
from knoll.explain.words.lazy import LAZY_CONV2D, LAZY_CONV_TRANSPOSE2D
from knoll.explain.words.max_pool import ADAPTIVE_MAX_POOL2D, MAX_POOL2D, MAX_UNPOOL2D
from knoll.explain.words.pad import (
    CIRCULAR_PAD2D,
    CONSTANT_PAD2D,
    REFLECTION_PAD2D,
    REPLICATION_PAD2D,
    ZERO_PAD2D,
)
from knoll.explain.words.shuffle import CHANNEL_SHUFFLE, PIXEL_SHUFFLE, PIXEL_UNSHUFFLE
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
CARDS: dict[type[nn.Module], Card] = {**IMAGES}


def card_of(layer: nn.Module) -> Card | None:
    """The card of a layer's class, or of the nearest class that it is derived from; None without one."""
    return next((CARDS[kind] for kind in type(layer).__mro__ if kind in CARDS), None)
