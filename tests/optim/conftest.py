"""PyTorch's side of the laws over schedules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture(scope="module")
def theirs(torch: Any) -> Any:
    return SimpleNamespace(zeros=torch.zeros, tensor=torch.tensor, optim=torch.optim, s=torch.optim.lr_scheduler)
