"""Losses worked out: what is written gives the loss, for every argument of every loss."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from knoll import Tensor, nn, no_grad, tensor
from knoll.analysis import Cells, arguments_of
from knoll.analysis.arguments import signature
from knoll.draw.numerals import numeral
from knoll.explain.losses import loss_told
from knoll.messages import speaking

RNG = np.random.default_rng(5)


def halves(*shape: int, least: int = -6) -> np.ndarray:
    """Numbers that are written in full."""
    return (RNG.integers(least, 7, shape) / 2).astype(np.float32)


SCORES, LABELS = halves(3, 4), np.array([2, 0, 3])
SIGNS = np.array([1.0, -1.0, 1.0], np.float32)
BITS = np.array([[1, 0, 1, 0.25]] * 3, np.float32)
W, P = tensor([1.0, 2.0, 0.5, 3.0]), tensor([2.0, 1.0, 0.5, 4.0])
SHARES = np.array([[0.25, 0.5, 0.125, 0.125], [1, 0, 0, 0], [0, 0.5, 0.5, 0]], np.float32)
PROBABILITIES = np.array([[0.25, 0.5, 0.75, 0.5], [0.5, 0.125, 0.5, 0.25], [0.25, 0.5, 0.75, 1]], np.float32)
CASES: list[tuple[nn.Module, tuple[np.ndarray, ...]]] = [
    (nn.L1Loss(), (SCORES, halves(3, 4))),
    (nn.MSELoss(), (SCORES, halves(3, 4))),
    *((nn.SmoothL1Loss(beta=beta), (SCORES, halves(3, 4))) for beta in (0.0, 1.0, 2.5)),
    *((nn.HuberLoss(delta=delta), (SCORES, halves(3, 4))) for delta in (1.0, 2.5)),
    (nn.BCELoss(), (PROBABILITIES, BITS)),
    (nn.BCELoss(weight=W), (PROBABILITIES, BITS)),
    (nn.BCEWithLogitsLoss(), (SCORES, BITS)),
    (nn.BCEWithLogitsLoss(weight=W, pos_weight=P), (SCORES, BITS)),
    (nn.BCEWithLogitsLoss(pos_weight=P), (SCORES, BITS)),
    (nn.KLDivLoss(reduction="batchmean"), (-abs(SCORES), SHARES)),
    (nn.KLDivLoss(reduction="sum", log_target=True), (-abs(SCORES), -abs(halves(3, 4)))),
    *(
        (nn.PoissonNLLLoss(log_input=log, full=full), (abs(SCORES) + 0.5, abs(halves(3, 4))))
        for log in (True, False)
        for full in (True, False)
    ),
    (nn.GaussianNLLLoss(), (SCORES, halves(3, 4), halves(3, 4, least=1))),
    (nn.GaussianNLLLoss(full=True, eps=2.0), (SCORES, halves(3, 4), halves(3, 4, least=1))),
    (nn.SoftMarginLoss(), (SCORES[0, :3], SIGNS)),
    (nn.HingeEmbeddingLoss(), (SCORES[0, :3], SIGNS)),
    (nn.HingeEmbeddingLoss(margin=3.5), (SCORES[1, :3], np.array([-1.0, 0.0, 1.0], np.float32))),
    (nn.MarginRankingLoss(), (SCORES[0, :3], SCORES[1, :3], SIGNS)),
    (nn.MarginRankingLoss(margin=2.5), (SCORES[0, :3], SCORES[1, :3], SIGNS)),
    (nn.CrossEntropyLoss(), (SCORES, LABELS)),
    (nn.CrossEntropyLoss(), (SCORES[0], np.array(1))),
    (nn.CrossEntropyLoss(), (halves(2, 3, 2, 2), RNG.integers(0, 3, (2, 2, 2)))),
    (nn.CrossEntropyLoss(weight=W), (SCORES, LABELS)),
    (nn.CrossEntropyLoss(label_smoothing=0.5), (SCORES, LABELS)),
    (nn.CrossEntropyLoss(weight=W, label_smoothing=0.25, ignore_index=0), (SCORES, LABELS)),
    (nn.CrossEntropyLoss(), (SCORES, SHARES)),
    (nn.CrossEntropyLoss(weight=W), (SCORES, SHARES)),
    (nn.CrossEntropyLoss(weight=W, label_smoothing=0.25), (SCORES, SHARES)),
    (nn.CrossEntropyLoss(), (SCORES + np.array([0, 8, 0, 0], np.float32), np.array([1, 1, 1]))),
    (nn.NLLLoss(), (-abs(SCORES), LABELS)),
    (nn.NLLLoss(weight=W, ignore_index=3), (-abs(SCORES), LABELS)),
    (nn.CosineEmbeddingLoss(), (SCORES, halves(3, 4), SIGNS)),
    (nn.CosineEmbeddingLoss(margin=0.5), (SCORES, SCORES + 0.5, SIGNS)),
    *(
        (nn.TripletMarginLoss(p=p, margin=margin, swap=swap), tuple(halves(3, 4) for _ in range(3)))
        for p, margin in ((1, 1.0), (2, 2.5))
        for swap in (False, True)
    ),
    (nn.TripletMarginWithDistanceLoss(margin=4.5), tuple(halves(3, 4) for _ in range(3))),
    *((nn.MultiMarginLoss(p=p, margin=margin), (SCORES, LABELS)) for p in (1, 2) for margin in (1.0, 2.5)),
    (nn.MultiMarginLoss(weight=W), (SCORES, LABELS)),
    (nn.MultiLabelMarginLoss(), (SCORES, np.array([[3, 0, -1, 1], [1, -1, 2, 0], [-1, 0, 0, 0]]))),
    (nn.MultiLabelSoftMarginLoss(), (SCORES, np.round(BITS))),
    (nn.MultiLabelSoftMarginLoss(weight=W), (SCORES, np.round(BITS))),
]


def each_loss(loss: nn.Module, arrays: tuple[np.ndarray, ...]) -> Cells:
    one_by_one = copy.copy(loss)
    one_by_one.reduction = "none"
    return Cells(one_by_one, *arrays)


def computed(calculation: str) -> float:
    """What a written calculation comes to."""
    python = calculation.replace("−", "-").replace("·", "*").replace("½", "0.5").replace("²", "**2")
    python = re.sub(r"\|([^|]*)\|", r"abs(\1)", python)
    assert re.fullmatch(r"(?:abs|max|ln|exp|σ|[-+*/().,\d\s]|e(?=[-+]))*", python), python
    known: dict[str, Callable[..., float]] = {
        "ln": lambda x: math.log(x) if x > 0 else -math.inf,
        "exp": math.exp,
        "σ": lambda x: 1 / (1 + math.exp(-x)),
    }
    return float(eval(python, known))  # noqa: S307 (checked above)


@pytest.mark.parametrize(
    ("loss", "arrays"), CASES, ids=lambda value: str(value)[:60] if isinstance(value, nn.Module) else ""
)
def test_what_is_written_gives_the_loss(loss: nn.Module, arrays: tuple[np.ndarray, ...]) -> None:
    each = each_loss(loss, arrays)
    worked = 0
    for index in np.ndindex(each.result.shape):
        text = str(loss_told(each, index, str(list(index))))
        _, *sides = re.split(r" [=≈] ", text[text.index("loss") :])
        result = float(each.result[index])
        assert sides[-1].split(",")[0] == numeral(result), text
        if len(sides) > 2 or "x = " not in text[text.index("loss") :]:
            worked += 1
            calculation = sides[-2] if len(sides) > 2 else sides[-1].split(",")[0]
            assert computed(calculation) == pytest.approx(result, rel=1.5e-2, abs=6e-3), text
            if abs(result) < 6e-3:
                assert computed(calculation) == pytest.approx(result, rel=6e-2, abs=1e-6), text
    assert worked, "no loss was worked out"


@pytest.mark.parametrize("loss", {type(loss): loss for loss, _ in CASES}.values(), ids=lambda loss: type(loss).__name__)
def test_every_argument_of_every_loss_is_among_the_cases(loss: nn.Module) -> None:
    """Each argument but the reduction has a case in which it is not as it is by default."""
    kind = type(loss)
    names = arguments_of(loss).keys() - {"reduction", "distance_function", "eps", "swap"}
    defaults = {name: parameter.default for name, parameter in signature(kind).items()}
    own = [arguments_of(each) for each, _ in CASES if type(each) is kind]
    for name in names:
        values = [each[name] for each in own]
        assert any(value is not defaults[name] and str(value) != str(defaults[name]) for value in values), name


def test_a_label_that_is_ignored_is_told() -> None:
    each = each_loss(nn.CrossEntropyLoss(ignore_index=1), (np.array([[2.0, 0.5]], np.float32), np.array([1])))
    told = loss_told(each, (0,), "[0]")
    assert str(told) == "x = 2, 0.5; target t = 1 is ignore_index: loss[0] = 0, and a mean leaves it out"
    with speaking("zh"):
        assert str(told) == "x = 2, 0.5；目标 t = 1 就是 ignore_index：损失[0] = 0，求平均时也不计入"


@pytest.mark.parametrize(
    ("loss", "arrays", "told"),
    [
        (
            nn.BCELoss(),
            ([1.0], [0.0]),
            "loss[0] = −t·ln(x) − (1 − t)·ln(1 − x) = −max(ln(1 − 1), −100) = 100",
        ),
        (
            nn.CrossEntropyLoss(),
            ([[2.0, 0.0]], [[0.25, 0.75]]),
            "target t = 0.25, 0.75: loss[0] = −Σ t·ln(softmax(x)) = −(0.25·ln(0.881) + 0.75·ln(0.119)) ≈ 1.63",
        ),
        (
            nn.CrossEntropyLoss(weight=tensor([1.0, 2.0])),
            ([[2.0, 0.0]], np.array([1])),
            "x = 2, 0; w[t] = 2; target t = 1: loss[0] = −w[t]·ln(softmax(x)[t]) = −2·ln(0.119) ≈ 4.25",
        ),
        (
            nn.CrossEntropyLoss(),
            ([[9.0, 0.0]], np.array([0])),
            "loss[0] = −ln(softmax(x)[t]) = −ln(0.99988) ≈ 1.2e−04",
        ),
        (
            nn.BCEWithLogitsLoss(pos_weight=tensor([3.0])),
            ([2.0], [1.0]),
            "x = 2; pos_weight = 3; target t = 1: "
            "loss[0] = −pos_weight·t·ln(σ(x)) − (1 − t)·ln(1 − σ(x)) = −3·ln(σ(2)) ≈ 0.381",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_told(loss: nn.Module, arrays: tuple[object, object], told: str) -> None:
    first, second = (np.asarray(x, np.float32) if isinstance(x, list) else np.asarray(x) for x in arrays)
    assert str(loss_told(each_loss(loss, (first, second)), (0,), "[0]")).endswith(told)


@pytest.mark.parametrize(
    ("loss", "arrays"),
    [
        (nn.MSELoss(), ([-11.86], [-13.83])),
        (nn.HuberLoss(delta=2.5), ([21.93], [19.063])),
        (nn.HuberLoss(delta=2.5), ([-14.93], [-14.29])),
        (nn.SmoothL1Loss(beta=2.0), ([104.73], [105.36])),
        (nn.L1Loss(), ([1013.38], [1013.36])),
        (nn.GaussianNLLLoss(), ([16.02], [15.64], [0.14])),
        (nn.KLDivLoss(reduction="sum", log_target=True), ([-14.36], [-13.94])),
        (nn.MarginRankingLoss(margin=0.5), ([12.36], [12.84], [-1.0])),
        (nn.MultiMarginLoss(margin=0.5), ([[21.37, 21.83]], [0])),
        (nn.CosineEmbeddingLoss(margin=0.9995), ([[2.0, 3.0]], [[2.0, 3.001]], [-1.0])),
        (nn.TripletMarginLoss(margin=0.5), ([[12.36]], [[0.02]], [[23.87]])),
        (nn.TripletMarginLoss(margin=0.5, swap=True), ([[12.36]], [[0.02]], [[12.13]])),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, nn.Module) else "",
)
def test_what_nearly_cancels_is_written_with_the_decimals_that_it_needs(
    loss: nn.Module, arrays: tuple[list[float], ...]
) -> None:
    given = [np.asarray(x, np.int64 if isinstance(x[0], int) else np.float32) for x in arrays]
    each = each_loss(loss, tuple(given))
    text = str(loss_told(each, (0,), "[0]"))
    *_, calculation, _ = re.split(r" [=≈] ", text)
    assert computed(calculation) == pytest.approx(float(each.result[0]), rel=6e-3), text
    letters = dict(re.findall(r"(x1|x2|x|target t|d\([a-z, ]+\)) = (−?[\d.]+)(?=[;:])", text))
    written = {*re.findall(r"[\d.]+", calculation)}
    apart = {name: number for name, number in letters.items() if name != "target t" or "|" in text or "²" in text}
    assert all(number.lstrip("−") in written for number in apart.values() if "min(" not in text), text


def test_no_label_at_all_is_told() -> None:
    each = each_loss(nn.MultiLabelMarginLoss(), (np.array([[1.0, -1.0]], np.float32), np.array([[-1, 0]])))
    told = loss_told(each, (0,), "[0]")
    assert str(told) == "x = 1, −1; target t = none: loss[0] = Σ max(0, 1 − x[t] + x[i]) / c = 0"
    with speaking("zh"):
        assert "目标 t = 无：" in str(told)


def test_a_loss_of_ones_own_has_no_formula() -> None:
    class Own(nn.modules.loss._Loss):
        def forward(self, input: Tensor, target: Tensor) -> Tensor:
            return (input - target) ** 4

    with no_grad():
        each = each_loss(Own(), (np.array([3.0]), np.array([1.0])))
    assert str(loss_told(each, (0,), "[0]")) == "loss[0] = 16"
