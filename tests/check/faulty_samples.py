"""Faults about samples: mixed, lost, or not what the loss takes."""

from __future__ import annotations

from typing import Any

import knoll
from check.faulty import CE, FAULTY, IMAGE, faulty, layers
from knoll import nn
from knoll.data import DataLoader, TensorDataset
from knoll.nn import functional as F

BCE = nn.BCEWithLogitsLoss()


@faulty("samples-mixed", "", IMAGE)
class Cut(nn.Module):
    """The number of features is wrong, and -1 hides it: twice as many samples come out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 16, 5, stride=3), nn.Linear(16 * 50, 10)

    def forward(self, x: Any) -> Any:
        return self.fc(F.relu(self.conv(x)).view(-1, 16 * 50))


@faulty("fixed-batch-size", "fc", IMAGE)
class OneSample(nn.Module):
    """The course's trap: the batch is joined to one row."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2 * 3072, 10)

    def forward(self, x: Any) -> Any:
        return self.fc(knoll.reshape(x, (1, 1, 1, -1)))


@faulty("fixed-batch-size", "", (16, 3, 8, 8))
class WrittenBatch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(192, 10)

    def forward(self, x: Any) -> Any:
        return self.fc(x.view(16, 192))


@faulty("returns-nothing", "", IMAGE)
class NoReturn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Any) -> None:
        self.conv(x).relu()


@faulty("reshape-not-permute", "", IMAGE)
class ChannelsLast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x: Any) -> Any:
        return self.fc(x.view(-1, 32, 32, 3))


@faulty("samples-mixed", "", (4, 8, 8), loss=CE)
class Stacked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 2, 1)

    def forward(self, x: Any) -> Any:
        return self.c(knoll.cat([F.relu(self.a(x)), F.relu(self.b(x))], 0))


@faulty("samples-mixed", "", IMAGE, loss=CE)
class AveragedOverSamples(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.f = nn.Conv2d(3, 8, 3), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.f(F.relu(self.a(x)).mean((0, 2, 3)))


@faulty("batch-of-one", "", (16, 1, 1), loss=CE, data=65, batch_size=64)
class Squeezed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.f = nn.Conv2d(16, 8, 1), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.f(F.relu(self.a(x)).squeeze())


@faulty("batch-of-one", "", (8, 1, 1))
class SqueezedScores(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Conv2d(8, 1, 1)

    def forward(self, x: Any) -> Any:
        return self.fc(x).squeeze()


@faulty("batch-of-one", "", (3, 8, 8))
class SqueezedFeatures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.fc = nn.Conv2d(3, 8, 3), nn.BatchNorm1d(8), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.fc(self.norm(F.adaptive_avg_pool2d(F.relu(self.conv(x)), 1).squeeze()))


@faulty("samples-mixed", "", (16,))
class ColumnAndRow(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, x: Any) -> Any:
        return self.a(x) + self.b(x).squeeze(1)


@faulty("samples-mixed", "attention", (6, 8))
class AttendsToOtherSamples(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.fc = nn.MultiheadAttention(8, 2), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.fc(self.attention(x, x, x)[0].mean(1))


@faulty("samples-mixed", "encoder.layers.0", (6, 8))
class EncodesOtherSamples(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16)
        self.encoder, self.fc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.fc(self.encoder(x).mean(1))


@faulty("fixed-batch-size", "", IMAGE)
class ChannelsFirst(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(2 * 1024, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv(x))
        return self.fc(x.view(x.size(1), -1))


@faulty("softmax-axis", "", IMAGE, loss=nn.NLLLoss())
class AlongTheColumns(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Any) -> Any:
        return F.log_softmax(self.conv(x), dim=-1)


@faulty("output-size", "fc", (16,), loss=CE)
class OneScoreWithoutItsAxis(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Any) -> Any:
        return self.fc(x).squeeze(1)


def rows(target: knoll.Tensor, *shape: int) -> TensorDataset:
    """Some samples of a shape, each with a row of `target`."""
    return TensorDataset(knoll.rand(len(target), *shape), target)


def two(wanted: int) -> nn.Module:
    return nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, wanted))


def pixels(padding: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=padding), nn.ReLU(), nn.Conv2d(4, 5, 1))


for name, build, loss, data in (
    ("class numbers as floats", lambda: two(5), CE, rows(knoll.zeros(6), 8)),
    ("a column of class numbers", lambda: two(5), CE, rows(knoll.zeros(6, 1, dtype=knoll.int64), 8)),
    ("whole numbers for two classes", lambda: two(1), BCE, rows(knoll.zeros(6, 1, dtype=knoll.int64), 8)),
    ("a row for a column", lambda: two(1), BCE, rows(knoll.zeros(6), 8)),
    ("class numbers for differences", lambda: two(5), nn.MSELoss(), rows(knoll.zeros(6, dtype=knoll.int64), 8)),
    ("a larger mask", lambda: pixels(0), CE, rows(knoll.zeros(6, 8, 8, dtype=knoll.int64), 3, 8, 8)),
    ("a mask with a channel", lambda: pixels(1), CE, rows(knoll.zeros(6, 1, 8, 8, dtype=knoll.int64), 3, 8, 8)),
):
    FAULTY.append((name, build, (), {"loss": loss, "data": data, "batch_size": 3}, "loss-fails", ""))
for name, build, loss, data, rule in (
    ("a column for a row", OneScoreWithoutItsAxis, nn.MSELoss(), rows(knoll.zeros(6, 1), 16), "target-shape"),
    ("counted from one", lambda: two(5), CE, rows(knoll.arange(1, 7), 8), "labels"),
):
    FAULTY.append((name, build, (), {"loss": loss, "data": data, "batch_size": 3}, rule, ""))
in_order = DataLoader(rows(knoll.arange(40) // 8, 8), 4)
FAULTY.append(("in order", lambda: two(5), (), {"loss": CE, "data": in_order}, "not-shuffled", ""))
turned = rows(knoll.zeros(6, dtype=knoll.int64), 8, 8, 3)
FAULTY.append(("channels last", lambda: pixels(1), ((3, 8, 8),), {"loss": None, "data": turned}, "input-shape", ""))
FAULTY.append(
    (
        "rows of pixels",
        lambda: nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 5)),
        ((1, 8, 8),),
        {"loss": CE, "classes": 5},
        "linear-on-images",
        "0",
    )
)
layers("missing-activation", "2", (8,), lambda: nn.Linear(8, 8), lambda: nn.LeakyReLU(1.0), lambda: nn.Linear(8, 4))
