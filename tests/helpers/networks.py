"""Networks as they are published, at small widths, whose blocks broadcast, slice, pad and shuffle channels.

Each is made of `lib`: `knoll`, or `torch`, which has the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def block(lib: Any, forward: Callable[[Any, Any], Any], **layers: Any) -> Any:
    """A module with these layers, whose `forward` is a function of it and x."""

    class Block(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, layer in layers.items():
                setattr(self, name, layer)

        def forward(self, x: Any) -> Any:
            return forward(self, x)

    return Block()


def conv_bn(lib: Any, c: int, k: int, size: int = 1, stride: int = 1, groups: int = 1, act: Any = None) -> Any:
    """A convolution, its normalisation and, if given, an activation."""
    nn = lib.nn
    convolution = nn.Conv2d(c, k, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(k), *([act()] if act else []))


def classified(lib: Any, c: int, *layers: Any) -> Any:
    """The layers, the average over all pixels, and a linear layer."""
    nn = lib.nn
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 10))


def excited(lib: Any, c: int, squeezed: int, gate: Any = None, act: Any = None) -> Any:
    """Squeeze-and-excitation by 1×1 convolutions. Source: Hu et al., 2018, https://arxiv.org/abs/1709.01507"""
    nn = lib.nn
    return block(
        lib,
        lambda m, x: x * m.gate(m.up(m.act(m.down(x.mean((2, 3), keepdim=True))))),
        down=nn.Conv2d(c, squeezed, 1),
        up=nn.Conv2d(squeezed, c, 1),
        act=(act or nn.ReLU)(),
        gate=(gate or nn.Sigmoid)(),
    )


