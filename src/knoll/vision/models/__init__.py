"""Networks that are ready to be trained, with torchvision's names, keys and initial weights where it has them."""
# ruff: noqa: F403 (each module states its public names; a new family needs a line here and in the registry)

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.vision.models.alexnet import *
from knoll.vision.models.convnext import *
from knoll.vision.models.densenet import *
from knoll.vision.models.efficientnet import *
from knoll.vision.models.efficientnet_weights import *
from knoll.vision.models.googlenet import *
from knoll.vision.models.inception import *
from knoll.vision.models.lenet import *
from knoll.vision.models.mnasnet import *
from knoll.vision.models.mobilenetv1 import *
from knoll.vision.models.mobilenetv2 import *
from knoll.vision.models.mobilenetv3 import *
from knoll.vision.models.practice import *
from knoll.vision.models.registry import *
from knoll.vision.models.regnet import *
from knoll.vision.models.regnet_weights import *
from knoll.vision.models.resnet import *
from knoll.vision.models.resnet_weights import *
from knoll.vision.models.segnet import *
from knoll.vision.models.shufflenetv2 import *
from knoll.vision.models.squeezenet import *
from knoll.vision.models.unet import *
from knoll.vision.models.vgg import *
from knoll.vision.models.weights import *

if not TYPE_CHECKING:  # type checkers take for public what star imports bring
    __all__ = sorted(
        name
        for name, thing in globals().items()
        if getattr(thing, "__module__", "").startswith("knoll.") and name[0] != "_"
    )
