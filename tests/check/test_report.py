"""The report: findings with their places, shapes up to the failure, in every form and both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.check import RULE_NAMES, check
from knoll.data import DataLoader, Subset, TensorDataset
from knoll.errors import ArgumentError
from knoll.language import set_language


class Net(nn.Module):
    def __init__(self, features: int = 1000) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.fc = nn.Linear(features, 10)

    def forward(self, x: Any) -> Any:
        x = self.norm(self.conv(x)).relu()
        return self.fc(x.flatten(1))


def test_shapes_are_told_up_to_the_failure_with_the_line_to_write() -> None:
    report = Net().check((3, 32, 32))
    assert [(row.name, row.kind, row.failed) for row in report.rows] == [
        ("conv", "Conv2d", False),
        ("norm", "BatchNorm2d", False),
        ("fc", "Linear", True),
    ]
    assert report.rows[1].outputs[0].shape == (2, 8, 30, 30)
    (finding,) = report.findings
    assert "in_features=7200" in str(finding.fix)
    assert [place.line - Net.__init__.__code__.co_firstlineno for place in finding.places] == [4, 8]
    assert all(place.file == __file__ for place in finding.places)
    assert finding.severity == "error"
    assert not report
    assert report.errors == report.findings


def test_a_finding_is_told_with_its_place_its_reason_and_the_line_to_write() -> None:
    (finding,) = Net(7200).check((3, 32, 32)).findings
    line = Net.__init__.__code__.co_firstlineno + 2
    assert finding.rule == "bias-before-batch-norm"
    assert finding.code == "nn.Conv2d(3, 8, 3, bias=False)"
    assert str(finding).startswith(f"{__file__}:{line}, {__file__}:")
    assert "`Conv2d conv` has a bias" in str(finding)
    text = Net(7200).check((3, 32, 32)).document().text(200)
    for words in (
        "0 errors, 1 warning.",
        f"{__file__}:{line}",
        finding.code,
        "# knoll: ignore[bias-before-batch-norm]",
    ):
        assert words in text


def test_a_clean_report_is_true() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    report = net.check((3, 8, 8))
    assert report
    assert "No problem found" in str(report)


def test_every_form_in_both_languages() -> None:
    report = Net().check((3, 32, 32), loss="cross_entropy")
    set_language("zh")
    assert "前向计算在这里中断" in str(report)
    assert "前向计算在这里中断" in report._repr_html_()
    set_language("en")
    assert "The forward pass stops here" in report._repr_markdown_()
    data = json.loads(report.json())
    assert data["findings"][0]["rule"] == "forward-fails"
    assert data["findings"][0]["what"]["zh"].startswith("前向计算在这里中断")
    assert data["loss"] == "CrossEntropyLoss"


def test_nothing_of_the_network_is_changed() -> None:
    net = nn.Sequential(
        nn.Linear(8, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 4)
    ).train()
    before = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    knoll.manual_seed(1)
    expected = knoll.rand(3).tolist()
    knoll.manual_seed(1)
    assert net.check((8,), batch_size=64, data=65, mode="train", ignore=["batch-of-one"])
    assert knoll.rand(3).tolist() == expected
    assert all(np.array_equal(value.numpy(), before[name]) for name, value in net.state_dict().items())
    assert all(module.training for module in net.modules())


def image_net() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())


@pytest.mark.parametrize(
    ("image", "rules"),
    [
        (np.zeros((3, 32, 32), np.float32), []),
        (np.full((4, 3, 32, 32), 0.5, np.float32), []),
        (knoll.rand(2, 3, 32, 32), []),
        (np.full((3, 32, 32), 200, np.uint8), ["input-dtype"]),
        (np.full((3, 32, 32), 200, np.float32), ["input-range"]),
        (np.zeros((3, 32, 32)), ["input-dtype"]),
        (np.full((3, 32, 32), np.nan, np.float32), ["input-not-finite"]),
        (np.zeros((1, 32, 32), np.float32), ["forward-fails"]),
        (np.zeros((4, 32, 32), np.float32), ["forward-fails"]),
        (np.full((32, 32, 3), 200, np.uint8), ["input-dtype", "forward-fails"]),
    ],
    ids=["image", "batch", "tensor", "bytes", "0 to 255", "float64", "NaN", "grey", "RGBA", "channels last"],
)
def test_images_that_cannot_be_used_as_they_are(image: Any, rules: list[str]) -> None:
    assert [finding.rule for finding in image_net().check(image).findings] == rules


def test_a_picture_is_looked_at_as_its_numbers() -> None:
    report = image_net().check(Image.new("RGB", (32, 32), (200, 10, 10)))
    assert [finding.rule for finding in report.findings] == ["input-dtype", "forward-fails"]
    assert "permute" in str(report.findings[1].fix)


@pytest.mark.parametrize("layer", [nn.Dropout(), nn.RReLU()], ids=str)
def test_modes(layer: nn.Module) -> None:
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), layer, nn.Linear(8, 4))
    assert net.check((8,), mode="train")
    assert [finding.rule for finding in net.check((8,), mode="eval").findings] == ["wrong-mode"]
    net.eval()
    assert net.check((8,), mode="eval")
    (finding,) = net.check((8,), mode="train").findings
    assert finding.code == "net.train()"
    with pytest.raises(ArgumentError, match="'train' or 'eval'"):
        net.check((8,), mode="test")


def test_frozen_batch_normalisation_is_no_fault_in_training() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d())
    net[1].eval()
    assert net.check((3, 8, 8), mode="train")


def test_the_data_tell_the_shape_the_batches_and_the_labels() -> None:
    images, labels = knoll.rand(65, 3, 8, 8), knoll.arange(65) % 10
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 10))
    data = TensorDataset(images, labels)
    (finding,) = net.check(data=DataLoader(data, batch_size=64)).findings
    assert finding.rule == "batch-of-one"
    assert "drop_last=True" in finding.code
    assert net.check(data=DataLoader(data, batch_size=64, drop_last=True))
    assert net.check(data=data, batch_size=13)


class Labelled(TensorDataset):
    def __init__(self, first: int) -> None:
        self.targets = [first + i % 10 for i in range(20)]
        super().__init__(knoll.rand(20, 8), knoll.tensor(self.targets))


def test_class_numbers_that_have_no_output() -> None:
    net = nn.Linear(8, 10)
    assert net.check(data=Labelled(0), loss="cross_entropy")
    (finding,) = net.check(data=Labelled(1), loss="cross_entropy").findings
    assert finding.rule == "labels"
    assert "from 1 to 10, but with 10 outputs they must be at least 0 and less than 10" in str(finding.what)


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (TensorDataset(knoll.rand(8, 3, 8, 8), knoll.arange(8)), []),
        (TensorDataset(knoll.rand(8, 3, 8, 8) * 255, knoll.arange(8)), ["input-range"]),
        (TensorDataset((knoll.rand(8, 3, 8, 8) * 255).byte(), knoll.arange(8)), ["input-dtype"]),
        (TensorDataset(knoll.rand(8, 8, 8, 3), knoll.arange(8)), ["input-shape"]),
        (TensorDataset(knoll.rand(8, 3, 9, 9), knoll.arange(8)), ["input-shape"]),
    ],
)
def test_the_first_sample_is_looked_at_beside_a_shape(data: TensorDataset, rules: list[str]) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 10))
    shown = net.check((3, 8, 8), data=data, loss=nn.CrossEntropyLoss())
    assert [finding.rule for finding in shown.findings] == rules
    assert net.check((3, 8, 8), data=DataLoader(data, 4, collate_fn=list))  # nobody knows what becomes of them


def test_channels_of_the_data_that_come_last_are_named() -> None:
    data = TensorDataset(knoll.rand(8, 8, 8, 3), knoll.arange(8))
    (finding,) = nn.Sequential(nn.Flatten(), nn.Linear(192, 10)).check((3, 8, 8), data=data).findings
    assert "samples of (8, 8, 3), their channels last" in finding.what.text("en")
    assert "通道在最后" in finding.what.text("zh")


def test_samples_in_the_order_of_their_classes() -> None:
    net, data = nn.Linear(8, 10), TensorDataset(knoll.rand(40, 8), knoll.arange(40) // 4)

    def rules(data: Any, **options: Any) -> list[str]:
        return [finding.rule for finding in net.check(data=data, **options).findings]

    loss = nn.CrossEntropyLoss()
    assert rules(DataLoader(data, 4), loss=loss) == ["not-shuffled"]
    assert rules(DataLoader(data, 4), mode="train") == ["not-shuffled"]
    assert rules(DataLoader(data, 4), loss=loss, mode="eval") == []  # a test set may stay in order
    assert rules(DataLoader(data, 4)) == []
    assert rules(DataLoader(data, 4, shuffle=True), loss=loss) == []
    assert rules(DataLoader(data, 40), loss=loss) == []
    assert rules(data, loss=loss) == []
    assert rules(DataLoader(Subset(data, [*range(0, 40, 2), *range(1, 40, 2)]), 4), loss=loss) == []


def test_rows_that_are_not_those_of_the_samples_do_not_fit_the_targets() -> None:
    class Rows(nn.Module):
        """A linear layer for each channel, whose results nobody joins."""

        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            return self.fc(x.view(-1, 64))

    data = TensorDataset(knoll.rand(8, 3, 8, 8), knoll.arange(8))
    (finding,) = Rows().check((3, 8, 8), data=data, loss=nn.CrossEntropyLoss()).findings
    assert finding.rule == "loss-fails"
    assert "outputs are (6, 10), the targets (2,)" in str(finding.why)


def test_a_column_and_a_row_are_compared_with_each_other() -> None:
    data = TensorDataset(knoll.rand(20, 8), knoll.rand(20))
    (finding,) = nn.Linear(8, 1).check(data=data, loss=nn.MSELoss()).findings
    assert finding.rule == "target-shape"
    assert nn.Linear(8, 1).check(data=TensorDataset(knoll.rand(20, 8), knoll.rand(20, 1)), loss=nn.MSELoss())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"loss": "crossentropy"}, "no loss 'crossentropy'"),
        ({"loss": 3}, "no loss '3'"),
        ({"data": "cifar10"}, "DataLoader"),
        ({"data": 0}, "data must be a whole number"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"batch_size": "64"}, "batch_size must be a whole number"),
        ({"classes": 2.0}, "classes must be a whole number"),
    ],
)
def test_what_cannot_be_used_is_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ArgumentError, TypeError), match=words):
        nn.Linear(8, 1).check((8,), **options)
    with pytest.raises(ArgumentError, match="shape of its input"):
        check(nn.Linear(8, 1))


def test_the_page_tells_of_every_rule() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "check.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+|labels|optimizer)`", page)) == {*RULE_NAMES}


def test_what_a_network_prints_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    class Printing(nn.Module):
        def forward(self, x: Any) -> Any:
            print("shape", x.shape)
            return x * 2

    assert Printing().check((3, 8, 8))
    assert capsys.readouterr().out == ""


def test_a_network_that_scales_its_input_is_given_bytes() -> None:
    class Scaling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)

        def forward(self, x: Any) -> Any:
            return self.conv(x / 255)

    assert Scaling().check(np.full((3, 8, 8), 200, np.float32))


def test_sizes_that_are_open_stay_open() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10), nn.Linear(10, 4))
    (finding,) = net.check((3, 8, 8)).findings
    assert (finding.rule, finding.name) == ("missing-activation", "4")
    assert finding.made is not None
    assert isinstance(net[3], nn.LazyLinear)
