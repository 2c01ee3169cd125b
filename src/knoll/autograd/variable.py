"""`torch.autograd.variable`: `Variable` once more, by the file in which PyTorch has it."""

from knoll.autograd import Variable
from knoll.calls import advise

__all__ = ["Variable"]

advise(__name__)
