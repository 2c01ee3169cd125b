"""Programs with a mistake, the advice that each gets or that it gets none, and the program that follows the advice."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import pytest

import knoll
from knoll import nn, optim
from knoll.language import set_language
from knoll.nn import functional as F


@dataclass(frozen=True)
class Program:
    """What is written, a part of the advice (none if there is none), and what is written when it is followed."""

    text: str
    advice: str = ""
    followed: str = ""


CNN = "nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 8 * 8, 10))"
LOGITS = "nn.BCEWithLogitsLoss()"

PROGRAMS = {
    # One image, or a batch of another kind
    "an image without its batch axis": Program(
        f"{CNN}(knoll.rand(3, 8, 8))", "x.unsqueeze(0)", f"{CNN}(knoll.rand(3, 8, 8).unsqueeze(0))"
    ),
    "features of another size": Program(
        "nn.Linear(30, 2)(knoll.rand(4, 16))", "in_features=16 in this layer", "nn.Linear(16, 2)(knoll.rand(4, 16))"
    ),
    "as many features as the image has elements": Program(
        "nn.Linear(64, 2)(knoll.rand(4, 16))",
        "if these are 4 samples, in_features=16",
        "nn.Linear(16, 2)(knoll.rand(4, 16))",
    ),
    "samples that stand last": Program(
        "nn.Linear(16, 2)(knoll.rand(16, 5))", "x.T, if", "nn.Linear(16, 2)(knoll.rand(16, 5).T)"
    ),
    "no Flatten": Program(
        "nn.Linear(48, 2)(knoll.rand(5, 3, 4, 4))",
        "nn.Flatten()",
        "nn.Linear(48, 2)(nn.Flatten()(knoll.rand(5, 3, 4, 4)))",
    ),
    "no Flatten and no batch axis": Program(
        "nn.Linear(48, 2)(knoll.rand(3, 4, 4))",
        "x.unsqueeze(0) for the model, and nn.Flatten() before this layer, (3, 4, 4) → (1, 48)",
        "nn.Linear(48, 2)(nn.Flatten()(knoll.rand(3, 4, 4).unsqueeze(0)))",
    ),
    "sequences of another size": Program(
        "nn.Linear(9, 2)(knoll.rand(5, 7, 3))", "in_features=3 to map each", "nn.Linear(3, 2)(knoll.rand(5, 7, 3))"
    ),
    "grey images without channels": Program(
        "nn.Conv2d(1, 2, 3)(knoll.rand(6, 8, 8))",
        "x.reshape(-1, 1, 8, 8), if these are 6 grey images",
        "nn.Conv2d(1, 2, 3)(knoll.rand(6, 8, 8).reshape(-1, 1, 8, 8))",
    ),
    "rows of pixels": Program(
        "nn.Conv2d(1, 2, 3)(knoll.rand(6, 784))",
        "x.reshape(-1, 1, 28, 28)",
        "nn.Conv2d(1, 2, 3)(knoll.rand(6, 784).reshape(-1, 1, 28, 28))",
    ),
    "one row of pixels in colour": Program(
        "nn.Conv2d(3, 2, 3)(knoll.rand(3072))",
        "x.reshape(-1, 3, 32, 32)",
        "nn.Conv2d(3, 2, 3)(knoll.rand(3072).reshape(-1, 3, 32, 32))",
    ),
    "rows that are no square": Program("nn.Conv2d(3, 2, 3)(knoll.rand(3071))"),
    "a single number": Program("nn.Conv2d(3, 2, 3)(knoll.tensor(1.0))"),
    "channels last": Program(
        "nn.Conv2d(3, 2, 3)(knoll.rand(5, 8, 9, 3))",
        "x.permute(0, 3, 1, 2)",
        "nn.Conv2d(3, 2, 3)(knoll.rand(5, 8, 9, 3).permute(0, 3, 1, 2))",
    ),
    "pixels as bytes": Program(
        "nn.Conv2d(3, 2, 3)(knoll.zeros(1, 3, 8, 8, dtype=knoll.uint8))",
        "x.to(knoll.float32) / 255",
        "nn.Conv2d(3, 2, 3)(knoll.zeros(1, 3, 8, 8, dtype=knoll.uint8).to(knoll.float32) / 255)",
    ),
    "normalisation without a batch axis": Program(
        "nn.BatchNorm2d(3)(knoll.rand(3, 8, 8))",
        "x.unsqueeze(0)",
        "nn.BatchNorm2d(3)(knoll.rand(3, 8, 8).unsqueeze(0))",
    ),
    "normalisation of another number of channels": Program("nn.BatchNorm2d(1)(knoll.rand(3, 8, 8))"),
    "normalisation of images as of rows": Program(
        "nn.BatchNorm1d(3)(knoll.rand(2, 3, 8, 8))", "nn.BatchNorm2d(3)", "nn.BatchNorm2d(3)(knoll.rand(2, 3, 8, 8))"
    ),
    "normalisation of rows as of images": Program(
        "nn.BatchNorm2d(3)(knoll.rand(2, 3))", "nn.BatchNorm1d(3)", "nn.BatchNorm1d(3)(knoll.rand(2, 3))"
    ),
    # What comes where a tensor is wanted
    "values and indices": Program(
        "nn.Conv2d(1, 1, 1)(nn.MaxPool2d(2, return_indices=True)(knoll.rand(1, 1, 4, 4)))",
        "values, indices = pool(x)",
        "nn.Conv2d(1, 1, 1)(nn.MaxPool2d(2, return_indices=True)(knoll.rand(1, 1, 4, 4))[0])",
    ),
    "a tuple of results": Program(
        "nn.Linear(2, 1)((knoll.rand(2), 3.0))", "as result[0]", "nn.Linear(2, 1)((knoll.rand(2), 3.0)[0])"
    ),
    "a list of images": Program(
        "nn.ReLU()([knoll.rand(3, 4, 4), knoll.rand(3, 4, 4)])",
        "knoll.stack(x)",
        "nn.ReLU()(knoll.stack([knoll.rand(3, 4, 4), knoll.rand(3, 4, 4)]))",
    ),
    "a list of numbers": Program("nn.ReLU()([1.0, 2.0])", "knoll.tensor(x)", "nn.ReLU()(knoll.tensor([1.0, 2.0]))"),
    "a dictionary": Program(
        "nn.ReLU()({'image': knoll.rand(3)})", "x['image']", "nn.ReLU()({'image': knoll.rand(3)}['image'])"
    ),
    "a forward that returns nothing": Program("nn.ReLU()(print())", "return the result at its end"),
    "a layer's class as its result": Program("nn.Linear(2, 1)(nn.ReLU)", "ReLU is the class"),
    "a layer as its result": Program("nn.Linear(2, 1)(nn.ReLU())", "call it, layer(x)"),
    "a function as its result": Program("nn.Linear(2, 1)(F.relu)", "call it, relu(...)"),
    "a layer for its result": Program("nn.Linear(2, 1).shape", "call it with the data, layer(x)"),
    "an attribute that nothing has": Program("nn.Linear(2, 1).weights"),
    # What comes where a layer is wanted
    "a class": Program("nn.Sequential(nn.ReLU)", "ReLU()", "nn.Sequential(nn.ReLU())"),
    "a class in a list": Program("nn.ModuleList([nn.Linear])", "Linear(...)", "nn.ModuleList([nn.Linear(2, 1)])"),
    "a list": Program("nn.Sequential([nn.ReLU()])", "nn.Sequential(*layers)", "nn.Sequential(*[nn.ReLU()])"),
    "a dictionary of layers": Program(
        "nn.Sequential({'relu': nn.ReLU()})", "OrderedDict(layers)", "nn.Sequential(OrderedDict({'relu': nn.ReLU()}))"
    ),
    "a function": Program("nn.Sequential(F.relu)", "nn.ReLU()", "nn.Sequential(nn.ReLU())"),
    "a function without a layer": Program("nn.Sequential(knoll.exp)", "call it in forward"),
    "a model made of data": Program("nn.Sequential(knoll.rand(2))", "then model(x)"),
    "a number": Program("nn.Sequential(3)"),
    "a layer made of data": Program("nn.ReLU(knoll.rand(2, 2))", "layer = nn.ReLU(...), then layer(x)"),
    "a layer without options made of data": Program("nn.Sigmoid(knoll.rand(2))", "layer = nn.Sigmoid(...)"),
    "a loss made of data": Program(
        "nn.CrossEntropyLoss(knoll.rand(3, 4), knoll.arange(3))",
        "loss_fn = nn.CrossEntropyLoss()",
        "nn.CrossEntropyLoss()(knoll.rand(3, 4), knoll.arange(3))",
    ),
    "a loss without a weight made of data": Program(
        "nn.MSELoss(knoll.rand(3), knoll.rand(3))",
        "loss_fn = nn.MSELoss()",
        "nn.MSELoss()(knoll.rand(3), knoll.rand(3))",
    ),
    "a model for its parameters": Program(
        "optim.SGD(nn.Linear(2, 1), lr=0.1)", "net.parameters()", "optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1)"
    ),
    "layers for their parameters": Program(
        "optim.Adam(nn.Sequential(nn.Linear(2, 1)))", "net.parameters()", "optim.Adam(nn.Linear(2, 1).parameters())"
    ),
    "a method for its result": Program("optim.SGD(nn.Linear(2, 1).parameters, lr=0.1)", "net.parameters()"),
    # Losses
    "labels before scores": Program(
        "nn.CrossEntropyLoss()(knoll.arange(3), knoll.rand(3, 4))",
        "loss(scores, labels)",
        "nn.CrossEntropyLoss()(knoll.rand(3, 4), knoll.arange(3))",
    ),
    "labels of images before scores": Program(
        "F.cross_entropy(knoll.ones(2, 4, 4).long(), knoll.rand(2, 3, 4, 4))",
        "loss(scores, labels)",
        "F.cross_entropy(knoll.rand(2, 3, 4, 4), knoll.ones(2, 4, 4).long())",
    ),
    "labels before logarithms": Program(
        "nn.NLLLoss()(knoll.arange(3), knoll.rand(3, 4))",
        "loss(scores, labels)",
        "nn.NLLLoss()(knoll.rand(3, 4), knoll.arange(3))",
    ),
    "classes in place of scores": Program("F.cross_entropy(knoll.arange(3), knoll.arange(3).float())", "not argmax"),
    "pixels that do not count": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0, 255, 255]))",
        "ignore_index=255",
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0, 255, 255]), ignore_index=255)",
    ),
    "a label of minus one": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0, -1, 2]))",
        "ignore_index=-1",
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0, -1, 2]), ignore_index=-1)",
    ),
    "labels that count from one": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([1, 4, 2]))",
        "labels - 1",
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([1, 4, 2]) - 1)",
    ),
    "more classes than outputs": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0, 6, 4]))",
        "7 outputs in the last layer",
        "F.cross_entropy(knoll.rand(3, 7), knoll.tensor([0, 6, 4]))",
    ),
    "labels of several kinds of wrong": Program("F.cross_entropy(knoll.rand(3, 4), knoll.tensor([-1, -2, 7]))"),
    "labels with an axis too many": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([[0], [1], [2]]))",
        "labels.reshape(-1)",
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([[0], [1], [2]]).reshape(-1))",
    ),
    "labels as floating-point numbers": Program(
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0.0, 1.0, 2.0]))",
        "labels.long()",
        "F.cross_entropy(knoll.rand(3, 4), knoll.tensor([0.0, 1.0, 2.0]).long())",
    ),
    "whole-number targets": Program(
        f"{LOGITS}(knoll.rand(4), knoll.tensor([0, 1, 0, 1]))",
        "target.to(knoll.float32)",
        f"{LOGITS}(knoll.rand(4), knoll.tensor([0, 1, 0, 1]).to(knoll.float32))",
    ),
    "whole-number truths of probabilities": Program(
        "F.binary_cross_entropy(knoll.rand(4), knoll.tensor([0, 1, 0, 1]))",
        "target.to(knoll.float32)",
        "F.binary_cross_entropy(knoll.rand(4), knoll.tensor([0, 1, 0, 1]).to(knoll.float32))",
    ),
    "targets without the last axis": Program(
        f"{LOGITS}(knoll.rand(4, 1), knoll.rand(4))",
        "target.reshape(4, 1)",
        f"{LOGITS}(knoll.rand(4, 1), knoll.rand(4).reshape(4, 1))",
    ),
    "probabilities with an axis too many": Program(
        "F.binary_cross_entropy(knoll.rand(4), knoll.rand(4, 1))",
        "target.reshape(4,)",
        "F.binary_cross_entropy(knoll.rand(4), knoll.rand(4, 1).reshape(4,))",
    ),
    "targets of another size": Program(f"{LOGITS}(knoll.rand(4, 2), knoll.rand(4))"),
    "scores for probabilities": Program(
        "nn.BCELoss()(knoll.rand(3) * 9 + 2, knoll.ones(3))",
        "BCEWithLogitsLoss",
        "nn.BCEWithLogitsLoss()(knoll.rand(3) * 9 + 2, knoll.ones(3))",
    ),
}


def run(text: str) -> object:
    names = {"F": F, "OrderedDict": OrderedDict, "knoll": knoll, "nn": nn, "np": np, "optim": optim}
    return eval(text, names)  # noqa: S307 (the table's own text)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_mistake_is_named(program: Program) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (any kind of error)
        run(program.text)
    if not program.advice:
        assert "try:" not in str(caught.value)
        return
    assert program.advice in str(caught.value).partition("  try: ")[2]
    set_language("zh")
    with pytest.raises(type(caught.value)) as chinese:
        run(program.text)
    assert "  建议：" in str(chinese.value)


@pytest.mark.parametrize("program", [each for each in PROGRAMS.values() if each.followed], ids=lambda each: each.text)
def test_advice_that_is_followed_runs(program: Program) -> None:
    run(program.followed)
