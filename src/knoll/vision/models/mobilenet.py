"""torchvision's `models.mobilenet`: MobileNet V2 and V3 once more, by the file in which torchvision joins them."""
# ruff: noqa: F403 (each module states its public names)

from knoll.calls import advise
from knoll.vision.models import mobilenetv2, mobilenetv3
from knoll.vision.models.mobilenetv2 import *
from knoll.vision.models.mobilenetv3 import *

__all__ = [*mobilenetv2.__all__, *mobilenetv3.__all__]

advise(__name__)
