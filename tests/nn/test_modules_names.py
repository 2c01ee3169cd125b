"""`torch.nn.modules`: layers by the files in which PyTorch has them."""

from __future__ import annotations

import importlib
import inspect
import pickle

import pytest

import knoll
from knoll import nn
from knoll.nn import modules


def test_every_layer_is_where_pytorch_has_it() -> None:
    torch = pytest.importorskip("torch")
    seen = 0
    for name in nn.__all__:
        theirs = getattr(torch.nn, name, None)
        if inspect.isclass(theirs) and theirs.__module__.startswith("torch.nn.modules."):
            home = importlib.import_module(theirs.__module__.replace("torch", "knoll", 1))
            assert getattr(home, name) is getattr(nn, name), name
            assert getattr(modules, name) is getattr(nn, name), name
            seen += 1
    assert seen > 100


def test_bases_are_those_of_the_layers() -> None:
    for layer, base, other in (
        (nn.BatchNorm2d(2), modules.batchnorm._BatchNorm, nn.InstanceNorm2d(2)),
        (nn.BatchNorm1d(2), modules.batchnorm._BatchNorm, nn.GroupNorm(1, 2)),
        (nn.ConvTranspose2d(2, 2, 1), modules.conv._ConvNd, nn.Linear(2, 2)),
        (nn.Conv1d(2, 2, 1), modules.conv._ConvNd, nn.MaxPool2d(2)),
        (nn.Dropout2d(), modules.dropout._DropoutNd, nn.ReLU()),
        (nn.InstanceNorm1d(2), modules.instancenorm._InstanceNorm, nn.BatchNorm1d(2)),
        (nn.CrossEntropyLoss(), modules.loss._WeightedLoss, nn.MSELoss()),
        (nn.MSELoss(), modules.loss._Loss, nn.ReLU()),
    ):
        assert isinstance(layer, base)
        assert not isinstance(other, base)


def test_sizes_as_tuples() -> None:
    utils = importlib.import_module("knoll.nn.modules.utils")
    assert (utils._pair(3), utils._pair((1, 2)), utils._single(4), utils._triple(5)) == (
        (3, 3),
        (1, 2),
        (4,),
        (5, 5, 5),
    )
    assert utils._quadruple([1, 2, 3, 4]) == (1, 2, 3, 4)


def test_a_layer_that_is_not_there_says_so() -> None:
    for place in (modules, modules.conv):
        with pytest.raises(AttributeError, match=r"Conv3d"):
            place.Conv3d  # noqa: B018 (asking is the test)


def test_layers_are_saved_under_their_own_names() -> None:
    layer = pickle.loads(pickle.dumps(modules.linear.Linear(2, 3)))
    assert layer(knoll.ones(1, 2)).shape == (1, 3)
