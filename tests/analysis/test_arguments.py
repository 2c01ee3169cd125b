"""The arguments that a layer was made with."""

from __future__ import annotations

import pytest

import knoll
from knoll import nn
from knoll.analysis.arguments import arguments_of, variant
from knoll.analysis.written import written
from laws.table import CASES, Case

LAYERS = [case for case in CASES if "Sequential" not in case.layer]


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_a_layer_is_made_again_from_its_arguments(case: Case) -> None:
    layer = case.build()
    again = variant(layer)
    assert repr(again) == repr(layer)
    assert str(arguments_of(again)) == str(arguments_of(layer))
    assert [(name, p.shape, p.dtype) for name, p in again.named_parameters()] == [
        (name, p.shape, p.dtype) for name, p in layer.named_parameters()
    ]


def test_one_argument_is_changed_and_no_random_number_drawn() -> None:
    knoll.manual_seed(3)
    expected = knoll.rand(2).tolist()
    knoll.manual_seed(3)
    layer = nn.Conv2d(2, 4, (3, 5), stride=2, bias=False)
    knoll.manual_seed(3)
    assert repr(variant(layer, stride=3)) == "Conv2d(2, 4, kernel_size=(3, 5), stride=(3, 3), bias=False)"
    assert knoll.rand(2).tolist() == expected
    assert nn.Linear(2, 2).weight.abs().sum().item() > 0


def test_an_argument_that_is_left_to_follow_another_one_follows_its_change() -> None:
    assert written(variant(nn.MaxPool2d(2), kernel_size=3)) == "MaxPool2d(3)"
    assert written(nn.Unflatten(1, (3, 3))) == "Unflatten(1, (3, 3))"
    assert written(variant(nn.AvgPool2d((2, 3)), kernel_size=(3, 4))) == "AvgPool2d((3, 4))"
    assert written(variant(nn.MaxPool2d(3, stride=2), kernel_size=4)) == "MaxPool2d(4, stride=2)"
    assert written(variant(nn.MaxPool2d(2), kernel_size=3, stride=2)) == "MaxPool2d(3, stride=2)"
    assert written(variant(nn.Conv2d(3, 3, 1), kernel_size=3)) == "Conv2d(3, 3, 3)"
    assert written(variant(nn.MultiheadAttention(8, 2), embed_dim=4)) == "MultiheadAttention(4, 2)"
    for text in (
        "TransformerEncoderLayer(8, 2, batch_first=True)",
        "TransformerDecoderLayer(8, 2, dim_feedforward=16, activation='gelu', norm_first=True, bias=False)",
    ):
        layer = eval(text, vars(nn).copy())  # noqa: S307 (a text of this file)
        assert written(layer) == text
        assert written(variant(layer, nhead=4)) == text.replace("(8, 2", "(8, 4")


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_a_layer_is_written_as_the_program_that_makes_it(case: Case) -> None:
    layer = case.build()
    again = eval(written(layer), {**vars(nn), "tensor": knoll.tensor})  # noqa: S307 (what is tested)
    assert repr(again) == repr(layer)
    assert str(arguments_of(again) | {"dtype": None}) == str(arguments_of(layer) | {"dtype": None})


def test_arguments_with_their_default_are_not_written() -> None:
    assert written(nn.Conv2d(3, 8, (3, 5), bias=False)) == "Conv2d(3, 8, (3, 5), bias=False)"
    assert written(nn.ConvTranspose2d(3, 8, 2, stride=2)) == "ConvTranspose2d(3, 8, 2, stride=2)"
    assert written(nn.MaxPool2d(3, 3)) == "MaxPool2d(3)"
    assert written(nn.BatchNorm2d(4, momentum=None)) == "BatchNorm2d(4, momentum=None)"
