"""Schedules: learning rates that change from epoch to epoch, or from batch to batch.

Call `step()` after each epoch of training, after `optimizer.step()`; `CyclicLR` and `OneCycleLR` after each batch,
`ReduceLROnPlateau` with the number that it watches. Most schedules compute the next rate from the present one, so that
several may take turns on one optimiser, as in PyTorch.

| by a factor | `StepLR` `MultiStepLR` `ExponentialLR` `MultiplicativeLR` `LambdaLR` |
| for the first epochs | `ConstantLR` `LinearLR` `PolynomialLR` |
| along a cosine | `CosineAnnealingLR` `CosineAnnealingWarmRestarts` |
| up and down | `CyclicLR` `OneCycleLR` |
| when a number stands still | `ReduceLROnPlateau` |
| made of others | `SequentialLR` `ChainedScheduler` |
| of one's own | `LRScheduler`: give it `get_lr` |

Source: https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from knoll.calls import advise
from knoll.optim.lr_scheduler.base import EPOCH_DEPRECATION_WARNING as EPOCH_DEPRECATION_WARNING
from knoll.optim.lr_scheduler.base import LRScheduler, _LRScheduler
from knoll.optim.lr_scheduler.chained import ChainedScheduler
from knoll.optim.lr_scheduler.constant import ConstantLR
from knoll.optim.lr_scheduler.cosine import CosineAnnealingLR
from knoll.optim.lr_scheduler.cyclic import CyclicLR
from knoll.optim.lr_scheduler.exponential import ExponentialLR
from knoll.optim.lr_scheduler.functions import LambdaLR, MultiplicativeLR
from knoll.optim.lr_scheduler.linear import LinearLR
from knoll.optim.lr_scheduler.one_cycle import OneCycleLR
from knoll.optim.lr_scheduler.plateau import ReduceLROnPlateau
from knoll.optim.lr_scheduler.polynomial import PolynomialLR
from knoll.optim.lr_scheduler.sequential import SequentialLR
from knoll.optim.lr_scheduler.steps import MultiStepLR, StepLR
from knoll.optim.lr_scheduler.warm_restarts import CosineAnnealingWarmRestarts

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "_LRScheduler",
]

advise(__name__)
