"""Networks without a fault, as they are published or taught: nothing may be told of any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import knoll
from knoll import nn
from knoll.nn import functional as F

Shape = tuple[int, ...]
SOUND: list[tuple[str, Callable[[], nn.Module], tuple[Shape, ...], dict[str, Any]]] = []


def sound(*shapes: Shape, **options: Any) -> Callable[[Callable[[], nn.Module]], Callable[[], nn.Module]]:
    """Add a network to the table, with the shapes of its inputs and the options of the check."""

    def add(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        SOUND.append((build.__name__, build, shapes, options))
        return build

    return add


def block(channels: int, wanted: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, wanted, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(wanted),
        nn.ReLU(inplace=True),
    )


@sound((3, 32, 32), loss=nn.CrossEntropyLoss(), classes=10)
def practice_with_activations() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


@sound((1, 28, 28), loss=nn.NLLLoss(), batch_size=64, data=60000)
class MnistExample(nn.Module):
    """PyTorch's example: the activation stands behind the pooling, dropout in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = knoll.flatten(self.dropout1(x), 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


@sound((3, 32, 32), loss="cross_entropy", classes=10)
class CifarTutorial(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Any) -> Any:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


@sound((1, 28, 28), loss="cross_entropy", classes=10)
def keras_example() -> nn.Module:
    """28 → 26 → 13 → 11 → 5: the second pooling loses one row of eleven."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10),
    )  # fmt: skip


@sound((1, 28, 28), loss="cross_entropy", classes=10)
def three_poolings() -> nn.Module:
    """28 → 14 → 7 → 3."""
    stages = [[nn.Conv2d(c, k, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)] for c, k in ((1, 8), (8, 16), (16, 32))]
    return nn.Sequential(*stages[0], *stages[1], *stages[2], nn.Flatten(), nn.Linear(288, 10))


@sound((1, 32, 32))
def lenet_with_tanh() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


@sound((3, 224, 224), classes=1000)
class AlexNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(True), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(True),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(256 * 36, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, 64), nn.ReLU(True),
            nn.Linear(64, 1000),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class Residual(nn.Module):
    def __init__(self, channels: int, wanted: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wanted, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(wanted)
        self.conv2 = nn.Conv2d(wanted, wanted, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(wanted)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != wanted:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, wanted, 1, stride, bias=False), nn.BatchNorm2d(wanted))

    def forward(self, x: Any) -> Any:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        y += self.shortcut(x)
        return F.relu(y)


@sound((3, 32, 32), loss=nn.CrossEntropyLoss(), classes=10, batch_size=128, data=50000)
def resnet_for_cifar() -> nn.Module:
    stages = [Residual(16, 16), Residual(16, 32, 2), Residual(32, 64, 2)]
    return nn.Sequential(block(3, 16), *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class PreActivation(nn.Module):
    def __init__(self, channels: int, wanted: int, stride: int) -> None:
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(wanted)
        self.conv1 = nn.Conv2d(channels, wanted, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(wanted, wanted, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(channels, wanted, 1, stride, bias=False)

    def forward(self, x: Any) -> Any:
        y = F.relu(self.bn1(x))
        return self.conv2(F.relu(self.bn2(self.conv1(y)))) + self.shortcut(y)


@sound((3, 32, 32))
def resnet_v2() -> nn.Module:
    first = nn.Conv2d(3, 16, 3, padding=1, bias=False)
    last = [nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)]
    return nn.Sequential(first, PreActivation(16, 32, 2), PreActivation(32, 32, 2), *last)


class InvertedResidual(nn.Module):
    """MobileNetV2: the projection has no activation, and the next expansion follows at once."""

    def __init__(self, channels: int, wanted: int, stride: int) -> None:
        super().__init__()
        wide = 6 * channels
        self.residual = stride == 1 and channels == wanted
        self.conv = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(True),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(True),
            nn.Conv2d(wide, wanted, 1, bias=False), nn.BatchNorm2d(wanted),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return x + self.conv(x) if self.residual else self.conv(x)


@sound((3, 32, 32))
def mobilenet_v2_blocks() -> nn.Module:
    blocks = [InvertedResidual(8, 12, 2), InvertedResidual(12, 16, 2), InvertedResidual(16, 16, 1)]
    return nn.Sequential(
        block(3, 8), *blocks, block(16, 64, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)
    )


class Separable(nn.Module):
    """Xception: depthwise and pointwise convolution with nothing between, the activation before."""

    def __init__(self, channels: int, wanted: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, wanted, 1, bias=False)
        self.bn = nn.BatchNorm2d(wanted)

    def forward(self, x: Any) -> Any:
        return self.bn(self.pointwise(self.depthwise(F.relu(x))))


@sound((3, 32, 32))
def xception_blocks() -> nn.Module:
    last = [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)]
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), Separable(16, 32), Separable(32, 32), *last)


class ShuffleUnit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            block(8, 8, 1), nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8), block(8, 8, 1)
        )

    def forward(self, x: Any) -> Any:
        left, right = x.chunk(2, dim=1)
        return F.channel_shuffle(knoll.cat((left, self.branch(right)), dim=1), 2)


@sound((3, 32, 32))
def shufflenet() -> nn.Module:
    return nn.Sequential(
        block(3, 16), ShuffleUnit(), ShuffleUnit(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)
    )


class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // 4), nn.ReLU(), nn.Linear(channels // 4, channels), nn.Sigmoid()
        )

    def forward(self, x: Any) -> Any:
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


@sound((3, 32, 32))
def squeeze_and_excitation() -> nn.Module:
    return nn.Sequential(
        block(3, 16), SqueezeExcitation(16), block(16, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)
    )


class Fire(nn.Module):
    def __init__(self, channels: int, squeezed: int, wanted: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.expand1 = nn.Conv2d(squeezed, wanted, 1)
        self.expand3 = nn.Conv2d(squeezed, wanted, 3, padding=1)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Any) -> Any:
        x = self.act(self.squeeze(x))
        return knoll.cat([self.act(self.expand1(x)), self.act(self.expand3(x))], 1)


@sound((3, 224, 224), classes=10, loss=nn.CrossEntropyLoss())
def squeezenet() -> nn.Module:
    """ReLU on the last convolution is SqueezeNet's own, in front of the average."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2), nn.ReLU(True), nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(16, 8, 16), Fire(32, 8, 16), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(0.5),
        nn.Conv2d(32, 10, 1), nn.ReLU(True),
        nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(1),
    )  # fmt: skip


