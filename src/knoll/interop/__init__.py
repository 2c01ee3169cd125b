"""Weights from and for other libraries."""

from __future__ import annotations

from knoll.interop import safetensors_file
from knoll.interop.torch_file import load_torch
from knoll.interop.weights import read_weights

__all__ = ["load_torch", "read_weights", "safetensors_file"]
