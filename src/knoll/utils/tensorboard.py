"""`torch.utils.tensorboard`: the writer of events.

https://pytorch.org/docs/stable/tensorboard.html
"""

from __future__ import annotations

from knoll.train.events import SummaryWriter

__all__ = ["SummaryWriter"]