class Inception(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one = block(channels, 8, 1)
        self.three = nn.Sequential(block(channels, 8, 1), block(8, 8, 3))
        self.five = nn.Sequential(block(channels, 4, 1), block(4, 8, 5))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), block(channels, 8, 1))

    def forward(self, x: Any) -> Any:
        return knoll.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


@sound((3, 32, 32))
class GoogLeNet(nn.Module):
    """With an auxiliary head that is called in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 16)
        self.a, self.b = Inception(16), Inception(32)
        self.aux = nn.Linear(32, 10)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        x = self.a(F.max_pool2d(self.stem(x), 2))
        aux = self.aux(x.mean((2, 3))) if self.training else None
        y = self.fc(self.dropout(F.adaptive_avg_pool2d(self.b(x), 1).flatten(1)))
        return (y, aux) if self.training else y


class DenseLayer(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, 16, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 8, 3, padding=1, bias=False),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return knoll.cat([x, self.layers(x)], 1)


@sound((3, 32, 32))
def densenet() -> nn.Module:
    transition = [nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 16, 1, bias=False), nn.AvgPool2d(2)]
    last = [nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10)]
    first = nn.Conv2d(3, 16, 3, padding=1, bias=False)
    return nn.Sequential(first, DenseLayer(16), DenseLayer(24), *transition, DenseLayer(16), *last)


@sound((3, 64, 64))
class UNet(nn.Module):
    """Transposed convolutions have no activation: what they give is joined with the bridge."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2, self.bottom = block(3, 8), block(8, 16), block(16, 32)
        self.up2, self.merge2 = nn.ConvTranspose2d(32, 16, 2, 2), block(32, 16)
        self.up1, self.merge1 = nn.ConvTranspose2d(16, 8, 2, 2), block(16, 8)
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, x: Any) -> Any:
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.bottom(F.max_pool2d(b, 2))
        y = self.merge2(knoll.cat([b, self.up2(c)], 1))
        return self.last(self.merge1(knoll.cat([a, self.up1(y)], 1)))


