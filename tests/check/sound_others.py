"""Networks without layers of a window, or whose way through them is unusual: nothing may be told of any of them."""

from __future__ import annotations

import math
from typing import Any

import knoll
from check.sound import block, sound
from knoll import nn
from knoll.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = F.softmax(q @ k.transpose(-2, -1) / math.sqrt(x.shape[-1]), dim=-1)
        return self.out(weights @ v)


class Norm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(knoll.ones(width)), nn.Parameter(knoll.zeros(width))

    def forward(self, x: Any) -> Any:
        x = x - x.mean(-1, keepdim=True)
        return x / ((x * x).mean(-1, keepdim=True) + 1e-5).sqrt() * self.weight + self.bias


@sound((3, 32, 32), loss=nn.CrossEntropyLoss(), classes=10)
class VisionTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, stride=8)
        self.position = nn.Parameter(knoll.zeros(1, 16, 16))
        self.norm1, self.norm2, self.last = Norm(16), Norm(16), Norm(16)
        self.attention = Attention(16)
        self.mlp = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 16), nn.Dropout(0.1))
        self.head = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.position
        x = x + self.attention(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return self.head(self.last(x).mean(1))


@sound((5, 16))
def feed_forward_block() -> nn.Module:
    """A part of a transformer: it ends with a dropout, in front of the sum with the shortcut."""
    return nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 16), nn.Dropout(0.1))


@sound((13,), loss=nn.MSELoss())
def linear_regression() -> nn.Module:
    return nn.Linear(13, 1)


@sound((784,), loss=nn.CrossEntropyLoss(), classes=10)
def softmax_regression() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


@sound((1000,))
def low_rank() -> nn.Module:
    """Two linear layers in place of one, for fewer weights."""
    return nn.Sequential(nn.Linear(1000, 16, bias=False), nn.Linear(16, 500))


@sound((784,))
def linear_autoencoder() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 32), nn.Linear(32, 784))


@sound((8,), loss=nn.BCEWithLogitsLoss(), batch_size=32, data=1000)
class Binary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
        self.layers[0].bias = None

    def forward(self, x: Any) -> Any:
        return self.layers(x).view(-1)


@sound((3, 32, 32))
class DataDependent(nn.Module):
    """Which layers are called depends on the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.head = block(3, 8), block(3, 8, 5), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        y = self.a(x) if x.mean().item() > 0 else self.b(x)
        return self.head(y.mean((2, 3)))


@sound((3, 32, 32))
class Recursive(nn.Module):
    """DRCN: the same convolution at every depth, on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.again, self.last = (
            nn.Conv2d(3, 8, 3, padding=1),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.Conv2d(8, 3, 1),
        )

    def forward(self, x: Any) -> Any:
        y = F.relu(self.first(x))
        for _ in range(3):
            y = F.relu(self.again(y))
        return x + self.last(y)


@sound((3, 32, 32))
class SeparableFilters(nn.Module):
    """One column, then one row, as a filter that is the product of both."""

    def __init__(self) -> None:
        super().__init__()
        self.column, self.row = nn.Conv2d(3, 8, (7, 1), padding=(3, 0)), nn.Conv2d(8, 8, (1, 7), padding=(0, 3))
        self.head = nn.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        return self.head(F.relu(self.row(self.column(x))).mean((2, 3)))


@sound((3, 32, 32))
class DropConnectEnsemble(nn.Module):
    """Two heads, a list of layers that are known by other names too, a frozen teacher hidden in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.known = [self.conv]
        self.teacher = [nn.Conv2d(3, 8, 3).requires_grad_(False)]
        self.first, self.second = nn.Linear(8, 10), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        features = F.relu(self.known[0](x)).mean((2, 3))
        return self.first(features), self.second(features)


@sound((3, 33, 33))
def atrous() -> nn.Module:
    """DeepLab: dilation at stride 1, average of the whole image."""
    return nn.Sequential(
        block(3, 16, stride=2), nn.Conv2d(16, 16, 3, padding=2, dilation=2), nn.ReLU(),
        nn.Conv2d(16, 16, 3, padding=4, dilation=4), nn.ReLU(), nn.Conv2d(16, 5, 1),
        nn.UpsamplingBilinear2d(scale_factor=2),
    )  # fmt: skip


@sound((3, 64, 64))
class StyleNetwork(nn.Module):
    """Reflection padding, nearest upsampling, residual blocks without an activation behind the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.ReflectionPad2d(4), nn.Conv2d(3, 8, 9), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()
        )
        self.inner = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1))
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 9, padding=4)
        )

    def forward(self, x: Any) -> Any:
        x = self.first(x)
        return self.up(x + self.inner(x))


