"""Data sets and the loader that makes batches of them."""

from __future__ import annotations

from knoll.calls import advise
from knoll.data.collate import collate, convert
from knoll.data.collate import collate as default_collate
from knoll.data.collate import convert as default_convert
from knoll.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    Samples,
    Subset,
    TensorDataset,
    random_split,
)
from knoll.data.fast_path import fast_path, replaces
from knoll.data.loader import DataLoader, LoaderState
from knoll.data.randomness import Draws, drawing, draws
from knoll.data.samplers import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from knoll.data.stacked import StackDataset
from knoll.data.worker import get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Draws",
    "IterableDataset",
    "LoaderState",
    "RandomSampler",
    "Sampler",
    "Samples",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "collate",
    "convert",
    "default_collate",
    "default_convert",
    "drawing",
    "draws",
    "fast_path",
    "get_worker_info",
    "random_split",
    "replaces",
]

advise(__name__)
