"""Optimisers: how parameters follow their gradients."""

from knoll.optim import lr_scheduler
from knoll.optim.adam import Adam
from knoll.optim.adamw import AdamW
from knoll.optim.optimizer import Optimizer
from knoll.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
