"""The same optimisation in Knoll and in PyTorch, compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import optim


def _walk(library: Any, optimizers: Any, name: str, settings: dict[str, Any], dtype: str) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    params = [library.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True) for s in ((3, 4), (4,), ())]
    optimizer = getattr(optimizers, name)(params, **settings)
    for step in range(20):
        optimizer.zero_grad()
        w, b, s = params
        loss = ((w * w * 0.5 + b) ** 2).sum() * 0.1
        if step % 3:
            loss = loss + (s - 2) ** 2  # no gradient for s on the other steps
        loss.backward()
        optimizer.step()
    return params, optimizer.state_dict()


def same_walk(name: str, settings: dict[str, Any], dtype: str = "float32") -> None:
    """Check that twenty steps down one bowl leave the same parameters and state in both libraries."""
    torch = pytest.importorskip("torch")
    ours, our_state = _walk(knoll, optim, name, settings, dtype)
    theirs, their_state = _walk(torch, torch.optim, name, settings, dtype)
    tolerance = 2e-6 if dtype == "float32" else 1e-12
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=tolerance, atol=tolerance)
    assert our_state["state"].keys() == their_state["state"].keys()
    for number, remembered in their_state["state"].items():
        assert our_state["state"][number].keys() == remembered.keys()
        for key, value in remembered.items():
            mine = our_state["state"][number][key]
            np.testing.assert_allclose(mine.numpy(), value.numpy(), rtol=1e-5, atol=tolerance)
            assert str(value.dtype) == f"torch.{mine.dtype}"
    for ours_group, theirs_group in zip(our_state["param_groups"], their_state["param_groups"], strict=True):
        assert ours_group.items() <= theirs_group.items()
