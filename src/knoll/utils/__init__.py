"""What PyTorch keeps in `torch.utils`, under its names: each stands where it belongs and is only named again here."""

from __future__ import annotations

from knoll.utils import benchmark, checkpoint, data, hooks, model_zoo, tensorboard

__all__ = ["benchmark", "checkpoint", "data", "hooks", "model_zoo", "tensorboard"]
