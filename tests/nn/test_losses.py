from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, KnollError, StateError
from knoll.nn import functional as F

REDUCTIONS = ("mean", "sum", "none")


def compare(torch: Any, ours: Any, theirs: Any, x: np.ndarray, target: np.ndarray) -> None:
    """The loss and the gradient of its sum against PyTorch's."""
    scores, other = nn.Parameter(x), torch.tensor(x, requires_grad=True)
    loss, expected = ours(scores, target), theirs(other, torch.tensor(target))
    close = {"rtol": 1e-8, "atol": 1e-12} if x.dtype == np.float64 else {"rtol": 1e-5, "atol": 4e-6}
    np.testing.assert_allclose(loss.detach().numpy(), expected.detach().numpy(), **close)
    assert loss.dtype == x.dtype
    assert loss.shape == tuple(expected.shape)
    loss.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(scores.grad.detach().numpy(), other.grad.detach().numpy(), **close)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["MSELoss", "L1Loss"])
@pytest.mark.parametrize("shape", [(4, 5), (), (3, 0)])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value encountered")
def test_differences_are_pytorchs(torch: Any, name: str, reduction: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x, target = random.standard_normal(shape), random.standard_normal(shape)
    ours, theirs = getattr(nn, name)(reduction=reduction), getattr(torch.nn, name)(reduction=reduction)
    assert repr(ours) == repr(theirs)
    compare(torch, ours, theirs, np.asarray(x), np.asarray(target))


NAMES = ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCEWithLogitsLoss", "SoftMarginLoss", "PoissonNLLLoss")
MORE = {
    "SmoothL1Loss": [{"beta": 0.5}, {"beta": 0}],
    "HuberLoss": [{"delta": 0.3}, {"delta": 2}],
    "PoissonNLLLoss": [{"log_input": False}, {"full": True}],
}


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_losses_over_numbers_are_pytorchs(torch: Any, name: str, dtype: str, reduction: str) -> None:
    random = np.random.default_rng(0)
    x, target = random.uniform(0.1, 3, (4, 5)).astype(dtype), random.uniform(0, 4, (4, 5)).astype(dtype)
    x *= -1 if name in ("BCEWithLogitsLoss", "SoftMarginLoss") else 1
    target[0] = x[0]  # where differences begin
    for more in ({}, *MORE.get(name, ())):
        ours, theirs = (getattr(n, name)(reduction=reduction, **more) for n in (nn, torch.nn))
        assert repr(ours) == repr(theirs)
        compare(torch, ours, theirs, x, target)


def test_infinite_differences_have_a_slope(torch: Any) -> None:
    x = np.array([np.inf, -np.inf, 1e30, np.nan], np.float32)
    for name in ("SmoothL1Loss", "HuberLoss", "L1Loss"):
        ours, theirs = getattr(nn, name)(reduction="none"), getattr(torch.nn, name)(reduction="none")
        compare(torch, ours, theirs, x, np.zeros(4, np.float32))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_binary_cross_entropy_is_pytorchs(torch: Any, reduction: str, dtype: str) -> None:
    random = np.random.default_rng(0)
    target = random.random((4, 5)).astype(dtype)
    target[0] = [0, 1, 0, 1, 0.5]
    chances = random.random((4, 5)).astype(dtype)
    chances[0] = [1, 0, 0, 1, 1]  # as wrong and as right as can be
    scores = (8 * random.standard_normal((4, 5))).astype(dtype)
    scores[0] = [1000, -1000, 1000, -1000, 0]
    for shape in (None, (4, 5), (5,), (4, 1)):
        weights = None if shape is None else random.random(shape).astype(dtype)
        other = None if weights is None else torch.tensor(weights)
        compare(torch, nn.BCELoss(weights, reduction=reduction), torch.nn.BCELoss(other, reduction=reduction),
                chances, target)  # fmt: skip
        for ours, theirs in (
            ({"weight": weights}, {"weight": other}),
            ({"pos_weight": weights}, {"pos_weight": other}),
        ):
            compare(torch, nn.BCEWithLogitsLoss(**ours, reduction=reduction),
                    torch.nn.BCEWithLogitsLoss(**theirs, reduction=reduction), scores, target)  # fmt: skip


ZERO_AND_ONE = np.array([[0.0, 0.0, 1.0, 0.25]])
TRUTHS: list[tuple[str, dict[str, Any], np.ndarray]] = [
    ("binary_cross_entropy", {}, ZERO_AND_ONE),
    ("binary_cross_entropy", {"reduction": "sum"}, ZERO_AND_ONE[:, ::-1]),
    ("binary_cross_entropy_with_logits", {}, ZERO_AND_ONE),
    ("cross_entropy", {}, ZERO_AND_ONE),
    ("mse_loss", {}, ZERO_AND_ONE),
    ("l1_loss", {}, ZERO_AND_ONE),
    ("smooth_l1_loss", {"beta": 0.3}, ZERO_AND_ONE),
    ("smooth_l1_loss", {"beta": 0}, ZERO_AND_ONE),
    ("huber_loss", {}, ZERO_AND_ONE),
    ("kl_div", {"reduction": "batchmean"}, np.array([[0.0, 2, -1, np.inf]])),
    ("kl_div", {"reduction": "batchmean", "log_target": True}, ZERO_AND_ONE),
    ("poisson_nll_loss", {}, ZERO_AND_ONE),
    ("poisson_nll_loss", {"full": True}, np.array([[0.0, 2, -1, 0.5], [1, 1.5, 30, np.nan]])),
    ("poisson_nll_loss", {"log_input": False}, ZERO_AND_ONE),
]


@pytest.mark.parametrize(("name", "more", "t"), TRUTHS)
def test_truths_have_a_gradient_too(torch: Any, name: str, more: dict[str, Any], t: np.ndarray) -> None:
    x = np.array([[0.0, 1.0, 1.0, 0.75]] * len(t))
    ours, theirs = nn.Parameter(t), torch.tensor(t.copy(), requires_grad=True)
    mine = getattr(F, name)(x, ours, **more)
    its = getattr(torch.nn.functional, name)(torch.tensor(x), theirs, **more)
    np.testing.assert_allclose(mine.item(), its.item(), rtol=1e-9)
    mine.backward()
    its.backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_truths_have_a_gradient_where_true_counts_more(torch: Any) -> None:
    x, t, w = np.random.default_rng(0).standard_normal((3, 4, 5))
    ours, theirs = nn.Parameter(t), torch.tensor(t, requires_grad=True)
    F.binary_cross_entropy_with_logits(x, ours, pos_weight=w[0]).backward()
    its = torch.nn.functional.binary_cross_entropy_with_logits
    its(torch.tensor(x), theirs, pos_weight=torch.tensor(w[0])).backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "argument", "shapes"),
    [
        ("soft_margin_loss", "target", ((2, 3), (2, 3))),
        ("binary_cross_entropy", "weight", ((2, 3), (2, 3), (3,))),
        ("binary_cross_entropy_with_logits", "weight", ((2, 3), (2, 3), (3,))),
        ("binary_cross_entropy_with_logits", "pos_weight", ((2, 3), (2, 3), (3,))),
        ("nll_loss", "weight", ((2, 3), (2,), (3,))),
        ("nll_loss", "weight", ((2, 3, 4, 5), (2, 4, 5), (3,))),
        ("cross_entropy", "weight", ((2, 3, 4), (2, 4), (3,))),
    ],
)
def test_what_has_no_gradient_is_refused(
    torch: Any, name: str, argument: str, shapes: tuple[tuple[int, ...], ...]
) -> None:
    labelled = name in ("nll_loss", "cross_entropy")

    def called(library: Any, functional: Any) -> None:
        arrays = [np.full(shape, 0.5, np.float32) for shape in shapes]
        arrays[1] = arrays[1].astype(np.int64) if labelled else arrays[1]
        x, y, *more = map(library.tensor, arrays)
        learned = (more or [y])[0]
        learned.requires_grad = True
        keywords = {argument: learned} if more else {}
        with library.no_grad():
            getattr(functional, name)(x, y, **keywords)
        getattr(functional, name)(x, y, **keywords)

    with pytest.raises(RuntimeError, match=f"argument '{argument}'") as theirs:
        called(torch, torch.nn.functional)
    with pytest.raises(StateError, match=r"try: pass it as x\.detach\(\)") as ours:
        called(knoll, F)
    assert ours.value.reason == str(theirs.value)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_elements_may_have_weights(torch: Any, name: str, reduction: str) -> None:
    x, t, w = np.random.default_rng(0).random((3, 2, 4))
    ours = getattr(F, name)(x, t, weight=w, reduction=reduction)
    theirs = getattr(torch.nn.functional, name)(*map(torch.tensor, (x, t)), weight=torch.tensor(w), reduction=reduction)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.filterwarnings("ignore:reduction")
