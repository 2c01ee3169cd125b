"""`torch.utils.data.sampler`: the orders in which samples are taken, as in `knoll.data`.

https://pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
"""

from __future__ import annotations

from knoll.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]
