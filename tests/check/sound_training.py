"""Networks that do something else in training, and with their input, than at first sight: nothing may be told."""

from __future__ import annotations

from typing import Any

import numpy as np

import knoll
from check.sound import sound
from knoll import nn
from knoll.nn import functional as F

CE = nn.CrossEntropyLoss()
DRAWN = np.random.default_rng(0)
BYTES = DRAWN.integers(0, 256, (4, 3, 8, 8), dtype=np.uint8)


class Scores(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 8), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x)))


@sound((16,), loss=CE)
class ProbabilitiesInEvaluation(Scores):
    def forward(self, x: Any) -> Any:
        scores = super().forward(x)
        return scores if self.training else F.softmax(scores, 1)


@sound((16,), loss=CE)
class ClassNumbersInEvaluation(Scores):
    def forward(self, x: Any) -> Any:
        scores = super().forward(x)
        return scores if self.training else scores.argmax(1)


@sound((16,), loss=CE)
class RecordsInTrainingOnly(Scores):
    def forward(self, x: Any) -> Any:
        with knoll.set_grad_enabled(self.training):
            return super().forward(x)


@sound((16,))
def gives_class_numbers() -> nn.Module:
    class ClassNumbers(Scores):
        def forward(self, x: Any) -> Any:
            return super().forward(x).argmax(1)

    return ClassNumbers().eval()


@sound((16,))
class NumpyBeforeTheFirstLayer(Scores):
    def forward(self, x: Any) -> Any:
        return super().forward(knoll.from_numpy(np.log1p(np.abs(x.numpy()))))


@sound((16,), loss=CE)
class ProbeOfFrozenLayers(Scores):
    def __init__(self) -> None:
        super().__init__()
        self.a.requires_grad_(False)

    def forward(self, x: Any) -> Any:
        with knoll.no_grad():
            x = F.relu(self.a(x))
        return self.b(x)


@sound((16,))
class VectorQuantised(nn.Module):
    """The nearest row of a table, with the gradient of what it stands for; the table learns by a second loss."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(16, 4), nn.Linear(4, 16)
        self.table = nn.Parameter(knoll.randn(5, 4))

    def forward(self, x: Any) -> Any:
        z = self.encoder(x)
        distances = (z * z).sum(1, keepdim=True) + (self.table * self.table).sum(1) - 2 * z @ self.table.t()
        q = F.one_hot(distances.argmin(1), 5).float() @ self.table
        return self.decoder(z + (q - z).detach()), ((q - z.detach()) ** 2).mean()


@sound((16,))
class DistancesOfAllPairs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(16, 8)

    def forward(self, x: Any) -> Any:
        z = self.a(x)
        squares = (z * z).sum(1, keepdim=True)
        return squares + squares.squeeze(1) - 2 * z @ z.t()


@sound((16,))
class DifferencesOfAllPairs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(16, 1)

    def forward(self, x: Any) -> Any:
        score = self.a(x).squeeze(1)
        return score.unsqueeze(1) - score


@sound((6, 8))
class SequenceFirst(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.fc = nn.MultiheadAttention(8, 2), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        x = x.transpose(0, 1)
        return self.fc(self.attention(x, x, x)[0].mean(0))


@sound((6, 8))
class EncoderOfSamples(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder, self.fc = nn.TransformerEncoder(layer, 2), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.fc(self.encoder(x).mean(1))


def small(x: Any) -> nn.Module:
    class Converts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, images: Any) -> Any:
            return self.fc(F.relu(self.conv(x(images))).mean((2, 3)))

    return Converts()


@sound(BYTES)
def scales_bytes_itself() -> nn.Module:
    return small(lambda images: images.float() / 255)


@sound(BYTES.astype(np.float64))
def converts_doubles_itself() -> nn.Module:
    return small(lambda images: (images / 255).float())


@sound(BYTES.astype(np.float32))
def scales_floats_itself() -> nn.Module:
    return small(lambda images: images / 255)
