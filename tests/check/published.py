"""Published designs that come close to a fault, in a few lines each: nothing may be told of any of them."""

from __future__ import annotations

from typing import Any

import knoll
from check.sound import sound
from knoll import nn
from knoll.nn import functional as F


def block(
    channels: int, wanted: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: Any = nn.ReLU
) -> nn.Sequential:
    conv = nn.Conv2d(channels, wanted, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(wanted), act())


class SE(nn.Module):
    def __init__(self, c: int, r: int = 4) -> None:
        super().__init__()
        self.a = nn.Conv2d(c, c // r, 1)
        self.b = nn.Conv2d(c // r, c, 1)

    def forward(self, x: Any) -> Any:
        return x * knoll.sigmoid(self.b(F.silu(self.a(F.adaptive_avg_pool2d(x, 1)))))


@sound((3, 64, 64), classes=10, loss="cross_entropy")
class EfficientNet(nn.Module):
    """SiLU, squeeze and excitation, projections without an activation."""

    def __init__(self) -> None:
        super().__init__()

        def inverted(channels: int, wanted: int, wide: int, kernel: int, stride: int) -> nn.Sequential:
            return nn.Sequential(
                block(channels, wide, 1, act=nn.SiLU),
                block(wide, wide, kernel, stride, wide, act=nn.SiLU),
                SE(wide),
                nn.Conv2d(wide, wanted, 1, bias=False),
                nn.BatchNorm2d(wanted),
            )

        self.f = nn.Sequential(
            block(3, 16, 3, 2, act=nn.SiLU),
            inverted(16, 24, 64, 3, 2),
            inverted(24, 40, 96, 5, 2),
            inverted(40, 40, 160, 3, 1),
            block(40, 160, 1, act=nn.SiLU),
        )
        self.h = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(160, 10))

    def forward(self, x: Any) -> Any:
        return self.h(self.f(x))


@sound((3, 64, 64))
class ConvNeXt(nn.Module):
    """Depthwise 7 by 7, normalisation and linear layers over channels that stand last."""

    class LN(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.w = nn.Parameter(knoll.ones(c))
            self.b = nn.Parameter(knoll.zeros(c))

        def forward(self, x: Any) -> Any:
            u = x.mean(1, keepdim=True)
            v = (x - u).pow(2).mean(1, keepdim=True)
            return (x - u) / knoll.sqrt(v + 1e-06) * self.w[:, None, None] + self.b[:, None, None]

    class B(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.dw = nn.Conv2d(c, c, 7, padding=3, groups=c)
            self.n = ConvNeXt.LN(c)
            self.p1 = nn.Linear(c, 4 * c)
            self.p2 = nn.Linear(4 * c, c)
            self.g = nn.Parameter(1e-06 * knoll.ones(c))

        def forward(self, x: Any) -> Any:
            y = self.n(self.dw(x)).permute(0, 2, 3, 1)
            y = self.p2(F.gelu(self.p1(y))) * self.g
            return x + y.permute(0, 3, 1, 2)

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 4, 4), ConvNeXt.LN(16))
        self.b1 = ConvNeXt.B(16)
        self.down = nn.Sequential(ConvNeXt.LN(16), nn.Conv2d(16, 32, 2, 2))
        self.b2 = ConvNeXt.B(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        return self.head(self.b2(self.down(self.b1(self.stem(x)))).mean((2, 3)))


@sound((3, 32, 32))
class RepVGG(nn.Module):
    """Branches that are summed before the activation."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.an = nn.BatchNorm2d(16)
        self.b = nn.Conv2d(3, 16, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.c = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.cn = nn.BatchNorm2d(16)
        self.d = nn.Conv2d(16, 16, 1, bias=False)
        self.dn = nn.BatchNorm2d(16)
        self.idn = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.an(self.a(x)) + self.bn(self.b(x)))
        x = F.relu(self.cn(self.c(x)) + self.dn(self.d(x)) + self.idn(x))
        return self.fc(x.mean((2, 3)))


@sound((3, 32, 32))
class PyramidShortcut(nn.Module):
    """ResNet for CIFAR, option A: every second pixel, and channels of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.c0 = block(3, 16)
        self.c1 = nn.Conv2d(16, 32, 3, 2, 1, bias=False)
        self.b1 = nn.BatchNorm2d(32)
        self.c2 = nn.Conv2d(32, 32, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        x = self.c0(x)
        y = self.b2(self.c2(F.relu(self.b1(self.c1(x)))))
        y = F.relu(y + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 8, 8)))
        y = F.avg_pool2d(y, y.size(3))
        return self.fc(y.view(y.size(0), -1))


@sound((3, 32, 32))
class WideDropout(nn.Module):
    """Wide ResNet: dropout between two convolutions, in front of the batch normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.b1 = nn.BatchNorm2d(16)
        self.c1 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.b2 = nn.BatchNorm2d(16)
        self.c2 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.b3 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        x = self.c(x)
        y = self.c1(F.relu(self.b1(x)))
        y = F.dropout(y, 0.3, training=self.training)
        y = self.c2(F.relu(self.b2(y)))
        return self.fc(F.relu(self.b3(x + y)).mean((2, 3)))


@sound((3, 64, 64))
class AttentionUNet(nn.Module):
    """Gates of the bridges."""

    def __init__(self) -> None:
        super().__init__()
        self.e = block(3, 8)
        self.b = block(8, 16)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.wg = nn.Sequential(nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.wx = nn.Sequential(nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.psi = nn.Sequential(nn.Conv2d(4, 1, 1, bias=False), nn.BatchNorm2d(1), nn.Sigmoid())
        self.d = block(16, 8)
        self.o = nn.Conv2d(8, 1, 1)

    def forward(self, x: Any) -> Any:
        e = self.e(x)
        g = self.up(self.b(F.max_pool2d(e, 2)))
        a = self.psi(F.relu(self.wg(g) + self.wx(e)))
        return self.o(self.d(knoll.cat([g, e * a], 1)))


@sound((3, 65, 65))
class DeepLabPooling(nn.Module):
    """ASPP: dilations, and the average of the image with a batch normalisation of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.f = block(3, 16, 3, 2)
        self.a = block(16, 8, 1)
        self.b = nn.Sequential(nn.Conv2d(16, 8, 3, padding=6, dilation=6, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.p = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.pr = nn.Sequential(block(24, 8, 1), nn.Dropout(0.5))
        self.o = nn.Conv2d(8, 3, 1)

    def forward(self, x: Any) -> Any:
        f = self.f(x)
        p = F.interpolate(self.p(f), size=f.shape[-2:], mode="bilinear", align_corners=False)
        return self.o(self.pr(knoll.cat([self.a(f), self.b(f), p], 1)))


@sound((3, 70, 70))
class PatchGAN(nn.Module):
    """Convolutions of 4 with a bias where no normalisation follows."""

    def __init__(self) -> None:
        super().__init__()
        self.m = nn.Sequential(
            nn.Conv2d(3, 8, 4, 2, 1),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(8, 16, 4, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(16, 32, 4, 1, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(32, 1, 4, 1, 1),
        )

    def forward(self, x: Any) -> Any:
        return self.m(x)


@sound((3, 32, 32), classes=10)
class ViTMHA(nn.Module):
    """A class token, and the attention of the library."""

    def __init__(self) -> None:
        super().__init__()
        self.p = nn.Conv2d(3, 16, 8, 8)
        self.cls = nn.Parameter(knoll.zeros(1, 1, 16))
        self.pos = nn.Parameter(knoll.randn(1, 17, 16))
        self.a = nn.MultiheadAttention(16, 4, batch_first=True)
        self.h = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        x = self.p(x).flatten(2).transpose(1, 2)
        x = (
            knoll.cat([self.cls.expand(x.shape[0], -1, -1) if hasattr(self.cls, "expand") else self.cls, x], 1)
            + self.pos
        )
        x = x + self.a(x, x, x, need_weights=False)[0]
        return self.h(x[:, 0])


@sound((20,))
class Maxout(nn.Module):
    """The largest of three linear functions."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(20, 60)
        self.b = nn.Linear(20, 10)

    def forward(self, x: Any) -> Any:
        return self.b(self.a(x).view(-1, 20, 3).max(2)[0])


@sound((1, 30, 50))
class TextCNN(nn.Module):
    """Windows as wide as a word vector, the largest of each."""

    def __init__(self) -> None:
        super().__init__()
        self.cs = nn.ModuleList([nn.Conv2d(1, 8, (k, 50)) for k in (2, 3, 4)])
        self.d = nn.Dropout(0.5)
        self.f = nn.Linear(24, 2)

    def forward(self, x: Any) -> Any:
        return self.f(self.d(knoll.cat([F.relu(c(x)).squeeze(3).max(2)[0] for c in self.cs], 1)))


@sound((3, 64, 64))
class SSDHead(nn.Module):
    """Boxes and classes of two maps in one list."""

    def __init__(self) -> None:
        super().__init__()
        self.f = block(3, 8, 3, 2)
        self.g = block(8, 8, 3, 2)
        self.l = nn.ModuleList([nn.Conv2d(8, 16, 3, padding=1) for _ in range(2)])
        self.c = nn.ModuleList([nn.Conv2d(8, 12, 3, padding=1) for _ in range(2)])

    def forward(self, x: Any) -> Any:
        a = self.f(x)
        b = self.g(a)
        loc = knoll.cat(
            [head(z).permute(0, 2, 3, 1).reshape(z.size(0), -1, 4) for head, z in zip(self.l, (a, b), strict=True)], 1
        )
        conf = knoll.cat(
            [head(z).permute(0, 2, 3, 1).reshape(z.size(0), -1, 3) for head, z in zip(self.c, (a, b), strict=True)], 1
        )
        return (loc, F.softmax(conf, -1))


@sound((3, 16, 16))
class PixelFlatten(nn.Module):
    """A linear layer for every pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.c = block(3, 8)
        self.l = nn.Linear(8, 5)

    def forward(self, x: Any) -> Any:
        x = self.c(x).permute(0, 2, 3, 1).reshape(-1, 8)
        return self.l(x)


@sound((5, 20))
class TimeDistributed(nn.Module):
    """Steps of time counted as samples, and back."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(20, 16)
        self.b = nn.Linear(16, 4)

    def forward(self, x: Any) -> Any:
        n, steps, f = x.shape
        y = F.relu(self.a(x.reshape(n * steps, f)))
        return self.b(y).view(n, steps, 4).mean(1)


@sound((1, 28, 28))
class MaskedConv(nn.Module):
    """Weights that are multiplied with a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(knoll.randn(8, 1, 5, 5) * 0.1)
        self.register_buffer("mask", knoll.ones(8, 1, 5, 5))
        self.mask[:, :, 3:] = 0
        self.b = nn.Conv2d(8, 1, 1)

    def forward(self, x: Any) -> Any:
        return self.b(F.relu(F.conv2d(x, self.w * self.mask, padding=2)))


@sound((3, 32, 32))
class CaffeBottleneck(nn.Module):
    """1 by 1 with stride 2 in both branches."""

    def __init__(self) -> None:
        super().__init__()
        self.c = block(3, 16)
        self.m = nn.Sequential(block(16, 8, 1, 2), block(8, 8, 3), nn.Conv2d(8, 32, 1, bias=False), nn.BatchNorm2d(32))
        self.d = nn.Sequential(nn.Conv2d(16, 32, 1, 2, bias=False), nn.BatchNorm2d(32))
        self.f = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        x = self.c(x)
        return self.f(F.relu(self.m(x) + self.d(x)).mean((2, 3)))


@sound((4,))
class PrototypicalSquared(nn.Module):
    """Distances to prototypes."""

    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8))
        self.p = nn.Parameter(knoll.randn(3, 8))

    def forward(self, x: Any) -> Any:
        return -((self.e(x)[:, None] - self.p) ** 2).sum(-1)


@sound((8,))
class ActorCritic(nn.Module):
    """The critic is called by another method."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(8, 16)
        self.actor = nn.Linear(16, 2)
        self.critic = nn.Linear(16, 1)

    def value(self, x: Any) -> Any:
        return self.critic(F.relu(self.b(x)))

    def forward(self, x: Any) -> Any:
        return F.softmax(self.actor(F.relu(self.b(x))), -1)


@sound((3, 32, 32))
class StochasticDepth(nn.Module):
    """A residual that is left out at random in training."""

    def __init__(self) -> None:
        super().__init__()
        self.c = block(3, 8)
        self.r = nn.Sequential(block(8, 8), nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8))
        self.f = nn.Linear(8, 3)
        self.p = 0.5

    def forward(self, x: Any) -> Any:
        x = self.c(x)
        if self.training:
            if knoll.rand(1).item() > self.p:
                x = F.relu(x + self.r(x))
        else:
            x = F.relu(x + self.p * self.r(x))
        return self.f(x.mean((2, 3)))


@sound((3, 32, 32))
class FlagAux(nn.Module):
    """A head that is called if that is asked for."""

    def __init__(self, aux=False):
        super().__init__()
        self.c = block(3, 8)
        self.aux = nn.Linear(8, 3)
        self.f = nn.Linear(8, 3)
        self.use = aux

    def forward(self, x: Any) -> Any:
        h = self.c(x).mean((2, 3))
        if self.use:
            return (self.f(h), self.aux(h))
        return self.f(h)


@sound((3, 32, 32))
class SimSiam(nn.Module):
    """A projection with a batch normalisation at its end, given away too."""

    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Sequential(block(3, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.pj = nn.Sequential(
            nn.Linear(16, 32, bias=False),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 32, bias=False),
            nn.BatchNorm1d(32),
        )
        self.pd = nn.Sequential(nn.Linear(32, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 32))

    def forward(self, x: Any) -> Any:
        z = self.pj(self.e(x))
        return (self.pd(z), z.detach())


@sound((3, 32, 32))
class GhostModule(nn.Module):
    """Cheap features, a projection without an activation."""

    def __init__(self) -> None:
        super().__init__()
        self.p = block(3, 8, 1)
        self.c = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.q = nn.Sequential(nn.Conv2d(16, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.r = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False), nn.BatchNorm2d(4))
        self.o = nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        a = self.p(x)
        x = knoll.cat([a, self.c(a)], 1)
        a = self.q(x)
        x = knoll.cat([a, self.r(a)], 1)
        return self.o(x.mean((2, 3)))
