"""`torch.utils.hooks`: what a registered hook is taken back with, by the file in which PyTorch has it."""

from knoll.calls import advise
from knoll.tensor.autograd.hooks import RemovableHandle

__all__ = ["RemovableHandle"]

advise(__name__)
