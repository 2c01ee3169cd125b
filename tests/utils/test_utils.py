"""The names of `torch.utils`, where programs for PyTorch import them from."""

from __future__ import annotations

import knoll
from knoll import nn
from knoll.utils.checkpoint import checkpoint, checkpoint_sequential
from knoll.utils.data import DataLoader, TensorDataset, default_collate, random_split
from knoll.utils.tensorboard import SummaryWriter


def test_they_are_the_names_of_the_packages_they_stand_in() -> None:
    assert DataLoader is knoll.data.DataLoader
    assert random_split is knoll.data.random_split
    assert default_collate is knoll.data.collate
    assert knoll.utils.data.TensorDataset is TensorDataset
    assert SummaryWriter.__module__ == "knoll.train.events.writer"


def test_a_checkpoint_gives_the_function_and_its_gradient() -> None:
    x = knoll.tensor([[1.0, -2.0]], requires_grad=True)
    layer = nn.Linear(2, 3)
    checkpoint(layer, x, use_reentrant=False).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [layer.weight.sum(0).tolist()]


def test_a_sequence_in_segments_is_the_sequence() -> None:
    net, x = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), knoll.rand(5, 4)
    assert knoll.allclose(checkpoint_sequential(net, 2, x, use_reentrant=False), net(x))
    assert knoll.allclose(checkpoint_sequential([net[0], net[1]], 2, x), net[:2](x))
