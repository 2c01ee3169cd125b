"""The layers as functions, as `torch.nn.functional`: what every module calls with its own parameters."""

from knoll.nn.functional.dropping import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from knoll.nn.functional.images import conv2d, pad
from knoll.nn.functional.losses import cross_entropy, l1_loss, mse_loss
from knoll.nn.functional.max_pooling import (
    adaptive_max_pool2d,
    adaptive_max_pool2d_with_indices,
    max_pool2d,
    max_pool2d_with_indices,
    max_unpool2d,
)
from knoll.nn.functional.shuffles import channel_shuffle, pixel_shuffle, pixel_unshuffle
from knoll.nn.functional.simple import linear, log_softmax, one_hot, relu, sigmoid, softmax, tanh

__all__ = [
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "alpha_dropout",
    "channel_shuffle",
    "conv2d",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "l1_loss",
    "linear",
    "log_softmax",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_unpool2d",
    "mse_loss",
    "one_hot",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
