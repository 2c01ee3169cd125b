"""`torch.backends.mkldnn`: the convolutions of oneDNN, which Knoll does not compute with."""

from knoll.backends.library import is_available

enabled: bool = False

__all__ = ["enabled", "is_available"]