def test_divergence_is_pytorchs(torch: Any, reduction: str, log_target: bool) -> None:
    random = np.random.default_rng(0)
    x, target = np.log(random.random((4, 5))), random.random((4, 5))
    target[0, :2] = 0
    target = np.log(target + 0.1) if log_target else target
    ours, theirs = (n.KLDivLoss(reduction=reduction, log_target=log_target) for n in (nn, torch.nn))
    compare(torch, ours, theirs, x, target)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(4, 5), (4,), (4, 1), None])
def test_normal_density_is_pytorchs(torch: Any, reduction: str, full: bool, shape: Any) -> None:
    random = np.random.default_rng(0)
    x, target = random.standard_normal((2, 4, 5))
    var = 0.7 if shape is None else random.random(shape)
    if shape is not None:
        var.flat[0] = 0
    ours, theirs = (n.GaussianNLLLoss(full=full, reduction=reduction) for n in (nn, torch.nn))
    other = var if shape is None else torch.tensor(var)
    compare(torch, lambda a, b: ours(a, b, var), lambda a, b: theirs(a, b, other), x, target)
    if shape is not None:
        mine, its = nn.Parameter(var), torch.tensor(var, requires_grad=True)
        ours(x, target, mine).sum().backward()
        theirs(torch.tensor(x), torch.tensor(target), its).sum().backward()
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(4, 5), (5,), (2, 5, 3), (2, 5, 3, 2), (2, 5, 2, 2, 2)])
def test_likelihood_is_pytorchs(torch: Any, reduction: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x = np.log(random.random(shape))
    target = random.integers(0, 5, shape[:1] + shape[2:] if len(shape) > 1 else ())
    for weights, ignored in itertools.product((None, random.random(5)), (-100, 2)):
        ours = nn.NLLLoss(weights, ignore_index=ignored, reduction=reduction)
        theirs = torch.nn.NLLLoss(
            None if weights is None else torch.tensor(weights), ignore_index=ignored, reduction=reduction
        )
        assert repr(ours) == repr(theirs)
        compare(torch, ours, theirs, x, np.asarray(target))


def test_the_old_name_for_images_is_warned_of(torch: Any) -> None:
    with pytest.warns(FutureWarning, match="NLLLoss2d") as theirs:
        torch.nn.NLLLoss2d()
    with pytest.warns(FutureWarning, match="NLLLoss2d") as ours:
        loss = nn.NLLLoss2d(reduction="sum")
    assert str(ours[0].message) == str(theirs[0].message)
    assert loss(np.ones((1, 2, 3, 4)), np.ones((1, 3, 4), np.int64)).item() == -12


OLD = [
    {"size_average": False}, {"size_average": True}, {"reduce": False}, {"reduce": True},
    {"size_average": True, "reduce": False}, {"size_average": False, "reduce": True},
]  # fmt: skip


@pytest.mark.parametrize("old", OLD)
@pytest.mark.parametrize("name", [
    "MSELoss", "L1Loss", "SmoothL1Loss", "CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss",
    "SoftMarginLoss", "PoissonNLLLoss", "MarginRankingLoss", "HingeEmbeddingLoss", "CosineEmbeddingLoss",
    "TripletMarginLoss", "MultiMarginLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss",
])  # fmt: skip
def test_what_reductions_were_called_before(torch: Any, name: str, old: dict[str, bool]) -> None:
    with pytest.warns(UserWarning, match="will be deprecated") as theirs:
        expected = getattr(torch.nn, name)(**old)
    with pytest.warns(UserWarning, match="will be deprecated") as ours:
        loss = getattr(nn, name)(**old)
    assert loss.reduction == expected.reduction
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]
    with pytest.warns(UserWarning, match="use reduction='sum'") as ours:
        F.mse_loss(np.ones(2), np.zeros(2), False)
    assert ours[0].filename == __file__


