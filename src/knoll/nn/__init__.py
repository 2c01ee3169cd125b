"""DESCRIBE: layers and models, with the names, arguments, shapes and errors of `torch.nn`."""

from knoll.nn import functional, init
from knoll.nn.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from knoll.nn.containers import ModuleDict, ModuleList
from knoll.nn.conv import Conv2d
from knoll.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout
from knoll.nn.flatten import Flatten, Unflatten
from knoll.nn.linear import Identity, Linear
from knoll.nn.loss import CrossEntropyLoss, L1Loss, MSELoss
from knoll.nn.module import Module
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.pool import AdaptiveMaxPool2d, MaxPool2d, MaxUnpool2d
from knoll.nn.sequential import Sequential
from knoll.nn.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle

__all__ = [
    "AdaptiveMaxPool2d",
    "AlphaDropout",
    "Buffer",
    "ChannelShuffle",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "Flatten",
    "Identity",
    "L1Loss",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "MaxUnpool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "PixelShuffle",
    "PixelUnshuffle",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Unflatten",
    "functional",
    "init",
]