def senet(lib: Any) -> Any:
    """SENet-18: basic blocks, gated by average pooling and linear layers."""
    nn, F = lib.nn, lib.nn.functional

    def gated(m: Any, x: Any) -> Any:
        y = m.body(x)
        w = F.adaptive_avg_pool2d(y, 1).flatten(1)
        w = lib.sigmoid(m.up(F.relu(m.down(w)))).view(y.shape[0], y.shape[1], 1, 1)
        return F.relu(y * w + m.shortcut(x))

    def basic(c: int, k: int, stride: int) -> Any:
        body = nn.Sequential(conv_bn(lib, c, k, 3, stride, act=nn.ReLU), conv_bn(lib, k, k, 3))
        shortcut = nn.Identity() if (c, stride) == (k, 1) else conv_bn(lib, c, k, 1, stride)
        return block(lib, gated, body=body, shortcut=shortcut, down=nn.Linear(k, k // 4), up=nn.Linear(k // 4, k))

    return classified(
        lib,
        40,
        conv_bn(lib, 3, 16, 3, act=nn.ReLU),
        basic(16, 16, 1),
        basic(16, 24, 2),
        basic(24, 40, 2),
        basic(40, 40, 1),
    )


def inverted(
    lib: Any, c: int, wide: int, k: int, size: int, stride: int, act: Any, squeezed: int = 0, gate: Any = None
) -> Any:
    """An inverted residual block with squeeze-and-excitation. Source: https://arxiv.org/abs/1905.02244"""
    layers = [conv_bn(lib, c, wide, act=act)] if wide != c else []
    layers.append(conv_bn(lib, wide, wide, size, stride, wide, act))
    if squeezed:
        layers.append(excited(lib, wide, squeezed, gate, lib.nn.ReLU if gate else act))
    layers.append(conv_bn(lib, wide, k))
    body = lib.nn.Sequential(*layers)
    return block(lib, lambda m, x: x + m.body(x), body=body) if (c, stride) == (k, 1) else body


def efficientnet(lib: Any) -> Any:
    """EfficientNet-B0. Source: Tan and Le, 2019, https://arxiv.org/abs/1905.11946"""
    act = lib.nn.SiLU
    return classified(
        lib,
        80,
        conv_bn(lib, 3, 16, 3, 2, act=act),
        inverted(lib, 16, 16, 8, 3, 1, act, 4),
        inverted(lib, 8, 48, 12, 3, 2, act, 2),
        inverted(lib, 12, 72, 12, 3, 1, act, 3),
        inverted(lib, 12, 72, 20, 5, 2, act, 3),
        inverted(lib, 20, 120, 20, 5, 1, act, 5),
        conv_bn(lib, 20, 80, act=act),
    )


def mobilenet_v3_small(lib: Any) -> Any:
    """MobileNetV3-Small. Source: Howard et al., 2019, https://arxiv.org/abs/1905.02244"""
    nn = lib.nn
    small, hard = nn.ReLU, nn.Hardswish
    return classified(
        lib,
        72,
        conv_bn(lib, 3, 8, 3, 2, act=hard),
        inverted(lib, 8, 8, 8, 3, 2, small, 8, nn.Hardsigmoid),
        inverted(lib, 8, 36, 12, 3, 2, small),
        inverted(lib, 12, 48, 20, 5, 1, hard, 16, nn.Hardsigmoid),
        inverted(lib, 20, 80, 20, 5, 1, hard, 24, nn.Hardsigmoid),
        conv_bn(lib, 20, 72, act=hard),
    )


def mobilenet_v3_large(lib: Any) -> Any:
    """MobileNetV3-Large. Source: same"""
    nn = lib.nn
    small, hard = nn.ReLU, nn.Hardswish
    return classified(
        lib,
        96,
        conv_bn(lib, 3, 16, 3, 2, act=hard),
        inverted(lib, 16, 16, 16, 3, 1, small),
        inverted(lib, 16, 64, 24, 3, 2, small),
        inverted(lib, 24, 72, 24, 5, 2, small, 24, nn.Hardsigmoid),
        inverted(lib, 24, 72, 24, 5, 1, small, 24, nn.Hardsigmoid),
        inverted(lib, 24, 96, 24, 3, 1, hard),
        conv_bn(lib, 24, 96, act=hard),
    )


def regnet_y(lib: Any) -> Any:
    """RegNetY: bottlenecks of grouped convolutions, gated. Source: https://arxiv.org/abs/2003.13678"""
    nn = lib.nn

    def bottleneck(c: int, k: int, stride: int, squeezed: int) -> Any:
        grouped = conv_bn(lib, k, k, 3, stride, k // 8, nn.ReLU)
        body = nn.Sequential(conv_bn(lib, c, k, act=nn.ReLU), grouped, excited(lib, k, squeezed), conv_bn(lib, k, k))
        shortcut = nn.Identity() if (c, stride) == (k, 1) else conv_bn(lib, c, k, 1, stride)
        return block(lib, lambda m, x: nn.functional.relu(m.shortcut(x) + m.body(x)), body=body, shortcut=shortcut)

    return classified(
        lib,
        56,
        conv_bn(lib, 3, 16, 3, 2, act=nn.ReLU),
        bottleneck(16, 24, 2, 4),
        bottleneck(24, 24, 1, 6),
        bottleneck(24, 56, 2, 6),
    )


def shufflenet_v2(lib: Any) -> Any:
    """ShuffleNetV2: half of the channels pass by, then all are shuffled. Source: https://arxiv.org/abs/1807.11164"""
    nn = lib.nn

    def shuffled(x: Any) -> Any:
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)

    def branch(c: int, k: int, stride: int) -> Any:
        depthwise = conv_bn(lib, k, k, 3, stride, k)
        return nn.Sequential(conv_bn(lib, c, k, act=nn.ReLU), depthwise, conv_bn(lib, k, k, act=nn.ReLU))

    def basic(m: Any, x: Any) -> Any:
        by, through = x.chunk(2, dim=1)
        return shuffled(lib.cat((by, m.branch(through)), dim=1))

    def down(c: int, k: int) -> Any:
        by = nn.Sequential(conv_bn(lib, c, c, 3, 2, c), conv_bn(lib, c, k, act=nn.ReLU))
        return block(lib, lambda m, x: shuffled(lib.cat((m.by(x), m.branch(x)), dim=1)), by=by, branch=branch(c, k, 2))

    return classified(
        lib,
        96,
        conv_bn(lib, 3, 24, 3, 2, act=nn.ReLU),
        down(24, 29),
        block(lib, basic, branch=branch(29, 29, 1)),
        down(58, 48),
        block(lib, basic, branch=branch(48, 48, 1)),
    )


def dpn(lib: Any) -> Any:
    """DPN-26: some channels are added, the others join those before. Source: https://arxiv.org/abs/1707.01629"""
    nn = lib.nn

    def dual(d: int) -> Callable[[Any, Any], Any]:
        def forward(m: Any, x: Any) -> Any:
            y, x = m.body(x), m.shortcut(x)
            return nn.functional.relu(lib.cat([x[:, :d] + y[:, :d], x[:, d:], y[:, d:]], 1))

        return forward

    def layer(c: int, k: int, d: int, dense: int, stride: int, first: bool) -> Any:
        body = nn.Sequential(
            conv_bn(lib, c, k, act=nn.ReLU), conv_bn(lib, k, k, 3, stride, 4, nn.ReLU), conv_bn(lib, k, d + dense)
        )
        shortcut = conv_bn(lib, c, d + dense, 1, stride) if first else nn.Identity()
        return block(lib, dual(d), body=body, shortcut=shortcut)

    return classified(
        lib,
        42,
        conv_bn(lib, 3, 16, 3, act=nn.ReLU),
        layer(16, 16, 24, 8, 1, True),
        layer(40, 16, 24, 8, 1, False),
        layer(48, 24, 36, 2, 2, True),
        layer(40, 24, 36, 2, 1, False),
    )


def resnet20(lib: Any) -> Any:
    """ResNet-20 with shortcuts of option A: every other pixel, and channels of zeros. https://arxiv.org/abs/1512.03385"""
    nn, F = lib.nn, lib.nn.functional

    def basic(c: int, k: int, stride: int) -> Any:
        body = nn.Sequential(conv_bn(lib, c, k, 3, stride, act=nn.ReLU), conv_bn(lib, k, k, 3))

        def forward(m: Any, x: Any) -> Any:
            by = x if stride == 1 else F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, (k - c) // 2, (k - c) // 2), "constant", 0)
            return F.relu(m.body(x) + by)

        return block(lib, forward, body=body)

    return classified(
        lib,
        64,
        conv_bn(lib, 3, 16, 3, act=nn.ReLU),
        basic(16, 16, 1),
        basic(16, 32, 2),
        basic(32, 32, 1),
        basic(32, 64, 2),
    )


def convnext(lib: Any) -> Any:
    """ConvNeXt: layer normalisation over the channels, channels first and last. Source: https://arxiv.org/abs/2201.03545"""
    nn = lib.nn

    def normed(m: Any, x: Any) -> Any:
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / lib.sqrt(variance + 1e-6)
        return m.weight[:, None, None] * x + m.bias[:, None, None]

    def norm(c: int) -> Any:
        return block(lib, normed, weight=nn.Parameter(lib.ones(c)), bias=nn.Parameter(lib.zeros(c)))

    def residual(m: Any, x: Any) -> Any:
        y = m.depthwise(x).permute(0, 2, 3, 1)
        centred = y - y.mean(-1, keepdim=True)
        y = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * m.weight + m.bias
        y = m.scale * m.down(nn.functional.gelu(m.up(y)))
        return x + y.permute(0, 3, 1, 2)

    def convnext_block(c: int) -> Any:
        ones = (nn.Parameter(lib.ones(c)) for _ in range(2))
        weight, bias, scale = *ones, nn.Parameter(0.1 * lib.ones(c))
        depthwise = nn.Conv2d(c, c, 7, padding=3, groups=c)
        return block(
            lib,
            residual,
            depthwise=depthwise,
            up=nn.Linear(c, 4 * c),
            down=nn.Linear(4 * c, c),
            weight=weight,
            bias=bias,
            scale=scale,
        )

    return classified(
        lib,
        40,
        nn.Conv2d(3, 24, 4, 4),
        norm(24),
        convnext_block(24),
        norm(24),
        nn.Conv2d(24, 40, 2, 2),
        convnext_block(40),
    )


def cbam(lib: Any) -> Any:
    """A convolutional block attention module: channels, then pixels. Source: https://arxiv.org/abs/1807.06521"""
    nn = lib.nn

    def attended(m: Any, x: Any) -> Any:
        x = x * lib.sigmoid(m.mlp(m.average(x)) + m.mlp(m.largest(x)))
        pixels = lib.cat((x.mean(1, keepdim=True), x.amax(1, keepdim=True)), 1)
        return x * lib.sigmoid(m.spatial(pixels))

    mlp = nn.Sequential(nn.Conv2d(24, 6, 1, bias=False), nn.ReLU(), nn.Conv2d(6, 24, 1, bias=False))
    attention = block(
        lib,
        attended,
        mlp=mlp,
        average=nn.AdaptiveAvgPool2d(1),
        largest=nn.AdaptiveMaxPool2d(1),
        spatial=nn.Conv2d(2, 1, 7, padding=3),
    )
    return classified(lib, 24, conv_bn(lib, 3, 24, 3, act=nn.ReLU), attention, conv_bn(lib, 24, 24, 3, act=nn.ReLU))


NETWORKS: dict[str, Callable[[Any], Any]] = {
    make.__name__: make
    for make in (
        senet,
        efficientnet,
        mobilenet_v3_small,
        mobilenet_v3_large,
        regnet_y,
        shufflenet_v2,
        dpn,
        resnet20,
        convnext,
        cbam,
    )
}