def test_an_older_name_of_the_mean() -> None:
    with pytest.warns(UserWarning, match="reduction='elementwise_mean' is deprecated"):
        assert F.mse_loss(np.array([1.0, 2.0]), np.zeros(2), reduction="elementwise_mean").item() == 2.5


def test_a_divergence_by_elements_is_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="batchmean") as theirs:
        torch.nn.functional.kl_div(torch.zeros(2), torch.ones(2))
    with pytest.warns(UserWarning, match="batchmean") as ours:
        F.kl_div(np.zeros(2), np.ones(2))
    assert str(ours[0].message) == str(theirs[0].message)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3, 2)])
def test_nothing_counts(torch: Any, shape: tuple[int, ...]) -> None:
    """The mean of nothing is no number, and moves nothing."""
    scores, target = nn.Parameter(np.ones(shape)), np.zeros(shape[:1] + shape[2:], np.int64)
    other = torch.ones(shape, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(scores, target, ignore_index=0)
    expected = torch.nn.functional.cross_entropy(other, torch.tensor(target), ignore_index=0)
    assert np.isnan(loss.item())
    assert np.isnan(expected.item())
    loss.backward()
    expected.backward()
    np.testing.assert_array_equal(scores.grad.numpy(), other.grad.numpy())


@pytest.mark.parametrize("shape", [(0, 5), (0, 5, 2, 2), (2, 5, 0, 3)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_no_samples(torch: Any, shape: tuple[int, ...], reduction: str) -> None:
    x, target = np.ones(shape), np.ones(shape[:1] + shape[2:], np.int64)
    for name in ("cross_entropy", "nll_loss"):
        ours = getattr(F, name)(x, target, reduction=reduction)
        theirs = getattr(torch.nn.functional, name)(torch.tensor(x), torch.tensor(target), reduction=reduction)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_losses_by_hand() -> None:
    """Known values, for where PyTorch is not installed."""
    third = np.log(3)
    scores, labels = np.zeros((1, 3, 1, 2)), np.array([[[0, 2]]])
    assert F.cross_entropy(scores, labels).item() == pytest.approx(third)
    assert F.cross_entropy(scores, labels, ignore_index=2, reduction="sum").item() == pytest.approx(third)
    assert F.cross_entropy(scores, labels, np.array([1.0, 1, 3]), reduction="sum").item() == pytest.approx(4 * third)
    assert F.cross_entropy(scores, labels, np.array([1.0, 1, 3])).item() == pytest.approx(third)
    assert F.cross_entropy(scores, labels, label_smoothing=0.5).item() == pytest.approx(third)
    tilted = np.array([[np.log(2), 0.0]])  # chances ⅔ and ⅓
    smoothed = 0.75 * np.log(1.5) + 0.25 * third
    assert F.cross_entropy(tilted, np.array([0]), label_smoothing=0.5).item() == pytest.approx(smoothed)
    assert F.nll_loss(np.log([[0.25, 0.75]]), np.array([0])).item() == pytest.approx(np.log(4))
    assert F.binary_cross_entropy(np.array([0.25]), np.array([1.0])).item() == pytest.approx(np.log(4))
    assert F.binary_cross_entropy(np.array([0.0]), np.array([1.0])).item() == 100
    assert F.binary_cross_entropy_with_logits(np.array([-third]), np.array([1.0])).item() == pytest.approx(np.log(4))
    weighted = F.binary_cross_entropy_with_logits(np.array([-third]), np.array([1.0]), pos_weight=np.array([3.0]))
    assert weighted.item() == pytest.approx(3 * np.log(4))
    assert F.smooth_l1_loss(np.array([0.5, 3]), np.zeros(2), reduction="none").tolist() == [0.125, 2.5]
    assert F.huber_loss(np.array([0.5, 3]), np.zeros(2), reduction="none", delta=2).tolist() == [0.125, 4]


CASES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4, 5), (4,)), ((5,), ()), ((2, 5, 3), (2, 3)), ((2, 5, 3, 2), (2, 3, 2)), ((4, 5), (4, 5)),
    ((2, 5, 3), (2, 5, 3)), ((5,), (5,)),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "targets"), CASES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_is_pytorchs(
    torch: Any, shape: tuple[int, ...], targets: tuple[int, ...], reduction: str
) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal(shape)
    target = random.random(targets) if shape == targets else np.asarray(random.integers(0, 5, targets))
    weights = random.random(5)
    for weighted, smoothing in itertools.product((False, True), (0.0, 0.3)):
        more: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
        ours = nn.CrossEntropyLoss(weights if weighted else None, **more)
        theirs = torch.nn.CrossEntropyLoss(torch.tensor(weights) if weighted else None, **more)
        assert repr(ours) == repr(theirs)
        compare(torch, ours, theirs, x, target)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("ignored", [-100, 2, 7])
