"""torchvision's `transforms.transforms`: the transforms once more, by the file in which torchvision has them.

>>> from knoll.vision.transforms import transforms
>>> transforms.ToTensor is transforms.Compose([transforms.ToTensor()]).transforms[0].__class__
True
"""

from knoll.calls import advise
from knoll.vision import transforms as _transforms
from knoll.vision.transforms import *  # noqa: F403 (all of them)

__all__ = [name for name in _transforms.__all__ if name not in {"functional", "v2"}]

advise(__name__)
