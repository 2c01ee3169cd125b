"""DESCRIBE: layers and models, with the names, arguments, shapes and errors of `torch.nn`."""

from knoll.nn import functional, init
from knoll.nn.batch_norm import BatchNorm1d, BatchNorm2d
from knoll.nn.containers import ModuleDict, ModuleList
from knoll.nn.conv import Conv2d
from knoll.nn.conv_transpose import ConvTranspose2d
from knoll.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout
from knoll.nn.flatten import Flatten, Unflatten
from knoll.nn.linear import Identity, Linear
from knoll.nn.loss import CrossEntropyLoss, L1Loss, MSELoss
from knoll.nn.module import Module
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.piecewise import (
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from knoll.nn.pool import AdaptiveMaxPool2d, MaxPool2d, MaxUnpool2d
from knoll.nn.sequential import Sequential
from knoll.nn.shares import (
    GLU,
    LogSoftmax,
    Softmax,
    Softmax2d,
    Softmin,
)
from knoll.nn.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle
from knoll.nn.smooth import (
    CELU,
    ELU,
    GELU,
    SELU,
    LogSigmoid,
    Mish,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "AdaptiveMaxPool2d",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "Buffer",
    "ChannelShuffle",
    "Conv2d",
    "ConvTranspose2d",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "Flatten",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "MaxUnpool2d",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "PReLU",
    "Parameter",
    "PixelShuffle",
    "PixelUnshuffle",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Unflatten",
    "functional",
    "init",
]