def test_ignored_labels_do_not_count(torch: Any, reduction: str, smoothing: float, ignored: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5))
    more: dict[str, Any] = {"ignore_index": ignored, "reduction": reduction, "label_smoothing": smoothing}
    target = np.array([0, ignored, 3, ignored])
    compare(torch, nn.CrossEntropyLoss(**more), torch.nn.CrossEntropyLoss(**more), x, target)
    weights = np.arange(1.0, 6.0)
    weighted = torch.nn.CrossEntropyLoss(torch.tensor(weights), **more)
    compare(torch, nn.CrossEntropyLoss(weights, **more), weighted, x, target)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32"])
def test_small_integers_are_labels_too(dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5))
    labels = np.array([0, 1, 4, 2])
    expected = F.cross_entropy(x, labels).detach().numpy()
    np.testing.assert_array_equal(F.cross_entropy(x, labels.astype(dtype)).detach().numpy(), expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(3, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64") * 5),
        lambda k: k.F.cross_entropy(k.x(4, 5), -k.x(4, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="bool")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 1, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 5, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(2, 5, 3, 3), k.x(2, 2, 3, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(2, 5, 3, 3), k.x(4, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), weight=k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), reduction="average"),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(1, 5), k.x(dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(5), k.x(5, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(), k.x(dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3), k.x(4, 2, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3, 2), k.x(4, 3, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3, 2), k.x(4, 3, 2, 1, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3, 2, 2), k.x(4, 3, 2, 1, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3, 2), 5 * k.x(4, 3, 2, dtype="int64")),
        lambda k: k.F.cross_entropy(k.x(4, 5, 3, 2), k.x(4, 3, 2, dtype="int64"), k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), k.x(5, 1)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 5), k.x(4)),
        lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, 5), ignore_index=1),
        lambda k: k.F.cross_entropy(k.x(4, 0), 0 * k.x(4, dtype="int64")),
        lambda k: k.F.nll_loss(k.x(), k.x(dtype="int64")),
        lambda k: k.F.nll_loss(k.x(5), k.x(5, dtype="int64")),
        lambda k: k.F.nll_loss(k.x(4, 5), k.x(3, dtype="int64")),
        lambda k: k.F.nll_loss(k.x(4, 5), k.x(4)),
        lambda k: k.F.nll_loss(k.x(4, 5), -k.x(4, dtype="int64")),
        lambda k: k.F.nll_loss(k.x(4, 5, dtype="int64"), k.x(4, dtype="int64")),
        lambda k: k.F.nll_loss(k.x(4, 5), [1, 2, 3, 4]),
        lambda k: k.F.mse_loss(k.x(2), k.x(3)),
        lambda k: k.F.mse_loss(k.x(2), k.x(2), weight=k.x(3)),
        lambda k: k.F.l1_loss(k.x(2), k.x(2), weight=k.x(3)),
        lambda k: k.F.l1_loss(k.x(2), k.x(2), weight=k.x(2), reduction="average"),
        lambda k: k.F.huber_loss(k.x(2), k.x(2), weight=k.x(3)),
        lambda k: k.F.huber_loss(k.x(2), k.x(2), delta=0),
        lambda k: k.nn.HuberLoss(delta=-1.0)(k.x(2), k.x(2)),
        lambda k: k.nn.HuberLoss(delta="1"),
        lambda k: k.nn.SmoothL1Loss(beta=-1.0)(k.x(2), k.x(2)),
        lambda k: k.F.binary_cross_entropy(k.x(2, 1), k.x(2)),
        lambda k: k.F.binary_cross_entropy(2 * k.x(2), k.x(2)),
        lambda k: k.F.binary_cross_entropy(-k.x(2), k.x(2)),
        lambda k: k.F.binary_cross_entropy(float("nan") * k.x(2), k.x(2)),
        lambda k: k.F.binary_cross_entropy(k.x(2), 2 * k.x(2)),
        lambda k: k.F.binary_cross_entropy(k.x(2), k.x(2, dtype="float64")),
        lambda k: k.F.binary_cross_entropy(k.x(2), k.x(2, dtype="int64")),
        lambda k: k.F.binary_cross_entropy(k.x(2, dtype="int64"), k.x(2, dtype="int64")),
        lambda k: k.F.binary_cross_entropy(k.x(2, 3), k.x(2, 3), weight=k.x(4, 1, 1)),
        lambda k: k.F.binary_cross_entropy_with_logits(k.x(2, 1), k.x(2)),
        lambda k: k.F.binary_cross_entropy_with_logits(k.x(2), k.x(2, dtype="int64")),
        lambda k: k.F.binary_cross_entropy_with_logits(k.x(2, dtype="int64"), k.x(2, dtype="int64")),
        lambda k: k.F.binary_cross_entropy_with_logits(k.x(2, 3), k.x(2, 3), weight=k.x(4)),
        lambda k: k.F.binary_cross_entropy_with_logits(k.x(2, 3), k.x(2, 3), weight=k.x(4, 1, 1)),
        lambda k: k.F.gaussian_nll_loss(k.x(2, 3), k.x(2, 3), k.x(3, 3)),
        lambda k: k.F.gaussian_nll_loss(k.x(2, 3), k.x(2, 3), -k.x(2, 3)),
        lambda k: k.F.gaussian_nll_loss(k.x(2, 3), k.x(2, 3), k.x(2, 3), reduction="average"),
        lambda k: k.F.poisson_nll_loss(k.x(2), k.x(2), reduction="average"),
        lambda k: k.F.kl_div(k.x(2), k.x(2), reduction="average"),
        lambda k: k.F.soft_margin_loss(k.x(2), k.x(2), reduction="average"),
        lambda k: k.F.cross_entropy(k.x(4, 5), [1, 2, 3, 4]),
        lambda k: k.F.cross_entropy([1.0], k.x(4, dtype="int64")),
        lambda k: k.F.mse_loss(k.x(4), k.x(4), reduction="average"),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.CrossEntropyLoss, nn.NLLLoss, nn.BCELoss, nn.KLDivLoss])
