"""`torch.utils.data.dataloader`: the loader and what it puts batches together with, as in `knoll.data`.

https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
"""

from __future__ import annotations

from knoll.data import DataLoader, default_collate, get_worker_info

__all__ = ["DataLoader", "default_collate", "get_worker_info"]
