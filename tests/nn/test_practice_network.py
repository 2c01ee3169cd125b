from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import ShapeError
from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential

KEYS = [f"model1.{layer}.{kind}" for layer in (0, 2, 4, 7, 8) for kind in ("weight", "bias")]


class Practice(nn.Module):
    """The network of the course, as its learners write it."""

    def __init__(self) -> None:
        super().__init__()
        self.model1 = Sequential(
            Conv2d(3, 32, 5, padding=2),
            MaxPool2d(2),
            Conv2d(32, 32, 5, padding=2),
            MaxPool2d(2),
            Conv2d(32, 64, 5, padding=2),
            MaxPool2d(2),
            Flatten(),
            Linear(1024, 64),
            Linear(64, 10),
        )

    def forward(self, x: Any) -> Any:
        return self.model1(x)


def batch(n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.standard_normal((n, 3, 32, 32)).astype(np.float32), random.integers(0, 10, n)


def theirs(torch: Any, net: Practice) -> Any:
    """The same network in PyTorch, with the same numbers."""
    t = torch.nn
    model = t.Sequential(
        t.Conv2d(3, 32, 5, padding=2), t.MaxPool2d(2), t.Conv2d(32, 32, 5, padding=2), t.MaxPool2d(2),
        t.Conv2d(32, 64, 5, padding=2), t.MaxPool2d(2), t.Flatten(), t.Linear(1024, 64), t.Linear(64, 10),
    )  # fmt: skip
    model.load_state_dict(
        {key.removeprefix("model1."): torch.tensor(v.detach().numpy()) for key, v in net.state_dict().items()}
    )
    return model


def test_parameters_and_keys() -> None:
    net = Practice()
    assert sum(parameter.detach().numpy().size for parameter in net.parameters()) == 145_578
    assert list(net.state_dict()) == KEYS
    assert [name for name, _ in net.named_parameters()] == KEYS


def test_repr_is_pytorchs(torch: Any) -> None:
    net = Practice()
    assert repr(net.model1) == repr(theirs(torch, net))
    assert repr(net).startswith("Practice(\n  (model1): Sequential(\n    (0): Conv2d(3, 32, kernel_size=(5, 5)")


def test_results_and_gradients_are_pytorchs(torch: Any) -> None:
    net, (x, labels) = Practice(), batch()
    model = theirs(torch, net)
    loss = nn.CrossEntropyLoss()(net(x), labels)
    expected = torch.nn.CrossEntropyLoss()(model(torch.tensor(x)), torch.tensor(labels))
    np.testing.assert_allclose(loss.detach().numpy(), expected.detach().numpy(), rtol=1e-5)
    loss.backward()
    expected.backward()
    for ours, other in zip(net.parameters(), model.parameters(), strict=True):
        np.testing.assert_allclose(ours.grad.detach().numpy(), other.grad.detach().numpy(), rtol=1e-3, atol=1e-6)


def test_an_error_names_the_layer() -> None:
    x, _ = batch()
    with pytest.raises(ShapeError) as caught:
        Practice()(x[:, :, :16])
    assert str(caught.value).startswith("mat1 and mat2 shapes cannot be multiplied (4x512 and 1024x64)\n")
    assert "where: model1.7 Linear(in_features=1024, out_features=64, bias=True)\n" in str(caught.value)


def test_a_copy_learns_on_its_own() -> None:
    net, (x, labels) = Practice(), batch()
    twin = copy.deepcopy(net)
    np.testing.assert_array_equal(net(x).detach().numpy(), twin(x).detach().numpy())
    nn.CrossEntropyLoss()(twin(x), labels).backward()
    assert all(parameter.grad is None for parameter in net.parameters())
    nn.init.zeros_(twin.model1[8].weight)
    assert net.model1[8].weight.detach().numpy().any()


def test_what_is_saved_is_what_is_loaded() -> None:
    net, other, (x, _) = Practice(), Practice(), batch()
    assert (net(x).detach().numpy() != other(x).detach().numpy()).any()
    assert str(other.load_state_dict(net.state_dict())) == "<All keys matched successfully>"
    np.testing.assert_array_equal(net(x).detach().numpy(), other(x).detach().numpy())


def test_looking_at_numbers_on_the_way_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class Looking(Practice):
        def forward(self, x: Any) -> Any:
            for layer in self.model1:
                x = layer(x)
                print(x.detach().numpy().mean())
                if x.detach().numpy().max() > 1e9:
                    x = x * 0
            return x

    net, (x, labels) = Practice(), batch()
    looking = Looking()
    looking.load_state_dict(net.state_dict())
    plain, looked = net(x), looking(x)
    np.testing.assert_allclose(looked.detach().numpy(), plain.detach().numpy(), rtol=1e-5, atol=1e-6)
    assert len(capsys.readouterr().out.split()) == 9
    for result in (plain, looked):
        nn.CrossEntropyLoss()(result, labels).backward()
    for a, b in zip(net.parameters(), looking.parameters(), strict=True):
        np.testing.assert_allclose(a.grad.detach().numpy(), b.grad.detach().numpy(), rtol=1e-4, atol=1e-7)
