"""`torch.backends.mkl`: Intel's matrix products, which Knoll does not compute with."""

from knoll.backends.library import is_available, is_built

__all__ = ["is_available", "is_built"]
