"""Data sets and the loader that makes batches of them."""

from __future__ import annotations

from knoll.data.collate import collate
from knoll.data.dataset import Batched, ConcatDataset, Dataset, Samples, Subset, TensorDataset, random_split
from knoll.data.loader import DataLoader, LoaderState
from knoll.data.randomness import Draws, drawing, draws

__all__ = [
    "Batched",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Draws",
    "LoaderState",
    "Samples",
    "Subset",
    "TensorDataset",
    "collate",
    "drawing",
    "draws",
    "random_split",
]
