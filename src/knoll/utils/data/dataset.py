"""`torch.utils.data.dataset`: data sets, as in `knoll.data`.

https://pytorch.org/docs/stable/data.html#dataset-types
"""

from __future__ import annotations

from knoll.data import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]
