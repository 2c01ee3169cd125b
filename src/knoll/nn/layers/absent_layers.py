"""Layers of PyTorch that Knoll does not have: classes that programs may name, and that refuse to be made.

Programs name them where they ask `isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm3d))`, and as defaults of arguments.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NoReturn

from knoll.absent import RECURRENT
from knoll.errors import UnsupportedError
from knoll.messages import say
from knoll.nn.module import Module

_VOLUMES = re.compile(
    r"(Lazy)?(Conv|ConvTranspose|BatchNorm|InstanceNorm)3d|MaxUnpool3d"
    r"|(Max|Avg|LP|FractionalMax|AdaptiveAvg|AdaptiveMax)Pool3d|(Constant|Reflection|Replication|Zero|Circular)Pad3d"
)


@cache
def absent_layer(name: str) -> type[Module] | None:
    """The class of a layer for volumes or sequences, which no layer is an object of; None for any other name.

    >>> from knoll import nn
    >>> isinstance(nn.ReLU(), absent_layer("BatchNorm3d"))
    False
    """
    if name in RECURRENT:
        reason = "nn.absent_recurrent"
    elif _VOLUMES.fullmatch(name):
        reason = "nn.absent_3d"
    else:
        return None

    def refused(self: Module, *_: Any, **__: Any) -> NoReturn:  # noqa: ARG001 (there is none)
        raise UnsupportedError(say("nn.absent_layer", name=name), advice=say(reason))

    told = {"__init__": refused, "__module__": "knoll.nn", "__doc__": f"{name}: not there.", "is_absent": True}
    return type(name, (Module,), told)
