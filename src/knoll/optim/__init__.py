"""Optimisers: how parameters follow their gradients."""

from knoll.optim import lr_scheduler
from knoll.optim.adadelta import Adadelta
from knoll.optim.adagrad import Adagrad
from knoll.optim.adam import Adam
from knoll.optim.adamax import Adamax
from knoll.optim.adamw import AdamW
from knoll.optim.nadam import NAdam
from knoll.optim.optimizer import Optimizer
from knoll.optim.radam import RAdam
from knoll.optim.rmsprop import RMSprop
from knoll.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "lr_scheduler",
]
