"""Optimisers and schedules read from texts, and what cannot be explained."""

from __future__ import annotations

import pytest

import knoll
from knoll import optim
from knoll.cli import main
from knoll.errors import ArgumentError, KnollError
from knoll.explain.training.builder import explained
from knoll.explain.training.reading import read_training
from knoll.messages import LANGUAGES
from knoll.optim import Optimizer, lr_scheduler


@pytest.mark.parametrize(
    ("text", "written", "optimizer"),
    [
        ("SGD", "SGD()", None),
        ("SGD(lr=0.1)", "SGD(lr=0.1)", None),
        ("torch.optim.SGD(net.parameters(), 0.1, 0.9)", "SGD(lr=0.1, momentum=0.9)", None),
        ("optim.Adam(params, betas=[0.5, 0.9])", "Adam(betas=(0.5, 0.9))", None),
        ("StepLR(step_size=30)", "StepLR(step_size=30)", "SGD(lr=0.1)"),
        ("StepLR(30)", "StepLR(step_size=30)", "SGD(lr=0.1)"),
        ("StepLR(optimizer, 30, 0.5)", "StepLR(step_size=30, gamma=0.5)", "SGD(lr=0.1)"),
        ("StepLR(self.optimizer, 30)", "StepLR(step_size=30)", "SGD(lr=0.1)"),
        ("lr_scheduler.StepLR(optimizer=Adam(net.parameters()), step_size=3)", "StepLR(step_size=3)", "Adam()"),
        ("optim.lr_scheduler.StepLR(SGD(p, lr=0.5), 3)", "StepLR(step_size=3)", "SGD(lr=0.5)"),
        ("MultiStepLR(milestones=[3, 5])", "MultiStepLR(milestones=[3, 5])", "SGD(lr=0.1)"),
        (
            "SequentialLR(opt, [LinearLR(opt), StepLR(opt, 3)], [5])",
            "SequentialLR(schedulers=[LinearLR(), StepLR(step_size=3)], milestones=[5])",
            "SGD(lr=0.1)",
        ),
        (
            "ChainedScheduler([ExponentialLR(0.9)])",
            "ChainedScheduler(schedulers=[ExponentialLR(gamma=0.9)])",
            "SGD(lr=0.1)",
        ),
    ],
)
def test_texts_that_are_read(text: str, written: str, optimizer: str | None) -> None:
    found = read_training(text)
    assert found is not None
    setup, is_assumed = found
    assert setup.recipe.written == written
    if optimizer is not None:
        assert setup.optimizer.written == optimizer
        assert is_assumed == (optimizer == "SGD(lr=0.1)")


@pytest.mark.parametrize(
    "text", ["ReLU()", "nn.SGD(lr=0.1)", "Conv2d(3, 6, 3)", "", "(", "nn.StepLR(3)", "SiLU", "ELU()"]
)
def test_texts_that_name_neither(text: str) -> None:
    assert read_training(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("StepLr(3)", "try: StepLR"),
        ("optim.Sgd(lr=0.1)", "try: SGD"),
        ("CosineAnealingLR(3)", "try: CosineAnnealingLR"),
        ("SGD(lr=-1)", "Invalid learning rate: -1"),
        ("SGD(lr=a)", "nothing is computed"),
        ("SGD(lr=10**9)", "nothing is computed"),
        ("SGD(lr=0.1", "this text makes no SGD"),
        ("SGD(learning_rate=0.1)", "SGD has no argument learning_rate"),
        ("StepLR(step=3)", "try: step_size="),
        ("SGD(0.1, lr=0.1)", "multiple values"),
        ("Adam(betas=0.9)", "betas"),
        ("StepLR()", "StepLR cannot be made without step_size"),
        ("StepLR(step_size=0)", "step_size=0"),
        ("StepLR(step_size='a')", "step_size=a"),
        ("OneCycleLR(max_lr=0.1)", "You must define either total_steps"),
        ("LambdaLR(lr_lambda=lambda epoch: 0.5)", "a function is not run from a text"),
        ("LambdaLR(lr_lambda=3)", "lr_lambda should be a function"),
        ("SequentialLR([3], [])", "should have `optimizer`"),
        ("SequentialLR([ReLU()], [])", "nothing is computed"),
        ("ChainedScheduler(3)", "ChainedScheduler"),
        ("OneCycleLR(0.1, 10, div_factor=0)", "division by zero"),
    ],
)
def test_texts_that_make_none(text: str, said: str) -> None:
    with pytest.raises(KnollError) as caught:
        read_training(text)
    assert said in str(caught.value)


ODD = (
    "SGD(lr=0)", "SGD(lr=1e308)", "SGD(lr=0.1, momentum=1)", "SGD(lr=0.1, momentum=0.9, dampening=-1)",
    "Adam(betas=(0, 0))", "Adam(eps=0)", "Adam(lr=0, eps=0, amsgrad=True, maximize=True, weight_decay=1e10)",
    "StepLR(1, gamma=0)", "StepLR(1, gamma=-1)", "StepLR(1, gamma=10)", "StepLR(3, last_epoch=1000000000000)",
    "StepLR(Adam(lr=0.5), 3, last_epoch=4)", "MultiStepLR([])", "MultiStepLR([5, 5, 0])", "MultiStepLR([1000000])",
    "ExponentialLR(1e300)", "ConstantLR(factor=0, total_iters=0)", "LinearLR(total_iters=0)", "LinearLR(end_factor=0)",
    "PolynomialLR(total_iters=0)", "PolynomialLR(power=-1)", "CosineAnnealingLR(1)", "CosineAnnealingLR(3, eta_min=5)",
    "CosineAnnealingWarmRestarts(1, T_mult=30)", "CyclicLR(0.1, 0.01, 1)", "CyclicLR(0.01, 0.1, 1, 5, 'triangular2')",
    "OneCycleLR(0.1, 1)", "OneCycleLR(0.1, 3, three_phase=True)", "OneCycleLR(0.1, 9, pct_start=0.0)",
    "OneCycleLR(0.0, 9, pct_start=1.0)", "OneCycleLR(0.1, epochs=3, steps_per_epoch=5, cycle_momentum=False)",
    "ReduceLROnPlateau('max')", "ReduceLROnPlateau(factor=0, patience=-1)", "ReduceLROnPlateau(cooldown=1.5)",
    "SequentialLR([LinearLR()], [])", "SequentialLR([ChainedScheduler([LinearLR()]), StepLR(9)], [5])",
    "ChainedScheduler([OneCycleLR(0.1, 9)])",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_arguments_have_words(text: str) -> None:
    found = read_training(text)
    assert found is not None
    told = explained(found[0])
    assert told.worked or "schedulers" in told.written
    for language in LANGUAGES:
        assert "{" not in told.text(language)
    assert "NaN" not in told.html("en").partition("<svg")[2].partition("</svg>")[0]


def test_the_command_says_which_optimiser_it_assumes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "StepLR(step_size=30)", "--lang", "en"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "No optimiser was given; the numbers below are those for SGD(lr=0.1)." in said


def test_those_of_ones_own_are_told() -> None:
    with pytest.raises(ArgumentError, match="no words for the optimiser Optimizer"):
        Optimizer([knoll.ones(1)], {"lr": 1.0}).explain()

    class Own(lr_scheduler.LRScheduler):
        def get_lr(self) -> list[float]:
            return [0.1]

    with pytest.raises(ArgumentError, match="no words for the schedule Own"):
        Own(optim.SGD([knoll.ones(1)])).explain()