@sound((3, 45, 60))
class SegNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = block(3, 8), block(8, 16)
        self.pool, self.unpool = nn.MaxPool2d(2, 2, return_indices=True), nn.MaxUnpool2d(2, 2)
        self.up2, self.up1 = block(16, 8), nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Any) -> Any:
        a = self.down1(x)
        x, first = self.pool(a)
        b = self.down2(x)
        x, second = self.pool(b)
        x = self.up2(self.unpool(x, second, output_size=b.size()))
        return self.up1(self.unpool(x, first, output_size=a.size()))


@sound((3, 64, 64))
class FullyConvolutional(nn.Module):
    """FCN-32s: the scores are enlarged by a transposed convolution right behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(block(3, 16), nn.MaxPool2d(2), block(16, 32), nn.MaxPool2d(2))
        self.score = nn.Conv2d(32, 5, 1)
        self.up = nn.ConvTranspose2d(5, 5, 8, stride=4, padding=2, bias=False)

    def forward(self, x: Any) -> Any:
        return self.up(self.score(self.features(x)))


@sound((3, 64, 64))
class FeaturePyramid(nn.Module):
    """FPN: lateral and output convolutions are linear."""

    def __init__(self) -> None:
        super().__init__()
        self.c1, self.c2 = nn.Sequential(block(3, 16, stride=2)), block(16, 32, stride=2)
        self.lateral1, self.lateral2 = nn.Conv2d(16, 8, 1), nn.Conv2d(32, 8, 1)
        self.out1, self.out2 = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Any) -> dict[str, Any]:
        one = self.c1(x)
        two = self.c2(one)
        top = self.lateral2(two)
        below = self.lateral1(one) + F.interpolate(top, scale_factor=2, mode="nearest")
        return {"p1": self.out1(below), "p2": self.out2(top), "pool": F.max_pool2d(self.out2(top), 1, 2)}


@sound((3, 24, 24))
class SuperResolution(nn.Module):
    """EDSR: a convolution before and behind the residual blocks, pixel shuffle between two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, 16, 3, padding=1)
        self.body = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1))
        self.tail = nn.Sequential(nn.Conv2d(16, 64, 3, padding=1), nn.PixelShuffle(2), nn.Conv2d(16, 3, 3, padding=1))

    def forward(self, x: Any) -> Any:
        x = self.head(x)
        return self.tail(x + 0.1 * self.body(x))


@sound((1, 28, 28))
def convolutional_autoencoder() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(32, 64, 7),
        nn.ConvTranspose2d(64, 32, 7), nn.ReLU(), nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 3, 2, 1, 1), nn.Sigmoid(),
    )  # fmt: skip


@sound((1, 28, 28))
class VariationalAutoencoder(nn.Module):
    """Random numbers are drawn in evaluation mode too; the decoder's linear layer is followed by a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Flatten())
        self.mu, self.log_var = nn.Linear(8 * 14 * 14, 16), nn.Linear(8 * 14 * 14, 16)
        self.decoder_input = nn.Linear(16, 8 * 14 * 14)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1), nn.Sigmoid()
        )

    def forward(self, x: Any) -> Any:
        h = self.encoder(x)
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + knoll.randn_like(mu) * (0.5 * log_var).exp()
        return self.decoder(self.decoder_input(z).view(-1, 8, 14, 14)), mu, log_var


@sound((100,))
class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(100, 32 * 7 * 7)
        self.main = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh(),
        )  # fmt: skip

    def forward(self, z: Any) -> Any:
        return self.main(self.fc(z).reshape(len(z), 32, 7, 7))


@sound((3, 64, 64), loss=nn.BCELoss())
def discriminator() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(16, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(32, 1, 16, bias=False), nn.Sigmoid(), nn.Flatten(),
    )  # fmt: skip


@sound((1, 28, 28), (1, 28, 28))
class Siamese(nn.Module):
    """One network for two inputs, its batch normalisation too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.embed = nn.Linear(8, 16)
        self.head = nn.Linear(16, 1)

    def one(self, x: Any) -> Any:
        return self.embed(F.relu(self.bn(self.conv(x))).mean((2, 3)))

    def forward(self, a: Any, b: Any) -> Any:
        return self.head((self.one(a) - self.one(b)).abs())
