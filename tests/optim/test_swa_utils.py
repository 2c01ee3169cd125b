"""Averages of weights, and the statistics of batch norm found anew: as PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.optim import swa_utils

WAYS: dict[str, Any] = {
    "mean": lambda _: {},
    "buffers": lambda _: {"use_buffers": True},
    "running": lambda u: {"avg_fn": u.get_ema_avg_fn(0.8)},
    "running together": lambda u: {"multi_avg_fn": u.get_ema_multi_avg_fn(0.8)},
    "mean together": lambda u: {"multi_avg_fn": u.get_swa_multi_avg_fn()},
    "mean of each": lambda u: {"avg_fn": u.get_swa_avg_fn()},
}


def network(library: Any) -> Any:
    net = library.nn.Sequential(library.nn.Linear(3, 4), library.nn.BatchNorm1d(4))
    rng = np.random.default_rng(0)
    weights = {name: library.tensor(rng.random(tuple(each.shape)).astype("float32")) if each.ndim else library.tensor(0)
               for name, each in net.state_dict().items()}  # fmt: skip
    net.load_state_dict(weights)
    return net


def same(ours: Any, theirs: Any) -> None:
    assert list(ours) == list(theirs)
    for name, each in theirs.items():
        np.testing.assert_allclose(ours[name].numpy(), each.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_averages(torch: Any, way: str) -> None:
    def run(library: Any, utils: Any) -> Any:
        net = network(library)
        averaged = utils.AveragedModel(net, **WAYS[way](utils))
        for step in range(4):
            averaged.update_parameters(net)
            with library.no_grad():
                for each in net.parameters():
                    each.add_(0.1 * (step + 1))
            net(library.tensor(np.random.default_rng(step).random((5, 3)).astype("float32")))
        assert averaged(library.ones(2, 3)).shape == (2, 4)
        return averaged.state_dict()

    same(run(knoll, swa_utils), run(torch, torch.optim.swa_utils))


def test_statistics_are_found_anew(torch: Any) -> None:
    def run(library: Any, utils: Any) -> Any:
        net = network(library).eval()
        rng = np.random.default_rng(1)
        batches = [library.tensor(rng.random((n, 3)).astype("float32")) for n in (4, 6, 5)]
        utils.update_bn([(batches[0], 1), *batches[1:]], net)
        assert not net.training
        assert net[1].momentum == 0.1
        return net.state_dict()

    same(run(knoll, swa_utils), run(torch, torch.optim.swa_utils))


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="Only one of avg_fn and multi_avg_fn should be provided"):
        swa_utils.AveragedModel(
            nn.ReLU(), avg_fn=swa_utils.get_swa_avg_fn(), multi_avg_fn=swa_utils.get_swa_multi_avg_fn()
        )
    for make in (swa_utils.get_ema_avg_fn, swa_utils.get_ema_multi_avg_fn):
        with pytest.raises(ArgumentError, match=r"Invalid decay value 1\.1 provided"):
            make(1.1)