def test_wrong_reductions_are_refused_at_once(loss: Any) -> None:
    with pytest.raises(ArgumentError, match="average is not a valid value for reduction"):
        loss(reduction="average")


def test_wrong_smoothing_is_refused_at_once(same_error: Any) -> None:
    with pytest.raises(ArgumentError, match="label_smoothing must be between"):
        nn.CrossEntropyLoss(label_smoothing=-0.1)
    same_error(lambda k: k.F.cross_entropy(k.x(4, 5), k.x(4, dtype="int64"), label_smoothing=2.0), ArgumentError)


def test_labels_in_a_column_are_told_so() -> None:
    with pytest.raises(KnollError, match=r"try: labels.reshape\(-1\)"):
        F.cross_entropy(np.zeros((4, 5)), np.zeros((4, 1), np.int64))


def test_other_shapes_are_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="is different to the input size") as theirs:
        torch.nn.MSELoss()(torch.ones(4, 1), torch.ones(4))
    with pytest.warns(UserWarning, match="is different to the input size") as ours:
        loss = nn.MSELoss()(np.ones((4, 1)), np.ones(4))
    assert loss.detach().numpy() == 0
    assert str(ours[0].message) == str(theirs[0].message)


def test_the_weights_are_a_buffer_that_is_saved() -> None:
    loss = nn.CrossEntropyLoss(np.ones(3, np.float32))
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("name", ["mse_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss", "kl_div"])
def test_whole_numbers_are_refused(same_error: Any, name: str, reduction: str) -> None:
    same_error(lambda k: getattr(k.F, name)(k.x(3, dtype="int64"), k.x(3, dtype="int64"), reduction=reduction))


@pytest.mark.parametrize("name", ["huber_loss", "soft_margin_loss", "kl_div"])
def test_whole_numbers_do_not_hold_a_loss(same_error: Any, name: str) -> None:
    same_error(lambda k: getattr(k.F, name)(k.x(3, dtype="int64"), k.x(3), reduction="none"))


@pytest.mark.parametrize("types", [("float32", "float64"), ("float64", "float32")])
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss"])
def test_the_type_of_a_loss_of_two_types(torch: Any, name: str, types: tuple[str, str]) -> None:
    x, y = (np.array([0.5, -2.0, 1.0], dtype) for dtype in types)
    ours = getattr(nn.functional, name)(x, y, reduction="none").numpy()
    theirs = getattr(torch.nn.functional, name)(torch.tensor(x), torch.tensor(y), reduction="none").numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, strict=True)
