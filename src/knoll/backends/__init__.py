"""`torch.backends`: switches of PyTorch's own libraries. Programs may set them; they change nothing here.

https://pytorch.org/docs/stable/backends.html

>>> import knoll
>>> knoll.backends.cudnn.benchmark = True
>>> knoll.backends.mps.is_available()
False
"""

from knoll.backends import cuda, cudnn, mkl, mkldnn, mps, openmp

__all__ = ["cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]
