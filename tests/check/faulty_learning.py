"""Faults that keep weights from learning: unknown to the network, unused, or without a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

import knoll
from check.faulty import CE, IMAGE, faulty
from knoll import nn
from knoll.nn import functional as F


@faulty("unregistered-layer", "convs", IMAGE)
class PlainList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = [nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)]
        self.head = nn.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        for each in self.convs:
            x = F.relu(each(x))
        return self.head(x.mean((2, 3)))


@faulty("unregistered-layer", "heads", (8,))
class PlainDict(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.heads = nn.Linear(8, 8), {"a": nn.Linear(8, 2), "b": [nn.Linear(8, 3)]}

    def forward(self, x: Any) -> Any:
        x = F.relu(self.body(x))
        return self.heads["a"](x), self.heads["b"][0](x)


@faulty("unregistered-parameter", "scale", (8,))
class PlainTensor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.scale = nn.Linear(8, 8), knoll.ones(8, requires_grad=True)

    def forward(self, x: Any) -> Any:
        return self.fc(x) * self.scale


@faulty("unregistered-parameter", "weights", (8,))
class ParametersInList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.weights = nn.Linear(8, 8), [nn.Parameter(knoll.ones(8)) for _ in range(2)]

    def forward(self, x: Any) -> Any:
        return self.fc(x) * self.weights[0] + self.weights[1]


@faulty("unused-parameter", "conv3", IMAGE)
class Forgotten(nn.Module):
    """The third convolution is made, and the second one called in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)
        self.head = nn.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv2(x))
        return self.head(x.mean((2, 3)))


@faulty("unused-parameter", "gain", (8,))
class ForgottenParameter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.gain = nn.Linear(8, 4), nn.Parameter(knoll.ones(4))

    def forward(self, x: Any) -> Any:
        return self.fc(x)


@faulty("result-unused", "", IMAGE)
class NotKept(nn.Module):
    """The activation's result is not given a name."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)

    def forward(self, x: Any) -> Any:
        x = self.conv1(x)
        F.relu(x)
        return F.relu(self.conv2(x))


@faulty("result-unused", "conv2", IMAGE)
class LayerNotKept(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv1(x))
        self.conv2(x)
        return x


@faulty("weights-all-equal", "0.weight", (8,))
def constant_weights() -> nn.Module:
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4))
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.5)
    return net


@faulty("weights-not-finite", "0.weight", (8,))
def broken_weights() -> nn.Module:
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    nn.init.constant_(net[0].weight, float("nan"))
    return net


@faulty("unregistered-parameter", "scale", (8,))
class NoLeaf(nn.Module):
    """What is computed of a parameter is none."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.scale = nn.Linear(8, 8), nn.Parameter(knoll.ones(8)) * 0.1

    def forward(self, x: Any) -> Any:
        return self.fc(x) * self.scale


@faulty("unused-parameter", "layer2", (8,))
class ForgottenSequential(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
        self.layer2 = nn.Sequential(nn.Linear(8, 8), nn.ReLU())

    def forward(self, x: Any) -> Any:
        return self.layer1(x)


class TwoLayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(16, 8), nn.Linear(8, 2)


@faulty("no-gradient", "a", (16,), loss=CE)
class Detached(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x)).detach())


@faulty("no-gradient", "a", (16,), loss=CE, mode="train")
class ByData(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x)).data)


@faulty("unregistered-layer", "", (16,))
class MadeInForward(TwoLayers):
    def forward(self, x: Any) -> Any:
        return nn.Linear(8, 2)(F.relu(self.a(x)))


@faulty("no-gradient", "a", (16,))
class UnderNoGrad(TwoLayers):
    def forward(self, x: Any) -> Any:
        with knoll.no_grad():
            x = F.relu(self.a(x))
        return self.b(x)


@faulty("no-gradient", "a", (16,), loss=CE)
class NeverRecords(TwoLayers):
    @knoll.no_grad()
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x)))


@faulty("no-gradient", "a", (16,), loss=CE)
class ClassNumbers(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(x))).argmax(1)


@faulty("no-gradient", "a", (16,), loss=nn.BCELoss())
class TrueOrFalse(TwoLayers):
    def forward(self, x: Any) -> Any:
        return (F.sigmoid(self.b(F.relu(self.a(x)))) > 0.5).float()


@faulty("no-gradient", "a", (16,))
class Signs(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(knoll.sign(self.a(x)))


@faulty("no-gradient", "gate", (16,))
class HardGate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate, self.body = nn.Linear(16, 4), nn.Linear(16, 4)

    def forward(self, x: Any) -> Any:
        return self.body(x) * (self.gate(x) > 0).float()


@faulty("no-gradient", "", (16,))
class ThroughNumpy(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(knoll.from_numpy(np.maximum(self.a(x).detach().numpy(), 0)))


@faulty("no-gradient", "", (16,))
class ThroughLists(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(knoll.tensor(self.a(x).tolist())))


outside = nn.Linear(16, 16)


@faulty("unregistered-layer", "", (16,))
class OfTheFile(TwoLayers):
    def forward(self, x: Any) -> Any:
        return self.b(F.relu(self.a(F.relu(outside(x)))))


@faulty("unregistered-parameter", "", (16,))
class WeightMadeInForward(TwoLayers):
    def forward(self, x: Any) -> Any:
        return F.relu(self.a(x)) @ knoll.randn(8, 3, requires_grad=True)


@faulty("unused-parameter", "b", (16,))
class ReturnsTooSoon(TwoLayers):
    def forward(self, x: Any) -> Any:
        return F.relu(self.a(x))
        return self.b(x)


@faulty("forward-fails", "", (16,))
class ChangesItsWeight(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(knoll.randn(16, 2))

    def forward(self, x: Any) -> Any:
        self.w.mul_(0.5)
        return x @ self.w
