"""Frames of layers whose numbers are made of a few elements: each tells the number that the compiled layer gives."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from tests.animate.reading import tells, words

import knoll
from knoll import nn
from knoll.analysis import Cells
from knoll.analysis.made_up import numbers_for
from knoll.animate import animate
from knoll.animate.batch_norm import averaged
from knoll.animate.sheets import bracketed, place
from knoll.draw.numerals import numeral
from knoll.errors import ArgumentError, ShapeError
from knoll.messages import LANGUAGES

LAYERS = [
    (nn.ReLU(), (2, 2, 3)),
    (nn.GELU(), (4,)),
    (nn.PReLU(3), (3, 2, 2)),
    (nn.Softmax(1), (4,)),
    (nn.LogSoftmax(1), (4,)),
    (nn.Softmin(1), (4,)),
    (nn.Softmax2d(), (3, 2, 2)),
    (nn.GLU(1), (4, 2, 2)),
    (nn.Linear(5, 3), (5,)),
    (nn.Linear(40, 3), (40,)),
    (nn.Linear(3, 2, bias=False), (2, 3)),
    (nn.BatchNorm2d(2), (2, 3, 3)),
    (nn.BatchNorm2d(2).eval(), (2, 3, 3)),
    (nn.BatchNorm1d(3, affine=False), (3, 4)),
    (nn.Dropout(), (1, 4, 4)),
    (nn.Dropout().eval(), (1, 4, 4)),
    (nn.Dropout2d(), (3, 2, 2)),
    (nn.AlphaDropout(), (6,)),
    (nn.PixelShuffle(2), (4, 2, 2)),
    (nn.PixelUnshuffle(2), (1, 4, 4)),
    (nn.ChannelShuffle(2), (4, 2, 2)),
    (nn.ReflectionPad2d(2), (1, 3, 3)),
    (nn.CircularPad2d((1, 2, 0, -1)), (1, 3, 3)),
    (nn.ConstantPad2d(1, 7), (1, 3, 3)),
    (nn.Flatten(), (2, 3, 3)),
    (nn.Unflatten(1, (2, 3)), (6,)),
    (nn.Upsample(scale_factor=2), (1, 3, 3)),
    (nn.Upsample(scale_factor=2, mode="bilinear"), (1, 3, 3)),
    (nn.Identity(), (3,)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: str(value).split("(")[0])
def test_each_frame_tells_the_number_that_the_layer_gives(layer: nn.Module, shape: tuple[int, ...]) -> None:
    inputs = [knoll.tensor(each) for each in numbers_for(layer, [shape])]
    found = animate(layer, *inputs)
    y = layer(*inputs).detach().numpy()
    indices = {place(index, y.shape): index for index in np.ndindex(y.shape)}
    for frame in found.frames:
        assert frame.cell is not None
        index = indices[frame.cell]
        for language in LANGUAGES:
            text = frame.caption if isinstance(frame.caption, str) else frame.caption.text(language)
            assert bracketed(index, y.shape) in text
            assert tells(text, y[index], y)
    assert [frame.cell for frame in found.frames] == [place(index, y.shape) for index in np.ndindex(y.shape)]


@pytest.mark.parametrize(("shape", "frames"), [((1, 1, 20, 20), 64), ((2, 100, 1, 1), 64), ((3, 30), 64)])
def test_there_are_no_more_frames_than_a_person_looks_at(shape: tuple[int, ...], frames: int) -> None:
    found = animate(nn.Identity(), np.zeros(shape, np.float32))
    assert len(found.frames) == frames
    assert all(scene.width <= 1100 for scene in found.scenes())


def test_a_layer_that_works_in_place_leaves_the_input_as_it_was() -> None:
    x = knoll.tensor([[-1.0, 2.0]])
    found = animate(nn.ReLU(inplace=True), x)
    assert x.tolist() == [[-1.0, 2.0]]
    assert "ReLU(−1) = 0" in str(found.frames[0].caption)


def test_random_numbers_are_not_used_up() -> None:
    x, layer = knoll.ones(1, 8), nn.Dropout()
    knoll.manual_seed(3)
    expected = layer(x).tolist()
    knoll.manual_seed(3)
    animate(layer, x)
    assert layer(x).tolist() == expected


def test_statistics_of_a_batch_are_shown_with_several_samples() -> None:
    assert len(animate(nn.BatchNorm1d(4), (4,)).frames) == 12
    assert len(animate(nn.BatchNorm1d(4).eval(), (4,)).frames) == 4


def test_a_bias_is_seen_in_the_sum_that_it_is_added_to() -> None:
    layer = nn.Linear(1, 1)
    layer.weight.data.fill_(2.832)
    layer.bias.data.fill_(-0.004)
    svg = animate(layer, np.ones((1, 1), np.float32)).frames[0].scene.svg("light", "en")
    assert "Σ = 2.832 − 0.004 = 2.828" in svg


def test_sizes_given_one_by_one_are_told_as_one_shape() -> None:
    with pytest.raises(ArgumentError) as error:
        animate(nn.Conv2d(3, 1, 3), 3, 8, 8)
    assert error.value.advice == "(3, 8, 8)"


@pytest.mark.parametrize(("shape", "letters"), [((4,), "nliele"), ((2, 4), "mlielele"), ((2, 2, 4), "mlmlielelelele")])
def test_an_embedding_is_drawn_with_axes_of_its_own(shape: tuple[int, ...], letters: str) -> None:
    frame = animate(nn.Embedding(5, 3), shape).frames[0]
    assert "".join(re.findall(r">([a-z])</text>", frame.scene.svg(language="en"))) == letters
    assert "Embedding(" not in str(frame.caption)


NORMALISATIONS = [
    (nn.LayerNorm(5), (5,)),
    (nn.LayerNorm((3, 2, 2)), (3, 2, 2)),
    (nn.GroupNorm(2, 4), (4, 2, 2)),
    (nn.InstanceNorm2d(3, affine=True), (3, 3, 3)),
    (nn.InstanceNorm1d(3), (3, 4)),
    (nn.RMSNorm(5), (5,)),
]


@pytest.mark.parametrize(("layer", "shape"), NORMALISATIONS, ids=lambda value: str(value).split("(")[0])
def test_a_normalisation_shows_the_mean_and_the_variance_of_its_numbers(
    layer: nn.Module, shape: tuple[int, ...]
) -> None:
    knoll.manual_seed(0)
    for parameter in layer.parameters():
        parameter.data.uniform_(0.5, 1.5)
    animation = animate(layer, shape)
    result = layer(knoll.tensor(numbers_for(layer, [shape])[0])).detach().numpy()
    calculation = re.compile(r"= (.+) ≈ (−?[\d.e−]+)$")
    for index, frame in zip(np.ndindex(result.shape), animation.frames, strict=True):
        found = calculation.search(frame.caption.text("en"))
        assert found is not None, frame.caption.text("en")
        text = found[1].replace("−", "-").replace("√", "math.sqrt").replace("·", "*")
        assert eval(text, {"math": math}) == pytest.approx(float(result[index]), abs=0.02)  # noqa: S307 (numbers and signs)
    drawn = str(animation.svg())
    assert ("mean of squares" in drawn) == isinstance(layer, nn.RMSNorm)
    assert ("variance" in drawn) != isinstance(layer, nn.RMSNorm)


def test_what_a_response_is_divided_by_is_written_out() -> None:
    x = np.array([2.0, -3.0, 1.0, 4.0]).reshape(1, 4, 1, 1)
    frame = animate(nn.LocalResponseNorm(3, alpha=0.5, k=2.0), x).frames[0]
    assert frame.caption.text("en") == "output[0, 0, 0] = 2 / (2 + 0.5 · (2² + (−3)²) / 3)^0.75 ≈ 0.686"
    assert 2 / (2 + 0.5 * 13 / 3) ** 0.75 == pytest.approx(0.686, abs=5e-4)  # noqa: SIM300 (as it is written there)


def test_both_inputs_of_a_bilinear_layer_are_shown() -> None:
    layer = nn.Bilinear(2, 3, 1)
    nn.init.constant_(layer.weight, 0.5)
    nn.init.constant_(layer.bias, 1.0)
    animation = animate(layer, knoll.tensor([[1.0, 2.0]]), knoll.tensor([[3.0, 4.0, 5.0]]))
    assert animation.frames[0].caption.text("en") == (
        "output[0] = 1·6 + 2·6 + 1 = 19; "
        "each factor is a row of weight[0] times input 2, for example 6 = 0.5·3 + 0.5·4 + 0.5·5"
    )
    assert {"input 2", "weights of output 0", "· input 2"} <= {*words(animation.frames[0].scene, "en")}
    assert animate(nn.Bilinear(2, 3, 1, bias=False), (2,), (3,)).frames


def test_the_factors_of_a_bilinear_layer_are_its_weights_times_the_second_input() -> None:
    layer, first, second = nn.Bilinear(2, 3, 2), knoll.tensor([[1.0, 2.0]]), knoll.tensor([[3.0, -4.0, 5.0]])
    frame = animate(layer, first, second).frames[1]
    made = layer.weight.detach().numpy()[1] @ second.numpy()[0]
    assert str(frame.caption).split("; ")[1].startswith("each factor is a row of weight[1] times input 2, for example ")
    assert tells(str(frame.caption).rpartition("example")[2], float(made[0]), made)
    assert {numeral(float(each)) for each in made} <= {*words(frame.scene, "en")}


def test_a_result_that_is_left_over_keeps_two_digits() -> None:
    layer = nn.Linear(1, 1)
    layer.weight.data, layer.bias.data = knoll.tensor([[-0.0150312]]), knoll.tensor([0.0155193])
    frame = animate(layer, knoll.tensor([[1.0]])).frames[0]
    assert str(frame.caption) == "output[0] = 1·(−0.01503) + 0.01552 = 0.00049"


def test_large_numbers_are_written_so_that_the_sum_can_be_followed() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = knoll.tensor([[0.5, -0.25]])
    frame = animate(layer, knoll.tensor([[74074.0, 12345.0]])).frames[0]
    assert str(frame.caption) == "output[0] = 74074·0.5 + 12345·(−0.25) = 33950.75"


def test_a_number_below_zero_is_multiplied_by_the_slope_of_its_channel() -> None:
    layer = nn.PReLU(3)
    layer.weight.data = knoll.tensor([0.1, 0.5, -0.25])
    captions = [str(frame.caption) for frame in animate(layer, np.float32([[-2, 3, -8]])).frames]
    assert captions == [
        "output[0] = PReLU(−2) = weight[0]·(−2) = 0.1·(−2) = −0.2; slope 0.1",
        "output[1] = PReLU(3) = 3; slope 1",
        "output[2] = PReLU(−8) = weight[2]·(−8) = −0.25·(−8) = 2; slope −0.25",
    ]
    assert str(animate(nn.PReLU(), np.float32([-2])).frames[0].caption).startswith("output[0] = PReLU(−2) = weight[0]·")


def test_a_fold_adds_what_windows_hold_for_a_pixel() -> None:
    x = np.arange(16.0).reshape(1, 4, 4)
    captions = [frame.caption.text("en") for frame in animate(nn.Fold(3, 2), x).frames]
    assert captions[0] == "output[0, 0, 0] = input[0, 0] = 0"
    assert captions[4] == "output[0, 1, 1] = 12 + 9 + 6 + 3 = 30"


def test_windows_that_were_drawn_are_shown_where_they_are() -> None:
    layer, x = nn.FractionalMaxPool2d(2, output_size=2), np.arange(25.0).reshape(1, 1, 5, 5)
    first, *_, last = animate(layer, x).frames
    assert first.caption.text("en") == "output[0, 0, 0] = max(0, 1, 5, 6) = 6"
    assert last.caption.text("en") == "output[0, 1, 1] = max(18, 19, 23, 24) = 24"


@pytest.mark.parametrize(
    ("layer", "shape", "samples"),
    [
        (nn.BatchNorm2d(3), (3, 1, 1), 3),
        (nn.BatchNorm1d(3), (3, 1), 3),
        (nn.SyncBatchNorm(3), (3, 1, 1), 3),
        (nn.BatchNorm2d(3, track_running_stats=False).eval(), (3, 1, 1), 3),
        (nn.BatchNorm2d(3).eval(), (3, 1, 1), 1),
        (nn.BatchNorm2d(3), (3, 1, 2), 1),
        (nn.BatchNorm2d(3), (5, 3, 1, 1), 5),
        (nn.BatchNorm1d(3), (2, 3, 4), 2),  # a batch, as it can be no sample
        (nn.BatchNorm2d(3).eval(), (2, 3, 1, 1), 2),
        (nn.GroupNorm(3, 3), (3, 1, 1), 3),
        (nn.GroupNorm(1, 3), (3, 1, 1), 1),
    ],
    ids=str,
)
def test_one_number_of_a_channel_is_shown_among_those_of_other_samples(
    layer: nn.Module, shape: tuple[int, ...], samples: int
) -> None:
    is_batch = samples not in (1, 3)
    (x,) = numbers_for(layer, [shape], is_batch=is_batch)
    assert x.shape[0] == samples
    found = animate(layer, shape)
    channel = [text for text in words(found.frames[0].scene, "en") if text.startswith("channel 0")]
    y = layer(knoll.tensor(x)).detach().numpy()
    assert tells(str(found.frames[0].caption), y[(0,) * y.ndim], y)
    if isinstance(layer, nn.GroupNorm):
        assert channel == []
    else:
        of_batch = samples > 1 and (layer.training or not layer.track_running_stats)
        assert channel == [f"channel 0, all {samples} samples" if of_batch else "channel 0"]


def test_an_instance_of_one_number_is_refused_whatever_the_batch() -> None:
    with pytest.raises(ArgumentError, match="Expected more than 1 spatial element when training"):
        animate(nn.InstanceNorm2d(3), (3, 1, 1))
    with pytest.raises(ShapeError, match="got 4 channels instead") as refused:
        animate(nn.Conv2d(3, 6, 3), (4, 8, 8))
    assert "(1, 4, 8, 8)" in str(refused.value)  # told of the sample, not of the batch that was tried then


def test_the_numbers_that_a_mean_of_a_batch_is_made_of_are_marked() -> None:
    x = np.random.default_rng(3).normal(size=(2, 3, 2, 2)).astype(np.float32)
    layer = nn.BatchNorm2d(3)
    cells = Cells(layer, x)
    marked = averaged(cells, cells.cell((0, 1, 0, 0)))
    assert sorted(marked) == [(n, 1, h, w) for n in range(2) for h in range(2) for w in range(2)]
    own = cells.cell((0, 1, 0, 0)).normalisation
    assert own is not None
    assert own.mean == pytest.approx(np.mean([x[place] for place in marked]), abs=1e-6)
    evaluated = Cells(nn.BatchNorm2d(3).eval(), x)
    assert averaged(evaluated, evaluated.cell((0, 1, 0, 0))) == {}


@pytest.mark.parametrize(
    ("layer", "inputs", "told"),
    [
        (nn.LPPool2d(2, 2), [np.float32([[[[9, 6], [7, 8]]]])], "output[0, 0, 0] = √(9² + 6² + 7² + 8²) ≈ 15.2"),
        (nn.LPPool1d(3, 2), [np.float32([[[6, 8]]])], "output[0, 0] = (6³ + 8³)^(1/3) ≈ 9"),
        (nn.LPPool1d(1, 2), [np.float32([[[6, 8]]])], "output[0, 0] = 6 + 8 = 14"),
        (nn.LPPool1d(2, 2, 2, True), [np.float32([[[9]]])], "output[0, 0] = √(9² · 2 / 1) ≈ 12.7"),
        (nn.LPPool1d(1, 3, 2, True), [np.float32([[[6, 8]]])], "output[0, 0] = (6 + 8) · 3 / 2 = 21"),
        (
            nn.LPPool2d(2, 2, 2, True),
            [np.float32([[[[3, 4]]]])],
            "output[0, 0, 0] = √((3² + 4²) · 4 / 2) ≈ 7.07",
        ),
        (nn.LPPool1d(3, 2), [np.float32([[[-6, 8]]])], "output[0, 0] = 6.66, made of −6, 8"),
        (nn.CosineSimilarity(), np.float32([[[3, 4]], [[4, 3]]]), "output[0] = (3·4 + 4·3) / (5 · 5) = 0.96"),
        (nn.CosineSimilarity(), np.float32([[[3, 4]], [[-3, -4]]]), "= (3·(−3) + 4·(−4)) / (5 · 5) = −1"),
        (nn.PairwiseDistance(), np.float32([[[3, 5]], [[0, 1]]]), "output[0] = √(3² + 4²) = 5"),
        (nn.PairwiseDistance(), np.float32([[[3, 5]], [[5, 5]]]), "output[0] = √((−2)² + 0²) = 2"),
        (nn.PairwiseDistance(math.inf), np.float32([[[3, 5]], [[0, 1]]]), "output[0] = 4, made of 3, 5"),
        (nn.AvgPool2d(2), [np.float32([[[[9, -6], [7, 8]]]])], "output[0, 0, 0] = (9 − 6 + 7 + 8) / 4 = 18 / 4 = 4.5"),
        (nn.AvgPool2d(4), [np.ones((1, 1, 4, 4), "f")], "output[0, 0, 0] = the sum of 16 numbers / 16: 16 / 16 = 1"),
    ],
    ids=lambda value: str(value).split("(")[0][-16:],
)
def test_the_formula_of_a_number_is_written_out(layer: nn.Module, inputs: list[np.ndarray], told: str) -> None:
    assert str(animate(layer, *inputs).frames[0].caption).endswith(told)


def test_rows_of_a_batch_are_told_apart() -> None:
    captions = [str(frame.caption) for frame in animate(nn.Linear(3, 2), np.ones((2, 3), np.float32)).frames]
    assert [text[: text.index(" =")] for text in captions] == [f"output[{n}, {k}]" for n in range(2) for k in range(2)]


def test_two_inputs_of_one_shape_have_names_of_their_own() -> None:
    told = words(animate(nn.CosineSimilarity()).frames[0].scene, "en")
    assert {"input 1", "input 2"} <= {*told}
    assert "indices" in words(animate(nn.MaxUnpool2d(2)).frames[0].scene, "en")


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (nn.Upsample(scale_factor=2, mode="bilinear"), "; taken at row {}, column {} of the input"),
        (nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), "; taken at row {}, column {} of the input"),
    ],
    ids=["halves", "corners"],
)
def test_a_linear_interpolation_tells_where_it_is_taken(layer: nn.Upsample, told: str) -> None:
    frames = animate(layer, np.arange(9.0, dtype=np.float32).reshape(1, 1, 3, 3)).frames
    for frame in frames:
        assert frame.cell is not None
        _, *at = frame.cell
        places = [i * 2 / 5 if layer.align_corners else min(max((i + 0.5) / 2 - 0.5, 0), 2) for i in at]
        assert str(frame.caption).endswith(told.format(*map(numeral, places)))
    assert len({frame.scene.box("output", (0, 0, 0)) for frame in frames}) == 1  # nothing jumps
