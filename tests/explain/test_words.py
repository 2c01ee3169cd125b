"""What explanations say is true of odd arguments, too, and reads well in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.analysis.run import Run
from knoll.explain import Explanation, explain
from knoll.explain.examples import Example, examples
from knoll.explain.numbers import curve_of, results, values_and_slopes
from knoll.explain.words.activation import bounds
from knoll.explain.words.dropout import affine
from knoll.messages import LANGUAGES, Sentence
from knoll.nn import Module

SHAPED = (
    nn.ELU,
    nn.CELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Sigmoid,
    nn.LogSigmoid,
    nn.Softsign,
    nn.Tanh,
    nn.Tanhshrink,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.ReLU,
    nn.ReLU6,
)


def sentences(found: Explanation) -> Iterator[Sentence]:
    yield from found.introduction
    yield from found.remarks
    for note in found.parameters:
        yield from note.words
        yield from [note.trap] if note.trap else []


def ids(found: Explanation) -> set[str]:
    """The names of all its sentences, without the package."""
    return {each.id.partition(".")[2] for each in sentences(found)}


def value(found: Explanation, name: str, key: str) -> float:
    (told,) = [each for each in sentences(found) if each.id == f"explain_layers.{name}"]
    number = dict(told.values)[key]
    assert isinstance(number, int | float)
    return number


ODD = {
    "nothing of ReLU is leaky": (nn.LeakyReLU(0), {"leaky_relu_zero", "flat_zero"}, {"leaky_relu"}),
    "a slope of one": (nn.LeakyReLU(1.0), {"leaky_relu_one"}, {"leaky_relu", "negative_slope_limits"}),
    "ELU is ReLU": (nn.ELU(0.0), {"elu_zero"}, {"elu"}),
    "ELU upside down": (nn.ELU(-1.0), {"elu_negative"}, {"elu"}),
    "CELU without limit": (nn.CELU(-0.5), {"celu_negative", "range_none"}, {"celu", "range_low"}),
    "another range than that of tanh": (nn.Hardtanh(0, 6), {"hardtanh"}, {"hardtanh_unit"}),
    "nothing shrinks": (nn.Hardshrink(0), {"shrink_none", "lambd_none"}, {"hardshrink", "lambd"}),
    "nothing is moved": (nn.Softshrink(0), {"shrink_none"}, {"softshrink"}),
    "everything stays": (nn.Hardshrink(-1), {"shrink_none"}, {"hardshrink"}),
    "softplus upside down": (nn.Softplus(-1), {"softplus_negative", "range_high"}, {"softplus", "range_low"}),
    "log-softmax twice": (nn.LogSoftmax(1), {"log_softmax_in_loss"}, {"softmax_in_loss"}),
    "only scaled": (nn.BatchNorm2d(2, bias=False), {"batch_norm_scaled", "affine_weight"}, {"batch_norm", "affine"}),
    "only normalised": (nn.BatchNorm2d(2, affine=False), {"batch_norm_plain"}, {"batch_norm", "batch_norm_scaled"}),
    "nothing remembered": (
        nn.BatchNorm2d(2, track_running_stats=False),
        {"batch_norm_always_batch"},
        {"batch_norm_modes", "batch_norm_forgotten_eval"},
    ),
    "nothing dropped": (nn.Dropout(0.0), {"dropout_p_zero"}, {"dropout_eval"}),
    "channels dropped": (nn.Dropout2d(0.5), {"dropout_p_channels"}, {"dropout_p"}),
    "one head": (nn.MultiheadAttention(4, 1), {"attention_one_head", "num_heads_one"}, {"attention", "num_heads"}),
    "no weight stays": (
        nn.MultiheadAttention(4, 2, dropout=1.0),
        {"attention_dropout_all"},
        {"attention_dropout"},
    ),
    "no parabola": (nn.SmoothL1Loss(beta=0.0), {"smooth_l1_zero", "smooth_l1_beta_zero"}, {"smooth_l1"}),
    "weights of classes": (
        nn.CrossEntropyLoss(weight=knoll.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1),
        {"label_smoothing_weighted"},
        {"cross_entropy_guess", "label_smoothing"},
    ),
    "losses one by one": (
        nn.CrossEntropyLoss(reduction="none"),
        {"cross_entropy_guess_each"},
        {"cross_entropy_guess"},
    ),
    "a weighted yes": (
        nn.BCEWithLogitsLoss(pos_weight=knoll.tensor([9.0])),
        {"pos_weight"},
        {"bce_with_logits_guess", "pos_weight_many"},
    ),
    "logarithms as targets": (
        nn.KLDivLoss(log_target=True),
        {"kl_div_log_target", "kl_div_two_logarithms"},
        {"kl_div", "kl_div_logarithms"},
    ),
}


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_words_fit_arguments_that_are_not_the_usual_ones(case: tuple[Module, set[str], set[str]]) -> None:
    layer, said, unsaid = case
    found = ids(explain(layer))
    assert said <= found
    assert not unsaid & found


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # PyTorch's, of transformers with other arguments
@pytest.mark.parametrize("given", [*(case[0] for case in ODD.values()), *examples()], ids=str)
def test_numbers_in_sentences_read_well(given: Module | Example) -> None:
    for each in sentences(explain(given.layer if isinstance(given, Example) else given)):
        for language in LANGUAGES:
            text = each.text(language)
            assert not re.search(r"−-|−0\b(?!\.)|\binf\b|\bnan\b|[ （：]-\d(?!\w*[)\]])", text), text
            assert not re.search(r"\d[或时]|之间 时", text), text


@pytest.mark.parametrize("kind", SHAPED)
def test_bounds_hold_and_are_met(kind: type[Module]) -> None:
    layer = kind()
    curve = curve_of(layer)
    told = dict(bounds(curve.low, curve.high).values)
    x = np.concatenate([np.linspace(-50, 50, 20_001), [-1e6, 1e6, -1e12, 1e12]])
    y = results(layer, x)
    for name, least, sign in (("low", y.min(), 1), ("high", y.max(), -1)):
        if name in told:
            limit = told[name]
            assert isinstance(limit, float)
            assert 0 <= sign * (least - limit) < 1e-4
        else:
            assert sign * least < -1e5


MADE: Mapping[str, Callable[[float, float], Module]] = {
    "Hardtanh": lambda a, b: nn.Hardtanh(-a, b),
    "Threshold": nn.Threshold,
    "Softplus": lambda a, _: nn.Softplus(a),
    "ELU": lambda a, _: nn.ELU(a),
}


@pytest.mark.hypothesis
@settings(deadline=None, max_examples=15)
@given(st.sampled_from(sorted(MADE)), st.floats(0.05, 4), st.floats(0.05, 4))
def test_stretches_without_slope_end_where_the_slope_begins(kind: str, a: float, b: float) -> None:
    layer = MADE[kind](a, b)
    curve = curve_of(layer)
    assert curve.flat
    for stretch in curve.flat:
        for edge, outwards in ((stretch.start, -1), (stretch.stop, 1)):
            if edge is not None:
                inside, outside = (np.abs(slope_at(layer, edge - 1e-4 * side)) for side in (outwards, -outwards))
                assert inside < 0.01 <= outside


def slope_at(layer: Module, x: float) -> float:
    run = Run(layer, np.array([[x]]), training=False)
    return float(run.slopes(())[run.input][0, 0])


def test_a_flat_curve_far_from_zero_is_found() -> None:
    (stretch,) = curve_of(nn.Softplus(0.1)).flat
    assert stretch.start is None
    assert stretch.stop == pytest.approx(10 * np.log(0.01 / 0.99), abs=1e-3)


def test_softplus_differs_from_x_by_no_more_than_is_said() -> None:
    found = explain(nn.Softplus(0.5, 3))
    x = 3 / 0.5
    exact = np.log1p(np.exp(0.5 * x)) / 0.5
    assert value(found, "softplus_threshold", "jump") == pytest.approx(exact - x)


def test_channels_with_slopes_of_their_own_have_no_common_curve() -> None:
    layer = nn.PReLU(2)
    layer.load_state_dict({"weight": knoll.tensor([0.25, -0.5])})
    found = explain(layer)
    assert not {"range_none", "range_low", "flat_nowhere"} & ids(found)
    assert str(found.tables[0].title).endswith("of channel 0")


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_is_what_is_said_of_it(p: float) -> None:
    told = affine(p)
    drawn = set(np.round(results(nn.AlphaDropout(p), np.full((1, 400), 2.0), training=True).ravel(), 5).tolist())
    assert drawn == {round(told["dropped"], 5), round(2 * told["scale"] + told["shift"], 5)}


def test_a_batch_normalisation_with_parameters_would_have_both() -> None:
    (note,) = [each for each in explain(nn.BatchNorm2d(3, affine=False)).parameters if each.name == "affine"]
    assert [effect.parameters for effect in note.effects] == [6]


def test_running_variance_takes_the_sample_one_less() -> None:
    layer = nn.BatchNorm1d(1, momentum=1.0)
    y = layer(knoll.tensor([[8.0], [12.0]]))
    assert layer.running_var is not None
    assert layer.running_var.item() == pytest.approx(np.var([8, 12], ddof=1))
    assert y[1].item() == pytest.approx(2 / np.sqrt(np.var([8, 12])), rel=1e-4)


def test_two_sizes_of_a_loss_are_samples_and_classes() -> None:
    found = explain(nn.CrossEntropyLoss(), (4, 10))
    assert found.inputs == ((4, 10), (4,))


@pytest.mark.filterwarnings("ignore:reduction")  # of KLDivLoss
@pytest.mark.parametrize("shape", [(4,), (3, 4), (4, 2, 2)], ids=str)
@pytest.mark.parametrize("kind", [nn.NLLLoss, nn.CrossEntropyLoss, nn.MSELoss, nn.KLDivLoss, nn.GaussianNLLLoss])
def test_a_loss_of_a_shape_is_that_of_the_numbers_that_are_told(kind: type[nn.Module], shape: tuple[int, ...]) -> None:
    found = explain(kind(), shape)
    assert value(found, "reduction_mean", "mean") > 0
    assert [row[0] for row in found.tables[0].rows] == ["input", "target", "var"][: len(found.inputs)]
    assert len({*re.findall(r"[−0-9.]+", str(found.tables[0].rows[0][1]))}) > 1


def test_dropped_channels_are_shown_as_channels() -> None:
    knoll.manual_seed(0)
    (table,) = explain(nn.Dropout2d(0.5), (4, 5, 5)).tables
    given_, drawn = ([str(row[i]).split(", ") for row in table.rows] for i in (1, 2))
    for own, each in zip(given_, drawn, strict=True):
        assert [*map(float, each)] in ([0.0] * 3, [2 * float(number) for number in own])
    assert 0 < sum(each[0] == "0" for each in drawn) < len(drawn)


def test_other_values_are_tried_on_the_same_input() -> None:
    for layer, name in (
        (nn.Conv2d(4, 2, 1), "in_channels"),
        (nn.Linear(4, 2), "in_features"),
        (nn.BatchNorm2d(4), "num_features"),
        (nn.GroupNorm(2, 4), "num_channels"),
        (nn.LayerNorm(4), "normalized_shape"),
    ):
        (note,) = [each for each in explain(layer).parameters if each.name == name]
        assert note.effects, name
        assert all(effect.output is None and effect.reason for effect in note.effects), name


def test_positions_of_one_tensor_are_never_read_as_samples() -> None:
    (note,) = [each for each in explain(nn.MultiheadAttention(8, 2)).parameters if each.name == "batch_first"]
    assert not note.effects


BENT = (
    nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.3), nn.PReLU(), nn.RReLU(), nn.ELU(2.0), nn.SELU(), nn.CELU(), nn.GELU(),
    nn.Hardtanh(), nn.Hardtanh(-3.0, 5.0), nn.Hardtanh(0.25, 0.75), nn.Hardtanh(-9.0, -8.0), nn.Hardsigmoid(),
    nn.Hardswish(), nn.Threshold(0.1, 20.0), nn.Threshold(7.0, 2.0), nn.Threshold(-7.5, 0.0), nn.Softshrink(),
    nn.Softshrink(1.5), nn.Softshrink(0.0), nn.Hardshrink(), nn.Hardshrink(4.0), nn.Softplus(1.0, 2.0),
    nn.Softplus(-0.5, 1.0), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Softsign(),
)  # fmt: skip


@pytest.mark.parametrize("layer", BENT, ids=str)
def test_the_table_of_a_curve_shows_every_bend_and_every_stretch(layer: Module) -> None:
    (told,) = explain(layer).tables
    xs, *_ = columns = [
        [float(str(cell).replace("−", "-")) for cell in column] for column in zip(*told.rows, strict=True)
    ]
    grid = np.arange(-12, 12, 0.005)
    jumps = grid[1:][np.abs(np.diff(values_and_slopes(layer, grid)[1])) > 0.02]
    found = jumps[np.diff(jumps, prepend=-np.inf) > 0.01]
    assert all(np.abs(np.subtract(xs, each)).min() < 0.01 for each in found)
    for low, high in pairwise((-np.inf, *found, np.inf)):
        assert any(low + 0.01 < each < high - 0.01 for each in xs)
    for column, exact in zip(columns, (np.array(xs), *values_and_slopes(layer, np.array(xs))), strict=True):
        np.testing.assert_allclose(column, exact, rtol=1e-3)


def test_a_single_loss_says_what_tells_reductions_apart() -> None:
    x = np.array([[4.0, 1.0, 1.5, 3.5]], np.float32)
    _, one = explain(nn.CrossEntropyLoss(), x, np.array([2])).tables
    loss, twice = (
        nn.CrossEntropyLoss(reduction="sum")(*map(knoll.tensor, (np.repeat(x, n, 0), [2] * n))) for n in (1, 2)
    )
    assert dict(one.title.values) == {"loss": f"{loss.item():.4g}", "twice": f"{twice.item():.4g}"}
    for layer, inputs in ((nn.CrossEntropyLoss(), (2, 4)), (nn.KLDivLoss(), (1, 4)), (nn.MSELoss(), (3,))):
        assert explain(layer, inputs).tables[1].title.id == "explain_layers.table_reduction"
    weighted = nn.CrossEntropyLoss(weight=knoll.tensor([1.0, 1.0, 3.0, 1.0]))
    assert explain(weighted, x, np.array([2])).tables[1].title.id == "explain_layers.table_reduction"


def test_a_norm_over_rows_and_columns_looks_at_the_whole_image() -> None:
    found = explain(nn.LayerNorm((3, 4)), (2, 3, 4))
    assert found.sight is not None
    assert found.sight.is_whole
    assert found.sight.field == (3, 4)


def test_labels_of_places_have_their_shape() -> None:
    found = explain(nn.CrossEntropyLoss(), np.zeros((2, 5, 3, 4), np.float32))
    (told,) = [each for each in sentences(found) if each.id == "explain_layers.cross_entropy_labels_places"]
    assert dict(told.values) == {"last": 4, "shape": "(2, 3, 4)"}


@pytest.mark.parametrize("log_target", [False, True])
def test_both_forms_of_a_divergence_are_shown_with_the_same_distributions(log_target: bool) -> None:
    found = explain(nn.KLDivLoss(reduction="batchmean", log_target=log_target))
    assert value(found, "reduction_batchmean", "mean") == pytest.approx(0.095657, rel=1e-4)


def test_no_single_loss_of_probabilities_is_above_100() -> None:
    assert "bce_bounded" in ids(explain(nn.BCELoss()))
    assert nn.BCELoss()(knoll.tensor([0.0]), knoll.tensor([1.0])).item() == 100


@pytest.mark.parametrize(("limit", "value"), [(0.5, 20.0), (-1.25, 3.0), (100.0, 200.0)])
def test_a_bound_beside_a_jump_is_the_limit_itself(limit: float, value: float) -> None:
    curve = curve_of(nn.Threshold(limit, value))
    assert curve.low == pytest.approx(min(limit, value), abs=1e-5)
    told = f"never below {min(limit, value):g}".replace("-", "−")
    assert told in str(nn.Threshold(limit, value).explain((4,)))
