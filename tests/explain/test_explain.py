"""Explanations of layers with numbers, in batches, before their first input, and what cannot be explained."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.analysis import trace
from knoll.document import Table
from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.explain import explain
from knoll.explain.builder import explained
from knoll.explain.reading import read_layer
from knoll.explain.writing import change, effects
from knoll.graph import Shape
from knoll.messages import Sentence, sentence


def test_the_first_number_is_worked_out_from_numbers_that_were_given() -> None:
    layer = nn.Conv2d(1, 1, 2)
    nn.init.ones_(layer.weight)
    nn.init.constant_(layer.bias, 0.5)
    found = explain(layer, np.arange(9, dtype=np.float32).reshape(1, 3, 3))
    assert found.worked is not None
    assert found.worked.text("en") == "output[0, 0, 0] = 0·1 + 1·1 + 3·1 + 4·1 + 0.5 = 8.5"
    assert explain(layer, (1, 3, 3)).worked is None


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.MaxPool2d(2, padding=1), "output[0, 0, 0] = max(−∞, −∞, −∞, 0) = 0"),
        (nn.AvgPool2d(2), "output[0, 0, 0] = (0 + 1 + 3 + 4) / 4 = 8 / 4 = 2"),
        (nn.ReflectionPad2d(1), "output[0, 0, 0] = input[0, 1, 1] = 4"),
        (nn.ZeroPad2d(1), "output[0, 0, 0] = 0, the padding"),
    ],
    ids=str,
)
def test_how_the_first_number_comes_about(layer: nn.Module, text: str) -> None:
    worked = explain(layer, np.arange(9.0).reshape(1, 3, 3)).worked
    assert isinstance(worked, Sentence)
    assert worked.text("en") == text


def test_values_that_return_nowhere_are_told() -> None:
    values_, indices = nn.MaxPool2d(2, return_indices=True)(knoll.arange(16.0).reshape(1, 1, 4, 4))
    worked = explain(nn.MaxUnpool2d(2), values_, indices).worked
    assert worked is not None
    assert worked.text("en") == "output[0, 0, 0] = 0: no number of the input comes here"


def test_what_a_batch_costs() -> None:
    one, many = explain(nn.Conv2d(3, 6, 3), (3, 8, 8)), explain(nn.Conv2d(3, 6, 3), (64, 3, 8, 8))
    assert (one.cost.multiply_adds, one.cost.samples) == (many.cost.multiply_adds, 1)
    assert many.cost.samples == 64
    assert f"{64 * one.cost.multiply_adds:,}" in many.text("en")
    assert explain(nn.Conv2d(3, 6, 3), (0, 3, 8, 8)).cost == one.cost


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.MaxPool2d(2, return_indices=True), (3, 1, 4, 6)),
        (nn.MaxPool1d(2, return_indices=True), (3, 2, 8)),
        (nn.AdaptiveMaxPool2d(2, return_indices=True), (3, 2, 5, 5)),
        (nn.FractionalMaxPool2d(2, output_size=3, return_indices=True), (3, 1, 8, 8)),
    ],
    ids=str,
)
def test_indices_are_counted_among_the_bytes(layer: nn.Module, shape: Shape) -> None:
    made = layer(knoll.zeros(*shape))
    found = explain(layer, shape)
    assert found.cost.output_bytes == tuple(each.nbytes // 3 for each in made)
    values_, indices = found.cost.output_bytes
    assert indices == 2 * values_  # float32 and int64
    text = found.text("en")
    for number, size in enumerate(found.cost.output_bytes, 1):
        assert re.search(rf"bytes of output {number} +{size} +{3 * size}\n", text)


def test_one_output_for_all_samples_is_what_one_call_costs() -> None:
    found = explain(nn.CrossEntropyLoss(), (64, 10))
    assert (found.cost.samples, found.cost.output_bytes) == (None, (4,))
    assert "cost                 one call" in found.text("en")
    assert "one sample" not in found.text("en")
    assert explain(nn.CrossEntropyLoss(reduction="none"), (64, 10)).cost.samples == 64


@pytest.mark.parametrize("batch_first", [False, True])
def test_positions_are_no_samples(batch_first: bool) -> None:
    layer = nn.MultiheadAttention(8, 2, batch_first=batch_first)
    one, many = (explain(layer, (n, 4, 8) if batch_first else (4, n, 8)).cost for n in (1, 5))
    assert (one.samples, many.samples) == (1, 5)
    assert one.multiply_adds == many.multiply_adds == 4 * 4 * 8 * 8 + 2 * 4 * 4 * 8
    assert one.output_bytes == many.output_bytes == (4 * 8 * 4, 4 * 4 * 4)


def test_a_lazy_layer_stays_lazy() -> None:
    layer = nn.LazyConv2d(4, 3)
    knoll.manual_seed(1)
    drawn = knoll.rand(1).item()
    knoll.manual_seed(1)
    found = explain(layer, (3, 8, 8))
    assert (found.kind, found.written, found.outputs) == ("LazyConv2d", "LazyConv2d(4, 3)", ((4, 6, 6),))
    assert dict(found.introduction[0].values)["written"] == "Conv2d(3, 4, 3)"
    assert type(layer) is nn.LazyConv2d
    assert knoll.rand(1).item() == drawn  # no random number was drawn
    layer(knoll.zeros(1, 3, 8, 8))
    assert explain(layer, (3, 8, 8)).written == "Conv2d(3, 4, 3)"


def test_a_layer_of_a_network_is_explained_with_its_own_input() -> None:
    found = trace(nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, 3)), (1, 9, 9))
    pool = explained(found.layers[1], found)
    assert pool.inputs == ((2, 7, 7),)
    assert pool.sight is not None
    assert (pool.sight.field, pool.sight.rows.skipped, pool.sight.rows.dropped) == ((2, 2), (2, 5), (6,))


def test_the_last_window_begins_inside() -> None:
    found = explain(nn.MaxPool2d(1, 2, ceil_mode=True), (1, 4, 5))
    note = next(note for note in found.parameters if note.name == "ceil_mode")
    assert found.outputs == ((1, 2, 3),)
    assert note.trap is not None
    assert note.trap.id == "explain.ceil_rule_rows"
    assert dict(note.trap.values) == {"start": 4, "size": 4}
    assert found.sizes[0].lines[-1] == "3 − 1 = 2"


def test_groups_say_which_channels_meet() -> None:
    note = next(note for note in explain(nn.Conv2d(4, 8, 3, groups=2)).parameters if note.name == "groups")
    shown = [line.text("en") for line in note.shown if isinstance(line, Sentence)]
    assert shown == ["input channels 0–1 → output channels 0–3", "input channels 2–3 → output channels 4–7"]
    assert [effect.value for effect in note.effects] == [1, 4]
    words = next(note for note in explain(nn.Conv2d(4, 8, 3, groups=4)).parameters if note.name == "groups").words
    assert words[0].id == "explain.groups_depthwise"


def test_a_stride_that_is_not_given_is_the_default() -> None:
    notes = {note.name: note.is_default for note in explain(nn.MaxPool2d(2)).parameters}
    assert notes["stride"] is True
    assert notes["kernel_size"] is False


@pytest.mark.parametrize(
    ("layer", "shape", "error", "text"),
    [
        (nn.Conv2d(3, 6, 3), (8, 8), ArgumentError, "this is not an image"),
        (nn.Conv2d(3, 6, 3), 3, ArgumentError, "this is not an image"),
        (nn.Conv2d(3, 6, 3), (4, 8, 8), ShapeError, "expected input"),
        (nn.Conv2d(3, 6, 3), (3, 2, 8), ShapeError, "Kernel size can't be greater"),
        (nn.Conv2d(3, 6, 3), np.zeros((3, 8, 8)), DTypeError, "should be the same"),
        (nn.MaxPool2d(2), (3, -8, 8), ArgumentError, "with the shape of its input"),
        (nn.MaxPool2d(2), "3x8x8", ArgumentError, "shape of its input"),
    ],
)
def test_inputs_that_do_not_fit(layer: nn.Module, shape: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        explain(layer, shape)


def test_more_inputs_than_the_layer_takes() -> None:
    with pytest.raises(ArgumentError, match="Conv2d takes 1 input"):
        explain(nn.Conv2d(3, 6, 3), (3, 8, 8), (3, 8, 8))


@pytest.mark.parametrize(
    "text",
    ["Conv2d(3, 6, 40)", "ReflectionPad2d(10)", "ChannelShuffle(4)", "PixelUnshuffle(5)", "Upsample(scale_factor=0.1)",
     "ConvTranspose2d(3, 6, 3, padding=9)", "LazyConv2d(3, 10)", "MaxPool2d(50)", "ZeroPad2d(-3)",
     "Upsample(scale_factor=2, mode='linear')", "Upsample(scale_factor=2, mode='trilinear')", "MaxUnpool2d(3, 1, 1)"],
)  # fmt: skip
def test_without_an_input_the_example_fits(text: str) -> None:
    assert explain(read_layer(text)).text("en")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Conv2d(3, 6, 3, strid=2)", "stride="),
        ("Conv2d(3, 6)", "Conv2d(in_channels, out_channels, kernel_size"),
        ("MaxPol2d(2)", "MaxPool2d"),
        ("Conv2d(10**9, 6, 3)", "nothing is computed"),
    ],
)
def test_layers_that_cannot_be_made(text: str, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_layer(text)
    assert said in str(caught.value)


def test_a_terminal_of_few_letters_is_written_to() -> None:
    text = explain(nn.MaxPool2d(2, ceil_mode=True)).document().text(80, encoding="ascii")
    assert text.isascii()
    assert "ceil((5 + 2*0 - 1*(2 - 1) - 1) / 2) + 1" in text


class Same3x3(nn.Conv2d):
    """A convolution of one's own, whose constructor takes other arguments."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 3, padding=1)


