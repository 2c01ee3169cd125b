"""`torch.utils.data`: the names of `knoll.data`.

https://pytorch.org/docs/stable/data.html
"""

from __future__ import annotations

from knoll.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)
from knoll.data import collate as default_collate
from knoll.data import convert as default_convert
from knoll.utils.data import distributed as distributed
from knoll.utils.data import sampler as sampler

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "default_convert",
    "random_split",
]
