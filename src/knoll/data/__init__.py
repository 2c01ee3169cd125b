"""Data sets and the loader that makes batches of them."""

from __future__ import annotations

from knoll.data.collate import collate, convert
from knoll.data.dataset import ConcatDataset, Dataset, Samples, Subset, TensorDataset, random_split
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

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Draws",
    "LoaderState",
    "RandomSampler",
    "Sampler",
    "Samples",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "collate",
    "convert",
    "drawing",
    "draws",
    "fast_path",
    "random_split",
    "replaces",
]
