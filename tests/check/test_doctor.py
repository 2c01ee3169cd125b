"""The training doctor: what goes wrong in the first steps is told, a healthy training is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.check import Diagnosis, Doctor, diagnose
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F
from knoll.optim import SGD, Adam

Batch = tuple[knoll.Tensor, knoll.Tensor]


def batches(count: int = 4, scale: float = 1.0) -> list[Batch]:
    knoll.manual_seed(0)
    return [(knoll.randn(16, 8) * scale, knoll.arange(16) % 4) for _ in range(count)]


def mlp(*between: Callable[[], nn.Module]) -> nn.Sequential:
    knoll.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 16), *[make() for make in between or (nn.ReLU,)], nn.Linear(16, 4))


def told(
    net: nn.Module, lr: float = 0.1, data: list[Batch] | None = None, loss: Any = None, **options: Any
) -> list[str]:
    optimizer = SGD(net.parameters(), lr=lr)
    diagnosis = diagnose(net, loss or nn.CrossEntropyLoss(), optimizer, data or batches(), **options)
    return [finding.rule for finding in diagnosis.findings]


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), F.cross_entropy])
@pytest.mark.parametrize("between", [(nn.ReLU,), (nn.Sigmoid,), (lambda: nn.BatchNorm1d(16), nn.ReLU, nn.Dropout)])
def test_nothing_is_told_of_a_healthy_training(between: tuple[Callable[[], nn.Module], ...], loss: Any) -> None:
    assert told(mlp(*between), loss=loss) == []


def test_nothing_is_told_of_an_image_network() -> None:
    knoll.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 9, 4))
    images = [(knoll.rand(16, 1, 8, 8), knoll.arange(16) % 4)] * 3
    assert diagnose(net, nn.CrossEntropyLoss(), Adam(net.parameters()), images)


def dead() -> nn.Module:
    net = mlp()
    nn.init.constant_(net[0].bias, -100.0)
    return net


def deep_sigmoid() -> nn.Module:
    knoll.manual_seed(0)
    layers = [layer for _ in range(12) for layer in (nn.Linear(8, 8), nn.Sigmoid())]
    return nn.Sequential(*layers, nn.Linear(8, 4))


class Detached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(8, 16), nn.Linear(16, 4)

    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x)).detach())


@pytest.mark.parametrize(
    ("make", "options", "rule"),
    [
        (mlp, {"lr": 0.0}, "step-size"),
        (mlp, {"lr": 1e-12}, "step-size"),
        (mlp, {"lr": 1000.0}, "step-size"),
        (mlp, {"data": batches(scale=200.0)}, "first-loss"),
        (dead, {}, "dead-units"),
        (deep_sigmoid, {}, "fading-gradients"),
        (Detached, {}, "no-gradient"),
        (mlp, {"data": [(x * float("nan"), y) for x, y in batches()]}, "not-finite"),
        (lambda: mlp(nn.Dropout, nn.ReLU).eval(), {}, "wrong-mode"),
        (lambda: mlp(nn.Softmax), {"lr": 1e-4, "overfit": 20}, "cannot-overfit"),
    ],
    ids=["rate 0", "tiny rate", "huge rate", "scale", "dead", "sigmoids", "detached", "NaN", "eval", "overfit"],
)
@pytest.mark.filterwarnings("ignore:Implicit dimension")
def test_what_goes_wrong_is_told(make: Callable[[], nn.Module], options: dict[str, Any], rule: str) -> None:
    assert rule in told(make(), **options)


def test_one_batch_is_learned_by_heart() -> None:
    net = mlp()
    diagnosis = diagnose(net, nn.CrossEntropyLoss(), Adam(net.parameters(), lr=0.05), batches(2), overfit=100)
    assert diagnosis
    assert len(diagnosis.losses) == 2
    assert len(diagnosis.overfitted) == 100
    assert diagnosis.overfitted[-1] < 0.1 * diagnosis.losses[0]
    assert "100 steps more" in str(diagnosis)


def test_the_first_layer_with_numbers_that_are_not_finite_is_named() -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(8, 16), nn.Linear(16, 4)

        def forward(self, x: Any) -> Any:
            return self.b((self.a(x) - 1e3).log())

    net = Root()
    (finding,) = diagnose(net, nn.CrossEntropyLoss(), SGD(net.parameters(), lr=0.1), batches(1)).findings
    assert finding.rule == "not-finite"
    assert "`log (test_doctor.py:" in str(finding.what)


@pytest.mark.parametrize(("wrong", "words"), [([(1, 2, 3)], "tuple of 3"), ([{"x": 1}], "dict"), (5, "int")])
def test_batches_that_are_no_pairs_are_told(wrong: Any, words: str) -> None:
    net = mlp()
    with pytest.raises(ArgumentError, match="pairs of an input and a target") as told_error:
        diagnose(net, nn.CrossEntropyLoss(), SGD(net.parameters(), lr=0.1), wrong)
    assert told_error.value.got == words


def test_everything_is_as_before() -> None:
    net, optimizer = mlp(lambda: nn.BatchNorm1d(16), nn.ReLU, nn.Dropout), None
    optimizer = Adam(net.parameters())
    before = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    knoll.manual_seed(1)
    expected = knoll.rand(3).tolist()
    data = batches()
    knoll.manual_seed(1)
    assert diagnose(net, nn.CrossEntropyLoss(), optimizer, data, overfit=2).losses
    assert knoll.rand(3).tolist() == expected
    assert all(np.array_equal(value.numpy(), before[name]) for name, value in net.state_dict().items())
    assert not optimizer.state_dict()["state"]
    assert all(parameter.grad is None for parameter in net.parameters())
    assert "zero_grad" not in vars(net) | vars(optimizer)
    assert not net._forward_hooks


def test_the_optimiser_of_another_network() -> None:
    net, other = mlp(), mlp()
    (finding,) = diagnose(net, nn.CrossEntropyLoss(), SGD(other.parameters(), lr=0.1), batches(0)).findings
    assert finding.rule == "optimizer"
    assert "none of the 4 parameters" in str(finding.what)
    partly = SGD(net[0].parameters(), lr=0.1)
    assert "2 of 4 are missing" in str(diagnose(net, nn.CrossEntropyLoss(), partly, batches(2)).findings[0].what)
    net[2].requires_grad_(False)
    assert diagnose(net, nn.CrossEntropyLoss(), partly, batches(2))


def loop(net: nn.Module, zero: str = "", backward: bool = True, item: bool = True) -> list[str]:
    """A training loop as a learner writes it, under the eyes of the doctor."""
    loss_fn, optimizer = nn.CrossEntropyLoss(), SGD(net.parameters(), lr=0.1)
    total: Any = 0
    with Doctor(net, loss_fn, optimizer) as doctor:
        for x, y in batches(6):
            if zero == "optimizer":
                optimizer.zero_grad()
            loss = loss_fn(net(x), y)
            if zero == "net":
                net.zero_grad()
            if zero == "by hand":
                for parameter in net.parameters():
                    parameter.grad = None
            if backward:
                loss.backward()
            optimizer.step()
            total += loss.item() if item else loss
    return [finding.rule for finding in doctor.findings]


@pytest.mark.parametrize("zero", ["optimizer", "net"])
def test_a_sound_loop(zero: str) -> None:
    assert loop(mlp(), zero) == []


def test_a_loop_with_a_fault() -> None:
    assert loop(mlp()) == ["gradients-add-up"]
    assert loop(mlp(), "optimizer", backward=False) == ["no-gradient"]
    assert "held-losses" in loop(mlp(), "optimizer", item=False)


def test_it_is_told_in_both_languages() -> None:
    net = mlp()
    diagnosis = diagnose(net, nn.CrossEntropyLoss(), SGD(net.parameters(), lr=0.0), batches(2))
    assert isinstance(diagnosis, Diagnosis)
    assert "learning rate is 0" in diagnosis.document().text(100, "en")
    assert "学习率是 0" in diagnosis.document().html("zh")
    assert '"rule": "step-size"' in diagnosis.json()


def test_a_step_that_is_never_taken_is_told() -> None:
    net, loss_fn = mlp(), nn.CrossEntropyLoss()
    optimizer = SGD(net.parameters(), lr=0.1)
    with Doctor(net, loss_fn, optimizer) as doctor:
        for x, y in batches(3):
            optimizer.zero_grad()
            loss_fn(net(x), y).backward()
    (finding,) = doctor.findings
    assert (finding.rule, finding.code) == ("optimizer", "optimizer.step()")
    assert "3 times, and the optimiser took no step" in str(finding.what)
    with Doctor(net, loss_fn, optimizer) as doctor:  # gradients from before belong to no loss that was seen
        for x, y in batches(3):
            loss_fn(net(x), y)
    assert doctor.findings == ()


def test_gradients_that_are_thrown_away_before_the_step_are_told() -> None:
    net, loss_fn = mlp(), nn.CrossEntropyLoss()
    optimizer = SGD(net.parameters(), lr=0.1)
    with Doctor(net, loss_fn, optimizer) as doctor:
        for x, y in batches(3):
            loss_fn(net(x), y).backward()
            optimizer.zero_grad()
            optimizer.step()
    (finding,) = doctor.findings
    assert finding.rule == "no-gradient"
    assert "`zero_grad()` stands between `backward()` and `step()`" in str(finding.what)


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), F.cross_entropy])
@pytest.mark.parametrize("upwards", [True, False])
def test_batches_in_the_order_of_their_classes_are_told(loss: Any, upwards: bool) -> None:
    labels = knoll.arange(64) // 16 if upwards else 3 - knoll.arange(64) // 16
    knoll.manual_seed(0)
    x = knoll.randn(64, 8)
    parts = [slice(start, start + 16) for start in range(0, 64, 16)]
    assert "not-shuffled" in told(mlp(), data=[(x[part], labels[part]) for part in parts], loss=loss)
    mixed = [(x[part], (labels * 7 + knoll.arange(64))[part] % 4) for part in parts]
    assert "not-shuffled" not in told(mlp(), data=mixed, loss=loss)


def test_numbers_that_are_not_finite_in_the_input_are_told() -> None:
    x, y = batches(1)[0]
    x[3, 2] = float("nan")
    net = mlp()
    (finding,) = diagnose(net, nn.CrossEntropyLoss(), SGD(net.parameters(), lr=0.1), [(x, y)]).findings
    assert finding.rule == "not-finite"
    assert str(finding.what).startswith("The input of step 1")


def test_arguments_in_another_order_are_told() -> None:
    net, loss_fn = mlp(), nn.CrossEntropyLoss()
    optimizer: Any = SGD(net.parameters(), lr=0.1)
    with pytest.raises(ArgumentTypeError, match="CrossEntropyLoss is not an Optimizer") as wrong:
        Doctor(net, optimizer, loss_fn)  # as the test means it
    assert "network, loss, optimiser" in str(wrong.value)
    with pytest.raises(ArgumentTypeError, match="a Module is watched"):
        diagnose(optimizer, loss_fn, optimizer, batches(1))