@sound((3, 8, 8))
class KeepsFeatures(nn.Module):
    """Style transfer and visualisation keep what layers gave, here from a call before the check."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.seen = nn.Conv2d(3, 8, 3), {}
        self(knoll.rand(1, 3, 8, 8))

    def forward(self, x: Any) -> Any:
        self.features = self.conv(x)
        self.seen["conv"] = self.features
        return self.features.relu()


@sound((3, 32, 32))
def bias_with_a_reason() -> nn.Module:
    """An activation, or zeros of padding in an average, stand between the bias and the batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8),
        nn.Conv2d(8, 16, 3), nn.Tanh(), nn.AvgPool2d(3, 2, padding=1), nn.BatchNorm2d(16),
    )  # fmt: skip


@sound((16,))
class Adversarial(nn.Module):
    """The discriminator is called by the training, not by forward."""

    class Part(nn.Module):
        def __init__(self, before: int, after: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(before, 32), nn.LeakyReLU(0.2), nn.Linear(32, after))

        def forward(self, x: Any) -> Any:
            return self.layers(x)

    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminator = self.Part(16, 8), self.Part(8, 1)

    def forward(self, z: Any) -> Any:
        return self.generator(z)


@sound((16,), loss=nn.CrossEntropyLoss())
class StoppedOnOneWay(nn.Module):
    """What a gradient does not come through beside what it does, and behind weights that are frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen, self.a, self.b = nn.Linear(16, 8).requires_grad_(False), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        h = F.relu(self.a(F.relu(self.frozen(x)).detach()))
        return self.b(F.relu(h + (h.round() - h).detach()))


@sound((16,), loss=nn.MSELoss())
class SecondLossKept(nn.Module):
    """Straight through: the codes learn by a loss of their own, which the training adds."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.codes, self.b = nn.Linear(16, 8), nn.Parameter(knoll.ones(8)), nn.Linear(8, 16)

    def forward(self, x: Any) -> Any:
        h = F.relu(self.a(x))
        self.loss = ((self.codes - h.detach()) ** 2).mean()
        return self.b(F.relu(h + (self.codes - h).detach()))


@sound((3, 8, 8), loss=nn.CrossEntropyLoss())
class TwoViewsBelowEachOther(nn.Module):
    """Views of the same images, seen by the same layers, below each other: labels are repeated by the training."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3), nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        views = [F.relu(self.a(view)).mean((2, 3)) for view in (x, 1 - x)]
        return self.b(knoll.cat(views, 0))


class Constant(nn.Module):
    """A layer that no network holds, and that is not to learn."""

    layer = nn.Linear(8, 8).requires_grad_(False)


@sound((8,), loss=nn.CrossEntropyLoss(), data=65, batch_size=64)
class BorrowedLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.a(F.relu(Constant.layer(x)).unsqueeze(2).squeeze(2))


@sound((3, 16, 16))
class BiasOfTwoUses(nn.Module):
    """The bias of a convolution that a normalisation subtracts where it is called last, and a ReLU reads before."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)

    def forward(self, x: Any) -> Any:
        return self.norm(self.conv(F.relu(self.conv(x))))


@sound((3, 16, 16))
class BiasOfTwoLayers(nn.Module):
    """Two convolutions that have one bias, which a normalisation subtracts behind the first of them alone."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.norm = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)
        self.second.bias = self.first.bias

    def forward(self, x: Any) -> Any:
        return F.relu(self.second(F.relu(self.norm(self.first(x)))))


@sound((4, 16, 16))
class HeadOfSeveralScales(nn.Module):
    """One head for all levels of a pyramid: at the top, one pixel, most of its weights meet padding, and not below."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x: Any) -> Any:
        return self.head(x), self.head(F.max_pool2d(x, 16))
