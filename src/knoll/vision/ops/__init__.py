"""`torchvision.ops`: blocks that networks are made of. What looks for boxes is not there: Knoll has no detection.

https://pytorch.org/vision/stable/ops.html#layers
"""

from __future__ import annotations

from knoll.vision.ops.focal_loss import sigmoid_focal_loss
from knoll.vision.ops.misc import MLP, Conv2dNormActivation, FrozenBatchNorm2d, Permute, SqueezeExcitation
from knoll.vision.ops.stochastic_depth import StochasticDepth, stochastic_depth

__all__ = [
    "MLP",
    "Conv2dNormActivation",
    "FrozenBatchNorm2d",
    "Permute",
    "SqueezeExcitation",
    "StochasticDepth",
    "sigmoid_focal_loss",
    "stochastic_depth",
]
