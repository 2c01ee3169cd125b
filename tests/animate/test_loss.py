"""Frames of losses: what each sample adds, then what is made of all."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import shows

import knoll
from knoll import nn
from knoll.analysis.made_up import numbers_for
from knoll.animate import animate
from knoll.draw.numerals import numeral

LOSSES = [
    nn.L1Loss(),
    nn.MSELoss(reduction="sum"),
    nn.SmoothL1Loss(),
    nn.HuberLoss(delta=0.5),
    nn.BCELoss(),
    nn.BCEWithLogitsLoss(reduction="none"),
    nn.SoftMarginLoss(),
    nn.KLDivLoss(reduction="batchmean"),
    nn.PoissonNLLLoss(),
    nn.GaussianNLLLoss(),
    nn.CrossEntropyLoss(),
    nn.CrossEntropyLoss(weight=knoll.tensor([1.0, 2.0, 3.0, 1.0]), reduction="mean"),
    nn.CrossEntropyLoss(label_smoothing=0.1, reduction="sum"),
    nn.NLLLoss(),
    nn.MarginRankingLoss(),
    nn.HingeEmbeddingLoss(margin=2.0, reduction="sum"),
    nn.CosineEmbeddingLoss(),
    nn.TripletMarginLoss(p=1, reduction="none"),
    nn.TripletMarginWithDistanceLoss(),
    nn.MultiMarginLoss(),
    nn.MultiLabelMarginLoss(),
    nn.MultiLabelSoftMarginLoss(),
]


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_frames_tell_each_loss_and_the_whole(loss: nn.Module) -> None:
    arrays = [knoll.tensor(array) for array in numbers_for(loss, [np.float32(np.arange(12).reshape(3, 4) / 16 + 0.1)])]
    frames = animate(loss, *arrays).frames
    whole = np.asarray(loss(*arrays).detach().numpy())
    loss.reduction = "none"
    each = loss(*arrays).detach().numpy()
    told = [str(frame.caption) for frame in frames]
    assert all(text.endswith(numeral(number)) for text, number in zip(told, each.ravel(), strict=False))
    if whole.ndim == 0:
        assert shows(told[-1].split()[-1], float(whole), whole)
        assert frames[-1].cell == (0, 0)
        assert len(frames) == each.size + 1


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (nn.CrossEntropyLoss(), "x = 2, 1, 0; target t = 0: loss[0] = −ln(softmax(x)[t]) = −ln(0.665) ≈ 0.408"),
        (nn.MSELoss(), "x = 2.5; target t = 2: loss[1] = (x − t)² = (2.5 − 2)² = 0.25"),
        (nn.L1Loss(), "x = 3; target t = 5: loss[2] = |x − t| = |3 − 5| = 2"),
        (nn.BCEWithLogitsLoss(), "(1 − t)·ln(1 − σ(x)) = −ln(σ(2)) ≈ 0.127"),
        (nn.BCEWithLogitsLoss(), "(1 − t)·ln(1 − σ(x)) = −ln(1 − σ(−1)) ≈ 0.313"),
        (
            nn.CrossEntropyLoss(label_smoothing=0.1),
            "x = 2, 1, 0; q = 0.933, 0.033, 0.033; target t = 0: loss[0] = −Σ q·ln(softmax(x)) = "
            "−(0.933·ln(0.665) + 0.033·ln(0.245) + 0.033·ln(0.09)) ≈ 0.508",
        ),
    ],
    ids=lambda value: str(value)[-24:],
)
def test_a_formula_is_told_with_the_numbers_of_the_loss(loss: nn.Module, told: str) -> None:
    assert any(str(frame.caption).endswith(told) for frame in animate(loss).frames)


def test_a_variance_is_told_with_its_loss() -> None:
    first = animate(nn.GaussianNLLLoss()).frames[0]
    assert str(first.caption).startswith("x = 1; v = 0.25; target t = 1: loss[0] = ")


def test_a_loss_of_classes_is_shown_with_several_samples_on_an_axis_of_samples() -> None:
    frames = animate(nn.CrossEntropyLoss(), (4,)).frames
    assert len(frames) == 4
    assert str(frames[-1].caption).count(" + ") == 2
    assert "(" in str(frames[-1].caption)
    alone = animate(nn.CrossEntropyLoss(), np.ones((1, 4), np.float32)).frames
    assert "(" not in str(alone[-1].caption)
    svg = alone[-1].scene.svg("light")
    assert svg.count(">c<") == 1  # the scores have classes; targets and losses have samples
    assert svg.count(">n<") == 3


def test_what_a_loss_warns_of_is_not_said_by_an_animation() -> None:
    assert animate(nn.KLDivLoss(), (3, 4)).frames  # warnings are errors here
