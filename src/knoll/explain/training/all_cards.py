"""The cards of all optimisers and schedules."""

from __future__ import annotations

from knoll.explain.training.adam import ADAM_CARD, ADAMW_CARD
from knoll.explain.training.adaptive import ADADELTA_CARD, ADAGRAD_CARD, RMSPROP_CARD
from knoll.explain.training.averaged import ASGD_CARD
from knoll.explain.training.card import TrainingCard
from knoll.explain.training.composed import composed
from knoll.explain.training.cosine import COSINE_ANNEALING_LR, COSINE_ANNEALING_WARM_RESTARTS
from knoll.explain.training.cycles import CYCLIC_LR, ONE_CYCLE_LR
from knoll.explain.training.decay import EXPONENTIAL_LR, MULTI_STEP_LR, STEP_LR
from knoll.explain.training.factored import ADAFACTOR_CARD
from knoll.explain.training.first_epochs import CONSTANT_LR, LINEAR_LR, POLYNOMIAL_LR
from knoll.explain.training.functions import LAMBDA_LR, MULTIPLICATIVE_LR
from knoll.explain.training.lbfgs import LBFGS_CARD
from knoll.explain.training.moments import ADAMAX_CARD, NADAM_CARD, RADAM_CARD
from knoll.explain.training.muon import MUON_CARD
from knoll.explain.training.plateau import REDUCE_LR_ON_PLATEAU
from knoll.explain.training.recipe import Kind
from knoll.explain.training.rprop import RPROP_CARD
from knoll.explain.training.setup import Setup
from knoll.explain.training.sgd import SGD_CARD
from knoll.optim import (
    ASGD,
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Muon,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
    lr_scheduler,
)
from knoll.optim.lr_scheduler import LRScheduler

OPTIMIZERS: dict[type[Optimizer], TrainingCard] = {
    SGD: SGD_CARD,
    RMSprop: RMSPROP_CARD,
    Adagrad: ADAGRAD_CARD,
    Adadelta: ADADELTA_CARD,
    Adam: ADAM_CARD,
    AdamW: ADAMW_CARD,
    Adamax: ADAMAX_CARD,
    NAdam: NADAM_CARD,
    RAdam: RADAM_CARD,
    Adafactor: ADAFACTOR_CARD,
    Muon: MUON_CARD,
    ASGD: ASGD_CARD,
    Rprop: RPROP_CARD,
    LBFGS: LBFGS_CARD,
}


def length(setup: Setup) -> int:
    """For how many epochs or batches a schedule is shown."""
    return SCHEDULES[setup.recipe.kind].length(setup)  # type: ignore[index]  # a schedule


SEQUENTIAL_LR, CHAINED_SCHEDULER = composed(length)
SCHEDULES: dict[type[LRScheduler], TrainingCard] = {
    lr_scheduler.StepLR: STEP_LR,
    lr_scheduler.MultiStepLR: MULTI_STEP_LR,
    lr_scheduler.ExponentialLR: EXPONENTIAL_LR,
    lr_scheduler.LambdaLR: LAMBDA_LR,
    lr_scheduler.MultiplicativeLR: MULTIPLICATIVE_LR,
    lr_scheduler.ConstantLR: CONSTANT_LR,
    lr_scheduler.LinearLR: LINEAR_LR,
    lr_scheduler.PolynomialLR: POLYNOMIAL_LR,
    lr_scheduler.CosineAnnealingLR: COSINE_ANNEALING_LR,
    lr_scheduler.CosineAnnealingWarmRestarts: COSINE_ANNEALING_WARM_RESTARTS,
    lr_scheduler.CyclicLR: CYCLIC_LR,
    lr_scheduler.OneCycleLR: ONE_CYCLE_LR,
    lr_scheduler.ReduceLROnPlateau: REDUCE_LR_ON_PLATEAU,
    lr_scheduler.SequentialLR: SEQUENTIAL_LR,
    lr_scheduler.ChainedScheduler: CHAINED_SCHEDULER,
}
TRAINING: dict[Kind, TrainingCard] = dict([*OPTIMIZERS.items(), *SCHEDULES.items()])
