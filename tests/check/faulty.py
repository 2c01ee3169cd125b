"""Small networks with a known fault: each row says which rule tells it, and of which module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import knoll
from knoll import nn
from knoll.nn import functional as F

Shape = tuple[int, ...]
Row = tuple[str, Callable[[], nn.Module], tuple[Shape, ...], dict[str, Any], str, str]
FAULTY: list[Row] = []


def faulty(rule: str, name: str, *shapes: Shape, **options: Any) -> Callable[[Callable[[], nn.Module]], Any]:
    """Add a network to the table: the rule that tells its fault, the module that it is about, shapes, options."""

    def add(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        FAULTY.append((build.__name__, build, shapes, options, rule, name))
        return build

    return add


def layers(rule: str, at: str, shape: Shape, *given: Callable[[], nn.Module], **options: Any) -> None:
    """Add a Sequential to the table."""
    FAULTY.append(
        (f"{rule} {len(FAULTY)}", lambda: nn.Sequential(*[make() for make in given]), (shape,), options, rule, at)
    )


def conv(*args: Any, **named: Any) -> Callable[[], nn.Module]:
    return lambda: nn.Conv2d(*args, **named)


def linear(*args: Any, **named: Any) -> Callable[[], nn.Module]:
    return lambda: nn.Linear(*args, **named)


def maxpool(*args: Any, **named: Any) -> Callable[[], nn.Module]:
    return lambda: nn.MaxPool2d(*args, **named)


def norm(channels: int) -> Callable[[], nn.Module]:
    return lambda: nn.BatchNorm2d(channels)


IMAGE = (3, 32, 32)
CE = nn.CrossEntropyLoss()

# Activations
layers("missing-activation", "2", (784,), nn.Flatten, linear(784, 128), linear(128, 10))
layers("missing-activation", "1", IMAGE, conv(3, 8, 3), conv(8, 8, 3), nn.ReLU, nn.Flatten, linear(8 * 28 * 28, 10))
layers("missing-activation", "2", IMAGE, conv(3, 8, 3), norm(8), conv(8, 16, 3, bias=False), nn.ReLU)
layers("missing-activation", "2", IMAGE, conv(3, 8, 3), lambda: nn.AvgPool2d(2), conv(8, 16, 3), nn.ReLU)
layers("missing-activation", "4", IMAGE, conv(3, 8, 3), nn.ReLU, conv(8, 8, 3), maxpool(2), conv(8, 8, 3), nn.ReLU)
layers("missing-activation", "2", IMAGE, conv(3, 8, 3), nn.Flatten, linear(8 * 30 * 30, 10))
layers(
    "missing-activation", "1", (8, 4, 4), lambda: nn.ConvTranspose2d(8, 8, 2, 2), lambda: nn.ConvTranspose2d(8, 3, 2, 2)
)
layers("repeated-activation", "2", (8,), linear(8, 8), nn.ReLU, nn.ReLU, linear(8, 4))
layers("repeated-activation", "3", IMAGE, conv(3, 8, 3), nn.ReLU, maxpool(2), nn.ReLU)
layers("repeated-activation", "2", (8,), linear(8, 1), nn.ReLU, nn.Sigmoid)
layers("repeated-activation", "2", (8,), linear(8, 4), lambda: nn.Softmax(1), lambda: nn.LogSoftmax(1))
layers("repeated-activation", "2", (8,), linear(8, 4), nn.Tanh, nn.Tanh, linear(4, 2))

# The loss
layers("activation-before-loss", "1", (8,), linear(8, 4), lambda: nn.Softmax(dim=1), loss=CE)
layers("activation-before-loss", "1", (8,), linear(8, 4), lambda: nn.LogSoftmax(dim=1), loss=CE)
layers("activation-before-loss", "1", (8,), linear(8, 4), nn.Sigmoid, loss=F.cross_entropy)
layers("activation-before-loss", "1", (8,), linear(8, 4), nn.ReLU, loss=CE)
layers("activation-before-loss", "1", (8,), linear(8, 4), nn.Tanh, loss=CE)
layers("activation-before-loss", "1", (8,), linear(8, 4), nn.GELU, loss=CE)
layers("activation-before-loss", "1", (8,), linear(8, 1), nn.Sigmoid, loss=nn.BCEWithLogitsLoss())
layers("loss-input", "0", (8,), linear(8, 4), loss=nn.NLLLoss())
layers("loss-input", "1", (8,), linear(8, 4), lambda: nn.Softmax(dim=1), loss=nn.NLLLoss())
layers("loss-input", "0", (8,), linear(8, 1), loss=nn.BCELoss())
layers("output-size", "2", (8,), linear(8, 4), nn.ReLU, linear(4, 10), loss=CE, classes=12)
layers("output-size", "0", (8,), linear(8, 1), loss=CE)
layers("all-frozen", "", (8,), lambda: nn.Linear(8, 4).requires_grad_(False), loss=CE)

# Softmax
layers("softmax-axis", "1", (8,), linear(8, 4), lambda: nn.Softmax(dim=0))
layers("softmax-axis", "1", (8,), linear(8, 1), lambda: nn.Softmax(dim=1))

# Batch normalisation and dropout
layers("bias-before-batch-norm", "0", IMAGE, conv(3, 8, 3), norm(8), nn.ReLU)
layers("bias-before-batch-norm", "0", (8,), linear(8, 16), lambda: nn.BatchNorm1d(16), nn.ReLU)
layers("bias-before-batch-norm", "0", IMAGE, conv(3, 8, 3), maxpool(2), norm(8), nn.ReLU)
layers("bias-before-batch-norm", "0", IMAGE, conv(3, 8, 3), lambda: nn.AvgPool2d(2), norm(8), nn.ReLU)
layers("batch-norm-twice", "2", IMAGE, conv(3, 8, 3, bias=False), norm(8), norm(8), nn.ReLU)
layers("dropout-before-batch-norm", "1", IMAGE, conv(3, 8, 3), nn.Dropout, norm(8), nn.ReLU)
layers("dropout-of-everything", "1", (8,), linear(8, 8), lambda: nn.Dropout(p=1), nn.ReLU, linear(8, 2))
layers("dropout-on-output", "4", IMAGE, nn.Flatten, linear(3072, 8), nn.ReLU, linear(8, 4), nn.Dropout)
layers("dropout-on-output", "1", (8,), linear(8, 4), nn.Dropout, loss=CE)
layers("batch-of-one", "1", (8,), linear(8, 4, bias=False), lambda: nn.BatchNorm1d(4), batch_size=64, data=129)
layers("batch-of-one", "1", IMAGE, lambda: nn.AdaptiveAvgPool2d(1), norm(3), batch_size=1)
layers("batch-of-one", "1", (1, *IMAGE), lambda: nn.AdaptiveAvgPool2d(1), norm(3))
layers("batch-of-one", "2", (1, *IMAGE), nn.Flatten, linear(3072, 8, bias=False), lambda: nn.BatchNorm1d(8), nn.ReLU)
layers("image-too-small", "1", IMAGE, lambda: nn.AdaptiveAvgPool2d(1), conv(3, 8, 3, padding=1), nn.ReLU)
layers("activation-before-loss", "1", (8,), linear(8, 4), nn.ReLU, classes=4)

# Windows
layers("border-dropped", "0", IMAGE, maxpool(3))
layers("border-dropped", "0", (3, 5, 5), conv(3, 8, 2, stride=2), nn.ReLU)
layers("border-dropped", "0", (3, 8, 12), lambda: nn.AvgPool2d(8))
layers("stride-beyond-kernel", "0", IMAGE, conv(3, 8, 3, stride=5))
layers("stride-beyond-kernel", "2", IMAGE, conv(3, 8, 3), nn.ReLU, maxpool(2, stride=3))
layers("stride-beyond-kernel", "0", IMAGE, conv(3, 8, 1, stride=2), nn.ReLU)
layers("stride-beyond-kernel", "0", IMAGE, conv(3, 8, 3, stride=2, dilation=2), nn.ReLU)
layers("stride-beyond-kernel", "0", (8, 4, 4), lambda: nn.ConvTranspose2d(8, 4, 2, stride=3))
layers("padding-only", "0", IMAGE, conv(3, 8, 1, padding=1), nn.ReLU)
layers("padding-only", "0", IMAGE, conv(3, 8, 3, padding=3), nn.ReLU)
layers(
    "image-too-small",
    "3",
    (3, 8, 8),
    conv(3, 8, 3, padding=1),
    nn.ReLU,
    maxpool(8),
    conv(8, 8, 3, padding=1),
    nn.ReLU,
    nn.Flatten,
    linear(8, 2),
)
layers("forward-fails", "2", (3, 8, 8), conv(3, 8, 5), nn.ReLU, conv(8, 8, 5))
layers("forward-fails", "0", (1, 28, 28), conv(3, 8, 3), nn.ReLU)
layers("forward-fails", "0", (32, 32, 3), conv(3, 8, 3), nn.ReLU)
layers("forward-fails", "3", IMAGE, conv(3, 8, 3), nn.ReLU, nn.Flatten, linear(1000, 10))
layers("forward-fails", "2", IMAGE, conv(3, 8, 3), nn.ReLU, linear(7200, 10))
layers("forward-fails", "2", IMAGE, conv(3, 16, 3), nn.ReLU, conv(32, 8, 3))
layers("forward-fails", "1", IMAGE, conv(3, 8, 3), norm(16))

# The axis of the samples
layers("forward-fails", "1", IMAGE, lambda: nn.Flatten(0), linear(3 * 32 * 32, 10))
layers("fixed-batch-size", "1", IMAGE, lambda: nn.Flatten(0), linear(3 * 32 * 32 * 2, 10))
layers("linear-on-images", "2", IMAGE, conv(3, 8, 3), nn.ReLU, linear(30, 10), nn.Flatten)
# The same object twice
FAULTY.append(
    (
        "one layer in a list three times",
        lambda: nn.Sequential(nn.Conv2d(3, 8, 1), *[nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()] * 3),
        (IMAGE,),
        {},
        "shared-layer",
        "1",
    )
)


@faulty("always-training", "", (8,))
class AlwaysDrops(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(8, 16), nn.Linear(16, 4)

    def forward(self, x: Any) -> Any:
        return self.b(F.dropout(F.relu(self.a(x))))


@faulty("always-training", "", IMAGE)
class AlwaysNormalises(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 8, 3), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        x = F.batch_norm(F.relu(self.conv(x)), None, None, training=True)
        return self.head(x.mean((2, 3)))


@faulty("batch-norm-shared", "bn", IMAGE)
class OneNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3, bias=False), nn.Conv2d(8, 8, 3, bias=False)
        self.bn, self.head = nn.BatchNorm2d(8), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.bn(self.conv1(x)))
        x = F.relu(self.bn(self.conv2(x)))
        return self.head(x.mean((2, 3)))


@faulty("unpool-size", "unpool", (3, 9, 9))
class WrongUnpooling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Any) -> Any:
        x, indices = self.pool(x)
        return self.conv(self.unpool(x, indices))


@faulty("missing-activation", "fc2", IMAGE)
class Functional(nn.Module):
    """As written with functions: one activation is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc1, self.fc2, self.fc3 = (
            nn.Conv2d(3, 8, 3),
            nn.Linear(1800, 64),
            nn.Linear(64, 32),
            nn.Linear(32, 10),
        )

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = self.fc2(self.fc1(x.view(x.size(0), -1)))
        return self.fc3(F.relu(x))


@faulty("forward-fails", "", IMAGE)
class NoForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)


@faulty("forward-fails", "", IMAGE)
class Misspelt(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Any) -> Any:
        return self.conv1(x)


@faulty("fails-in-training", "", IMAGE)
class BrokenInTraining(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv(x))
        return x.view(-1, 7) if self.training else x


@faulty("activation-before-loss", "", (8,))
class LossInside(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        return F.cross_entropy(F.softmax(self.fc(x), dim=1), knoll.zeros(len(x), dtype=knoll.long))


@faulty("missing-activation", "conv2", IMAGE)
class LinearResidual(nn.Module):
    """A sum of linear branches is linear."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Any) -> Any:
        x = self.conv1(x)
        return x + self.conv2(x)


@faulty("forward-fails", "", IMAGE)
class BrokenInEvaluation(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x: Any) -> Any:
        if not self.training:
            raise ValueError("not here")
        return self.conv(x)
