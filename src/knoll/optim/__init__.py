"""Optimisers: how parameters follow their gradients."""

from knoll.calls import advise
from knoll.optim import lr_scheduler
from knoll.optim import swa_utils as swa_utils
from knoll.optim.adadelta import Adadelta
from knoll.optim.adafactor import Adafactor
from knoll.optim.adagrad import Adagrad
from knoll.optim.adam import Adam
from knoll.optim.adamax import Adamax
from knoll.optim.adamw import AdamW
from knoll.optim.asgd import ASGD
from knoll.optim.lbfgs import LBFGS
from knoll.optim.muon import Muon
from knoll.optim.nadam import NAdam
from knoll.optim.optimizer import Optimizer
from knoll.optim.radam import RAdam
from knoll.optim.rmsprop import RMSprop
from knoll.optim.rprop import Rprop
from knoll.optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]

advise(__name__)
