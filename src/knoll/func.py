"""`torch.func`: of its functions those of modules.

https://pytorch.org/docs/stable/func.html
"""

from knoll.calls import advise
from knoll.nn.utils.stateless import functional_call

__all__ = ["functional_call"]

advise(__name__)