def test_a_class_of_ones_own_is_explained_as_what_it_is_derived_from() -> None:
    found = explain(Same3x3(4), (4, 8, 8))
    assert found.outputs == ((4, 8, 8),)
    assert {note.name: note.value for note in found.parameters}["padding"] == 1
    assert all(effect.output for note in found.parameters for effect in note.effects if note.name != "in_channels")
    assert found.text("en").startswith("Same3x3(4, 4, kernel_size=(3, 3)")


def test_what_is_told_of_a_layer_has_every_form() -> None:
    layer, net = nn.Conv2d(3, 4, 3), nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    for told in (layer.explain((3, 8, 8)), net.explain((3, 8, 8)), net.check((3, 8, 8)), net.summary((3, 8, 8))):
        assert told.text("en") == told.document().text(language="en")
        assert told.markdown("zh") == told.document().markdown("zh")
        assert told.html("en", page=True).startswith("<!DOCTYPE html>")
        assert told.html("en").startswith("<article")
        assert (told._repr_html_(), told._repr_markdown_()) == (told.html(), told.markdown())


@pytest.mark.parametrize(
    ("layer", "shapes", "inputs", "samples"),
    [
        (nn.BatchNorm1d(5), [(2, 5, 7)], ((5, 7),), 2),
        (nn.BatchNorm1d(5), [(5, 7)], ((5, 7),), 1),
        (nn.BatchNorm1d(5), [(2, 5)], ((5,),), 2),
        (nn.BatchNorm1d(5), [(5, 5)], ((5, 5),), 1),
        (nn.LazyBatchNorm1d(), [(2, 5, 7)], ((5, 7),), 2),
        (nn.PReLU(5), [(2, 5)], ((5,),), 2),
        (nn.Dropout1d(), [(2, 5, 3)], ((5, 3),), 2),
        (nn.Unflatten(0, (2, 3)), [(6, 4)], ((6, 4),), None),
        (nn.Unflatten(1, (2, 3)), [(2, 6)], ((2, 6),), 2),
        (nn.Unflatten(1, (2, 3)), [(6,)], ((1, 6),), 1),
        (nn.CrossEntropyLoss(), [(2, 5), (2,)], ((2, 5), (2,)), None),
        (nn.Linear(5, 3), [(2, 5)], ((2, 5),), 1),
    ],
    ids=str,
)
def test_a_shape_is_that_of_a_sample_unless_only_a_batch_fits(
    layer: nn.Module, shapes: list[Shape], inputs: tuple[Shape, ...], samples: int | None
) -> None:
    arrays = [np.ones(each, np.float32) for each in shapes]
    for given in (shapes, arrays) if samples and samples > 1 else (shapes,):
        found = explain(layer, *given)
        assert (found.inputs, found.cost.samples) == (inputs, samples)


def test_a_shape_that_fits_neither_way_is_told_as_a_sample() -> None:
    with pytest.raises(ShapeError, match="running_mean should contain 2 elements not 5"):
        explain(nn.BatchNorm1d(5), (2, 4))


def test_the_layer_as_it_is_may_be_named_by_its_argument() -> None:
    found = explain(nn.Conv2d(1, 1, 3, padding=1))
    notes = [note for note in found.parameters if note.name == "stride"]
    for now, first in ((None, sentence("explain.now")), (change("stride", 1), change("stride", 1))):
        (table,) = effects(notes, found.outputs[0], found.cost, found.sight, now)
        assert isinstance(table, Table)
        assert [row[0] for row in table.rows] == [first, change("stride", 2)]
